import type { Instant } from "#core/instant.ts";
import type { Warninglist } from "#feeds/warninglist.ts";
import type { Overlap, Scorecard, Tally } from "./scorecard.ts";

/** An exclusion that people put up while waglan runs: a whole list, or a value. */
export interface ManagedList extends Warninglist {
  readonly who: string;
  readonly reason: string;
  readonly at: Instant;
  /** Ends by itself then. */
  readonly until?: Instant;
}

/** What the care of feeds needs from state; defined by `test/care-exclusions.test.ts` and `test/care-scorecard.test.ts`. */
export interface CareState {
  /** Another number whenever the exclusions kept here changed. */
  readonly exclusionsMark: () => Promise<number>;
  /** By id, in order. */
  readonly exclusionLists: () => Promise<readonly ManagedList[]>;
  /** The same without their values. */
  readonly exclusionNames: () => Promise<readonly (Omit<ManagedList, "values"> & { readonly entries: number })[]>;
  /** A list of the same id is replaced. */
  readonly putExclusion: (list: ManagedList) => Promise<void>;
  /** @returns false: there is none */
  readonly dropExclusion: (id: string) => Promise<boolean>;
  /** Those whose end has come, dropped. @returns their ids */
  readonly endExclusions: (now: Instant) => Promise<readonly string[]>;
  /** Counts how every source did against the others and with people's judgement; some seconds at 2 million claims. */
  readonly tally: (
    now: Instant,
  ) => Promise<{ readonly tallies: readonly Tally[]; readonly overlaps: readonly Overlap[] }>;
  /** Replaces what was known. */
  readonly keepScorecards: (cards: readonly Scorecard[], overlaps: readonly Overlap[], now: Instant) => Promise<void>;
  readonly scorecard: (
    feed: string,
  ) => Promise<{ readonly card: Scorecard; readonly at: Instant; readonly overlaps: readonly Overlap[] } | undefined>;
}
