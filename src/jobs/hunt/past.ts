import type { ObservationRow, RecordRow } from "#jobs/history/rows.ts";
import type { Stretch } from "#jobs/history/value-fingerprint.ts";

/** Names one record that is kept; with its time, so that it is found by the order of the table. */
export interface RecordPlace {
  readonly time: number;
  readonly organisation: string;
  readonly batch: string;
  readonly line: number;
}

/** A record by its name, whatever its time. */
export const keyOf = ({ organisation, batch, line }: Omit<RecordPlace, "time">): string =>
  `${line} ${batch} ${organisation}`;

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
/** "behind": one thread, of low priority, so that live work goes first; absent: as fast as may be. */
export type Pace = "behind";

/** What values may be under: what covers them (keys.ts), and where they, or what covers them, lie themselves. */
export interface Above {
  readonly covers: readonly bigint[];
  readonly stretches: readonly Stretch[];
}

/** What hunting needs of history; `History` of `history/history.ts` is more than it. */
export interface Past {
  /** Which of these were seen in the period; a merge join with the day counts, 100,000 at a time. */
  readonly seenValues: (
    scope: PastScope,
    fingerprints: readonly bigint[],
    period: Period,
    pace?: Pace,
  ) => Promise<SeenValues>;
  /** Fingerprints of the values that were seen under any of these. */
  readonly valuesUnder: (scope: PastScope, above: Above, pace?: Pace) => Promise<readonly bigint[]>;
  /** Records in which any of `seen` stands, oldest first, at most `limit`, behind `after`. */
  readonly recordsWith: (
    scope: PastScope,
    seen: SeenValues,
    period: Period,
    after: RecordPlace | undefined,
    limit: number,
    pace?: Pace,
  ) => Promise<readonly RecordPlace[]>;
  /** Every value of these records, in the order of their places in them. */
  readonly observationsOf: (
    scope: PastScope,
    places: readonly RecordPlace[],
    pace?: Pace,
  ) => Promise<readonly ObservationRow[]>;
  readonly recordsAt: (scope: PastScope, places: readonly RecordPlace[], pace?: Pace) => Promise<readonly RecordRow[]>;
}
