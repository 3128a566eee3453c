import type { Instant } from "#core/instant.ts";
import type { OrganisationId, Tlp } from "#core/marking.ts";
import type { Problem } from "#core/result.ts";
import type { RsitType } from "#core/rsit.ts";
import type { Severity } from "#core/severity.ts";

/** What is moved in from. */
export const moveInSources = ["misp", "intelmq", "contacts", "tuency", "n6", "opencti"] as const;
export type MoveInSource = (typeof moveInSources)[number];

/** What became of what was read, by word: "taken", "known", "refused". */
export type MoveInCounts = Readonly<Record<string, number>>;

/** One taking in of one place. */
export interface MoveInRun {
  readonly n: number;
  readonly source: MoveInSource;
  /** A file or an address, never with a key. */
  readonly place: string;
  readonly began: Instant;
  readonly touched: Instant;
  readonly ended?: Instant;
  /** Rows read and done with. */
  readonly rows: number;
  /** SHA-256, hex, over the texts of these rows; "" before the first. */
  readonly digest: string;
  readonly counts: MoveInCounts;
  /** The first of them. */
  readonly problems: readonly Problem[];
  /** How many there were. */
  readonly refused: number;
}

/** A MISP event as it came. */
export interface MovedEvent {
  readonly uuid: string;
  /** Its `timestamp`: seconds since 1970. */
  readonly stamp: number;
  /** SHA-256 of `body`, hex. */
  readonly digest: string;
  readonly tlp: Tlp;
  readonly body: string;
}

/** What we would have told, or told: one finding with hits in a period. */
export interface FindingInPeriod {
  readonly organisation: OrganisationId;
  readonly type: RsitType;
  readonly about: string;
  readonly asset: string;
  readonly severity: Severity;
  readonly state: string;
  /** Why only staff see it; absent: its organisation does. */
  readonly shadow?: string;
  /** Mail about it went out within the period. */
  readonly told: boolean;
  /** Values its hits of the period speak of. */
  readonly values: readonly string[];
  readonly hits: number;
}

/** What we know of one value, whoever owns it. */
export interface KnownOfValue {
  readonly value: string;
  readonly tlp: Tlp;
  /** report: a source says so of this asset. indicator: a source lists it. */
  readonly as: "report" | "indicator";
  /** A person judged it false. */
  readonly judged: boolean;
  readonly shadow: boolean;
}

/** What moving in needs from state. */
export interface MoveInState {
  /** The newest run of this place that never ended. */
  readonly unfinished: (source: MoveInSource, place: string) => Promise<MoveInRun | undefined>;
  readonly begin: (source: MoveInSource, place: string, now: Instant) => Promise<MoveInRun>;
  /** Writes how far it is; with `ended`, that it is over. */
  readonly reach: (run: MoveInRun) => Promise<void>;
  /** Newest first. */
  readonly runs: (limit: number) => Promise<readonly MoveInRun[]>;
  /** Digest and timestamp of the events that are here, by uuid. */
  readonly events: (
    feed: string,
    uuids: readonly string[],
  ) => Promise<ReadonlyMap<string, Pick<MovedEvent, "stamp" | "digest">>>;
  readonly putEvents: (feed: string, events: readonly MovedEvent[], now: Instant) => Promise<void>;
  /** Findings with a hit in [since, until). */
  readonly findings: (since: Instant, until: Instant) => Promise<readonly FindingInPeriod[]>;
  /**
   * Knowledge of these values, living or past, seen in [since, until) or listed then.
   *
   * @param values each with the id its indicator would have
   */
  readonly knownOf: (
    values: readonly { readonly value: string; readonly indicator: string }[],
    since: Instant,
    until: Instant,
  ) => Promise<readonly KnownOfValue[]>;
}
