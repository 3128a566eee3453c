import Type, { type Static } from "typebox";
import { tlps } from "#core/marking.ts";
import type { Scorecard } from "./scorecard.ts";

const Time = Type.String({ format: "date-time" });

/**
 * How a source does:
 *   healthy      its last turn was good and in time        late     it missed more turns than it may
 *   failing      its last turns failed (network, status)   never    it was not collected yet
 *   quarantined  its body was wrong; earlier knowledge kept   held  it is far from its own past; waits for a person
 *   silent       it is asked in time, and gave nothing good for three of its turns
 */
export const sourceStates = ["healthy", "late", "silent", "failing", "quarantined", "held", "never"] as const;
/** How often a rule or a behaviour called when nothing was wrong: whether it may open findings, or only adds risk. */
export const DetectorRecord = Type.Object(
  {
    speaks: Type.Boolean({ description: "Its record allows it to open findings; else it only adds risk" }),
    atMost: Type.Number({ description: "False findings per 1,000 host-days above which it may not" }),
    published: Type.Optional(
      Type.Object(
        {
          measured: Type.String(),
          hostDays: Type.Integer(),
          falseFindings: Type.Integer(),
          perThousand: Type.Number(),
        },
        { description: "On a generated month in which nothing bad happens" },
      ),
    ),
    here: Type.Optional(
      Type.Object(
        {
          at: Time,
          days: Type.Integer(),
          hostDays: Type.Number({ description: "Estimated from declared assets" }),
          findings: Type.Integer(),
          agreed: Type.Integer(),
          refuted: Type.Integer(),
          benign: Type.Integer(),
          aboutNothing: Type.Integer({ description: "Judged false or harmless; in shadow all that nobody agreed to" }),
          perThousand: Type.Number(),
        },
        { description: "In this deployment" },
      ),
    ),
  },
  { $id: "DetectorRecord" },
);
export type DetectorRecord = Static<typeof DetectorRecord>;

/** How one turn went; waiting: its publisher asked us to come later. */
export const turnStates = [...sourceStates, "waiting"] as const;
export const sourceActs = ["speak", "hush", "accept-held", "discard-held", "collect"] as const;

export const SourceRow = Type.Object(
  {
    id: Type.String(),
    title: Type.String(),
    publisher: Type.String(),
    voice: Type.Enum(["alert", "corroborate", "context"]),
    licence: Type.String(),
    tlp: Type.Enum([...tlps]),
    grade: Type.String(),
    shadow: Type.Boolean(),
    state: Type.Enum([...sourceStates]),
    reason: Type.Optional(Type.String({ description: "In the reader's language, when the state is not healthy" })),
    everyMinutes: Type.Integer(),
    lastTurn: Type.Optional(Time),
    lastGood: Type.Optional(Time),
    nextTurn: Type.Optional(Time),
    indicators: Type.Integer({ description: "Claims alive" }),
    reports: Type.Integer({ description: "Reports about assets that are not over" }),
    advisories: Type.Integer({ description: "Advisories that nobody took back" }),
    names: Type.Optional(Type.Integer({ description: "Names of techniques, groups and malware that it gives" })),
    last: Type.Optional(
      Type.Object({
        rows: Type.Integer(),
        accepted: Type.Integer(),
        rejected: Type.Integer(),
        added: Type.Integer(),
        changed: Type.Integer(),
        delisted: Type.Integer(),
        expired: Type.Optional(Type.Integer({ description: "Claims whose own life ended since the turn before" })),
      }),
    ),
  },
  { $id: "SourceRow" },
);
export type SourceRow = Static<typeof SourceRow>;

export const SourceList = Type.Object({ sources: Type.Array(Type.Ref("SourceRow")) }, { $id: "SourceList" });
export interface SourceList {
  readonly sources: readonly SourceRow[];
}

export const SourceDetail = Type.Object(
  {
    source: Type.Ref("SourceRow"),
    turns: Type.Array(
      Type.Object({
        at: Time,
        state: Type.Enum([...turnStates]),
        reason: Type.Optional(Type.String()),
        bytes: Type.Integer(),
        rows: Type.Integer(),
        accepted: Type.Integer(),
        rejected: Type.Integer(),
        added: Type.Integer(),
        changed: Type.Integer(),
        delisted: Type.Integer(),
        expired: Type.Optional(Type.Integer()),
        tookMs: Type.Integer(),
      }),
    ),
    rejected: Type.Array(
      Type.Object({ at: Time, part: Type.String(), row: Type.Integer(), code: Type.String(), says: Type.String() }),
      { description: "Newest rows refused, with the reason; at most 200" },
    ),
    scorecard: Type.Optional(Type.Ref("Scorecard")),
    record: Type.Optional(Type.Ref("DetectorRecord")),
    acts: Type.Array(Type.Enum([...sourceActs])),
  },
  { $id: "SourceDetail" },
);
export interface SourceDetail extends Omit<Static<typeof SourceDetail>, "source" | "scorecard" | "record"> {
  readonly source: SourceRow;
  readonly scorecard?: Scorecard;
  readonly record?: DetectorRecord;
}

export const SourceAct = Type.Object(
  { act: Type.Enum([...sourceActs]), reason: Type.Optional(Type.String({ maxLength: 2000 })) },
  { $id: "SourceAct", additionalProperties: false },
);
export type SourceAct = Static<typeof SourceAct>;
