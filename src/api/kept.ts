import Type, { type Static } from "typebox";

const Time = Type.String({ format: "date-time" });
const Named = Type.Object({ id: Type.String(), name: Type.String() });

/** record: whole lines; observation: values seen in them; hit: evidence of hits and what hunts found. */
export const keptKinds = ["record", "observation", "hit"] as const;

const bytesAtMost = 2 ** 53 - 1;
const Reason = Type.String({ minLength: 1, maxLength: 2000, description: "Why; it stands in the evidence" });

/** What is kept of one organisation, as it was last counted, and how long it may stay. */
export const KeptRow = Type.Object(
  {
    organisation: Named,
    what: Type.Enum([...keptKinds]),
    since: Type.Optional(Type.String({ format: "date-time", description: "First day of which anything is kept" })),
    until: Type.Optional(Time),
    records: Type.Integer(),
    bytes: Type.Integer({ description: "On disk, as near as can be told: organisations are compressed together" }),
    counted: Type.Optional(Type.String({ format: "date-time", description: "Absent: nothing was counted yet" })),
    days: Type.Optional(Type.Integer({ description: "Kept at most; absent: no such bound" })),
    bytesAtMost: Type.Optional(Type.Integer()),
    own: Type.Boolean({ description: "Said for this organisation; else as configured" }),
  },
  { $id: "KeptRow" },
);
export type KeptRow = Static<typeof KeptRow>;

export const LegalHold = Type.Object(
  {
    id: Type.String(),
    organisation: Named,
    since: Time,
    until: Type.Optional(Type.String({ format: "date-time", description: "Excluded; absent: on and on" })),
    at: Time,
    who: Type.Optional(Type.String({ description: "For staff" })),
    reason: Type.Optional(Type.String({ description: "For staff" })),
  },
  { $id: "LegalHold", description: "Nothing of this time is let go of, whatever the limits" },
);
export type LegalHold = Static<typeof LegalHold>;

export const Kept = Type.Object(
  { kept: Type.Array(Type.Ref("KeptRow")), holds: Type.Array(Type.Ref("LegalHold")) },
  { $id: "Kept" },
);
export interface Kept {
  readonly kept: readonly KeptRow[];
  readonly holds: readonly LegalHold[];
}

export const KeptLimit = Type.Object(
  {
    what: Type.Enum([...keptKinds]),
    days: Type.Optional(Type.Integer({ minimum: 1, maximum: 36_500 })),
    bytes: Type.Optional(Type.Integer({ minimum: 1_000_000, maximum: bytesAtMost })),
    reason: Reason,
  },
  {
    $id: "KeptLimit",
    additionalProperties: false,
    description: "Without days and bytes it is as configured again",
  },
);
export type KeptLimit = Static<typeof KeptLimit>;

export const LegalHoldNew = Type.Object(
  { since: Time, until: Type.Optional(Time), reason: Reason },
  { $id: "LegalHoldNew", additionalProperties: false },
);
export type LegalHoldNew = Static<typeof LegalHoldNew>;

export const LegalHoldEnd = Type.Object({ reason: Reason }, { $id: "LegalHoldEnd", additionalProperties: false });
export type LegalHoldEnd = Static<typeof LegalHoldEnd>;
