/**
 * Bytes of packed facts after which garbage is looked for: unpacked they were some twenty times as much, of which most was gone with
 * the piece that it came in (detect/in-time.ts).
 */
const bytesAtOnce = 16 << 20;

/**
 * When the thread of detectors looks for garbage by itself. What it remembers is most of its heap, and stays; what comes with
 * batches is gone when they were looked at. The engine waits until the whole is a multiple of what stays (wiring/garbage.ts lets it
 * grow to three times that while batches come, which suits threads that hold little): with 300 MB remembered, 600 MB of nothing.
 */
export class Tidy {
  readonly #collect: (resting: boolean) => void;
  #taken = 0;

  /** @param collect looks for all garbage; `resting`: memory in reserve goes back to the machine, too */
  constructor(collect: (resting: boolean) => void) {
    this.#collect = collect;
  }

  /** So many bytes of packed facts were looked at, or put by. */
  took(bytes: number): void {
    this.#taken += bytes;
    if (this.#taken >= bytesAtOnce) this.#look(false);
  }

  /** Nothing comes for now. */
  rest(): void {
    if (this.#taken > 0) this.#look(true);
  }

  #look(resting: boolean): void {
    this.#collect(resting);
    this.#taken = 0;
  }
}
