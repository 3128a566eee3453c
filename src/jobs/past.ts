import type { ObservationRow, RecordRow } from "#jobs/history-rows.ts";

/** Names one record that is kept; with its time, so that it is found by the order of the table. */
export interface RecordPlace {
  readonly time: number;
  readonly organisation: string;
  readonly batch: string;
  readonly line: number;
}

/** What of many values was seen at all, by whom, and how often on each UTC day (milliseconds of 00:00), oldest first. */
export interface SeenValues {
  readonly fingerprints: readonly bigint[];
  readonly organisations: readonly string[];
  readonly days: readonly { readonly day: number; readonly count: number }[];
}

export type PastScope = "all" | readonly string[];
interface Period {
  readonly from: number;
  readonly to: number;
}
type Pace = "behind";

/** What hunting needs of history; `history/history.ts` has it. */
export interface Past {
  readonly seenValues: (
    scope: PastScope,
    fingerprints: readonly bigint[],
    period: Period,
    pace?: Pace,
  ) => Promise<SeenValues>;
  readonly valuesUnder: (scope: PastScope, covers: readonly bigint[], pace?: Pace) => Promise<readonly bigint[]>;
  readonly recordsWith: (
    scope: PastScope,
    seen: SeenValues,
    period: Period,
    after: RecordPlace | undefined,
    limit: number,
    pace?: Pace,
  ) => Promise<readonly RecordPlace[]>;
  readonly observationsOf: (
    scope: PastScope,
    places: readonly RecordPlace[],
    pace?: Pace,
  ) => Promise<readonly ObservationRow[]>;
  readonly recordsAt: (scope: PastScope, places: readonly RecordPlace[], pace?: Pace) => Promise<readonly RecordRow[]>;
}
