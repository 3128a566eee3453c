/** Rows for which a column has room at first; it doubles as they come. */
const roomAtFirst = 1024;

/** Bytes of texts for which there is room at first, and that are kept for the next block at most. */
const bytesAtFirst = 1 << 16;
const bytesKept = 8 << 20;

/** Texts up to here are copied letter by letter: a call of the encoder costs as much as a hundred of them. */
const shortText = 96;

/** Different words of one column of a block at most: their numbers have 16 bits. */
const wordsAtMost = 65_000;

const encoder = new TextEncoder();

/**
 * One column of a block in ClickHouse's Native format, its cells one behind the other as the engine keeps them itself:
 * numbers little-endian, as every machine that Node runs on has them. Cells are put by the number of their row; whoever puts
 * them has asked for room.
 *
 * @see ClickHouse documentation, Formats, Native; src/DataTypes/Serializations
 */
export interface Column {
  /** As ClickHouse names it. */
  readonly type: string;
  /** Makes room for so many rows. */
  readonly room: (rows: number) => void;
  /** Calls `whenFull` when it holds as much as a block of it should: the row that is being written is the last. */
  readonly bound: (whenFull: () => void) => void;
  /** Bytes that the cells of so many rows take. */
  readonly size: (rows: number) => number;
  /** Writes every byte of them, whatever was there. @returns where they end */
  readonly write: (rows: number, to: Uint8Array, at: number) => number;
  /** For the next block. */
  readonly clear: () => void;
}

const copied = (cells: ArrayBufferView<ArrayBuffer>, bytes: number, to: Uint8Array, at: number): number => {
  to.set(new Uint8Array(cells.buffer, cells.byteOffset, bytes), at);
  return at + bytes;
};

const nothing = (): void => {};

type Cells = Int32Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

/** A column of numbers: each row takes as much as any other. */
abstract class Fixed<Kept extends Cells> implements Column {
  abstract readonly type: string;
  protected cells: Kept;
  readonly #make: (length: number) => Kept;
  /** Members of `cells` that a row takes. */
  readonly #width: number;

  constructor(make: (length: number) => Kept, width: number) {
    this.#make = make;
    this.#width = width;
    this.cells = make(width * roomAtFirst);
  }

  room(rows: number): void {
    if (this.#width * rows > this.cells.length) this.cells = grown(this.cells, this.#make(this.cells.length * 2));
  }

  /** It is never full. */
  bound(): void {}

  size(rows: number): number {
    return rows * this.#width * this.cells.BYTES_PER_ELEMENT;
  }

  write(rows: number, to: Uint8Array, at: number): number {
    return copied(this.cells, this.size(rows), to, at);
  }

  clear(): void {}
}

/** UInt64, from its halves. */
export class Wides extends Fixed<Int32Array<ArrayBuffer>> {
  readonly type: string = "UInt64";

  constructor() {
    super((length) => new Int32Array(length), 2);
  }

  /** @param hi and `lo`: int32 each */
  put(row: number, hi: number, lo: number): void {
    this.cells[2 * row] = lo;
    this.cells[2 * row + 1] = hi;
  }

  /** One more in this row, of numbers below 2³¹. */
  more(row: number): void {
    this.cells[2 * row] = (this.cells[2 * row] ?? 0) + 1;
  }
}

/** DateTime64(3, 'UTC'). */
export class Times extends Wides {
  override readonly type = "DateTime64(3, 'UTC')";

  /** @param milliseconds since 1970, whole, ±2⁵³ */
  at(row: number, milliseconds: number): void {
    const high = Math.floor(milliseconds / 4_294_967_296);
    this.put(row, high, (milliseconds - high * 4_294_967_296) | 0);
  }
}

/** UInt32. */
export class Numbers extends Fixed<Uint32Array<ArrayBuffer>> {
  readonly type = "UInt32";

  constructor() {
    super((length) => new Uint32Array(length), 1);
  }

  put(row: number, value: number): void {
    this.cells[row] = value;
  }
}

/** UInt16; what is larger is cut to it. */
export class Shorts extends Fixed<Uint16Array<ArrayBuffer>> {
  readonly type: string = "UInt16";

  constructor() {
    super((length) => new Uint16Array(length), 1);
  }

  put(row: number, value: number): void {
    this.cells[row] = value;
  }
}

/** Date: days since 1970, 0 to 65,535 (June 2149); what lies outside becomes the nearest. */
export class Days extends Shorts {
  override readonly type = "Date";

  override put(row: number, days: number): void {
    super.put(row, Math.min(Math.max(days, 0), 65_535));
  }
}

/** String: each behind its length in LEB128. Lone surrogates become U+FFFD. */
export class Texts implements Column {
  readonly type = "String";
  #bytes = new Uint8Array(bytesAtFirst);
  #at = 0;
  #whenFull = nothing;
  readonly #most: number;

  /** @param most bytes of a block, but that its last text may go beyond */
  constructor(most: number) {
    this.#most = most;
  }

