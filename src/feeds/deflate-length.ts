/**
 * How many bytes a raw DEFLATE stream unpacks to, without unpacking it: only lengths are decoded, so the memory is two
 * tables whatever the stream says. `undefined` when the stream is broken. Stops early beyond `limit`.
 * @see RFC 1951 §3.2
 */
export const deflateLength = (bytes: Uint8Array, start: number, limit: number): Measured | undefined => {
  const bits = new Bits(bytes, start);
  let length = 0;
  for (let last = false; !last; ) {
    last = bits.take(1) === 1;
    const type = bits.take(2);
    const block =
      type === 0
        ? storedLength(bits)
        : type === 1
          ? coded(bits, fixed(), limit)
          : type === 2
            ? dynamic(bits, limit)
            : -1;
    if (block < 0 || bits.overrun) return undefined;
    length += block;
    if (length > limit) break;
  }
  return { length, end: bits.end() };
};

/** `length` unpacked bytes (more than the limit: at least so many); `end` is the first byte after the stream. */
export interface Measured {
  readonly length: number;
  readonly end: number;
}

class Bits {
  readonly #bytes: Uint8Array;
  #at: number;
  #held = 0;
  #count = 0;
  overrun = false;
  constructor(bytes: Uint8Array, start: number) {
    this.#bytes = bytes;
    this.#at = start;
  }
  /** The next `count` (at most 15) bits, least significant first, without taking them. */
  peek(count: number): number {
    while (this.#count < count) {
      this.#held |= (this.#bytes[this.#at++] ?? 0) << this.#count;
      this.#count += 8;
    }
    return this.#held & ((1 << count) - 1);
  }
  drop(count: number): void {
    this.#held >>>= count;
    this.#count -= count;
    if (this.#at - (this.#count >> 3) > this.#bytes.length) this.overrun = true;
  }
  take(count: number): number {
    if (count === 0) return 0;
    const value = this.peek(count);
    this.drop(count);
    return value;
  }
  /** Throws away the rest of the byte and skips `count` bytes. */
  skipBytes(count: number): void {
    this.#at = this.end() + count;
    this.#held = 0;
    this.#count = 0;
    if (this.#at > this.#bytes.length) this.overrun = true;
  }
  end(): number {
    return this.#at - (this.#count >> 3);
  }
}

/** Indexed by the next 15 bits: symbol × 16 + code length; 0 where no code begins so. */
type Table = Uint16Array;

// RFC 1951 §3.2.5
const lengthBase = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
];
const lengthExtra = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const distanceExtra = [
  0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
];
const codeOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

const tableOf = (lengths: readonly number[]): Table => {
  const table = new Uint16Array(32_768);
  let code = 0;
  for (let length = 1; length <= 15; length++) {
    for (const [symbol, of] of lengths.entries()) {
      if (of !== length) continue;
      let reversed = 0;
      for (let bit = 0; bit < length; bit++) reversed |= ((code >> bit) & 1) << (length - 1 - bit);
      for (let at = reversed; at < 32_768; at += 1 << length) table[at] = symbol * 16 + length;
      code++;
    }
    code <<= 1;
  }
  return table;
};

interface Codes {
  readonly literals: Table;
  readonly distances: Table;
}

let fixedCodes: Codes | undefined;
const fixed = (): Codes => {
  fixedCodes ??= {
    literals: tableOf(Array.from({ length: 288 }, (_, at) => (at < 144 ? 8 : at < 256 ? 9 : at < 280 ? 7 : 8))),
    distances: tableOf(new Array<number>(30).fill(5)),
  };
  return fixedCodes;
};

const storedLength = (bits: Bits): number => {
  bits.skipBytes(0);
  const length = bits.take(8) | (bits.take(8) << 8);
  const check = bits.take(8) | (bits.take(8) << 8);
  if ((length ^ 0xffff) !== check) return -1;
  bits.skipBytes(length);
  return length;
};

const symbolOf = (bits: Bits, table: Table): number => {
  const entry = table[bits.peek(15)] ?? 0;
  if (entry === 0) return -1;
  bits.drop(entry & 15);
  return entry >> 4;
};

const dynamic = (bits: Bits, limit: number): number => {
  const literals = bits.take(5) + 257;
  const distances = bits.take(5) + 1;
  const codes = bits.take(4) + 4;
  const codeLengths = new Array<number>(19).fill(0);
  for (let at = 0; at < codes; at++) codeLengths[codeOrder[at] ?? 0] = bits.take(3);
  const codeTable = tableOf(codeLengths);
  const lengths: number[] = [];
  while (lengths.length < literals + distances) {
    const symbol = symbolOf(bits, codeTable);
    if (symbol < 0 || bits.overrun) return -1;
    if (symbol < 16) lengths.push(symbol);
    else {
      const [value, times] =
        symbol === 16
          ? [lengths.at(-1) ?? 0, bits.take(2) + 3]
          : symbol === 17
            ? [0, bits.take(3) + 3]
            : [0, bits.take(7) + 11];
      for (let count = 0; count < times; count++) lengths.push(value);
    }
  }
  return coded(
    bits,
    { literals: tableOf(lengths.slice(0, literals)), distances: tableOf(lengths.slice(literals)) },
    limit,
  );
};

const coded = (bits: Bits, codes: Codes, limit: number): number => {
  let length = 0;
  while (length <= limit && !bits.overrun) {
    const symbol = symbolOf(bits, codes.literals);
    if (symbol < 0) return -1;
    if (symbol === 256) return length;
    if (symbol < 256) length++;
    else {
      const base = lengthBase[symbol - 257];
      if (base === undefined) return -1;
      length += base + bits.take(lengthExtra[symbol - 257] ?? 0);
      const distance = symbolOf(bits, codes.distances);
      if (distance < 0) return -1;
      bits.take(distanceExtra[distance] ?? 0);
    }
  }
  return bits.overrun ? -1 : length;
};
