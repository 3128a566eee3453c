import { csvRows } from "#community/csv-rows.ts";
import { no, ok, type Result } from "#core/result.ts";
import { type RowTime, rowTime } from "#feeds/row-time.ts";

/** One record of a dump: a line of JSON, or a record of CSV under its header's names. */
export interface DumpRecord {
  /** The line on which it begins, from 1. */
  readonly line: number;
  readonly text: string;
  readonly fields: Result<ReadonlyMap<string, string>>;
}

/** Characters of one record; IntelMQ's `raw` holds whole reports in base64. */
const longestRecord = 4_194_304;

/**
 * Records of a dump of a table, told from its first character: objects of JSON, one a line, or CSV with a header as
 * PostgreSQL writes it (`\copy … csv header`). In constant memory. Inner objects of JSON are named by their path,
 * "source.ip", unless they are the field `extra`, which stays JSON. Empty fields, and `\N`, are absent.
 *
 * @param wanted a column without which a table of CSV is another one: WGL_MOVE_TABLE, and nothing more of it
 */
export async function* dumpRecords(
  chunks: AsyncIterable<Uint8Array>,
  wanted?: { readonly file: string; readonly column: string },
): AsyncGenerator<DumpRecord, void, undefined> {
  let header: readonly string[] | undefined;
  let json: boolean | undefined;
  for await (const { line, text } of recordTexts(chunks, (first) => {
    json ??= first.trimStart().startsWith("{");
    return json;
  })) {
    const at = `row ${line}`;
    if (text.length > longestRecord) {
      yield { line, text: "", fields: no("WGL_ROW_LONG", { limit: longestRecord }, at) };
      continue;
    }
    if (text.trim() === "") continue;
    if (json === true) {
      yield { line, text, fields: jsonFields(text, at) };
      continue;
    }
    const [row] = csvRows(text);
    if (row === undefined || !row.ok) {
      yield {
        line,
        text,
        fields: row === undefined ? no("WGL_ROW_JSON", {}, at) : { ...row, problem: { ...row.problem, at } },
      };
      continue;
    }
    const { cells } = row.value;
    if (header === undefined) {
      header = cells.map((cell) => cell.trim());
      if (wanted === undefined || header.includes(wanted.column)) continue;
      // of another table every row would be wrong, and none of them would say why
      yield { line, text, fields: no("WGL_MOVE_TABLE", wanted, at) };
      return;
    }
    if (cells.length !== header.length)
      yield { line, text, fields: no("WGL_ROW_CELLS", { cells: cells.length, wanted: header.length }, at) };
    else
      yield {
        line,
        text,
        fields: ok(new Map(header.flatMap((name, place) => present(name, cells[place] ?? "")))),
      };
  }
}

const present = (name: string, value: string): readonly (readonly [string, string])[] =>
  value === "" || value === "\\N" ? [] : [[name, value]];

/** Pieces of text that are each one record: a line, or of CSV the lines that an open quote holds together. */
async function* recordTexts(
  chunks: AsyncIterable<Uint8Array>,
  isJson: (first: string) => boolean,
): AsyncGenerator<{ readonly line: number; readonly text: string }, void, undefined> {
  const decoder = new TextDecoder();
  let [rest, begun, line, begunAt] = ["", "", 0, 1];
  let quoted: boolean | undefined;
  const lineEnded = (text: string): { readonly line: number; readonly text: string } | undefined => {
    line++;
    quoted ??= text.trim() === "" ? undefined : !isJson(text);
    if (begun === "") begunAt = line;
    begun = begun === "" ? text : `${begun}\n${text}`;
    // what never closes is cut off, so that one quote cannot take the rest of the file with it
    if (quoted === true && isOpen(begun) && begun.length <= longestRecord) return undefined;
    const whole = begun;
    begun = "";
    return { line: begunAt, text: whole };
  };
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true });
    let from = 0;
    for (let end = rest.indexOf("\n"); end >= 0; end = rest.indexOf("\n", from)) {
      const one = lineEnded(rest.slice(from, end).replace(/\r$/, ""));
      if (one !== undefined) yield one;
      from = end + 1;
    }
    rest = rest.slice(from);
    if (rest.length > longestRecord * 2) rest = rest.slice(0, longestRecord + 1);
  }
  rest += decoder.decode();
  const last = rest === "" ? undefined : lineEnded(rest.replace(/\r$/, ""));
  if (last !== undefined) yield last;
  if (begun !== "") yield { line: begunAt, text: begun };
}

const isOpen = (text: string): boolean => {
  let quotes = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) quotes++;
  return quotes % 2 === 1;
};

const jsonFields = (text: string, at: string): Result<ReadonlyMap<string, string>> => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return no("WGL_ROW_JSON", {}, at);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return no("WGL_ROW_JSON", {}, at);
  return ok(new Map(fieldsOf(value, "", 4)));
};

function* fieldsOf(object: object, prefix: string, depth: number): Generator<readonly [string, string]> {
  for (const [key, value] of Object.entries(object) as [string, unknown][]) {
    const name = prefix + key;
    if (value === null || value === "") continue;
    if (typeof value === "string") yield [name, value];
    else if (typeof value !== "object") yield [name, String(value)];
    else if (depth > 1 && name !== "extra" && !Array.isArray(value)) yield* fieldsOf(value, `${name}.`, depth - 1);
    else yield [name, JSON.stringify(value)];
  }
}

/** When a row says it was, also as PostgreSQL prints a timestamptz: "2026-11-20 10:00:00.5+00" has hours for an offset. */
export const dumpTime = (text: string): RowTime =>
  rowTime(text.trim().replace(/([ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?[+-]\d\d)$/, "$1:00"));