  readonly room = nothing;
  readonly bound = (whenFull: () => void): void => void (this.#whenFull = whenFull);
  readonly size = (): number => this.#at;
  readonly write = (_rows: number, to: Uint8Array, at: number): number => copied(this.#bytes, this.#at, to, at);
  readonly clear = (): void => {
    this.#at = 0;
    if (this.#bytes.length > bytesKept) this.#bytes = new Uint8Array(bytesAtFirst);
  };

  /** Texts are put one behind the other, a row each. */
  add(value: string): void {
    const { length } = value;
    if (this.#at + length * 3 + 5 > this.#bytes.length) this.#grow(length * 3 + 5);
    const bytes = this.#bytes;
    if (length <= shortText) {
      let at = this.#at;
      bytes[at++] = length;
      let i = 0;
      for (; i < length; i++) {
        const code = value.charCodeAt(i);
        if (code > 127) break;
        bytes[at++] = code;
      }
      if (i === length) {
        this.#at = at;
        if (at >= this.#most) this.#whenFull();
        return;
      }
    }
    // its bytes are written where they stand if the length before them takes as many bytes as the text is long at least
    const guess = lengthBytes(length);
    const { written } = encoder.encodeInto(value, bytes.subarray(this.#at + guess));
    const needed = lengthBytes(written);
    if (needed !== guess) bytes.copyWithin(this.#at + needed, this.#at + guess, this.#at + guess + written);
    this.#at = putLength(written, bytes, this.#at) + written;
    if (this.#at >= this.#most) this.#whenFull();
  }

  #grow(bytes: number): void {
    this.#bytes = grown(this.#bytes, new Uint8Array(Math.max(this.#bytes.length * 2, this.#at + bytes)));
  }
}

/** LowCardinality(String): each different text once, and of every row the number of its own. */
export class Words implements Column {
  readonly type = "LowCardinality(String)";
  #cells = new Uint16Array(roomAtFirst);
  readonly #keys = new Texts(Number.POSITIVE_INFINITY);
  readonly #numbers = new Map<string, number>();
  #last: string | undefined;
  #number = 0;
  #whenFull = nothing;

  readonly room = (rows: number): void => {
    if (rows > this.#cells.length) this.#cells = grown(this.#cells, new Uint16Array(this.#cells.length * 2));
  };
  readonly bound = (whenFull: () => void): void => void (this.#whenFull = whenFull);
  readonly size = (rows: number): number => 32 + this.#keys.size() + rows * this.#width;
  readonly clear = (): void => {
    this.#keys.clear();
    this.#numbers.clear();
    this.#last = undefined;
  };

  /** SharedDictionariesWithAdditionalKeys, a dictionary of its own for each block. */
  readonly write = (rows: number, to: Uint8Array, at: number): number => {
    const view = new DataView(to.buffer, to.byteOffset);
    putWide(view, at, 1);
    // 0: numbers of one byte, 1: of two; it has additional keys (0x200) and updates the dictionary (0x400)
    putWide(view, at + 8, 0x600 | (this.#width - 1));
    putWide(view, at + 16, this.#numbers.size);
    const behind = this.#keys.write(0, to, at + 24);
    putWide(view, behind, rows);
    const cells = this.#cells.subarray(0, rows);
    const written = this.#width === 1 ? new Uint8Array(cells) : cells;
    return copied(written, rows * this.#width, to, behind + 8);
  };

  put(row: number, text: string): void {
    if (text !== this.#last) this.#number = this.#numberOf(text);
    this.#cells[row] = this.#number;
  }

  get #width(): 1 | 2 {
    return this.#numbers.size <= 256 ? 1 : 2;
  }

  #numberOf(text: string): number {
    this.#last = text;
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(text, number);
    this.#keys.add(text);
    if (number + 1 >= wordsAtMost) this.#whenFull();
    return number;
  }
}

/**
 * Array of another column's cells: of each row how many of them there are behind those before it. Whoever puts them asks for the
 * place of each, and ends the row. Columns of one name before a dot are as long in every row (ClickHouse documentation, Nested).
 */
export class Lists<Cells extends Column> implements Column {
  readonly type: string;
  readonly cells: Cells;
  readonly #ends = new Wides();
  #count = 0;
  #room = 0;

  constructor(cells: Cells) {
    this.cells = cells;
    this.type = `Array(${cells.type})`;
  }

  readonly room = (rows: number): void => this.#ends.room(rows);
  readonly bound = (whenFull: () => void): void => this.cells.bound(whenFull);
  readonly size = (rows: number): number => this.#ends.size(rows) + this.cells.size(this.#count);
  readonly write = (rows: number, to: Uint8Array, at: number): number =>
    this.cells.write(this.#count, to, this.#ends.write(rows, to, at));
  readonly clear = (): void => {
    this.#count = 0;
    this.cells.clear();
  };

  /** The place of one cell more, of the row under way. */
  next(): number {
    if (this.#count >= this.#room) {
      this.#room = Math.max(1024, this.#room * 2);
      this.cells.room(this.#room);
    }
    return this.#count++;
  }

  /** The row has all of its cells. */
  end(row: number): void {
    this.#ends.put(row, 0, this.#count);
  }
}

/** UInt64 of a small number. */
const putWide = (view: DataView, at: number, value: number): void => {
  view.setUint32(at, value, true);
  view.setUint32(at + 4, 0, true);
};

const grown = <Kept extends Cells>(from: Kept, to: Kept): Kept => {
  to.set(from);
  return to;
};

/** Bytes that LEB128 takes for a length. */
export const lengthBytes = (length: number): number => {
  let bytes = 1;
  for (let rest = length; rest > 127; rest >>>= 7) bytes++;
  return bytes;
};

/** A length in LEB128. @returns where it ends */
export const putLength = (length: number, to: Uint8Array, from: number): number => {
  let at = from;
  let rest = length;
  for (; rest > 127; rest >>>= 7) to[at++] = (rest & 127) | 128;
  to[at++] = rest;
  return at;
};
