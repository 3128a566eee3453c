import Type, { type Static } from "typebox";
import { rsitTypes } from "#core/rsit.ts";

const Time = Type.String({ format: "date-time" });
const Text = Type.String({ minLength: 1, maxLength: 400 });

export const detectors = [
  "indicator-match",
  "own-asset-listed",
  "asset-reported",
  "sigma",
  "behaviour",
  "product-advisory",
] as const;

const matcher = {
  organisation: Type.Optional(Text),
  asset: Type.Optional(Type.String({ minLength: 1, maxLength: 400, description: "An asset, a network, or *.name" })),
  problem: Type.Optional(Type.Enum(Object.keys(rsitTypes))),
  detector: Type.Optional(Type.Enum([...detectors])),
  source: Type.Optional(
    Type.String({ minLength: 1, maxLength: 100, description: "A rule, a behaviour or a feed, by its id" }),
  ),
};

export const SilenceRow = Type.Object(
  {
    id: Type.String(),
    ...matcher,
    organisationName: Type.Optional(Type.String()),
    sourceTitle: Type.Optional(Type.String()),
    reason: Type.String(),
    who: Type.String(),
    at: Time,
    until: Time,
    ended: Type.Optional(Time),
    endedBy: Type.Optional(Type.String()),
    holds: Type.Integer({ description: "Findings it holds back now" }),
    findings: Type.Integer({ description: "Findings it held back in all" }),
    hits: Type.Integer({ description: "Hits that came meanwhile" }),
  },
  { $id: "SilenceRow" },
);
export type SilenceRow = Static<typeof SilenceRow>;

export const SilenceList = Type.Object(
  {
    silences: Type.Array(Type.Ref("SilenceRow"), {
      description: "In force first, then those that ended lately; at most 200",
    }),
  },
  { $id: "SilenceList" },
);
export interface SilenceList {
  readonly silences: readonly SilenceRow[];
}

export const SilenceNew = Type.Object(
  { ...matcher, reason: Type.String({ maxLength: 2000 }), until: Time },
  { $id: "SilenceNew", additionalProperties: false },
);
export type SilenceNew = Static<typeof SilenceNew>;

export const SilenceEnd = Type.Object(
  { reason: Type.String({ maxLength: 2000 }) },
  { $id: "SilenceEnd", additionalProperties: false },
);
export type SilenceEnd = Static<typeof SilenceEnd>;
