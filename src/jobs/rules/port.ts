import type { Instant } from "#core/instant.ts";
import type { LiveRecord } from "#detect/record.ts";

/** A person's word on which rules run; the last on the same `rule` counts (detect/sigma/packs.ts, `PackDecision`). */
export interface RuleDecision {
  /** Rule's id or name; a folder ending in "/"; "*" for all of it. */
  readonly rule: string;
  readonly runs: boolean;
  readonly reason: string;
  readonly who: string;
  readonly at: Instant;
}

/** Whether the past was hunted for a rule in force as it stands. */
export interface HuntedRule {
  /** Id or title. */
  readonly rule: string;
  /** Digest of what it says. */
  readonly said: string;
  /** When it was met. */
  readonly at: Instant;
  /** The batch up to which history must have everything before it is hunted for; absent: not known yet. */
  readonly upTo?: number;
  /** The hunt was set off; it need not be over. */
  readonly hunted: boolean;
  /**
   * Of a correlation: the end of the last window that began before live counting did. Its hunt for these windows, which live
   * counting saw a part of, was not set off yet. `upTo` is then of that hunt.
   */
  readonly seam?: Instant;
}

/** What rules need from state; defined by `test/rules-server.test.ts`. */
export interface RulesState {
  /** Of those that are known; true: only staff may hear them. */
  readonly shadows: (sources: readonly string[]) => Promise<ReadonlyMap<string, boolean>>;
  /** How these did here, as it was last counted; those that were. */
  readonly records: (sources: readonly string[]) => Promise<ReadonlyMap<string, LiveRecord & { readonly at: Instant }>>;
  /** Counts how every rule and behaviour did here over the last days, for `records`. */
  readonly countRecords: (now: Instant, days: number) => Promise<void>;
  /** In the order of `rule`. */
  readonly decisions: () => Promise<readonly RuleDecision[]>;
  readonly decide: (decision: RuleDecision) => Promise<void>;
  /** Of all rules that found something: true: only staff may hear it. By source. */
  readonly allShadows: () => Promise<ReadonlyMap<string, boolean>>;
  /** Hits of each rule, by its id or title, on records since then. */
  readonly hits: (since: Instant) => Promise<ReadonlyMap<string, number>>;
  /** Of one rule by UTC day, oldest first; days without any are not there. */
  readonly hitDays: (
    rule: string,
    since: Instant,
  ) => Promise<readonly { readonly day: string; readonly hits: number }[]>;
  readonly hunted: () => Promise<readonly HuntedRule[]>;
  /** Each takes the place of what stood there of its rule. */
  readonly keepHunted: (rules: readonly HuntedRule[]) => Promise<void>;
  readonly forgetHunted: (rules: readonly string[]) => Promise<void>;
}
