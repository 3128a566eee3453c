import type { PrintedRows } from "./rows.ts";

/** Bytes of a piece: large enough to be few, small enough to be let go early. */
const pieceBytes = 1 << 20;

/** Texts up to here are copied letter by letter: a call of the encoder costs as much as a hundred of them. */
const shortText = 96;

/** Bytes kept free behind a cell larger than a piece, so that the short ones after it do not move it again. */
const roomBehind = 4096;

const encoder = new TextEncoder();

/**
 * Rows in ClickHouse's RowBinary, cell by cell, in pieces of about a mebibyte of whole rows, each with a buffer of its own
 * that can be moved to a thread. No object is made of a row: a batch has a quarter of a million of them.
 *
 * @see ClickHouse documentation, Formats, RowBinary: numbers little-endian, a text behind its length in LEB128
 */
export class RowWriter {
  readonly #pieces: Uint8Array[] = [];
  #piece = new Uint8Array(pieceBytes);
  #view = new DataView(this.#piece.buffer);
  #at = 0;
  /** Where the row that is being written begins. */
  #row = 0;
  #rows = 0;

  /** String, or a LowCardinality of it. Lone surrogates become U+FFFD. */
  text(value: string): void {
    const { length } = value;
    this.#room(length * 3 + 5);
    if (length <= shortText) {
      const piece = this.#piece;
      let at = this.#at;
      piece[at++] = length;
      let i = 0;
      for (; i < length; i++) {
        const code = value.charCodeAt(i);
        if (code > 127) break;
        piece[at++] = code;
      }
      if (i === length) {
        this.#at = at;
        return;
      }
    }
    // its bytes are written where they stand if the length before them takes as many bytes as the text is long at least
    const guess = lengthBytes(length);
    const { written } = encoder.encodeInto(value, this.#piece.subarray(this.#at + guess));
    const needed = lengthBytes(written);
    if (needed !== guess) this.#piece.copyWithin(this.#at + needed, this.#at + guess, this.#at + guess + written);
    this.#length(written);
    this.#at += written;
  }

  /** A cell that was written before (`cell`). */
  bytes(cell: Uint8Array): void {
    this.#room(cell.length);
    const piece = this.#piece;
    let at = this.#at;
    for (let i = 0; i < cell.length; i++) piece[at++] = cell[i] ?? 0;
    this.#at = at;
  }

  /** UInt16; what is larger is cut to it. */
  number16(value: number): void {
    this.#room(2);
    this.#view.setUint16(this.#at, value, true);
    this.#at += 2;
  }

  /** UInt32. */
  number32(value: number): void {
    this.#room(4);
    this.#view.setUint32(this.#at, value, true);
    this.#at += 4;
  }

  /** UInt64, from its halves (int32 each). */
  number64(hi: number, lo: number): void {
    this.#room(8);
    this.#view.setInt32(this.#at, lo, true);
    this.#view.setInt32(this.#at + 4, hi, true);
    this.#at += 8;
  }

  /** DateTime64(3): milliseconds since 1970, whole, ±2⁵³. */
  time(milliseconds: number): void {
    const high = Math.floor(milliseconds / 4_294_967_296);
    this.number64(high, (milliseconds - high * 4_294_967_296) | 0);
  }

  /** Date: days since 1970, 0 to 65,535 (June 2149); what lies outside becomes the nearest. */
  day(days: number): void {
    this.number16(Math.min(Math.max(days, 0), 65_535));
  }

  endRow(): void {
    this.#row = this.#at;
    this.#rows++;
  }

  end(): PrintedRows {
    if (this.#row > 0) this.#pieces.push(this.#piece.subarray(0, this.#row));
    this.#piece = new Uint8Array(0);
    return { rows: this.#rows, pieces: this.#pieces };
  }

  #length(bytes: number): void {
    let rest = bytes;
    for (; rest > 127; rest >>>= 7) this.#piece[this.#at++] = (rest & 127) | 128;
    this.#piece[this.#at++] = rest;
  }

  /** Bytes that are about to be written fit. A row is never cut: what is written of it moves into the next piece. */
  #room(bytes: number): void {
    if (this.#at + bytes > this.#piece.length) this.#cut(bytes);
  }

  #cut(next: number): void {
    const begun = this.#piece.subarray(this.#row, this.#at);
    if (this.#row > 0) this.#pieces.push(this.#piece.subarray(0, this.#row));
    const fresh = new Uint8Array(Math.max(pieceBytes, begun.length + next + roomBehind));
    fresh.set(begun);
    this.#piece = fresh;
    this.#view = new DataView(fresh.buffer);
    this.#at = begun.length;
    this.#row = 0;
  }
}

/** Bytes that LEB128 takes for a length. */
const lengthBytes = (length: number): number => {
  let bytes = 1;
  for (let rest = length; rest > 127; rest >>>= 7) bytes++;
  return bytes;
};

/** A text that stands in many rows. */
export const cell = (text: string): Uint8Array => {
  const writer = new RowWriter();
  writer.text(text);
  writer.endRow();
  return Uint8Array.from(writer.end().pieces[0] ?? []);
};
