/** A place in line. Whoever has one leaves it in any case, also before it is their turn. */
export interface Place {
  readonly turn: Promise<void>;
  readonly leave: () => void;
}

/** Lets one after the other through, in the order in which they stood in line. */
export class Turnstile {
  #last: Promise<void> = Promise.resolve();

  line(): Place {
    const { promise, resolve } = Promise.withResolvers<void>();
    const turn = this.#last;
    this.#last = turn.then(() => promise);
    return { turn, leave: resolve };
  }
}
