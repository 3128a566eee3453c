import type { RecordPlace } from "./past.ts";

/** How far a hunt is that asks a STIX pattern of records, beside its counts. */
export interface PatternProgress {
  /** Its records are found by values that the pattern names; false: every record of the period is read. */
  readonly anchored: boolean;
  /** How often the pattern was true, each time of other records. */
  readonly matches: number;
  /** Records that could not be read again as they are kept, by the code of why. */
  readonly unread: Readonly<Record<string, number>>;
  /** Times it could not be decided, by the code of why. */
  readonly undecided: Readonly<Record<string, number>>;
  /** Records with a part in the pattern that were let go of before it was true, for want of room. */
  readonly letGo: number;
  /** Of a hunt that was handed to sensors: records that all of them looked at so far, and all there are at most. */
  readonly looked?: { readonly read: number; readonly toRead: number };
  /** Records with a part in it that others may still make true, between two pages. */
  readonly open?: readonly RecordPlace[];
}

/** The pattern was true of this record, with others or alone. */
export interface PatternSighting {
  /** From 1, in the order in which it was found true; those that sensors found are told apart, and may leave numbers out. */
  readonly match: number;
  /** Records that made it true together. */
  readonly records: number;
}

export const noPatternYet = (anchored: boolean): PatternProgress => ({
  ...{ anchored, matches: 0, unread: {}, undecided: {}, letGo: 0 },
});

/** Counts of one page beside those before it. */
export const added = (
  before: Readonly<Record<string, number>>,
  more: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> => {
  const sum: Record<string, number> = { ...before };
  for (const [code, count] of Object.entries(more)) sum[code] = (sum[code] ?? 0) + count;
  return sum;
};
