import Type, { type Static } from "typebox";

/** What a source is worth, counted against the others and against people's judgement. */
export const Scorecard = Type.Object(
  {
    at: Type.String({ format: "date-time", description: "When it was counted" }),
    live: Type.Integer({ description: "Values it lists now" }),
    alone: Type.Integer({ description: "Of them, those no other source lists" }),
    leadHours: Type.Optional(
      Type.Number({ description: "Median hours it is earlier than another source of the same value; below 0: later" }),
    ),
    confirmed: Type.Integer({ description: "Findings it spoke for that were agreed to" }),
    disputed: Type.Integer({ description: "… that those concerned disputed" }),
    falseFindings: Type.Integer({ description: "… that were judged false" }),
    benign: Type.Integer({ description: "… that were judged true and harmless" }),
    duplicates: Type.Integer({ description: "… that said what another said" }),
    verdicts: Type.Integer({ description: "Values of it that were judged false" }),
    cases: Type.Integer({ description: "Judged values that its trust and suggestion rest on" }),
    casesWanted: Type.Integer({ description: "Cases below which nothing is concluded" }),
    trust: Type.Optional(Type.Number({ description: "0.3 to 1: what the weight of its claims is multiplied with" })),
    suggestedGrade: Type.Optional(Type.String({ description: "Admiralty letter that its record suggests" })),
    silentHours: Type.Optional(Type.Number({ description: "Since its last good turn" })),
    rejectedShare: Type.Number({ description: "Of the rows of its last turns, 0 to 1" }),
    overlaps: Type.Array(
      Type.Object({
        id: Type.String(),
        title: Type.String(),
        shared: Type.Integer(),
        share: Type.Number({ description: "Of this source's values that the other lists too, 0 to 1" }),
        leadHours: Type.Optional(Type.Number()),
      }),
      { description: "Most in common first, at most 20" },
    ),
  },
  { $id: "Scorecard" },
);
export type Scorecard = Static<typeof Scorecard>;
