import type { PrintedRows } from "./rows.ts";
import { escapeTab } from "./tab-separated.ts";

/** Bytes of a piece: large enough to be few, small enough to be let go early. */
const pieceBytes = 1 << 20;

/** Texts up to here are copied letter by letter: a call of the encoder costs as much as a hundred of them. */
const shortText = 96;

const [tab, newline, backslash, zero] = [9, 10, 92, 48];

const encoder = new TextEncoder();

/** Letters that a cell of TabSeparated may not have as they are, and those beyond ASCII. */
const plain = new Uint8Array(128).fill(1);
for (const code of [0, tab, newline, 13, backslash]) plain[code] = 0;

/**
 * Rows of TabSeparated as bytes, cell by cell, in pieces of about a mebibyte, each with a buffer of its own that can be
 * moved to a thread. No text is made of a row: a batch has a quarter of a million of them.
 */
export class RowWriter {
  readonly #pieces: Uint8Array[] = [];
  #piece = new Uint8Array(pieceBytes);
  #at = 0;
  #rows = 0;
  /** A cell of this row stands before the next. */
  #begun = false;

  /** A cell of text, escaped. */
  text(value: string): void {
    const { length } = value;
    this.#room(length * 3 + 1);
    this.#part();
    if (length <= shortText) {
      const piece = this.#piece;
      let at = this.#at;
      let i = 0;
      for (; i < length; i++) {
        const code = value.charCodeAt(i);
        if (code > 127 || plain[code] === 0) break;
        piece[at++] = code;
      }
      if (i === length) {
        this.#at = at;
        return;
      }
    }
    const escaped = escapeTab(value);
    this.#room(escaped.length * 3);
    this.#at += encoder.encodeInto(escaped, this.#piece.subarray(this.#at)).written;
  }

  /** A cell that was printed before (`cell`). */
  bytes(cell: Uint8Array): void {
    this.#room(cell.length + 1);
    this.#part();
    const piece = this.#piece;
    let at = this.#at;
    for (let i = 0; i < cell.length; i++) piece[at++] = cell[i] ?? 0;
    this.#at = at;
  }

  /** A cell of a whole number, 0 to 2³¹ − 1. */
  number(value: number): void {
    this.#room(12);
    this.#part();
    this.#digits(value, digitsOf(value));
  }

  /** A cell of an unsigned number of 64 bits, from its halves (int32 each). */
  number64(hi: number, lo: number): void {
    this.#room(22);
    this.#part();
    // 2⁴⁸ = 281,474 · 10⁹ + 976,710,656: in doubles that hold every step whole, since a bigint costs more than its row
    const high = hi >>> 16;
    const low = high * 976_710_656 + (hi & 0xffff) * 4_294_967_296 + (lo >>> 0);
    const carried = Math.floor(low / billion);
    const last = low - carried * billion;
    const above = high * 281_474 + carried;
    const first = Math.floor(above / billion);
    const middle = above - first * billion;
    if (first > 0) {
      this.#digits(first, digitsOf(first));
      this.#digits(middle, 9);
      this.#digits(last, 9);
    } else if (middle > 0) {
      this.#digits(middle, digitsOf(middle));
      this.#digits(last, 9);
    } else this.#digits(last, digitsOf(last));
  }

  endRow(): void {
    this.#room(1);
    this.#piece[this.#at++] = newline;
    this.#begun = false;
    this.#rows++;
  }

  end(): PrintedRows {
    this.#cut(0);
    return { rows: this.#rows, pieces: this.#pieces };
  }

  #part(): void {
    if (this.#begun) this.#piece[this.#at++] = tab;
    this.#begun = true;
  }

  #digits(value: number, count: number): void {
    let rest = value;
    for (let at = this.#at + count - 1; at >= this.#at; at--) {
      const tenth = (rest / 10) | 0;
      this.#piece[at] = zero + rest - tenth * 10;
      rest = tenth;
    }
    this.#at += count;
  }

  /** Bytes that are about to be written fit. */
  #room(bytes: number): void {
    if (this.#at + bytes > this.#piece.length) this.#cut(bytes);
  }

  #cut(next: number): void {
    if (this.#at > 0) this.#pieces.push(this.#piece.subarray(0, this.#at));
    this.#piece = new Uint8Array(next === 0 ? 0 : Math.max(pieceBytes, next));
    this.#at = 0;
  }
}

const billion = 1_000_000_000;

const digitsOf = (value: number): number => {
  let digits = 1;
  for (let least = 10; least <= value; least *= 10) digits++;
  return digits;
};

/** A cell that stands in many rows. */
export const cell = (text: string): Uint8Array => encoder.encode(escapeTab(text));
