import { no, ok, type Result } from "#core/result.ts";

/** One record; `line` is the line on which it starts, counted from 1. */
export interface CsvRow {
  readonly line: number;
  readonly cells: readonly string[];
}

/**
 * RFC 4180 records: commas, quotes doubled inside quotes, CRLF or LF; blank lines are no records. A quote inside an
 * unquoted cell, or text behind a closing quote, is a problem of that record; an open quote at the end of the last one.
 */
export function* csvRows(text: string): Generator<Result<CsvRow>> {
  let at = 0;
  let line = 1;
  while (at < text.length) {
    const first = line;
    const cells: string[] = [];
    let bad = "";
    for (;;) {
      if (text[at] === '"') {
        let cell = "";
        for (;;) {
          const quote = text.indexOf('"', at + 1);
          if (quote < 0) {
            yield no("WGL_DIRECTORY_SYNTAX", { reason: "a quote is never closed" }, `line ${first}`);
            return;
          }
          cell += text.slice(at + 1, quote);
          at = quote + 1;
          if (text[at] !== '"') break;
          cell += '"';
        }
        for (let feed = cell.indexOf("\n"); feed >= 0; feed = cell.indexOf("\n", feed + 1)) line++;
        cells.push(cell);
        const stop = endOfCell(text, at);
        if (stop > at && text.slice(at, stop) !== "\r") bad = "text stands behind a closing quote";
        at = stop;
      } else {
        const stop = endOfCell(text, at);
        const cell = text.slice(at, stop);
        if (cell.includes('"')) bad = "a quote stands inside a cell";
        cells.push(text[stop] !== "," && cell.endsWith("\r") ? cell.slice(0, -1) : cell);
        at = stop;
      }
      if (text[at] !== ",") break;
      at++;
    }
    at++;
    line++;
    if (cells.length === 1 && cells[0]?.trim() === "") continue;
    yield bad === "" ? ok({ line: first, cells }) : no("WGL_DIRECTORY_SYNTAX", { reason: bad }, `line ${first}`);
  }
}

/** The next comma or line end, or the end of the text. */
const endOfCell = (text: string, from: number): number => {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x2c || code === 0x0a) return at;
  }
  return text.length;
};
