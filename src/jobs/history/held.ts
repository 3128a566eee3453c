import { bytesOf, type HeadRow, type PrintedBatch } from "./rows.ts";

/** What one batch leaves in history, as it waits. */
export interface HeldBatch {
  readonly rows: PrintedBatch;
  /** What stood above its records; few, so that they are not counted. */
  readonly heads: readonly HeadRow[];
  /** Says that its rows are read no more: their memory serves others. */
  readonly letGo: () => void;
}

/**
 * Rows that the pass which matched a batch laid out for history, until the loop that keeps history comes for them. Bounded:
 * what finds no room, and whatever a process held that ended, is read from the batch's own bytes again.
 */
export class HeldHistory {
  readonly #limit: number;
  readonly #batches = new Map<number, HeldBatch>();
  #bytes = 0;

  /** @param limit bytes held at most, but that the last batch taken in may go beyond it */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get hasRoom(): boolean {
    return this.#bytes < this.#limit;
  }

  get bytes(): number {
    return this.#bytes;
  }

  put(batch: number, held: HeldBatch): void {
    if (!this.hasRoom) return held.letGo();
    this.#batches.set(batch, held);
    this.#bytes += bytesOf(held.rows);
  }

  /** The rows of a batch, if they are here; those of batches before it are let go, for another process keeps them. */
  take(batch: number): HeldBatch | undefined {
    const found = this.#batches.get(batch);
    for (const [n, held] of this.#batches) {
      if (n > batch) continue;
      this.#batches.delete(n);
      this.#bytes -= bytesOf(held.rows);
      if (held !== found) held.letGo();
    }
    return found;
  }
}
