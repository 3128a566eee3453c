import type { Observation } from "./pattern-observation.ts";
import type { Leaf } from "./pattern-plan.ts";

/** The observations that fit a leaf, as places in `Sightings`. */
export interface Candidates {
  /** In the order of their beginnings, which is the order of places. */
  readonly byFirst: Int32Array;
  /** In the order of their ends. */
  readonly byLast: Int32Array;
  /** The longest of them in microseconds: what ends at t begins at t − longest or later. */
  readonly longest: number;
}

/** Observations in the order of their beginnings, for those who hand them out. */
export interface Sightings {
  /** By place; microseconds, and how often it was seen. */
  readonly first: Float64Array;
  readonly last: Float64Array;
  readonly times: Float64Array;
  readonly of: (leaf: Leaf) => Candidates;
  /** Sightings that fit any leaf. */
  readonly available: number;
  /** Which observation, as they were given, stands at a place. */
  readonly given: Int32Array;
}

/** Sorts once for all leaves. @param fits per leaf, the observations it is true of */
export const sightingsOf = (
  observations: readonly Observation[],
  fits: ReadonlyMap<Leaf, readonly number[]>,
): Sightings => {
  const given = Int32Array.from(observations.keys()).sort(
    (a, b) => (observations[a]?.first ?? 0) - (observations[b]?.first ?? 0),
  );
  const [first, last, times] = [
    new Float64Array(given.length),
    new Float64Array(given.length),
    new Float64Array(given.length),
  ];
  const place = new Int32Array(given.length);
  for (let at = 0; at < given.length; at++) {
    const from = given[at] ?? 0;
    const observation = observations[from];
    if (observation === undefined) continue;
    place[from] = at;
    first[at] = observation.first;
    last[at] = observation.last;
    times[at] = observation.times;
  }
  const candidates = new Map<Leaf, Candidates>();
  const of = (leaf: Leaf): Candidates => {
    const known = candidates.get(leaf) ?? candidatesOf(fits.get(leaf) ?? [], place, first, last);
    candidates.set(leaf, known);
    return known;
  };
  return { first, last, times, of, given, available: availableIn(fits, place, times) };
};

const candidatesOf = (
  fitting: readonly number[],
  place: Int32Array,
  first: Float64Array,
  last: Float64Array,
): Candidates => {
  const byFirst = new Int32Array(fitting.length);
  for (let n = 0; n < fitting.length; n++) byFirst[n] = place[fitting[n] ?? 0] ?? 0;
  byFirst.sort();
  let longest = 0;
  let isSorted = true;
  for (let n = 0, before = Number.NEGATIVE_INFINITY; n < byFirst.length; n++) {
    const at = byFirst[n] ?? 0;
    const end = last[at] ?? 0;
    longest = Math.max(longest, end - (first[at] ?? 0));
    isSorted &&= before <= end;
    before = end;
  }
  // where no one ends before somebody who began earlier, one order serves for both
  const byLast = isSorted ? byFirst : byFirst.slice().sort((a, b) => (last[a] ?? 0) - (last[b] ?? 0));
  return { byFirst, byLast, longest };
};

const availableIn = (fits: ReadonlyMap<Leaf, readonly number[]>, place: Int32Array, times: Float64Array): number => {
  const seen = new Uint8Array(place.length);
  let sum = 0;
  for (const fitting of fits.values())
    for (const from of fitting) {
      if (seen[from] === 0) sum += times[place[from] ?? 0] ?? 0;
      seen[from] = 1;
    }
  return sum;
};
