/** Ids of a lot, unless less is asked for. */
export const usualLot = 100_000;

interface Lot {
  readonly ids: string[];
  /** The first `laid` of `ids`, so that they are found; laid out when somebody looks. */
  readonly found: Set<string>;
  laid: number;
}

const noLot = (): Lot => ({ ids: [], found: new Set(), laid: 0 });

/**
 * Ids that were noted lately. To note one costs next to nothing; only from when somebody looks for one are they laid out so
 * that they are found.
 */
export class Recent {
  readonly #lotSize: number;
  #newest = noLot();
  #before = noLot();

  /** @param lotSize so many of the last ones are known again at least, and twice as many at most */
  constructor(lotSize: number = usualLot) {
    this.#lotSize = lotSize;
  }

  note(id: string): void {
    if (this.#newest.ids.length >= this.#lotSize) {
      this.#before = this.#newest;
      this.#newest = noLot();
    }
    this.#newest.ids.push(id);
  }

  has(id: string): boolean {
    return isIn(this.#newest, id) || isIn(this.#before, id);
  }

  clear(): void {
    this.#newest = noLot();
    this.#before = noLot();
  }
}

const isIn = (lot: Lot, id: string): boolean => {
  for (; lot.laid < lot.ids.length; lot.laid++) lot.found.add(lot.ids[lot.laid] ?? "");
  return lot.found.has(id);
};
