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
  const count = times.length - 1;
  if (count < 3) return undefined;
  const pauses = roomFor(count);
  for (let i = 0; i < count; i++) pauses[i] = (times[i + 1] as number) - (times[i] as number);
  const usual = quantileOf(pauses, count, 0.5);
  if (usual <= 0) return undefined;
  let steady = 0;
  for (let i = 0; i < count; i++) {
    const pause = pauses[i] as number;
    if (pause <= 1.8 * usual) pauses[steady++] = pause;
  }
  if (count - steady > count / 3 || steady < 3) return undefined;
  const period = quantileOf(pauses, steady, 0.5);
  const shortest = Math.min(1, quantileOf(pauses, steady, 0.1) / period / 0.55);
  const jitter = spread(pauses, steady, period);
  const score = 0.6 * Math.max(0, 1 - 1.6 * jitter) + 0.4 * Math.max(0, (shortest - 0.3) / 0.7);
  return { periodMs: period, jitter, score };
};

/** 1: always the same; 0: as different as half of the usual, or nothing to compare. @param values -1: not known */
export const sameness = (values: readonly number[]): { readonly usual: number; readonly score: number } | undefined => {
  const known = roomFor(values.length);
  let count = 0;
  for (const value of values) if (value >= 0) known[count++] = value;
  if (count < 4) return undefined;
  const usual = quantileOf(known, count, 0.5);
  return usual === 0 ? undefined : { usual, score: Math.max(0, 1 - 2 * spread(known, count, usual)) };
};

/** Numbers at work; nothing of them is asked for again. */
let room = new Float64Array(256);

const roomFor = (count: number): Float64Array => {
  if (room.length < count) room = new Float64Array(2 * count);
  return room;
};

/** Median absolute deviation of the first `count` values as a share of the median; the deviations stand in their place. */
const spread = (values: Float64Array, count: number, median: number): number => {
  for (let i = 0; i < count; i++) values[i] = Math.abs((values[i] as number) - median);
  return quantileOf(values, count, 0.5) / median;
};

/** Of the first `count` values, whose order it changes. */
const quantileOf = (values: Float64Array, count: number, share: number): number => {
  const at = (count - 1) * share;
  const low = Math.floor(at);
  const below = select(values, count, low);
  if (at === low) return below;
  let above = Number.POSITIVE_INFINITY;
  for (let i = low + 1; i < count; i++) above = Math.min(above, values[i] as number);
  return below + (above - below) * (at - low);
};

/** The value that would stand at `wanted` were they sorted; smaller ones stand before it and larger ones behind it then. */
const select = (values: Float64Array, count: number, wanted: number): number => {
  let left = 0;
  let right = count - 1;
  while (left < right) {
    const pivot = values[(left + right) >> 1] as number;
    let i = left;
    let j = right;
    while (i <= j) {
      while ((values[i] as number) < pivot) i++;
      while ((values[j] as number) > pivot) j--;
      if (i > j) break;
      const one = values[i] as number;
      values[i++] = values[j] as number;
      values[j--] = one;
    }
    if (wanted <= j) right = j;
    else if (wanted >= i) left = i;
    else break;
  }
  return values[wanted] as number;
};
