import { no, problem } from "#core/result.ts";
import { BadBody } from "./bad-body.ts";
import { listsOf } from "./body.ts";
import type { Feed, Row } from "./feed.ts";
import { jsonField } from "./json.ts";
import { limits } from "./limits.ts";
import { linesOf, overlong } from "./lines.ts";
import { labelsOf, rowOf } from "./row.ts";

export interface Ndjson {
  /** Field that holds the value. */
  readonly value: string;
  /** The value is a whole number, and this is written before it: "AS". */
  readonly number?: string;
  readonly labels?: readonly string[];
  /** The line that is no row but speaks of the list, and the field that counts its rows. */
  readonly trailer?: { readonly is: (line: object) => boolean; readonly records: string };
}

/**
 * Parts of a list with a JSON object a line. When a trailer counts more rows than stand in the body, the list was cut:
 * a bad body, found before its first row. A broken line counts as a row, since the trailer counted it too.
 */
export const ndjson =
  (options: Ndjson): Feed["parts"] =>
  (body, file) =>
    listsOf(body, file, { json: true }).map(({ name, bytes }) => ({ name, rows: rows(bytes, options) }));

function* rows(bytes: Uint8Array, options: Ndjson): Generator<Row, void, undefined> {
  checkTrailer(bytes, options);
  let line = 0;
  for (const text of linesOf(bytes)) {
    line++;
    if (text === overlong) {
      yield { row: line, result: no("WGL_ROW_LONG", { limit: limits.rowBytes }, `row ${line}`) };
      continue;
    }
    if (text.trim() === "") continue;
    const object = objectIn(text);
    if (object === undefined) yield { row: line, result: no("WGL_ROW_JSON", {}, `row ${line}`), text };
    else if (options.trailer?.is(object) !== true) yield { ...rowFrom(line, object, options), text };
  }
}

const rowFrom = (line: number, object: object, options: Ndjson): Row => {
  const said = jsonField(object, options.value);
  const value = options.number !== undefined && Number.isInteger(said) ? `${options.number}${String(said)}` : said;
  if (typeof value !== "string") {
    return {
      row: line,
      result: { ok: false, problem: problem("WGL_ROW_FIELD", { field: options.value }, `row ${line}`) },
    };
  }
  const labels = (options.labels ?? [])
    .map((key) => jsonField(object, key))
    .filter((label) => typeof label === "string");
  return rowOf(line, value, { labels: labelsOf(labels) });
};

const checkTrailer = (bytes: Uint8Array, { trailer }: Ndjson): void => {
  if (trailer === undefined) return;
  let count = 0;
  let wanted = 0;
  for (const text of linesOf(bytes)) {
    if (text === overlong) {
      count++;
      continue;
    }
    if (text.trim() === "") continue;
    // Only a line that could be the trailer is parsed here: rows are parsed once, later.
    const object = text.includes(`"${trailer.records}"`) ? objectIn(text) : undefined;
    if (object !== undefined && trailer.is(object)) wanted += Number(jsonField(object, trailer.records) ?? 0) || 0;
    else count++;
  }
  if (count < wanted) throw new BadBody("WGL_BODY_SHORT", { rows: count, wanted });
};

const objectIn = (text: string): object | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
};
