import type { Grade } from "#core/grade.ts";
import type { Instant } from "#core/instant.ts";
import type { Licence, Pap, Tlp } from "#core/marking.ts";
import type { Observable, ObservableKind } from "#core/observable.ts";
import type { Problem } from "#core/result.ts";
import type { Profile } from "#feeds/profile.ts";

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
  /** waiting: the publisher asked us to come later; says nothing of the feed's health. */
  readonly state: "healthy" | "failing" | "quarantined" | "held" | "waiting";
  readonly reason?: Problem;
  readonly file: string;
  readonly bytes: number;
  readonly rows: number;
  readonly accepted: number;
  readonly rejected: Readonly<Record<string, number>>;
  readonly added: number;
  readonly changed: number;
  readonly delisted: number;
  /** Claims whose own life ended since the turn before; absent: not counted. */
  readonly expired?: number;
  readonly tookMs: number;
  readonly archive?: string;
}

export interface RejectedRow {
  readonly part: string;
  readonly row: number;
  readonly problem: Problem;
  /** As it came, cut to 2,048 characters. */
  readonly text?: string;
  /** What its text needs around it to be a body again. */
  readonly frame?: { readonly before: string; readonly between: string; readonly after: string };
}

/** A refused row as it is paged. */
export interface KeptReject extends RejectedRow {
  readonly n: number;
  readonly turn: number;
  readonly at: Instant;
}

export interface ArchivedTurn {
  readonly n: number;
  readonly at: Instant;
  readonly file: string;
  /** Absent: nothing was kept of it. */
  readonly archive?: string;
}

/** A claim, or one statement of it, taken back by its author. */
export interface WithdrawnClaim {
  readonly id: string;
  /** The statement's id, which stands in the claim's `parts`; absent: all of the claim. */
  readonly part?: string;
}

/** What a feed says it is, as far as people are shown it. */
export interface DeclaredFeed {
  readonly title: string;
  readonly publisher: string;
  readonly licence: Licence;
  readonly everyMinutes: number;
  readonly tlp: Tlp;
  readonly pap: Pap;
  readonly grade: Grade;
  readonly liveDays: number;
  readonly voice: "alert" | "corroborate" | "context";
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
  /** Where the next walk goes on. */
  readonly cursor?: unknown;
  /** What its list looked like at the last good turn. */
  readonly profile?: Profile;
  /** Living ones, expired or not. */
  readonly claims: number;
  /** Of these, what readers outside staff may know of: not above AMBER. */
  readonly claimsOpen: number;
  /** Reports about assets whose life is not over, and advisories that nobody took back. */
  readonly reports: number;
  readonly advisories: number;
  /** Names of things (ATT&CK, galaxies) that it gives; absent: it gives none. */
  readonly names?: number;
  /** As it was when it was last met; absent: by a version of ours that did not keep it. */
  readonly declared?: DeclaredFeed;
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
  /** Alive but for what people judged: what the match against own assets asks. */
  readonly listed: boolean;
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
  /** Of the indicator; absent with the ages: nothing is known of them, and the claim weighs what its grade does. */
  readonly kind?: ObservableKind;
  readonly lastSeen?: Instant;
  /** Its source lists it still: as fresh as the source's last good turn. */
  readonly listedAt?: Instant;
  /** Of its source (intel/scorecard.ts). */
  readonly trust?: number;
  /** A person judged it false; only where such claims were asked for. */
  readonly judged?: true;
}

