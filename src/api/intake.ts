import Type, { type Static } from "typebox";
import { paps, tlps } from "#core/marking.ts";
import { intakeFileAtMost } from "./file-limits.ts";

const Value = Type.String({ minLength: 1, maxLength: 8192 });

export const IntakeNew = Type.Object(
  {
    text: Type.Optional(
      Type.String({ minLength: 1, maxLength: 2_000_000, description: "Notes, a page, a list: whatever was pasted" }),
    ),
    file: Type.Optional(
      Type.Object(
        {
          name: Type.String({ minLength: 1, maxLength: 200, description: "Its ending helps to tell what it is" }),
          base64: Type.String({ minLength: 1, maxLength: Math.ceil(intakeFileAtMost / 3) * 4 }),
        },
        { additionalProperties: false },
      ),
    ),
    tlp: Type.Enum([...tlps]),
    pap: Type.Optional(Type.Enum([...paps])),
    grade: Type.String({ pattern: "^[A-F][1-6]$", description: "Admiralty code of what is said" }),
    labels: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 120 }), { maxItems: 16 })),
    origin: Type.Optional(
      Type.String({ minLength: 1, maxLength: 500, description: "Where it comes from, for those who ask later" }),
    ),
    without: Type.Optional(Type.Array(Value, { maxItems: 5000, description: "Values of it that are not to be taken" })),
    also: Type.Optional(Type.Array(Value, { maxItems: 1000, description: "Values to be taken that were doubted" })),
    dryRun: Type.Optional(Type.Boolean({ description: "Say what would be taken, take nothing" })),
  },
  { $id: "IntakeNew", additionalProperties: false },
);
export type IntakeNew = Static<typeof IntakeNew>;

export const IntakeReceipt = Type.Object(
  {
    taken: Type.Boolean({ description: "False for a dry run" }),
    rows: Type.Integer(),
    accepted: Type.Integer(),
    added: Type.Integer({ description: "Claims of this source that were not alive before" }),
    changed: Type.Integer(),
    withdrawn: Type.Integer(),
    reports: Type.Integer({ description: "Statements about assets" }),
    advisories: Type.Integer(),
    found: Type.Array(
      Type.Object({
        part: Type.String(),
        kind: Type.String(),
        value: Type.String(),
        labels: Type.Array(Type.String()),
        flags: Type.Array(Type.String()),
      }),
      { description: "At most 1,000" },
    ),
    notTaken: Type.Array(
      Type.Object({
        part: Type.String(),
        row: Type.Integer(),
        code: Type.String(),
        says: Type.String(),
        text: Type.Optional(Type.String()),
      }),
      { description: "Refused or doubtful, each with its reason; at most 200" },
    ),
  },
  { $id: "IntakeReceipt" },
);
export type IntakeReceipt = Static<typeof IntakeReceipt>;

export const RejectedPage = Type.Object(
  {
    rows: Type.Array(
      Type.Object({
        n: Type.Integer({ description: "Names the row when it is repaired" }),
        turn: Type.Integer(),
        at: Type.String({ format: "date-time" }),
        part: Type.String(),
        row: Type.Integer(),
        code: Type.String(),
        says: Type.String(),
        text: Type.Optional(Type.String({ description: "The row as it came, at most 2,048 characters" })),
      }),
    ),
    next: Type.Optional(Type.String({ description: "Cursor of the older ones" })),
  },
  { $id: "RejectedPage" },
);
export type RejectedPage = Static<typeof RejectedPage>;

/** Rows that were refused, as a person mended them: read as this source's, beside what it lists. */
export const RejectedRepair = Type.Object(
  {
    rows: Type.Array(
      Type.Object(
        { n: Type.Integer({ minimum: 1 }), text: Type.String({ minLength: 1, maxLength: 8192 }) },
        { additionalProperties: false },
      ),
      { minItems: 1, maxItems: 200 },
    ),
    dryRun: Type.Optional(Type.Boolean({ description: "Say what would be taken, take nothing" })),
  },
  { $id: "RejectedRepair", additionalProperties: false },
);
export type RejectedRepair = Static<typeof RejectedRepair>;
