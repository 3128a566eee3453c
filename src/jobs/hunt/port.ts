import type { Scope } from "#community/visibility.ts";
import type { Instant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import type { Observable } from "#core/observable.ts";
import type { Problem } from "#core/result.ts";
import type { Direction, Where } from "#telemetry/format.ts";
import type { HuntCausesState } from "./cause-port.ts";
import type { HuntState } from "./state.ts";
import type { HuntedByRule, RuledProgress, RuleSighting } from "./rule-port.ts";
import type { RecordPlace } from "./past.ts";
import type { PatternProgress, PatternSighting } from "./pattern-port.ts";

/** A hunt that a person asked for. */
export interface Hunt {
  readonly id: string;
  /** Over whose records; absent: everybody's, and then staff alone sees it. */
  readonly organisation?: OrganisationId;
  /** Asked by staff: nobody else is shown that it was. */
  readonly ofStaff: boolean;
  readonly who: string;
  readonly purpose: string;
  readonly values: readonly Observable[];
  /** As it was written, where the values are from a pattern, or it is a pattern that is asked. */
  readonly pattern?: string;
  /** There, where the values alone do not decide it: the pattern is asked of records; how far it is. */
  readonly patterned?: PatternProgress;
  /** What is asked, where it is a rule; `values` is empty then. */
  readonly rule?: HuntedByRule;
  readonly from: Instant;
  /** Excluded. */
  readonly to: Instant;
  readonly at: Instant;
}

export interface HuntProgress extends Hunt {
  readonly state: HuntState;
  readonly ended?: Instant;
  readonly problem?: Problem;
  /** Observations of the values hunted, by the day counts; absent: not begun. More than there will be results where a port or path decides. */
  readonly toRead?: number;
  /** Records read so far. */
  readonly read: number;
  readonly found: number;
  /** Of what was found only the first are kept. */
  readonly cut: boolean;
  /** Where the next page begins. */
  readonly place?: RecordPlace;
  /** Of a hunt by a rule, once it has begun. */
  readonly ruled?: RuledProgress;
}

/** A value that was hunted, seen in one record. */
export interface HuntResult {
  readonly organisation: OrganisationId;
  readonly sensor: string;
  /** When it was seen. */
  readonly time: Instant;
  readonly hunted: Observable;
  readonly seen: Observable;
  readonly where: Where;
  readonly direction: Direction;
  /** Our end of it. */
  readonly own?: string;
  /** As live matching would weigh it. */
  readonly weight: "finding" | "background";
  /** The record after the field policy, cut to 4,096 characters. */
  readonly text: string;
  /** The rule that matched; `hunted` and `seen` are then what it is about. */
  readonly rule?: RuleSighting;
  /** The pattern that was true of it; `hunted` and `seen` are then what the record is about. */
  readonly pattern?: PatternSighting;
}

/** What hunting keeps in state; defined by `test/hunt.test.ts`. */
export interface HuntsState extends HuntCausesState {
  /** The newest batch there is. */
  readonly newestBatch: () => Promise<number>;
  /** Every batch up to this one is in history, or never will be. */
  readonly keptTo: (batch: number) => Promise<boolean>;
  /** Keys under which batches were accepted, by number. */
  readonly batchKeys: (batches: readonly number[]) => Promise<ReadonlyMap<number, string>>;
  /** These hits were found backwards, now. */
  readonly foundBackwards: (hits: readonly string[], at: Instant) => Promise<void>;
  /** What was said of these indicators when the past was last hunted for them; only of what was found in it. */
  readonly huntedAs: (indicators: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  /** undefined: forget it, for it may have been seen unmatched since. */
  readonly keepHuntedAs: (said: ReadonlyMap<string, string | undefined>) => Promise<void>;
  /** History is off: nobody waits for this reader of the change feed. */
  readonly stopReading: () => Promise<void>;

  readonly ask: (hunt: Hunt) => Promise<void>;
  /**
   * The oldest that is not over, held until the transaction ends.
   *
   * @param underway this one comes without its values, which whoever is at it has
   */
  readonly next: (underway?: string) => Promise<HuntProgress | undefined>;
  /** How far it is, held until the transaction ends: without its values and rules, which may be a hundred thousand. */
  readonly standing: (id: string) => Promise<HuntProgress | undefined>;
  /** Held until the transaction ends; whoever asks without a scope works on it. */
  readonly hunt: (id: string, scope?: Scope) => Promise<HuntProgress | undefined>;
  readonly save: (hunt: HuntProgress) => Promise<void>;
  readonly addResults: (id: string, from: number, results: readonly HuntResult[]) => Promise<void>;
}

/** Reads of hunts under a Scope. */
export interface HuntViews {
  /** Newest first, behind `before`. */
  readonly hunts: (
    scope: Scope,
    before: { readonly at: Instant; readonly id: string } | undefined,
    limit: number,
  ) => Promise<readonly HuntProgress[]>;
  readonly hunt: (scope: Scope, id: string) => Promise<HuntProgress | undefined>;
  /** In the order of time, those behind the `after`th. */
  readonly huntResults: (
    scope: Scope,
    id: string,
    after: number,
    limit: number,
  ) => Promise<readonly (HuntResult & { readonly nth: number })[]>;
}
