import { no, ok, type Result } from "#core/result.ts";
import { HandOut, TooMuchWork } from "./pattern-hand-out.ts";
import type { Observation } from "./pattern-observation.ts";
import { type Leaf, leastOf, type Plan } from "./pattern-plan.ts";
import { type Sightings, sightingsOf } from "./pattern-sightings.ts";
import { type Moment, type Reading, readingsOf } from "./pattern-slots.ts";

/** Observations looked at before a pattern is given up as undecided: well under a second. */
export const mostWork = 20_000_000;

/**
 * The observations that make one of the plans true, each used by one part only and at most as often as it was seen;
 * undefined when there are none. Moments (pattern-slots.ts) are chosen depth first, earliest first, and each choice must
 * leave enough observations for every slot, so that a wrong one is given up at once. Without moments, or with one, the
 * work is polynomial; with many it is bounded.
 *
 * @returns indices of the observations, ascending; problem WGL_STIX_PATTERN_WORK when `most` steps do not decide it
 */
export const bind = (
  plans: readonly Plan[],
  fits: ReadonlyMap<Leaf, readonly number[]>,
  observations: readonly Observation[],
  most: number = mostWork,
): Result<readonly number[] | undefined> => {
  let left = most;
  const spend = (steps: number): void => {
    left -= steps;
    if (left < 0) throw new TooMuchWork();
  };
  const sightings = sightingsOf(observations, fits);
  let undecided = false;
  for (const plan of plans) {
    if (leastOf(plan) > sightings.available) continue;
    try {
      for (const reading of readingsOf(plan)) {
        const bound = reading === undefined ? undefined : bindReading(reading, sightings, spend);
        if (bound !== undefined) return ok(bound.map((at) => sightings.given[at] ?? 0).sort((a, b) => a - b));
        undecided ||= reading === undefined;
      }
    } catch (error) {
      if (!(error instanceof TooMuchWork)) throw error;
      return no("WGL_STIX_PATTERN_WORK", { limit: most });
    }
  }
  return undecided ? no("WGL_STIX_PATTERN_WORK", { limit: most }) : ok(undefined);
};

/** One moment while it is being tried. */
interface Trial {
  /** The next value is at or behind `least`, and none is behind `most`. */
  least: number;
  readonly most: number;
  /** The slots it narrows, with their bounds before it. */
  readonly slots: readonly number[];
  readonly low: Float64Array;
  readonly high: Float64Array;
}

const bindReading = (
  { slots, moments }: Reading,
  sightings: Sightings,
  spend: (steps: number) => void,
): readonly number[] | undefined => {
  const handOut = new HandOut(slots, sightings, spend);
  if (!handOut.fits([])) return undefined;
  const trials: Trial[] = [];
  const chosen: number[] = [];
  for (;;) {
    const moment = moments[trials.length];
    if (moment === undefined) return handOut.bound();
    trials.push(trialOf(moment, chosen, handOut));
    // Takes the next value that leaves enough for everybody, going back as far as it must.
    for (;;) {
      const trial = trials.at(-1);
      const trying = moments[trials.length - 1];
      if (trial === undefined || trying === undefined) return undefined;
      for (let n = 0; n < trial.slots.length; n++) {
        const slot = trial.slots[n] ?? 0;
        handOut.low[slot] = trial.low[n] ?? 0;
        handOut.high[slot] = trial.high[n] ?? 0;
      }
      const value = nextValue(trying, trial.least, handOut);
      if (!(value <= trial.most)) {
        trials.pop();
        continue;
      }
      spend(slots.length);
      trial.least = after(value);
      chosen[trials.length - 1] = value;
      narrow(trying, value, handOut);
      if (handOut.fits(trial.slots)) break;
    }
  }
};

/** The next number a double can hold; moments are microseconds, whole near our time and coarser far from it. */
const after = (value: number): number => value + Math.max(0.25, Math.abs(value) * Number.EPSILON);

const sides = (moment: Moment): readonly [early: readonly number[], late: readonly number[]] =>
  moment.kind === "gap" ? [moment.before, moment.behind] : [moment.inside, moment.inside];

/** The values a moment can have at all, given those chosen before it. */
const trialOf = (moment: Moment, chosen: readonly number[], handOut: HandOut): Trial => {
  const [early, late] = sides(moment);
  const slots = moment.kind === "gap" ? [...early, ...late] : early;
  const slack = moment.kind === "gap" ? 0 : moment.micros;
  let least = moment.from === undefined ? Number.NEGATIVE_INFINITY : (chosen[moment.from] ?? Number.NEGATIVE_INFINITY);
  let most = Number.POSITIVE_INFINITY;
  for (const slot of early) least = Math.max(least, handOut.nextFirst(slot, Number.NEGATIVE_INFINITY) - slack);
  for (const slot of late) most = Math.min(most, handOut.latest(slot));
  const bounds = (all: Float64Array): Float64Array => {
    const own = new Float64Array(slots.length);
    for (let n = 0; n < slots.length; n++) own[n] = all[slots[n] ?? 0] ?? 0;
    return own;
  };
  return { least, most, slots, low: bounds(handOut.low), high: bounds(handOut.high) };
};

/** A gap lies where something before it begins, a window begins where something inside it ends. */
const nextValue = (moment: Moment, least: number, handOut: HandOut): number => {
  let value = Number.POSITIVE_INFINITY;
  for (const slot of sides(moment)[0]) {
    const next = moment.kind === "gap" ? handOut.nextFirst(slot, least) : handOut.nextLast(slot, least);
    if (next < value) value = next;
    if (value <= least) break;
  }
  return value;
};

const narrow = (moment: Moment, value: number, { low, high }: HandOut): void => {
  const [early, late] = sides(moment);
  const begin = moment.kind === "gap" ? value : value + moment.micros;
  for (const slot of early) high[slot] = Math.min(high[slot] ?? 0, begin);
  for (const slot of late) low[slot] = Math.max(low[slot] ?? 0, value);
};
