import Type, { type Static } from "typebox";

const Time = Type.String({ format: "date-time" });

/** A hunt that something set off: an exclusion that ended, a feed that speaks, an asset, a rule, an agreement, an organisation. */
export const HuntCause = Type.Object(
  {
    id: Type.String(),
    kind: Type.Enum(["exclusion", "feed", "asset", "rule", "agreement", "organisation"]),
    about: Type.String({ description: "Name of the list, feed, asset, rule or organisation" }),
    who: Type.String({ description: "Whose act set it off" }),
    at: Time,
    state: Type.Enum(["waiting", "running", "done", "cancelled", "failed"]),
    begun: Type.Optional(Time),
    ended: Type.Optional(Time),
    read: Type.Integer({ description: "Looked at so far" }),
    found: Type.Integer(),
    opened: Type.Integer({ description: "Findings opened, or let speak" }),
    problem: Type.Optional(Type.Object({ code: Type.String(), says: Type.String() })),
  },
  { $id: "HuntCause" },
);
export type HuntCause = Static<typeof HuntCause>;

export const HuntCausePage = Type.Object(
  { hunts: Type.Array(Type.Ref("HuntCause")), next: Type.Optional(Type.String()) },
  { $id: "HuntCausePage" },
);
export interface HuntCausePage {
  readonly hunts: readonly HuntCause[];
  readonly next?: string;
}

export const HuntCauseCancel = Type.Object(
  { reason: Type.String({ minLength: 1, maxLength: 2000, description: "Why; it stands in the evidence" }) },
  { $id: "HuntCauseCancel", additionalProperties: false },
);
export type HuntCauseCancel = Static<typeof HuntCauseCancel>;
