const continued = 0x80;
const sevenBits = 0x7f;

/** Writes whole numbers, seven bits a byte, the least first; the eighth says that there is more. */
export class WholeNumbers {
  // a sensor packs the facts of each quarter of a second by themselves: what is too large is garbage four times a second
  #bytes = Buffer.allocUnsafe(2_048);
  #length = 0;

  /** @param number 0 to 2⁵³ − 1 */
  add(number: number): void {
    if (this.#length + 8 > this.#bytes.length) this.#grow();
    let rest = number;
    // beyond 31 bits there are no shifts
    while (rest > 0x7fffffff) {
      this.#bytes[this.#length++] = (rest % 128) | continued;
      rest = Math.floor(rest / 128);
    }
    while (rest > sevenBits) {
      this.#bytes[this.#length++] = (rest & sevenBits) | continued;
      rest >>>= 7;
    }
    this.#bytes[this.#length++] = rest;
  }

  /** @param number of either sign; −2⁵² to 2⁵² */
  addSigned(number: number): void {
    this.add(number < 0 ? -2 * number - 1 : 2 * number);
  }

  /** What was written; good until something is added. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #grow(): void {
    const larger = Buffer.allocUnsafe(2 * this.#bytes.length);
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

/** Reads them again. */
export class WholeNumberReader {
  readonly #bytes: Uint8Array;
  #at: number;

  constructor(bytes: Uint8Array, from: number) {
    this.#bytes = bytes;
    this.#at = from;
  }

  /** @throws behind the last one */
  next(): number {
    let byte = this.#bytes[this.#at++] ?? this.#end();
    if (byte < continued) return byte;
    let number = byte & sevenBits;
    let times = 128;
    do {
      byte = this.#bytes[this.#at++] ?? this.#end();
      number += (byte & sevenBits) * times;
      times *= 128;
    } while (byte >= continued && times < 2 ** 56);
    return number;
  }

  nextSigned(): number {
    const number = this.next();
    return number % 2 === 0 ? number / 2 : -(number + 1) / 2;
  }

  #end(): never {
    throw new Error("it ends too early");
  }
}
