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
  /** Records with a part in it that others may still make true, between two pages. */
  readonly open?: readonly RecordPlace[];
}

/** The pattern was true of this record, with others or alone. */
export interface PatternSighting {
  /** From 1, in the order in which it was found true. */
  readonly match: number;
  /** Records that made it true together. */
  readonly records: number;
}

export const noPatternYet = (anchored: boolean): PatternProgress => ({
  ...{ anchored, matches: 0, unread: {}, undecided: {}, letGo: 0 },
});
