/**
 * Which slot an id stands in: the writer's own, since readers never ask. Open addressing over one Int32Array, eight bytes
 * an indicator at a load of one half, where a Map takes some forty. The ids themselves stand in the arena.
 */
export class MatchIds {
  /** Slot + 1; 0 empty, −1 removed. */
  #slots: Int32Array;
  #used = 0;
  readonly #idAt: (slot: number) => number;

  /** @param idAt the id that stands in a slot of the table */
  constructor(expected: number, idAt: (slot: number) => number) {
    this.#slots = new Int32Array(powerOfTwo(2 * expected + 16));
    this.#idAt = idAt;
  }

  /** −1: no such id. */
  slotOf(id: number): number {
    const at = this.#find(id);
    return at < 0 ? -1 : (this.#slots[at] as number) - 1;
  }

  /** The id must be new. */
  set(id: number, slot: number): void {
    if (2 * this.#used > this.#slots.length) this.#grow();
    this.#put(id, slot);
  }

  delete(id: number): void {
    const at = this.#find(id);
    if (at >= 0) this.#slots[at] = -1;
  }

  #find(id: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let i = mixed(id) & mask; slots[i] !== 0; i = (i + 1) & mask)
      if ((slots[i] as number) > 0 && this.#idAt((slots[i] as number) - 1) === id) return i;
    return -1;
  }

  #put(id: number, slot: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let i = mixed(id) & mask;
    while ((slots[i] as number) > 0) i = (i + 1) & mask;
    if (slots[i] === 0) this.#used++;
    slots[i] = slot + 1;
  }

  #grow(): void {
    const live = this.#slots.filter((slot) => slot > 0);
    this.#slots = new Int32Array(powerOfTwo(4 * live.length + 16));
    this.#used = 0;
    for (const slot of live) this.#put(this.#idAt(slot - 1), slot - 1);
  }
}

const powerOfTwo = (least: number): number => 2 ** Math.ceil(Math.log2(least));

/** Ids are the caller's own counters, not an outsider's choice: a plain mix is enough (MurmurHash3's finaliser). */
const mixed = (id: number): number => {
  let h = id | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
};
