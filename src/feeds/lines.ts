import { limits } from "./limits.ts";

/** Stands where a line was longer than `limits.rowBytes`; nothing of the line was kept. */
export const overlong: unique symbol = Symbol("overlong");

/** Bytes decoded at a time; the strings cut from a piece keep it alive, so it is kept small. */
const pieceBytes = 262_144;

/**
 * The lines of UTF-8 bytes, without their ends, a piece of the body decoded at a time. Ends are LF, CRLF and, with
 * `loneCr`, CR; nothing else (NEL, U+2028 and VT are data). An end at the end of the body begins no further line.
 */
export function* linesOf(bytes: Uint8Array, loneCr = true): Generator<string | typeof overlong, void, undefined> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let start = 0;
  while (start < buffer.length) {
    const end = pieceEnd(buffer, start, loneCr);
    if (end < 0) {
      yield overlong;
      start = -end;
      continue;
    }
    const piece = buffer.toString("utf8", start, end);
    start = end;
    if (piece.includes("\r")) yield* withReturns(piece, loneCr);
    else {
      let from = 0;
      for (let at = piece.indexOf("\n"); at >= 0; at = piece.indexOf("\n", from)) {
        yield piece.slice(from, at);
        from = at + 1;
      }
      if (from < piece.length) yield piece.slice(from);
    }
  }
}

const withReturns = (piece: string, loneCr: boolean): readonly string[] => {
  const lines = piece.split(loneCr ? /\r\n|\n|\r/ : /\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
};

/** Where the piece from `start` ends, after a line end; negative (the place to go on at) when its first line is too long. */
const pieceEnd = (buffer: Buffer, start: number, loneCr: boolean): number => {
  if (buffer.length - start <= pieceBytes) return buffer.length;
  const last = lastEnd(buffer, start, start + pieceBytes, loneCr);
  if (last > start) return last;
  const next = nextEnd(buffer, start + pieceBytes, loneCr);
  return next - start > limits.rowBytes ? -next : next;
};

const lastEnd = (buffer: Buffer, start: number, end: number, loneCr: boolean): number => {
  const lf = buffer.lastIndexOf(10, end - 1) + 1;
  if (lf > start || !loneCr) return lf;
  const cr = buffer.lastIndexOf(13, end - 2) + 1;
  return cr > start && buffer[cr] !== 10 ? cr : 0;
};

const nextEnd = (buffer: Buffer, from: number, loneCr: boolean): number => {
  const lf = buffer.indexOf(10, from);
  const cr = loneCr ? buffer.subarray(from, lf < 0 ? buffer.length : lf).indexOf(13) : -1;
  if (cr >= 0 && from + cr + 1 !== lf) return from + cr + 1;
  return lf < 0 ? buffer.length : lf + 1;
};
