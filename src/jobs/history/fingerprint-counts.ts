/** How often each of many 64-bit fingerprints came, given as the two halves: 12 bytes a slot and no object each. */
export class FingerprintCounts {
  #slots = new Int32Array(3 << 10);
  #size = 0;
  /** The fingerprint that is all zero is the empty slot; it is counted here. */
  #zero = 0;

  /** Counts one more. @returns whether it is the first of its kind */
  add(lo: number, hi: number): boolean {
    if ((lo | hi) === 0) return this.#zero++ === 0;
    if (!count(this.#slots, lo | 0, hi | 0, 1)) return false;
    if (++this.#size * 6 > this.#slots.length) this.#grow();
    return true;
  }

  /** Each of them once, in an order that follows from the order in which they came. */
  each(tell: (lo: number, hi: number, times: number) => void): void {
    if (this.#zero > 0) tell(0, 0, this.#zero);
    const slots = this.#slots;
    for (let at = 0; at < slots.length; at += 3) {
      const times = slots[at + 2] ?? 0;
      if (times > 0) tell(slots[at] ?? 0, slots[at + 1] ?? 0, times);
    }
  }

  #grow(): void {
    const before = this.#slots;
    const slots = new Int32Array(before.length * 2);
    for (let at = 0; at < before.length; at += 3) {
      const times = before[at + 2] ?? 0;
      if (times > 0) count(slots, before[at] ?? 0, before[at + 1] ?? 0, times);
    }
    this.#slots = slots;
  }
}

/** The fingerprint is a hash already: its low half says where to look. @returns whether its slot was empty */
const count = (slots: Int32Array, lo: number, hi: number, times: number): boolean => {
  const mask = slots.length / 3 - 1;
  for (let slot = lo & mask; ; slot = (slot + 1) & mask) {
    const at = slot * 3;
    const known = slots[at + 2] ?? 0;
    if (known === 0) {
      slots[at] = lo;
      slots[at + 1] = hi;
      slots[at + 2] = times;
      return true;
    }
    if (slots[at] !== lo || slots[at + 1] !== hi) continue;
    slots[at + 2] = known + times;
    return false;
  }
};
