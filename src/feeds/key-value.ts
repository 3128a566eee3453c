import { listsOf } from "./body.ts";
import type { Feed, Row } from "./feed.ts";
import { type Fields, type Mapping, mappedRows, refusedRow } from "./fields.ts";
import { limits } from "./limits.ts";
import { valueIn } from "./line-rows.ts";
import { linesOf, overlong } from "./lines.ts";

export interface KeyValue {
  /** Between two pairs: " " or "|". */
  readonly pairs: string;
  /** Between a key and its value: "=" or ":". */
  readonly between: string;
  /** Quotes around a value are kept as part of it. */
  readonly keepQuotes?: true;
}

/** Parts of a text with `key=value` pairs a line, in any order; words that are no pair say nothing. */
export const keyValueRows =
  (shape: KeyValue, mapping: Mapping): Feed["parts"] =>
  (body, file) =>
    listsOf(body, file).map(({ name, bytes }) => ({
      name,
      rows: rowsOf(bytes, shape, mapping),
    }));

function* rowsOf(bytes: Uint8Array, shape: KeyValue, mapping: Mapping): Generator<Row, void, undefined> {
  let line = 0;
  for (const text of linesOf(bytes)) {
    line++;
    if (text === overlong) {
      yield refusedRow(line, "WGL_ROW_LONG", { limit: limits.rowBytes });
      continue;
    }
    const value = valueIn(text);
    if (value === "") continue;
    for (const row of mappedRows(line, fieldsOf(value, shape), mapping)) yield row.result.ok ? row : { ...row, text };
  }
}

const fieldsOf = (text: string, shape: KeyValue): Fields => {
  const found = new Map<string, string[]>();
  for (const pair of pairsIn(text, shape.pairs)) {
    const at = pair.indexOf(shape.between);
    if (at <= 0) continue;
    const key = pair.slice(0, at).trim();
    const written = pair.slice(at + shape.between.length).trim();
    const value = shape.keepQuotes ? written : written.replace(/^"(.*)"$/s, "$1");
    if (value !== "") found.set(key, [...(found.get(key) ?? []), value]);
  }
  return (name) => found.get(name) ?? [];
};

/** The text cut where pairs end; not inside quotes. */
const pairsIn = (text: string, separator: string): readonly string[] => {
  const pairs: string[] = [];
  let from = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '"') quoted = !quoted;
    else if (!quoted && text.startsWith(separator, at)) {
      pairs.push(text.slice(from, at));
      from = at + separator.length;
    }
  }
  return [...pairs, text.slice(from)];
};
