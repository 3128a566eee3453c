/** Of a word's two halves, which stands first in memory. */
export const [lowHalf, highHalf] = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? [0, 1] : [1, 0];

/** The same words as halves of 32 bits: a number is no object, a bigint is one each time it is looked at. */
export const halvesOf = ({ buffer, byteOffset, length }: BigUint64Array): Uint32Array =>
  new Uint32Array(buffer, byteOffset, length * 2);

/** A list that grows, without an object a word. */
export class Words {
  #words = new BigUint64Array(1024);
  #halves = halvesOf(this.#words);
  #length = 0;

  add(word: bigint): void {
    this.#room();
    this.#words[this.#length++] = word;
  }

  /** A word by its halves. */
  put(low: number, high: number): void {
    this.#room();
    const at = this.#length++ * 2;
    this.#halves[at + lowHalf] = low;
    this.#halves[at + highHalf] = high;
  }

  get length(): number {
    return this.#length;
  }

  /** Whether the word at a place has these halves, int32 each. */
  is(at: number, low: number, high: number): boolean {
    const halves = this.#halves;
    return ((halves[at * 2 + lowHalf] ?? 0) | 0) === low && ((halves[at * 2 + highHalf] ?? 0) | 0) === high;
  }

  /** The lower half of the word at a place, int32. */
  low(at: number): number {
    return (this.#halves[at * 2 + lowHalf] ?? 0) | 0;
  }

  #room(): void {
    if (this.#length < this.#words.length) return;
    const wider = new BigUint64Array(this.#length * 2);
    wider.set(this.#words);
    this.#words = wider;
    this.#halves = halvesOf(wider);
  }

  /** Empty again, in the memory it has. */
  clear(): void {
    this.#length = 0;
  }

  get all(): BigUint64Array {
    return this.#words.subarray(0, this.#length);
  }
}
