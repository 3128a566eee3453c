import { mostAlternatives, type Leaf, type Plan } from "./pattern-plan.ts";

/** So many different observations of one leaf. */
export interface Slot {
  readonly leaf: Leaf;
  readonly times: number;
}

/**
 * A moment to be chosen so that parts of a plan keep to one side of it or near it. With every moment chosen, each slot has
 * a plain span of time, and what is left is handing out observations.
 *
 * - "gap" τ: `before` begins at τ or earlier, `behind` ends at τ or later (FOLLOWEDBY)
 * - "window" t: all of `inside` end at t or later and begin by t + `micros` (WITHIN)
 */
export type Moment =
  | {
      readonly kind: "gap";
      readonly before: readonly number[];
      readonly behind: readonly number[];
      readonly from?: number;
    }
  | { readonly kind: "window"; readonly inside: readonly number[]; readonly micros: number; readonly from?: number };

/** One way of reading a plan: `from` of a moment is another that comes no later, since copies may be put in order. */
export interface Reading {
  readonly slots: readonly Slot[];
  readonly moments: readonly Moment[];
}

/** Slots of one reading: copies of a group each have their own. */
const mostSlots = 4096;

/** Slots touched by all moments of one reading together: each keeps its bounds, 16 bytes, while it is tried. */
const mostTouches = 2_000_000;

/** Every way of choosing among the alternatives of copies; undefined in place of one that is too large. */
export function* readingsOf(plan: Plan): Generator<Reading | undefined, void, void> {
  let digits: readonly Digit[] = [];
  for (let count = 0; ; count++) {
    const choices = new Choices(digits);
    const building = new Building(choices);
    building.add(plan);
    if (building.tooLarge || count >= mostAlternatives) return yield undefined;
    yield building;
    const next = choices.next();
    if (next === undefined) return;
    digits = next;
  }
}

/** One choice made while building: which of `of` alternatives. */
interface Digit {
  readonly value: number;
  readonly of: number;
}

/** An odometer whose digits come to be as they are asked for. */
class Choices {
  readonly #given: readonly Digit[];
  readonly #made: Digit[] = [];
  constructor(given: readonly Digit[]) {
    this.#given = given;
  }

  /** Copies are alike, so the choice of one is never below that of the copy before it. */
  choose(of: number, atLeast: number): number {
    const value = this.#given[this.#made.length]?.value ?? atLeast;
    this.#made.push({ value, of });
    return value;
  }

  next(): readonly Digit[] | undefined {
    for (let at = this.#made.length - 1; at >= 0; at--) {
      const digit = this.#made[at];
      if (digit !== undefined && digit.value + 1 < digit.of)
        return [...this.#made.slice(0, at), { value: digit.value + 1, of: digit.of }];
    }
    return undefined;
  }
}

class Building implements Reading {
  readonly slots: Slot[] = [];
  readonly moments: Moment[] = [];
  tooLarge = false;
  readonly #choices: Choices;
  #touches = 0;
  constructor(choices: Choices) {
    this.#choices = choices;
  }

  /** @returns the slots the plan added */
  add(plan: Plan, from?: number): readonly number[] {
    const after = from === undefined ? {} : { from };
    switch (plan.kind) {
      case "leaf":
        this.tooLarge ||= this.slots.length >= mostSlots;
        if (!this.tooLarge) this.slots.push(plan);
        return [this.slots.length - 1];
      case "all": {
        const at = this.moments.length;
        return plan.of.flatMap((part) => this.add(part, this.moments.length === at ? from : undefined));
      }
      case "within": {
        const at = this.moments.length;
        // its place is taken before its parts are known: an outer window narrows all that is inside
        this.moments.push({ kind: "window", inside: [], micros: plan.micros });
        const inside = this.add(plan.of);
        this.#touch(inside.length);
        this.moments[at] = { kind: "window", inside, micros: plan.micros, ...after };
        return inside;
      }
      case "followed": {
        const at = this.moments.length;
        for (let gap = 1; gap < plan.of.length; gap++) this.moments.push({ kind: "gap", before: [], behind: [] });
        const parts = plan.of.map((part) => this.add(part));
        const all = parts.flat();
        this.#touch(all.length * (parts.length - 1));
        for (let gap = 1; gap < parts.length && !this.tooLarge; gap++)
          this.moments[at + gap - 1] = {
            kind: "gap",
            before: parts.slice(0, gap).flat(),
            behind: parts.slice(gap).flat(),
            ...(gap === 1 ? after : { from: at + gap - 2 }),
          };
        return all;
      }
      case "copies":
        return this.#copies(plan.times, plan.of, from);
    }
  }

  #touch(slots: number): void {
    this.#touches += slots;
    this.tooLarge ||= this.#touches > mostTouches;
  }

  #copies(times: number, of: readonly Plan[], from: number | undefined): readonly number[] {
    const added: number[] = [];
    let chosen = 0;
    let before: number | undefined;
    for (let copy = 0; copy < times && !this.tooLarge; copy++) {
      const choice = of.length === 1 ? 0 : this.#choices.choose(of.length, chosen);
      const plan = of[choice];
      if (plan === undefined) throw new Error("waglan is wrong: a choice that does not exist");
      const first = this.moments.length;
      added.push(...this.add(plan, copy === 0 ? from : choice === chosen ? before : undefined));
      before = this.moments.length > first ? first : undefined;
      chosen = choice;
    }
    return added;
  }
}
