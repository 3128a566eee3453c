import type { Instant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";

/**
 * What is kept of telemetry:
 *   record       lines after the field policy, in history
 *   observation  values seen in them, and how often each day, in history
 *   hit          the evidence of hits and what hunts found, in state; that there was a hit stays
 */
export const keptKinds = ["record", "observation", "hit"] as const;
export type KeptKind = (typeof keptKinds)[number];

/** Whichever is reached first; absent: no such bound. */
export interface KeepLimit {
  readonly days?: number;
  readonly bytes?: number;
}

export interface OwnLimit extends KeepLimit {
  readonly organisation: OrganisationId;
  readonly what: KeptKind;
  readonly who: string;
  readonly reason: string;
  readonly at: Instant;
}

/** Nothing of this time of an organisation is let go of, whatever its limits. */
export interface LegalHold {
  readonly id: string;
  readonly organisation: OrganisationId;
  readonly since: Instant;
  /** Excluded; absent: until now, and on. */
  readonly until?: Instant;
  readonly who: string;
  readonly reason: string;
  readonly at: Instant;
  readonly ended?: Instant;
}

/** What is kept of one organisation. */
export interface KeptDays {
  readonly organisation: string;
  /** Oldest first; `day` in milliseconds of 00:00 UTC. */
  readonly days: readonly { readonly day: number; readonly records: number }[];
  /** On disk, as far as it can be told: engines compress the rows of all organisations together. */
  readonly bytesEach: number;
}

/** Milliseconds since 1970, `from` included and `to` excluded; of an organisation. */
export interface KeptSpan {
  readonly organisation: string;
  readonly from: number;
  readonly to: number;
}

/** What letting go needs of history; `History` is more than it. */
export interface KeptHistory {
  /** WGL_HISTORY_… when it is away or off. */
  readonly keptDays: (what: "record" | "observation") => Promise<readonly KeptDays[]>;
  /** An earlier letting go is still under way. */
  readonly forgetting: (what: "record" | "observation") => Promise<boolean>;
  /** Begins to let go, of whole days; it goes on in the background, and reads see the rows until it has ended. */
  readonly forget: (what: "record" | "observation", spans: readonly KeptSpan[]) => Promise<void>;
}

/** As it was last counted. */
export interface KeptCount {
  readonly organisation: string;
  readonly what: KeptKind;
  /** Absent: nothing is kept. */
  readonly since?: Instant;
  readonly until?: Instant;
  readonly records: number;
  readonly bytes: number;
  readonly at: Instant;
}

/** What keeping needs of state; defined by `test/retention.test.ts`. */
export interface KeptState {
  readonly limits: () => Promise<readonly OwnLimit[]>;
  /** Replaces what was said of this organisation and kind; without days and bytes what is configured holds again. */
  readonly putLimit: (limit: OwnLimit) => Promise<void>;
  /** Those in force, or all. */
  readonly holds: (ended?: boolean) => Promise<readonly LegalHold[]>;
  readonly putHold: (hold: LegalHold) => Promise<void>;
  /** @returns false: there is none in force by this id */
  readonly endHold: (id: string, who: string, reason: string, at: Instant) => Promise<LegalHold | undefined>;
  /** Evidence of hits, by organisation. */
  readonly keptHits: () => Promise<readonly KeptDays[]>;
  /** At most `limit` hits. @returns how many */
  readonly forgetHits: (span: KeptSpan, at: Instant, limit: number) => Promise<number>;
  /** Replaces all counts of this kind. */
  readonly putCounts: (what: KeptKind, counts: readonly KeptCount[]) => Promise<void>;
  readonly counts: () => Promise<readonly KeptCount[]>;
}
