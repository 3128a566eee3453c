import Type, { type Static } from "typebox";

/** The receipt of a batch: it is committed, and stays so. */
export const BatchReceipt = Type.Object(
  {
    batch: Type.String({ description: "The batch's number; the first one's, for a duplicate" }),
    duplicate: Type.Boolean({ description: "This key came before: nothing was taken twice" }),
  },
  { $id: "BatchReceipt" },
);
export type BatchReceipt = Static<typeof BatchReceipt>;
