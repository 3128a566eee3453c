import type { AssetWorth } from "#community/asset.ts";
import { type Certainty, certaintyOfWeights, betterGrade, type Grade, gradeWeight } from "#core/grade.ts";
import { hour, type Instant, after } from "#core/instant.ts";
import { type Marking, type OrganisationId, type Pap, stricterPap, stricterTlp, type Tlp } from "#core/marking.ts";
import { type ProblemClass, problemKey } from "#core/rsit.ts";
import { rank, severities, type Severity, worse } from "#core/severity.ts";
import type { Hit } from "#detect/hit.ts";
import { riskOf } from "#incidents/risk.ts";
import { type FindingState, seenAgain } from "#incidents/state.ts";

/**
 * Why only staff see a finding:
 *   new-feed     every source that speaks for it is a feed still in shadow
 *   new-member   the organisation was added lately and nobody has looked at what it would be told
 *   hidden       every claim behind it is hidden from the organisation; a person must release it
 */
export type Shadow = "new-feed" | "new-member" | "hidden";

/** One source's claim behind a finding. `mayBeShown` to the organisation concerned: by TLP, and never while the feed is in shadow. */
export interface FindingSource {
  readonly feed: string;
  readonly indicator: string;
  readonly grade: Grade;
  readonly labels: readonly string[];
  readonly tlp: Tlp;
  readonly pap: Pap;
  readonly voice: "alert" | "corroborate" | "context";
  readonly shadow: boolean;
  readonly mayBeShown: boolean;
  /** What is left of its word, 0 to 1 (intel/decay.ts); absent: what its grade weighs. */
  readonly weight?: number;
}

/** Stateful: one per organisation × asset × problem, whatever number of sources and hits. */
export interface Finding {
  readonly id: string;
  readonly organisation: OrganisationId;
  readonly asset: string;
  readonly problem: ProblemClass;
  readonly detector: Hit["detector"];
  /** The worst that one of its hits said by itself. */
  readonly said: Severity;
  /** The same as it stands here: with what its asset is worth, and how sure it is. */
  readonly severity: Severity;
  readonly certainty: Certainty;
  readonly worth: AssetWorth;
  /** 0 to 100 (risk.ts). */
  readonly risk: number;
  readonly grade: Grade;
  readonly state: FindingState;
  readonly shadow?: Shadow;
  /**
   * Made of hits that nothing the organisation may see speaks for. Such hits never join a finding it may read: their
   * number, times and evidence would tell it of sources it must not know. A person may let it speak.
   */
  readonly veiled: boolean;
  readonly firstSeen: Instant;
  readonly lastSeen: Instant;
  readonly hits: number;
  readonly due: Instant;
  readonly marking: Marking;
  readonly opened: Instant;
  readonly changed: Instant;
}

/** Key under which hits become one finding. */
export const findingKey = (hit: Pick<Hit, "organisation" | "asset" | "problem">, veiled: boolean): string =>
  `${hit.organisation} ${hit.asset} ${problemKey(hit.problem)}${veiled ? " veiled" : ""}`;

/** What the world says about the organisation and its sources when hits arrive. */
export interface Around {
  readonly id: string;
  readonly sources: readonly FindingSource[];
  /** Of the hits: none of their claims may be shown. */
  readonly veiled: boolean;
  readonly organisationShadow: boolean;
  readonly assetWorth: AssetWorth;
  readonly now: Instant;
}

/** Hours until an answer is due, by severity; a CERT may shorten them. Too long costs the victim, too short costs belief. */
const dueHours = { critical: 1, high: 4, medium: 24, low: 168, info: 720 } as const satisfies Record<Severity, number>;

/** Severity of the problem, one step up for an asset of critical worth, one down when the sources only make it possible. */
const severityOf = (start: Severity, certainty: Certainty, worth: AssetWorth): Severity => {
  const doubtful = certainty === "possible" || certainty === "unknown";
  const step = rank(start) + (worth === "critical" ? 1 : 0) - (doubtful ? 1 : 0);
  return severities[Math.min(Math.max(step, 0), severities.length - 1)] ?? start;
};

