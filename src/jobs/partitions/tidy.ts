/** What a thread's heap is asked for. */
export interface Heap {
  /** Bytes in use, with what lies beside the heap and is held by it; garbage that was not looked for yet counts. */
  readonly used: () => number;
  /** Looks for all garbage. @param resting memory in reserve goes back to the machine, too */
  readonly collect: (resting: boolean) => void;
}

const mebi = 2 ** 20;

/**
 * When the thread of detectors looks for garbage by itself. What it remembers is most of its heap, and stays; what comes with
 * batches is gone when they were looked at. The engine waits until the whole is a multiple of what stays (wiring/garbage.ts lets
 * it grow to three times that while batches come, which suits threads that hold little): with 300 MB remembered, 600 MB of
 * nothing. Looking at half of that costs a fiftieth of a core at ten batches of 1,000 lines a second.
 */
export class Tidy {
  readonly #heap: Heap;
  #kept: number;

  constructor(heap: Heap) {
    this.#heap = heap;
    this.#kept = heap.used();
  }

  /** After a task. @param resting nothing came since the last one that could be in anybody's way */
  after(resting: boolean): void {
    const more = this.#heap.used() - this.#kept;
    const most = resting ? Math.max(8 * mebi, this.#kept / 10) : Math.max(64 * mebi, this.#kept / 2);
    if (more <= most) return;
    this.#heap.collect(resting);
    this.#kept = this.#heap.used();
  }
}
