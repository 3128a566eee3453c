import { linesOf, overlong } from "#feeds/lines.ts";

/** One record of a table: its first line's number (from 1), its text and its cells; or that no end of it was found. */
export interface TableRecord {
  readonly line: number;
  readonly text: string;
  readonly cells: readonly string[] | "overlong" | "open";
}

/** A quoted cell over more lines than this is a quotation mark that stands there by mistake. */
const linesAtMost = 64;
/** The longest banner seen is 20,000 characters. */
const charactersAtMost = 262_144;

/**
 * Records of a quoted table whose writer does not double the quotation marks inside banners: a mark ends a cell only
 * before a comma or the end of the line, and a mark inside a cell that began without one is data. A cell that never
 * ends spoils its own line alone: the next line is read afresh.
 * @see RFC 4180, which these tables mean and miss
 */
export function* tableRecords(bytes: Uint8Array): Generator<TableRecord, void, undefined> {
  const lines = linesOf(bytes, false);
  const waiting: string[] = [];
  let line = 0;
  let ended = false;
  const more = (): boolean => {
    const next = lines.next();
    if (next.done === true) ended = true;
    else waiting.push(next.value === overlong ? tooLong : next.value);
    return !ended;
  };
  while (waiting.length > 0 || more()) {
    const first = waiting[0] ?? "";
    line++;
    if (first === tooLong) {
      waiting.shift();
      yield { line, text: "", cells: "overlong" };
      continue;
    }
    if (first.trim() === "") {
      waiting.shift();
      continue;
    }
    let text = first;
    let took = 1;
    let cells = cellsOf(text);
    while (cells === undefined && took < linesAtMost && text.length < charactersAtMost) {
      if (took >= waiting.length && !more()) break;
      const next = waiting[took];
      if (next === undefined || next === tooLong) break;
      text += `\n${next}`;
      took++;
      cells = cellsOf(text);
    }
    if (cells === undefined) {
      waiting.shift();
      yield { line, text: first, cells: "open" };
      continue;
    }
    waiting.splice(0, took);
    yield { line, text, cells };
    line += took - 1;
  }
}

/** No line is a lone NUL and line feed: lines hold no line feed. */
const tooLong = "\0\n";

/** The cells of a record; undefined: its last quoted cell is still open. */
const cellsOf = (record: string): readonly string[] | undefined => {
  if (!record.includes('"')) return record.split(",");
  const cells: string[] = [];
  for (let at = 0; ; ) {
    if (record[at] === '"') {
      const end = closing(record, at + 1);
      if (end < 0) return undefined;
      cells.push(record.slice(at + 1, end).replaceAll('""', '"'));
      at = end + 1;
    } else {
      const end = record.indexOf(",", at);
      cells.push(end < 0 ? record.slice(at) : record.slice(at, end));
      at = end < 0 ? record.length : end;
    }
    if (at >= record.length) return cells;
    at++;
    if (at === record.length) return [...cells, ""];
  }
};

/** Where the mark stands that ends the cell begun before `from`; -1: nowhere. */
const closing = (record: string, from: number): number => {
  for (let at = record.indexOf('"', from); at >= 0; at = record.indexOf('"', at + 1)) {
    const next = record[at + 1];
    if (next === undefined || next === ",") return at;
    if (next === '"') at++;
  }
  return -1;
};
