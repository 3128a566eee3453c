import type { Instant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import type { End, Evidence, Hit } from "#detect/hit.ts";
import type { Answer } from "#incidents/answer.ts";
import type { OpenIncident, PotentialIncident } from "#incidents/correlate.ts";
import type { Finding, FindingSource } from "#incidents/finding.ts";
import type { FindingState } from "#incidents/state.ts";

export interface StoredFinding extends Finding {
  /** Inside the store only; never leaves. */
  readonly n: number;
  readonly incident?: number;
  readonly snoozedUntil?: Instant;
}

/** A recorded hit, as evidence. */
export interface StoredHit extends Pick<Hit, "time" | "where" | "direction" | "observable" | "indicator"> {
  readonly source?: End;
  readonly destination?: End;
  readonly evidence: Evidence;
}

/** What happened to a finding, as data; `words/` says it. */
export interface Event {
  readonly at: Instant;
  /** A person's name; absent: waglan itself. */
  readonly who?: string;
  readonly what:
    | "opened"
    | "reopened"
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
  readonly save: (finding: Finding) => Promise<StoredFinding>;
  readonly sources: (
    finding: number,
  ) => Promise<readonly (FindingSource & { readonly firstSeen: Instant; readonly lastSeen: Instant })[]>;
  readonly addHits: (
    finding: number,
    hits: readonly Hit[],
    batch: number | undefined,
    sources: readonly FindingSource[],
  ) => Promise<void>;
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
  readonly speak: (n: number, at: Instant) => Promise<void>;
  readonly snooze: (n: number, until: Instant | undefined) => Promise<void>;
  readonly undeliverable: (n: number) => Promise<void>;
  readonly event: (n: number, event: Event) => Promise<void>;
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
  readonly openIncidents: (since: Instant) => Promise<readonly OpenIncident[]>;
  readonly saveIncident: (incident: PotentialIncident, at: Instant) => Promise<number>;
  readonly join: (finding: number, incident: number) => Promise<void>;
  /** The findings of these incidents move to `into`, and they are dismissed as the same story. */
  readonly absorb: (into: number, ids: readonly string[], at: Instant) => Promise<void>;
  /**
   * Open findings about own assets listed under these indicators, which no living claim that may speak lists any more;
   * for what the organisation reads, no claim that it may see.
   */
  readonly unlisted: (indicators: readonly string[], now: Instant) => Promise<readonly StoredFinding[]>;
  /** Told findings whose signal has been quiet since `before`, while a sensor of theirs was heard after it. */
  readonly quiet: (before: Instant) => Promise<readonly StoredFinding[]>;
  readonly awake: (now: Instant) => Promise<readonly StoredFinding[]>;
}
