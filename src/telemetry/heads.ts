import type { Heading } from "./format.ts";

/** The lines that say how the records below are to be read (`Heading`), in force from a line of their stream on. */
export interface Head {
  /** From 1. */
  readonly line: number;
  readonly lines: readonly string[];
}

/** Heads of one batch, and UTF-16 units of them all, beyond which none is kept: a log begins anew some times a day. */
const headsAtMost = 2_000;
const unitsAtMost = 1_048_576;

/**
 * Follows through one batch what stands above its records, so that a record that is kept can be read again by itself. A batch
 * that says more in its heads than any log does keeps none: its records are then as unreadable as if there had been no head.
 */
export class HeadFollower {
  readonly #heading: Heading;
  #heads: Head[] = [];
  #units = 0;
  #over = false;

  constructor(heading: Heading) {
    this.#heading = heading;
  }

  /** Is told of every line that is no record, in order. */
  passed(text: string, line: number): void {
    if (this.#over) return;
    const before = this.#heads.at(-1)?.lines ?? [];
    const lines = this.#heading.after(before, text);
    if (lines.length === before.length && lines.every((one, at) => one === before[at])) return;
    this.#heads.push({ line, lines });
    this.#units += lines.reduce((sum, one) => sum + one.length, 0);
    if (this.#heads.length <= headsAtMost && this.#units <= unitsAtMost) return;
    this.#over = true;
    this.#heads = [];
  }

  /** What is in force now; undefined: nothing was said. */
  get head(): Head | undefined {
    return this.#heads.at(-1);
  }

  /** In the order of their lines; none when they were too many. */
  get heads(): readonly Head[] {
    return this.#heads;
  }
}

/** The head that a record at `line` was read under. @param heads in the order of their lines */
export const headAt = (heads: readonly Head[], line: number): Head | undefined => {
  let [from, to] = [0, heads.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((heads[middle]?.line ?? 0) <= line) from = middle + 1;
    else to = middle;
  }
  return heads[from - 1];
};