/** What sources make of a finding. */
export interface Weighed extends Pick<Finding, "severity" | "certainty" | "grade" | "risk"> {
  /** Those the organisation may see; and those that its figures come from. */
  readonly shown: readonly FindingSource[];
  readonly counted: readonly FindingSource[];
}

/**
 * How bad, how sure and how pressing a finding is by what speaks for it: from the claims the organisation may see, all of
 * them when there are none; context never counts. Nothing that counts: its risk is 0.
 */
export const weigh = (said: Severity, sources: readonly FindingSource[], worth: AssetWorth): Weighed => {
  const shown = sources.filter((source) => source.mayBeShown && source.voice !== "context");
  const counted = shown.length > 0 ? shown : sources.filter((source) => source.voice !== "context");
  const grade = counted.map((source) => source.grade).reduce(betterGrade, { source: "F", statement: 6 } as Grade);
  const certainty = certaintyOfWeights(counted.map((source) => source.weight ?? gradeWeight(source.grade)));
  const severity = severityOf(said, certainty, worth);
  const risk = counted.length === 0 ? 0 : riskOf({ severity, certainty, worth });
  return { severity, certainty, grade, risk, shown, counted };
};

/** Shadow of a finding given its sources; undefined: it may be told. */
const shadowOf = (around: Around): Shadow | undefined => {
  const speaking = around.sources.filter((source) => source.voice === "alert");
  if (around.veiled) return speaking.every((source) => source.shadow) ? "new-feed" : "hidden";
  return around.organisationShadow ? "new-member" : undefined;
};

/**
 * Shadow as hits arrive: what was told is never untold, and what is veiled speaks only when a person lets it, since a
 * feed that comes out of shadow speaks for its own hits alone.
 */
const shadowAfter = (before: Finding | undefined, around: Around): Shadow | undefined => {
  if (before === undefined) return shadowOf(around);
  return before.shadow === undefined || around.veiled ? before.shadow : shadowOf(around);
};

/**
 * Hits of one key, and what was known before, become the finding as it now stands. Pure: replaying the same hits gives
 * the same finding. `hits` are only those not recorded before (their ids tell).
 *
 * Certainty shown to the organisation is computed from the claims it may see, all of them when a person released a
 * hidden finding; context never counts.
 */
export const raise = (before: Finding | undefined, hits: readonly Hit[], around: Around): Finding => {
  const first = hits[0];
  if (first === undefined) throw new Error("waglan is wrong: raise() without hits");
  const times = hits.map((hit) => hit.time);
  const firstHit = Math.min(...hits.map((hit) => Math.min(hit.time, hit.many?.since ?? hit.time))) as Instant;
  const lastHit = Math.max(...times) as Instant;
  const said = [...(before === undefined ? [] : [before.said]), ...hits.map((hit) => hit.severity)].reduce(worse);
  const { severity, certainty, grade, risk, shown, counted } = weigh(said, around.sources, around.assetWorth);
  const state = before ? seenAgain(before.state, before.changed, lastHit) : "new";
  const opened = before && state !== "reopened" ? before.opened : around.now;
  const shadow = shadowAfter(before, around);
  return {
    id: before?.id ?? around.id,
    organisation: first.organisation,
    asset: first.asset,
    problem: first.problem,
    detector: before?.detector ?? first.detector,
    ...{ said, severity, certainty, worth: around.assetWorth, risk, grade },
    state,
    ...(shadow === undefined ? {} : { shadow }),
    veiled: around.veiled,
    firstSeen: before ? (Math.min(before.firstSeen, firstHit) as Instant) : firstHit,
    lastSeen: before ? (Math.max(before.lastSeen, lastHit) as Instant) : lastHit,
    hits: (before?.hits ?? 0) + hits.reduce((sum, hit) => sum + (hit.many?.count ?? 1), 0),
    due: before && state !== "reopened" ? before.due : after(around.now, dueHours[severity] * hour),
    marking: {
      owner: first.organisation,
      // what is wrong at an organisation is nobody else's, its clients' neither; stricter where a claim it may see is
      tlp: shown.map((source) => source.tlp).reduce(stricterTlp, "amber+strict"),
      pap: counted.map((source) => source.pap).reduce(stricterPap, "clear"),
      licence: "own",
    },
    opened,
    changed: before && state === before.state ? before.changed : around.now,
  };
};
