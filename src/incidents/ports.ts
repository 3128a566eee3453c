import type { Instant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import type { End, Evidence, Hit } from "#detect/hit.ts";
import type { Observable, ObservableKind } from "#core/observable.ts";
import type { Answer } from "#incidents/answer.ts";
import type { OpenIncident } from "#incidents/correlate.ts";
import type { Finding, FindingSource } from "#incidents/finding.ts";
import type { FindingState } from "#incidents/state.ts";
import type { Told } from "#incidents/stories.ts";

export interface StoredFinding extends Finding {
  /** Inside the store only; never leaves. */
  readonly n: number;
  readonly incident?: number;
  readonly snoozedUntil?: Instant;
  /** The state it had while it stood; present: everything behind it was taken back. */
  readonly stood?: FindingState;
}

/** Why a source speaks for a finding no more: a person judged it false, its author took it back, or the value is excluded. */
export type Retraction = "false" | "withdrawn" | "excluded";

/** One source behind a finding, as taking back needs it. */
export interface StandingSource {
  readonly feed: string;
  readonly indicator: string;
  /** Absent: no indicator (a report). */
  readonly observable?: Observable;
  readonly voice: "alert" | "corroborate" | "context";
  /** To the organisation concerned: by TLP, and never while the feed is in shadow. */
  readonly mayBeShown: boolean;
  readonly retracted?: Retraction;
  /** As the store has it now: a verdict on the value or this source's claim; the claim was withdrawn. */
  readonly judged: boolean;
  readonly withdrawn: boolean;
}

/** A recorded hit, as evidence. */
export interface StoredHit extends Pick<Hit, "time" | "where" | "direction" | "observable" | "indicator" | "noticed"> {
  readonly source?: End;
  readonly destination?: End;
  readonly evidence: Evidence;
}

/** How old the claim behind a source is now, and what the source is worth (intel/ports.ts, LiveClaim); absent: no claim. */
export interface ClaimAge {
  readonly kind: ObservableKind;
  readonly lastSeen: Instant;
  readonly listedAt?: Instant;
  readonly trust?: number;
}

/** A source behind a finding, as the store has it now. */
export interface StandingWord extends FindingSource {
  readonly firstSeen: Instant;
  readonly lastSeen: Instant;
  readonly claimed?: ClaimAge;
}

/** What a finding was given: hits that were not recorded before, at least one, and one source per feed and indicator. */
export interface RecordedFinding {
  readonly finding: number;
  readonly hits: readonly Hit[];
  readonly sources: readonly FindingSource[];
}

/** What ties a finding to incidents (`tiesOf`). */
export interface Tied extends Pick<Finding, "organisation" | "asset" | "problem"> {
  readonly indicators: readonly string[];
}

/** What happened to a finding, as data; `words/` says it. */
export interface Event {
  readonly at: Instant;
  /** A person's name; absent: waglan itself. */
  readonly who?: string;
  readonly what:
    | "opened"
    | "reopened"
    | "found-back"
    | "released"
    | "told"
    | "answered"
    | "acknowledged"
    | "snoozed"
    | "woken"
    | "suppressed"
    | "false"
    | "risk-accepted"
    | "noted"
    | "gone"
    | "withdrawn"
    | "restored"
    | "severity"
    | "undeliverable";
  readonly detail?: Readonly<Record<string, string | number>>;
  readonly note?: string;
}

/** What incidents needs from state; defined by `test/store-incidents.test.ts`. */
export interface IncidentState {
  /** Serialises writers of one organisation's findings until the transaction ends; ask in sorted order. */
  readonly lockOrganisations: (organisations: readonly OrganisationId[]) => Promise<void>;
  /** Ids among these that are recorded already: the same telemetry delivered again doubles nothing. */
  readonly known: (hitIds: readonly string[]) => Promise<ReadonlySet<string>>;
  /** Held until the transaction ends, so that no answer given meanwhile is written over. */
  readonly findingById: (id: string) => Promise<StoredFinding | undefined>;
  /** The same without waiting: "held" while somebody else works on it. For whoever holds what that somebody may wait for. */
  readonly findingFree: (id: string) => Promise<StoredFinding | "held" | undefined>;
  /** Those there are, in no order, all held until the transaction ends. */
  readonly findingsById: (ids: readonly string[]) => Promise<readonly StoredFinding[]>;
  /** No id twice. `incident`: the number of the one it joins; absent: it stays where it is. @returns them in this order */
  readonly save: (findings: readonly (Finding & { readonly incident?: number })[]) => Promise<readonly StoredFinding[]>;
  readonly sources: (finding: number) => Promise<readonly StandingWord[]>;
  /** By finding; what has none is not there. */
  readonly sourcesOf: (findings: readonly number[]) => Promise<ReadonlyMap<number, readonly StandingWord[]>>;
  /** No finding twice. */
  readonly addHits: (recorded: readonly RecordedFinding[], batch: number | undefined) => Promise<void>;
  /** Newest first. */
  readonly hits: (finding: number, limit: number) => Promise<readonly StoredHit[]>;
  readonly background: (
    counts: readonly {
      organisation: OrganisationId;
      day: string;
      kind: string;
      value: string;
      why: string;
      hits: number;
    }[],
  ) => Promise<void>;
  readonly setState: (
    n: number,
    state: FindingState,
    at: Instant,
    extra?: { closed?: boolean; due?: Instant },
  ) => Promise<void>;
  readonly setStates: (
    findings: readonly number[],
    state: FindingState,
    at: Instant,
    extra?: { closed?: boolean; due?: Instant },
  ) => Promise<void>;
  readonly speak: (n: number, at: Instant) => Promise<void>;
  readonly snooze: (n: number, until: Instant | undefined) => Promise<void>;
  readonly undeliverable: (n: number) => Promise<void>;
  readonly event: (n: number, event: Event) => Promise<void>;
  /** In this order. */
  readonly events: (events: readonly (Event & { readonly finding: number })[]) => Promise<void>;
  readonly answer: (row: {
    finding: number;
    alert?: number;
    person?: string;
    who: string;
    answer: Answer;
    note?: string;
    at: Instant;
  }) => Promise<void>;
  /** One writer at a time, until the transaction ends: incidents tie organisations, so two would open one story twice. */
  readonly lockIncidents: () => Promise<void>;
  /** Open incidents last seen since, which share a tie with one of these findings; each with the ties it shares. */
  readonly openIncidents: (since: Instant, tied: readonly Tied[]) => Promise<readonly OpenIncident[]>;
  /**
   * Writes what findings made of the incidents: the findings of those taken in move, and they are dismissed as the same
   * story. @returns the numbers of `incidents` by id
   */
  readonly saveStories: (
    told: Pick<Told, "incidents" | "absorbed">,
    at: Instant,
  ) => Promise<ReadonlyMap<string, number>>;
  /**
   * Open findings about own assets listed under these indicators, which no living claim that may speak lists any more;
   * for what the organisation reads, no claim that it may see.
   */
  readonly unlisted: (indicators: readonly string[], now: Instant) => Promise<readonly StoredFinding[]>;
  /** Open findings made of reports, these among them, which no report keeps any more that may speak and that the organisation may see. */
  readonly unreported: (reports: readonly string[], now: Instant) => Promise<readonly StoredFinding[]>;
  /** Told findings whose signal has been quiet since `before`, while a sensor of theirs was heard after it. */
  readonly quiet: (before: Instant) => Promise<readonly StoredFinding[]>;
  /** Findings (their `n`) that stand, or stood, on one of these indicators; absent: all that telemetry made. In order. */
  readonly standingOn: (indicators: readonly string[] | undefined) => Promise<readonly number[]>;
  /** Held until the transaction ends. */
  readonly standing: (
    finding: number,
  ) => Promise<{ readonly finding: StoredFinding; readonly sources: readonly StandingSource[] } | undefined>;
  readonly retract: (
    finding: number,
    source: Pick<StandingSource, "feed" | "indicator">,
    why: Retraction | undefined,
  ) => Promise<void>;
  /** Keeps the state a finding had while it stood; undefined: it stands again. */
  readonly keepStood: (finding: number, stood: FindingState | undefined) => Promise<void>;
  readonly awake: (now: Instant) => Promise<readonly StoredFinding[]>;
}
