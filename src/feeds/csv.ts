import { BadBody } from "./bad-body.ts";
import { linesOf, overlong } from "./lines.ts";
import { limits } from "./limits.ts";

/** One record: its first line's number (from 1), and its cells, or that it was too long to read. */
export interface CsvRecord {
  readonly line: number;
  readonly cells: readonly string[] | typeof overlong;
  /** As it was written, without its end; absent when it was too long. */
  readonly text?: string;
}

/**
 * Records of a delimited text (RFC 4180): cells may be quoted and then hold delimiters, line ends and doubled quotes.
 * Lines that begin with one of `comments`, and blank ones, are passed over. An odd number of quotes in the body means one
 * is never closed: a bad body, found before the first record.
 */
export function* csvRecords(
  bytes: Uint8Array,
  delimiter: string,
  comments: readonly string[],
): Generator<CsvRecord, void, undefined> {
  if (oddQuotes(bytes, comments)) throw new BadBody("WGL_BODY_QUOTE");
  let line = 0;
  let begun = "";
  let begunAt = 0;
  for (const text of linesOf(bytes, false)) {
    line++;
    if (text === overlong || begun.length > limits.rowBytes) {
      yield { line: begun === "" ? line : begunAt, cells: overlong };
      begun = "";
      continue;
    }
    if (begun === "") {
      if (text.trim() === "" || isComment(text, comments)) continue;
      begunAt = line;
    }
    const whole = begun === "" ? text : `${begun}\n${text}`;
    begun = isOpen(whole) ? whole : "";
    if (begun === "") yield { line: begunAt, cells: cellsOf(whole, delimiter), text: whole };
  }
  if (begun !== "") yield { line: begunAt, cells: cellsOf(begun, delimiter), text: begun };
}

const isComment = (text: string, comments: readonly string[]): boolean =>
  comments.some((mark) => text.startsWith(mark));

const isOpen = (text: string): boolean => {
  let quotes = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) quotes++;
  return quotes % 2 === 1;
};

/** Quotes in comments do not count; a comment inside an open cell does, which errs towards a person looking. */
const oddQuotes = (bytes: Uint8Array, comments: readonly string[]): boolean => {
  if (bytes.indexOf(0x22) < 0) return false;
  let odd = false;
  for (const text of linesOf(bytes, false))
    if (text !== overlong && (odd || !isComment(text, comments)) && isOpen(text)) odd = !odd;
  return odd;
};

const cellsOf = (record: string, delimiter: string): readonly string[] => {
  if (!record.includes('"')) return record.split(delimiter);
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    const blanks = /^ */.exec(record.slice(at, at + 8))?.[0].length ?? 0;
    if (record[at + blanks] === '"') {
      const { cell, next } = quotedCell(record, at + blanks + 1);
      const end = record.indexOf(delimiter, next);
      cells.push(cell + record.slice(next, end < 0 ? record.length : end).trimEnd());
      at = end;
    } else {
      const end = record.indexOf(delimiter, at);
      cells.push(record.slice(at, end < 0 ? record.length : end));
      at = end;
    }
    if (at < 0) return cells;
    at += delimiter.length;
  }
};

const quotedCell = (record: string, start: number): { readonly cell: string; readonly next: number } => {
  let from = start;
  for (let quote = record.indexOf('"', from); quote >= 0; quote = record.indexOf('"', from)) {
    if (record[quote + 1] !== '"') return { cell: record.slice(start, quote).replaceAll('""', '"'), next: quote + 1 };
    from = quote + 2;
  }
  return { cell: record.slice(start), next: record.length };
};
