import type { Slot } from "./pattern-slots.ts";
import type { Sightings } from "./pattern-sightings.ts";

/** Thrown when the work allowed is used up; caught in pattern-bind.ts. */
export class TooMuchWork extends Error {}

/** How a slot was reached on a path: by giving up an observation to slot `to`. */
interface Way {
  readonly to: number;
  readonly at: number;
}

/**
 * Hands out observations to slots, each observation at most as often as it was seen: augmenting paths, kept from one
 * question to the next. Narrowing a slot takes back what no longer fits; widening takes nothing back. Observations are
 * named by their place in `sightings`.
 */
export class HandOut {
  /** Each slot takes what begins at `high` or earlier and ends at `low` or later. */
  readonly low: Float64Array;
  readonly high: Float64Array;
  readonly #slots: readonly Slot[];
  readonly #sightings: Sightings;
  readonly #free: Float64Array;
  /** Per slot: observation → how many times of it. */
  readonly #held: readonly Map<number, number>[];
  /** Per observation: slots that hold some of it. */
  readonly #holders = new Map<number, Set<number>>();
  readonly #need: Float64Array;
  readonly #spend: (steps: number) => void;

  constructor(slots: readonly Slot[], sightings: Sightings, spend: (steps: number) => void) {
    this.#slots = slots;
    this.#sightings = sightings;
    this.#free = sightings.times.slice();
    this.#spend = spend;
    this.#held = slots.map(() => new Map());
    this.#need = Float64Array.from(slots, (slot) => slot.times);
    this.low = new Float64Array(slots.length).fill(Number.NEGATIVE_INFINITY);
    this.high = new Float64Array(slots.length).fill(Number.POSITIVE_INFINITY);
  }

