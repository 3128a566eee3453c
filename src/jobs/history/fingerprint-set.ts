/** A set of 64-bit fingerprints, given as the two halves: 8 bytes a slot and no object each. */
export class FingerprintSet {
  #slots = new Int32Array(2 << 10);
  #size = 0;
  /** The fingerprint that is all zero is the empty slot. */
  #zero = false;

  /** @returns false when it was there already */
  add(lo: number, hi: number): boolean {
    if ((lo | hi) === 0) {
      const fresh = !this.#zero;
      this.#zero = true;
      return fresh;
    }
    if (!put(this.#slots, lo | 0, hi | 0)) return false;
    if (++this.#size * 4 > this.#slots.length) this.#grow();
    return true;
  }

  #grow(): void {
    const before = this.#slots;
    const slots = new Int32Array(before.length * 2);
    for (let at = 0; at < before.length; at += 2) {
      const [lo = 0, hi = 0] = [before[at], before[at + 1]];
      if ((lo | hi) !== 0) put(slots, lo, hi);
    }
    this.#slots = slots;
  }
}

/** The fingerprint is a hash already: its low half says where to look. */
const put = (slots: Int32Array, lo: number, hi: number): boolean => {
  const mask = slots.length - 1;
  for (let at = (lo << 1) & mask; ; at = (at + 2) & mask) {
    const [a = 0, b = 0] = [slots[at], slots[at + 1]];
    if (a === lo && b === hi) return false;
    if ((a | b) !== 0) continue;
    slots[at] = lo;
    slots[at + 1] = hi;
    return true;
  }
};
