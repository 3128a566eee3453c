import type { Grade } from "#core/grade.ts";
import type { Instant } from "#core/instant.ts";
import type { Licence, Pap, Tlp } from "#core/marking.ts";
import type { Observable, ObservableKind } from "#core/observable.ts";
import type { Problem } from "#core/result.ts";

/** A row of a list that is new or changed, on its way into the store. */
export interface ClaimRow {
  readonly id: string;
  readonly observable: Observable;
  /** Parts of the feed that list it, as far as this batch knows. */
  readonly parts: readonly string[];
  /** Last seen. */
  readonly seenAt: Instant;
  /** Absent: `seenAt`. */
  readonly firstSeenAt?: Instant;
  readonly liveUntil?: Instant;
  readonly grade: Grade;
  readonly labels: readonly string[];
  readonly flags: readonly string[];
  readonly tlp: Tlp;
  readonly pap: Pap;
  readonly licence: Licence;
}

/** A list as it was last read: 20-byte rows (intel/list-diff.ts). */
export interface RememberedList {
  readonly part: string;
  readonly items: Uint8Array;
}

/** How one turn of a feed went; the newest is what the sources page shows. */
export interface Turn {
  readonly feed: string;
  readonly at: Instant;
  readonly state: "healthy" | "failing" | "quarantined" | "held";
  readonly reason?: Problem;
  readonly file: string;
  readonly bytes: number;
  readonly rows: number;
  readonly accepted: number;
  readonly rejected: Readonly<Record<string, number>>;
  readonly added: number;
  readonly changed: number;
  readonly delisted: number;
  readonly tookMs: number;
  readonly archive?: string;
}

export interface RejectedRow {
  readonly part: string;
  readonly row: number;
  readonly problem: Problem;
}

export interface FeedState {
  readonly feed: string;
  readonly shadow: boolean;
  readonly state: "healthy" | "failing" | "quarantined" | "held" | "never";
  readonly failures: number;
  /** Rows accepted at the last good turn: what the guard compares with. */
  readonly accepted?: number;
  readonly lastTurn?: Instant;
  readonly lastGood?: Instant;
  readonly nextTurn?: Instant;
  readonly reason?: Problem;
  readonly etag?: string;
  readonly lastModified?: string;
  /** Living ones, expired or not. */
  readonly claims: number;
  /** Of these, what readers outside staff may know of: not above AMBER. */
  readonly claimsOpen: number;
}

/** Position in the change feed: nothing committed before it is missing from what was read. */
export interface ChangeCursor {
  readonly xid: string;
  readonly seq: number;
}

/** An indicator as the matcher needs it: alive or not. */
export interface IndicatorState {
  readonly id: string;
  /** Below 2³² in one deployment; what the match index calls it. Never leaves. */
  readonly n: number;
  readonly observable: { readonly kind: ObservableKind; readonly value: string };
  readonly live: boolean;
}

/** A living claim with what its feed is: what a finding is made from. */
export interface LiveClaim {
  readonly indicator: string;
  readonly feed: string;
  readonly grade: Grade;
  readonly labels: readonly string[];
  readonly tlp: Tlp;
  readonly pap: Pap;
  readonly licence: Licence;
  readonly voice: "alert" | "corroborate" | "context";
  readonly shadow: boolean;
  readonly flags: readonly string[];
}

/** What intel needs from state; defined by `test/store-intel.test.ts`. */
export interface IntelState {
  /** Makes the feed known (in shadow unless told otherwise) and returns where it stands. */
  readonly feed: (feed: { id: string; liveDays: number; voice: string }, shadow: boolean) => Promise<FeedState>;
  /** Takes the feed for a turn until the transaction ends; undefined when another process has it. */
  readonly lockFeed: (feed: string) => Promise<FeedState | undefined>;
  readonly feeds: () => Promise<readonly FeedState[]>;
  /** What every list of the feed held when it was last read, by part. */
  readonly lists: (feed: string) => Promise<ReadonlyMap<string, Uint8Array>>;
  readonly rememberList: (feed: string, list: RememberedList) => Promise<void>;
  /**
   * Merges rows (no id twice: PostgreSQL refuses, so the caller merges within a batch by `bothClaims`) into indicators and
   * claims and writes one change. What all parts that list a value say now replaces the claim; what some of them say
   * is combined with it as `bothClaims` combines, so that neither order nor batches matter. What was delisted lives again.
   */
  readonly merge: (feed: string, rows: readonly ClaimRow[], now: Instant) => Promise<void>;
  /** These ids left this part of the feed: claims listed nowhere else end now. */
  readonly delist: (feed: string, part: string, ids: readonly string[], now: Instant) => Promise<number>;
  readonly turn: (turn: Turn, rejected: readonly RejectedRow[], next: TurnNext) => Promise<void>;
  readonly changes: (
    since: ChangeCursor | undefined,
    limit: number,
  ) => Promise<{ ids: readonly string[]; cursor: ChangeCursor; more: boolean }>;
  readonly indicators: (ids: readonly string[], now: Instant) => Promise<readonly IndicatorState[]>;
  readonly liveClaims: (ids: readonly string[], now: Instant) => Promise<readonly LiveClaim[]>;
  /** Ids whose value lies in a network or under a domain: join (b) when an asset is new. */
  readonly indicatorsWithin: (asset: {
    kind: "network" | "domain" | "email-domain";
    value: string;
  }) => Promise<readonly string[]>;
  readonly setShadow: (feed: string, shadow: boolean) => Promise<void>;
  /** A held turn was refused by a person: the feed stands as before it, and comes again at `next`. Nothing was seen, so no claim lives longer. */
  readonly discardHeld: (feed: string, next: Instant) => Promise<void>;
}

/** What the scheduler remembers after a turn. */
export interface TurnNext {
  readonly nextTurn?: Instant;
  readonly etag?: string;
  readonly lastModified?: string;
}
