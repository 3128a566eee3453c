import type { Scope } from "#community/visibility.ts";
import type { Instant } from "#core/instant.ts";
import type { Tlp } from "#core/marking.ts";
import type { Observable } from "#core/observable.ts";

/** A listed value that something was decided about. */
export interface DecidedValue extends Observable {
  /** Public id of the indicator. */
  readonly id: string;
  /** The strictest that the reader's claims of it bear. */
  readonly tlp: Tlp;
}

/** A verdict in force, and what it took back. */
export interface SeenVerdict {
  readonly about: DecidedValue;
  /** Only this source's claim; absent: the value itself. */
  readonly feed?: string;
  readonly who: string;
  readonly reason: string;
  readonly at: Instant;
  /** Findings within the scope that it set aside. */
  readonly findings: number;
  /** Parties asked since to remove the value. */
  readonly parties: number;
}

/** One decision of the past, as its leaf in the evidence has it. */
export interface CareEvent {
  readonly n: number;
  readonly at: Instant;
  /** "judge indicator", "exclude", "include". */
  readonly act: string;
  /** Of a verdict. */
  readonly about?: DecidedValue;
  /** "exclusion value domain:shop.example", "exclusion public-dns-v4". */
  readonly subject: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Where a page of verdicts ended. */
export interface VerdictPlace {
  readonly at: Instant;
  readonly indicator: string;
  readonly feed: string;
}

/** What people decided about values, under a Scope; defined by `test/acts-care-views.test.ts`. */
export interface CareViews {
  /** Newest first. A verdict on a value of which every claim is hidden from the scope is not there. */
  readonly verdicts: (scope: Scope, after: VerdictPlace | undefined, limit: number) => Promise<readonly SeenVerdict[]>;
  /** Newest first, older than `before`. */
  readonly careEvents: (scope: Scope, before: number | undefined, limit: number) => Promise<readonly CareEvent[]>;
  /** Findings within the scope that stand aside because their value is excluded, at most `limit`. */
  readonly excludedFindings: (
    scope: Scope,
    limit: number,
  ) => Promise<readonly (Observable & { readonly finding: number })[]>;
}