  /** Whether every slot can have what it needs. @param changed slots whose bounds were narrowed */
  fits(changed: Iterable<number>): boolean {
    for (const slot of changed) this.#takeBack(slot);
    for (let slot = 0; slot < this.#slots.length; slot++)
      if ((this.#need[slot] ?? 0) > 0 && !this.#fill(slot)) return false;
    return true;
  }

  /** The least beginning that is open to the slot and at or behind `least`; infinity when there is none. */
  nextFirst(slot: number, least: number): number {
    const { first, last } = this.#sightings;
    const { byFirst, longest } = this.#sightings.of(this.#leaf(slot));
    const [low, high] = [this.low[slot] ?? 0, this.high[slot] ?? 0];
    for (let n = firstAt(byFirst, first, Math.max(low - longest, least)); n < byFirst.length; n++) {
      this.#spend(1);
      const at = byFirst[n] ?? 0;
      if ((first[at] ?? 0) > high) break;
      if ((last[at] ?? 0) >= low) return first[at] ?? 0;
    }
    return Number.POSITIVE_INFINITY;
  }

  /** The least end that is open to the slot and at or behind `least`; infinity when there is none. */
  nextLast(slot: number, least: number): number {
    const { first, last } = this.#sightings;
    const { byLast } = this.#sightings.of(this.#leaf(slot));
    const [low, high] = [this.low[slot] ?? 0, this.high[slot] ?? 0];
    for (let n = firstAt(byLast, last, Math.max(low, least)); n < byLast.length; n++) {
      this.#spend(1);
      const at = byLast[n] ?? 0;
      if ((first[at] ?? 0) <= high) return last[at] ?? 0;
    }
    return Number.POSITIVE_INFINITY;
  }

  /** The greatest end that is open to the slot; minus infinity when nothing is. */
  latest(slot: number): number {
    const { first, last } = this.#sightings;
    const { byLast } = this.#sightings.of(this.#leaf(slot));
    const [low, high] = [this.low[slot] ?? 0, this.high[slot] ?? 0];
    for (let n = byLast.length - 1; n >= 0; n--) {
      this.#spend(1);
      const at = byLast[n] ?? 0;
      if ((last[at] ?? 0) < low) break;
      if ((first[at] ?? 0) <= high) return last[at] ?? 0;
    }
    return Number.NEGATIVE_INFINITY;
  }

  /** Observations handed out, ascending by place. */
  bound(): readonly number[] {
    return [...this.#holders]
      .filter(([, slots]) => slots.size > 0)
      .map(([at]) => at)
      .sort((a, b) => a - b);
  }

  #leaf(slot: number): Slot["leaf"] {
    const found = this.#slots[slot];
    if (found === undefined) throw new Error("waglan is wrong: a slot that does not exist");
    return found.leaf;
  }

  /** Calls with every observation open to the slot, in the order of their beginnings, until `stop` says so. */
  #each(slot: number, stop: (at: number) => boolean): boolean {
    const { first, last } = this.#sightings;
    const { byFirst, longest } = this.#sightings.of(this.#leaf(slot));
    const [low, high] = [this.low[slot] ?? 0, this.high[slot] ?? 0];
    let steps = 0;
    let stopped = false;
    for (let n = firstAt(byFirst, first, low - longest); n < byFirst.length && !stopped; n++) {
      const at = byFirst[n] ?? 0;
      if ((first[at] ?? 0) > high) break;
      steps++;
      stopped = (last[at] ?? 0) >= low && stop(at);
    }
    this.#spend(steps);
    return stopped;
  }

  #takeBack(slot: number): void {
    const { first, last } = this.#sightings;
    const [low, high] = [this.low[slot] ?? 0, this.high[slot] ?? 0];
    for (const [at, units] of this.#held[slot] ?? []) {
      this.#spend(1);
      if ((first[at] ?? 0) > high || (last[at] ?? 0) < low) this.#move(slot, at, -units);
    }
  }

  #fill(slot: number): boolean {
    this.#each(slot, (at) => {
      const units = Math.min(this.#free[at] ?? 0, this.#need[slot] ?? 0);
      if (units > 0) this.#move(slot, at, units);
      return (this.#need[slot] ?? 0) <= 0;
    });
    while ((this.#need[slot] ?? 0) > 0) if (!this.#augment(slot)) return false;
    return true;
  }

  /** Frees something for `root` by moving others along a shortest path to a free observation. */
  #augment(root: number): boolean {
    const reached = new Map<number, Way | undefined>([[root, undefined]]);
    const seen = new Set<number>();
    const queue = [root];
    for (let head = 0; head < queue.length; head++) {
      const slot = queue[head] ?? root;
      const found = this.#each(slot, (at) => {
        if (seen.has(at)) return false;
        seen.add(at);
        if ((this.#free[at] ?? 0) > 0) {
          this.#shift(root, slot, at, reached);
          return true;
        }
        for (const holder of this.#holders.get(at) ?? [])
          if (!reached.has(holder)) {
            reached.set(holder, { to: slot, at });
            queue.push(holder);
          }
        return false;
      });
      if (found) return true;
    }
    return false;
  }

  #shift(root: number, end: number, free: number, reached: ReadonlyMap<number, Way | undefined>): void {
    let units = Math.min(this.#need[root] ?? 0, this.#free[free] ?? 0);
    for (let slot = end, way = reached.get(slot); way !== undefined; slot = way.to, way = reached.get(slot))
      units = Math.min(units, this.#held[slot]?.get(way.at) ?? 0);
    this.#move(end, free, units);
    for (let slot = end, way = reached.get(slot); way !== undefined; slot = way.to, way = reached.get(slot)) {
      this.#move(slot, way.at, -units);
      this.#move(way.to, way.at, units);
    }
  }

  /** Gives a slot `units` more of an observation, or takes them away when negative. */
  #move(slot: number, at: number, units: number): void {
    const held = this.#held[slot];
    if (held === undefined) return;
    const now = (held.get(at) ?? 0) + units;
    const holders = this.#holders.get(at) ?? new Set();
    this.#holders.set(at, holders);
    if (now > 0) {
      held.set(at, now);
      holders.add(slot);
    } else {
      held.delete(at);
      holders.delete(slot);
    }
    this.#need[slot] = (this.#need[slot] ?? 0) - units;
    this.#free[at] = (this.#free[at] ?? 0) - units;
  }
}

/** The first index of `order` whose time is at or behind `least`. */
const firstAt = (order: Int32Array, times: Float64Array, least: number): number => {
  let [from, to] = [0, order.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((times[order[middle] ?? 0] ?? 0) < least) from = middle + 1;
    else to = middle;
  }
  return from;
};
