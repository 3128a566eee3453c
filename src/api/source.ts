import Type, { type Static } from "typebox";
import { tlps } from "#core/marking.ts";

const Time = Type.String({ format: "date-time" });

/**
 * How a source does:
 *   healthy      its last turn was good and in time        late     it missed more turns than it may
 *   failing      its last turns failed (network, status)   never    it was not collected yet
 *   quarantined  its body was wrong; earlier knowledge kept   held  its volume jumped; waits for a person
 */
export const sourceStates = ["healthy", "late", "failing", "quarantined", "held", "never"] as const;
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
    last: Type.Optional(
      Type.Object({
        rows: Type.Integer(),
        accepted: Type.Integer(),
        rejected: Type.Integer(),
        added: Type.Integer(),
        changed: Type.Integer(),
        delisted: Type.Integer(),
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
        state: Type.Enum([...sourceStates]),
        reason: Type.Optional(Type.String()),
        bytes: Type.Integer(),
        rows: Type.Integer(),
        accepted: Type.Integer(),
        rejected: Type.Integer(),
        added: Type.Integer(),
        changed: Type.Integer(),
        delisted: Type.Integer(),
        tookMs: Type.Integer(),
      }),
    ),
    rejected: Type.Array(
      Type.Object({ at: Time, part: Type.String(), row: Type.Integer(), code: Type.String(), says: Type.String() }),
      { description: "Newest rows refused, with the reason; at most 200" },
    ),
    acts: Type.Array(Type.Enum([...sourceActs])),
  },
  { $id: "SourceDetail" },
);
export interface SourceDetail extends Omit<Static<typeof SourceDetail>, "source"> {
  readonly source: SourceRow;
}

export const SourceAct = Type.Object(
  { act: Type.Enum([...sourceActs]), reason: Type.Optional(Type.String({ maxLength: 2000 })) },
  { $id: "SourceAct", additionalProperties: false },
);
export type SourceAct = Static<typeof SourceAct>;
