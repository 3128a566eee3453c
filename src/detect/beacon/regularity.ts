/** How much a series of calls looks like a clock, each part from 0 (not at all) to 1. */
export interface Regularity {
  /** The usual pause, ms. */
  readonly periodMs: number;
  /** Median distance of the pauses from the usual one, as a share of it: 0.25 is a jitter of ±50 %. */
  readonly jitter: number;
  readonly score: number;
}

/**
 * Pauses between calls, judged by their spread around the median and by how short the short ones are: chance (a Poisson
 * process) gives a spread of 0.69 and many pauses near nothing, a timer with ±50 % jitter 0.25 and none below half. Sleeps
 * are skipped: pauses of nearly twice the usual and more are left out, as long as they are at most a third of all.
 *
 * @param times of calls, ascending, ms; at least four
 * @returns undefined: too few, or too many gaps, to say anything
 */
export const regularity = (times: readonly number[]): Regularity | undefined => {
  const pauses: number[] = [];
  for (let i = 1; i < times.length; i++) pauses.push((times[i] as number) - (times[i - 1] as number));
  if (pauses.length < 3) return undefined;
  pauses.sort((a, b) => a - b);
  const usual = quantileOf(pauses, 0.5);
  if (usual <= 0) return undefined;
  const steady = pauses.filter((pause) => pause <= 1.8 * usual);
  if (pauses.length - steady.length > pauses.length / 3 || steady.length < 3) return undefined;
  const period = quantileOf(steady, 0.5);
  const jitter = spread(steady, period);
  const shortest = Math.min(1, quantileOf(steady, 0.1) / period / 0.55);
  const score = 0.6 * Math.max(0, 1 - 1.6 * jitter) + 0.4 * Math.max(0, (shortest - 0.3) / 0.7);
  return { periodMs: period, jitter, score };
};

/** 1: always the same; 0: as different as half of the usual, or nothing to compare. */
export const sameness = (values: readonly number[]): { readonly usual: number; readonly score: number } | undefined => {
  const known = values.filter((value) => value >= 0).sort((a, b) => a - b);
  if (known.length < 4) return undefined;
  const usual = quantileOf(known, 0.5);
  return usual === 0 ? undefined : { usual, score: Math.max(0, 1 - 2 * spread(known, usual)) };
};

/** Median absolute deviation as a share of the median. */
const spread = (sorted: readonly number[], median: number): number =>
  quantileOf(
    sorted.map((value) => Math.abs(value - median)).sort((a, b) => a - b),
    0.5,
  ) / median;

const quantileOf = (sorted: readonly number[], share: number): number => {
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)] as number;
  return below + ((sorted[Math.ceil(at)] as number) - below) * (at - Math.floor(at));
};
