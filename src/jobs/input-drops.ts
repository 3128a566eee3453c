import type { Instant } from "#core/instant.ts";
import type { Drop, DropReason } from "#jobs/inputs-port.ts";
import type { State } from "#jobs/ports.ts";

/** Longest detail kept, in UTF-16 units. */
const longestDetail = 300;

/** Counts what inputs leave, here until it is written down: nothing is dropped in silence, and no drop costs a write. */
export class InputDrops {
  readonly #waiting = new Map<string, Drop>();
  readonly #told: (drop: Drop) => void;

  /** @param told of each, for metrics */
  constructor(told: (drop: Drop) => void = () => {}) {
    this.#told = told;
  }

  count(input: string, reason: DropReason, detail: string, sensor?: string, n: number = 1): void {
    if (n <= 0) return;
    const key = JSON.stringify([input, sensor, reason]);
    const cut = detail.slice(0, longestDetail);
    const drop: Drop = { input, reason, n, detail: cut, ...(sensor === undefined ? {} : { sensor }) };
    this.#told(drop);
    const known = this.#waiting.get(key);
    this.#waiting.set(key, known ? { ...drop, n: known.n + n } : drop);
  }

  /** Writes down what was counted since; when that fails, it is still counted. */
  async keep(state: State, now: Instant): Promise<void> {
    if (this.#waiting.size === 0) return;
    const drops = [...this.#waiting.values()];
    this.#waiting.clear();
    try {
      await state.act((tx) => tx.inputs.dropped(drops, now));
    } catch (error) {
      for (const drop of drops) {
        const key = JSON.stringify([drop.input, drop.sensor, drop.reason]);
        const later = this.#waiting.get(key);
        this.#waiting.set(key, later ? { ...later, n: later.n + drop.n } : drop);
      }
      throw error;
    }
  }
}
