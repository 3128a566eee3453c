import { Words } from "./words.ts";

/** Numbers distinct fingerprints in the order they came: four bytes a slot beside the word itself, and no object each. */
export class ValueNumbers {
  readonly #words = new Words();
  /** Number + 1; 0: empty. At most half full. */
  #slots = new Int32Array(2048);

  /** The fingerprints, by their numbers. */
  get all(): BigUint64Array {
    return this.#words.all;
  }

  /** @returns −1: it has none. Halves are int32 */
  of(low: number, high: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    // a fingerprint is a hash already: its low half says where to look
    for (let at = low & mask; ; at = (at + 1) & mask) {
      const number = (slots[at] as number) - 1;
      if (number < 0 || this.#words.is(number, low, high)) return number;
    }
  }

  /** The fingerprint must be new. @returns its number */
  add(low: number, high: number): number {
    const number = this.#words.length;
    this.#words.put(low, high);
    if ((number + 1) * 2 > this.#slots.length) {
      this.#slots = new Int32Array(this.#slots.length * 2);
      for (let n = 0; n < number; n++) this.#put(n, this.#words.low(n));
    }
    this.#put(number, low);
    return number;
  }

  /** None has a number, in the memory it has. */
  clear(): void {
    this.#words.clear();
    this.#slots.fill(0);
  }

  #put(number: number, low: number): void {
    const mask = this.#slots.length - 1;
    let at = low & mask;
    while (this.#slots[at] !== 0) at = (at + 1) & mask;
    this.#slots[at] = number + 1;
  }
}
