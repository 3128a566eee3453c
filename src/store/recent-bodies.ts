/** Bytes of bodies remembered at once, but that the last one may go beyond. */
const bytesAtMost = 64 << 20;

/** Bodies that came before one that is taken, and so many before that, are nobody's here: another process took their batches. */
const outOfTurn = 16;

/**
 * Bodies of batches that this process took in a moment ago, by the batch's number: it most likely matches them next, and need
 * not ask for them again. A cache of what is committed, and bounded: a body that is not here is read from the database. Batches are
 * taken in the order in which they came, so that where many wait the first of them are those to have.
 */
export class RecentBodies {
  readonly #bodies = new Map<number, { readonly digest: string; readonly body: Uint8Array }>();
  readonly #most: number;
  #bytes = 0;

  constructor(most: number = bytesAtMost) {
    this.#most = most;
  }

  put(batch: number, digest: string, body: Uint8Array): void {
    this.drop(batch);
    if (this.#bytes >= this.#most) return;
    this.#bodies.set(batch, { digest, body });
    this.#bytes += body.byteLength;
  }

  /**
   * Hands a body over: it is the caller's, who may give its memory away.
   *
   * @param digest of the batch that has this number now: a database that was put back gives its numbers again
   */
  take(batch: number, digest: string): Uint8Array | undefined {
    const known = this.#bodies.get(batch);
    this.drop(batch);
    for (const n of this.#bodies.keys()) if (n < batch - outOfTurn) this.drop(n);
    return known?.digest === digest ? known.body : undefined;
  }

  drop(batch: number): void {
    this.#bytes -= this.#bodies.get(batch)?.body.byteLength ?? 0;
    this.#bodies.delete(batch);
  }
}