/** What intel needs from state; defined by `test/store-intel.test.ts`. */
export interface IntelState {
  /** Makes the feed known (in shadow unless told otherwise) and returns where it stands. */
  readonly feed: (
    feed: { readonly id: string; readonly liveDays: number; readonly voice: string } & Partial<DeclaredFeed>,
    shadow: boolean,
  ) => Promise<FeedState>;
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
   *
   * @returns how many claims live now that did not
   */
  readonly merge: (feed: string, rows: readonly ClaimRow[], now: Instant) => Promise<number>;
  /** These ids left this part of the feed: claims listed nowhere else end now. */
  readonly delist: (feed: string, part: string, ids: readonly string[], now: Instant) => Promise<number>;
  /** Their author takes these back: a claim of which nothing is left ends now. @returns the ids of those that ended */
  readonly withdraw: (feed: string, rows: readonly WithdrawnClaim[], now: Instant) => Promise<readonly string[]>;
  /**
   * Claims of the feed whose own life ended since this was last asked are told to the change feed. Those that end
   * because the whole feed fell silent are not among them.
   *
   * @returns how many
   */
  readonly expire: (feed: string, now: Instant) => Promise<number>;
  /** Statements (ids in claims' `parts`) were seen to hold again: their claims live longer, never shorter. */
  readonly resight: (
    feed: string,
    rows: readonly { readonly part: string; readonly seenAt: Instant; readonly liveUntil: Instant }[],
    now: Instant,
  ) => Promise<void>;
  /**
   * Keeps, or takes back ("restored"), that a person judged a value, or one source's claim of it, false; one change.
   *
   * @returns false: there is no such indicator or claim
   */
  readonly judge: (
    judged: {
      readonly indicator: string;
      readonly feed?: string;
      readonly verdict: "false" | "restored";
      readonly who: string;
      readonly reason: string;
    },
    now: Instant,
  ) => Promise<boolean>;
  /**
   * The source was heard well, now: what it lists lives as long as it says, counted from here. Said before its rows are
   * merged, so that readers of the change feed see them alive. Claims that come back to life by it alone are one change.
   */
  readonly heard: (feed: string, now: Instant) => Promise<void>;
  readonly turn: (turn: Turn, rejected: readonly RejectedRow[], next: TurnNext) => Promise<void>;
  /** `lost`: changes after `since` are no longer kept; whoever reads must read everything anew. */
  readonly changes: (
    since: ChangeCursor | undefined,
    limit: number,
  ) => Promise<{ ids: readonly string[]; cursor: ChangeCursor; more: boolean; lost?: true }>;
  readonly indicators: (ids: readonly string[], now: Instant) => Promise<readonly IndicatorState[]>;
  readonly liveClaims: (ids: readonly string[], now: Instant) => Promise<readonly LiveClaim[]>;
  /** The same, and those that people judged false, marked: a member's own asset in them still reaches an analyst. */
  readonly listedClaims: (ids: readonly string[], now: Instant) => Promise<readonly LiveClaim[]>;
  /** Ids whose value lies in a network or under a domain: join (b) when an asset is new. */
  readonly indicatorsWithin: (asset: {
    kind: "network" | "domain" | "email-domain";
    value: string;
  }) => Promise<readonly string[]>;
  /** A body of this content was collected before. */
  readonly bodySeen: (feed: string, digest: string) => Promise<boolean>;
  readonly seeBody: (feed: string, digest: string, at: Instant) => Promise<void>;
  /** Refused rows, newest first, below `before` (a row's `n`). */
  readonly rejected: (feed: string, before: number | undefined, limit: number) => Promise<readonly KeptReject[]>;
  /** Those of these numbers that are of this feed, in ascending order. */
  readonly rejectedRows: (feed: string, ns: readonly number[]) => Promise<readonly KeptReject[]>;
  /** They were mended, and what became of them stands in a newer turn. */
  readonly dropRejected: (feed: string, ns: readonly number[]) => Promise<void>;
  /** The turn of this number, else the newest with a body kept; undefined when there is none. */
  readonly archivedTurn: (feed: string, n?: number) => Promise<ArchivedTurn | undefined>;
  /** Refused rows and digests of bodies older than `before` are forgotten; `feeds`: only theirs, or all but theirs. */
  readonly forgetRejected: (
    before: Instant,
    feeds: { readonly only?: string; readonly not?: readonly string[] },
  ) => Promise<number>;
  readonly setShadow: (feed: string, shadow: boolean) => Promise<void>;
  /** A held turn was refused by a person: the feed stands as before it, and comes again at `next`. Nothing was seen, so no claim lives longer. */
  readonly discardHeld: (feed: string, next: Instant) => Promise<void>;
}

/** What the scheduler remembers after a turn. */
export interface TurnNext {
  readonly nextTurn?: Instant;
  readonly etag?: string;
  readonly lastModified?: string;
  /** What the list looked like, to be kept of a good turn. */
  readonly profile?: Profile;
  /** Of a walk, to be kept with the turn that merged what is before it. */
  readonly cursor?: unknown;
}
