import Type, { type Static } from "typebox";

/** RFC 9457 problem document; `code` is a key of `core/errors.ts`, `detail` is in the reader's language. */
export const ProblemDocument = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.String(),
    detail: Type.String(),
    request: Type.String({ description: "Quote this when you ask for help" }),
    problems: Type.Optional(
      Type.Array(Type.Object({ code: Type.String(), detail: Type.String(), at: Type.Optional(Type.String()) })),
    ),
  },
  { $id: "ProblemDocument" },
);
export type ProblemDocument = Static<typeof ProblemDocument>;
