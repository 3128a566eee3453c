import Type, { type Static } from "typebox";
import { NamedLabel } from "./named-label.ts";
import { tlps } from "#core/marking.ts";
import { observableKinds } from "#core/observable.ts";
import { severities } from "#core/severity.ts";
import { findingStates } from "#incidents/state.ts";
import { searchWays } from "#intel/search-ask.ts";

const Time = Type.String({ format: "date-time" });
const Grade = Type.String({ pattern: "^[A-F][1-6]$" });
const Kind = Type.Enum([...observableKinds]);
const Score = Type.Number({
  minimum: 0,
  maximum: 100,
  description: "How sure we are now, of the claims the reader may know",
});

/**
 * What a value is worth now:
 *   block      sure enough for a block-list        alert   sure enough for a finding       faded      too old for either
 *   supports   only sources say so that never warn alone: it makes no finding by itself, however fresh
 *   ended      no source lists it any more         false   people judged it false          excluded   too common to act on
 */
export const standings = ["block", "alert", "supports", "faded", "ended", "false", "excluded"] as const;
export type Standing = (typeof standings)[number];

export const IndicatorRow = Type.Object(
  {
    id: Type.String(),
    kind: Kind,
    value: Type.String({ description: "Canonical; a name as it stands in DNS" }),
    way: Type.Enum([...searchWays, "listed"], { description: "How it answers what was asked" }),
    standing: Type.Enum([...standings]),
    score: Score,
    grade: Type.Optional(Grade),
    tlp: Type.Enum([...tlps]),
    sources: Type.Integer({ minimum: 1 }),
    labels: Type.Array(Type.String(), { description: "At most 6" }),
    firstSeen: Time,
    lastSeen: Time,
  },
  { $id: "IndicatorRow" },
);
export type IndicatorRow = Static<typeof IndicatorRow>;

export const IndicatorPage = Type.Object(
  {
    indicators: Type.Array(Type.Ref("IndicatorRow")),
    next: Type.Optional(Type.String({ description: "Give as cursor to read on; absent at the end" })),
    understood: Type.Optional(
      Type.Object({ kind: Kind, value: Type.String() }, { description: "What was pasted, when it is a value" }),
    ),
    behind: Type.Optional(
      Type.Object(
        { batches: Type.Integer(), since: Type.Optional(Time), filling: Type.Boolean() },
        { description: "Staff only: what search has not taken in yet; absent when it has all" },
      ),
    ),
  },
  { $id: "IndicatorPage" },
);
export interface IndicatorPage extends Omit<Static<typeof IndicatorPage>, "indicators"> {
  readonly indicators: readonly IndicatorRow[];
}

export const IndicatorDetail = Type.Object(
  {
    indicator: Type.Ref("IndicatorRow"),
    claims: Type.Array(
      Type.Object({
        feed: Type.String(),
        title: Type.String(),
        grade: Grade,
        says: Type.Array(Type.String()),
        tlp: Type.Enum([...tlps]),
        said: Time,
        lastSeen: Time,
        until: Type.Optional(Time),
        state: Type.Enum(["stands", "ended", "withdrawn", "false"]),
        shadow: Type.Boolean(),
      }),
    ),
    excluded: Type.Optional(Type.Object({ list: Type.String(), reason: Type.String() })),
    curve: Type.Object({
      from: Time,
      until: Time,
      halfLifeDays: Type.Number(),
      alertsAt: Type.Number(),
      blocksAt: Type.Number(),
      points: Type.Array(Type.Object({ at: Time, score: Type.Number() }), { description: "Past and future, in order" }),
      marks: Type.Array(Type.Object({ at: Time, score: Type.Number(), grade: Grade })),
      fallsBelow: Type.Optional(Type.Object({ level: Type.Number(), at: Time })),
    }),
    origin: Type.Object({
      asn: Type.Optional(Type.String()),
      holder: Type.Optional(Type.String()),
      country: Type.Optional(Type.String()),
      registered: Type.Optional(Type.String()),
      suffix: Type.Optional(Type.String()),
    }),
    names: Type.Array(NamedLabel),
    weaknesses: Type.Array(
      Type.Object({
        cve: Type.String(),
        exploited: Type.Boolean(),
        epss: Type.Number(),
        cvss: Type.Number(),
      }),
    ),
    seen: Type.Object({
      organisations: Type.Integer({ description: "Staff: all; others: their own" }),
      community: Type.Optional(
        Type.Integer({ description: "Members concerned, rounded down to fives; absent below five" }),
      ),
      findings: Type.Array(
        Type.Object({
          id: Type.String(),
          organisation: Type.String(),
          asset: Type.String(),
          severity: Type.Enum([...severities]),
          state: Type.Enum([...findingStates]),
          lastSeen: Time,
        }),
      ),
    }),
    tied: Type.Array(
      Type.Object({
        by: Type.Enum(["label", "around"]),
        label: Type.Optional(Type.String()),
        values: Type.Array(Type.Object({ id: Type.String(), kind: Kind, value: Type.String() })),
      }),
    ),
    mayJudge: Type.Boolean(),
  },
  { $id: "IndicatorDetail" },
);
export interface IndicatorDetail extends Omit<Static<typeof IndicatorDetail>, "indicator"> {
  readonly indicator: IndicatorRow;
}

/** Values of one look-up. */
export const lookUpAtMost = 100_000;
