import type { Grade } from "#core/grade.ts";

/** What was counted of one source. */
export interface Tally {
  readonly feed: string;
  /** Values it lists now, and those of them that no other source lists. */
  readonly live: number;
  readonly alone: number;
  /** Median hours that it was earlier than another source with the same value; below 0: later. */
  readonly leadHours?: number;
  /**
   * Findings it spoke for: agreed to by those concerned or by staff, disputed by them, judged false by staff. A value of it
   * that an organisation sighted as a false positive (MISP) is disputed too.
   */
  readonly confirmed: number;
  readonly disputed: number;
  readonly falseFindings: number;
  /** Findings it spoke for that staff judged true and harmless, and those that said what another said: neither right nor wrong. */
  readonly benign: number;
  readonly duplicates: number;
  /** Values of it that staff judged false. */
  readonly verdicts: number;
  /**
   * Values that were judged, right or wrong: a value counts once, however many findings stand on it. Of findings only
   * while they are of `organisationsAtLeast` or more organisations, so that no single one's answers can be read from it.
   */
  readonly right: number;
  readonly wrong: number;
}

/** How far two sources say the same. */
export interface Overlap {
  readonly feed: string;
  readonly other: string;
  readonly shared: number;
  /** Median hours that `feed` was earlier than `other`. */
  readonly leadHours?: number;
}

export interface Scorecard extends Tally {
  /** 0.3 to 1, in steps of 0.05: what its claims' weights are multiplied with. Absent: too few cases to tell. */
  readonly trust?: number;
}

/** DESIGN §4.1: what is counted over organisations is told from this many on. */
export const organisationsAtLeast = 5;
/** Judged values below which nothing is concluded: with fewer, one hasty judgement would move everything. */
export const casesAtLeast = 10;
/** A source that was always wrong still says something: others may be wrong about it, and its voice is a person's to take. */
const trustAtLeast = 0.3;

/** (right + 1) ÷ (right + wrong + 2): the share of right cases, drawn to one half while they are few (Laplace). */
export const shareRight = ({ right, wrong }: Pick<Tally, "right" | "wrong">): number =>
  (right + 1) / (right + wrong + 2);

/**
 * What a source's claims are multiplied with: its share of right cases, over 0.9 (nine in ten right costs nothing),
 * between 0.3 and 1, rounded to 0.05. Undefined below `casesAtLeast` cases.
 */
export const trustOf = (tally: Pick<Tally, "right" | "wrong">): number | undefined => {
  if (tally.right + tally.wrong < casesAtLeast) return undefined;
  const trust = Math.min(1, Math.max(trustAtLeast, shareRight(tally) / 0.9));
  return Math.round(trust * 20) / 20;
};

/** Shares of right cases from which on a source deserves a letter of the Admiralty scale. */
const letters = [
  ["A", 0.95],
  ["B", 0.8],
  ["C", 0.6],
  ["D", 0.35],
] as const;

/** The letter that a source's record suggests; a person decides. Undefined below `casesAtLeast` cases. */
export const suggestedLetter = (tally: Pick<Tally, "right" | "wrong">): Grade["source"] | undefined => {
  if (tally.right + tally.wrong < casesAtLeast) return undefined;
  const share = shareRight(tally);
  return letters.find(([, from]) => share >= from)?.[0] ?? "E";
};
