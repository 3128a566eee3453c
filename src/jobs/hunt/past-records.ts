import type { RecordRow } from "#jobs/history/rows.ts";
import type { Pace, PastScope, RecordPlace } from "./past.ts";

/** Kept records of some formats: how many each organisation has of each UTC day (milliseconds of 00:00). */
export interface RecordDay {
  readonly organisation: string;
  readonly day: number;
  readonly count: number;
}

export interface RecordsWanted {
  /** Of this organisation. */
  readonly organisation: string;
  readonly formats: readonly string[];
  readonly from: number;
  /** Excluded. */
  readonly to: number;
  /**
   * Of `formats` only records that hold one of `texts`, whatever their case, or that write letters by their numbers, which
   * may be any. Absent: all.
   */
  readonly holding?: { readonly formats: readonly string[]; readonly texts: readonly string[] };
}

/** What hunting by rules needs of history; `History` of `history/history.ts` is more than it. */
export interface PastRecords {
  /** In the order of organisations, then of days; for those in the period. */
  readonly recordDays: (
    scope: PastScope,
    formats: readonly string[],
    period: { readonly from: number; readonly to: number },
    pace?: Pace,
  ) => Promise<readonly RecordDay[]>;
  /** Whole, in the order of time, batch and line, behind `after`, at most `limit`. */
  readonly recordsFrom: (
    scope: PastScope,
    wanted: RecordsWanted,
    after: RecordPlace | undefined,
    limit: number,
    pace?: Pace,
  ) => Promise<readonly RecordRow[]>;
}
