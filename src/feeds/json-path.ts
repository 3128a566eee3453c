import { JSONPathEnvironment, type JSONPathQuery, JSONPathError, type JSONValue } from "json-p3";
import { BadBody } from "./bad-body.ts";
import { listsOf } from "./body.ts";
import { FillCounter } from "./column-fill.ts";
import type { Feed, Row } from "./feed.ts";
import { type Fields, type Mapping, mappedRows, refusedRow } from "./fields.ts";
import { jsonFrame } from "./json-frame.ts";
import { jsonField, parseJson } from "./json.ts";
import { limits } from "./limits.ts";
import { linesOf, overlong } from "./lines.ts";

/**
 * RFC 9535 without `match` and `search`: their expressions would run in a backtracking engine. A path that uses them is
 * refused when it is declared.
 */
const environment = new JSONPathEnvironment();
for (const name of ["match", "search"]) environment.functionRegister.delete(name);

/** A path ready to be asked; undefined when it is none. @see RFC 9535 §2 */
export const jsonPath = (path: string): JSONPathQuery | undefined => {
  try {
    return environment.compile(path);
  } catch (error) {
    if (error instanceof JSONPathError) return undefined;
    throw error;
  }
};

export interface JsonTable {
  /** The rows: "$[*]", "$.data[*]", "$.*[*]". What stands before the first "[*]" or ".*" must be a list or an object. */
  readonly rows: string;
  /** An object a line, each a document of its own. */
  readonly lines?: true;
}

/**
 * Parts of JSON documents whose rows and fields are found by path. A field's name that begins with "$" is a path from its
 * row, any other a property of it. Rows count from 1 in the order they are found, or are lines.
 */
export const jsonTableRows =
  (table: JsonTable, mapping: Mapping): Feed["parts"] =>
  (body, file) =>
    listsOf(body, file, { json: true }).map(({ name, bytes }) => {
      const columns = new FillCounter();
      return {
        ...{ name, columns },
        rows: table.lines
          ? lineRows(bytes, table, mapping, columns)
          : jsonRowsIn(parseJson(bytes), table.rows, mapping, columns),
        ...(table.lines ? {} : { frame: jsonFrame(table.rows) }),
      };
    });

/** The rows at a path of a document, counted from 1. */
export function* jsonRowsIn(
  document: unknown,
  path: string,
  mapping: Mapping,
  columns?: FillCounter,
): Generator<Row, void, undefined> {
  for (const [index, item] of itemsIn(document, path).entries()) yield* itemRows(index + 1, item, mapping, columns);
}

function* itemRows(
  row: number,
  item: unknown,
  mapping: Mapping,
  columns: FillCounter | undefined,
): Generator<Row, void, undefined> {
  if (typeof item !== "object" || item === null) {
    yield { ...refusedRow(row, "WGL_ROW_JSON"), text: JSON.stringify(item) };
    return;
  }
  columns?.object(item);
  for (const one of mappedRows(row, fieldsOf(item), mapping))
    yield one.result.ok ? one : { ...one, text: JSON.stringify(item) };
}

function* lineRows(
  bytes: Uint8Array,
  table: JsonTable,
  mapping: Mapping,
  columns: FillCounter,
): Generator<Row, void, undefined> {
  let line = 0;
  for (const text of linesOf(bytes)) {
    line++;
    if (text === overlong) {
      yield refusedRow(line, "WGL_ROW_LONG", { limit: limits.rowBytes });
      continue;
    }
    if (text.trim() === "") continue;
    try {
      for (const item of itemsIn(parseJson(Buffer.from(text)), table.rows))
        yield* itemRows(line, item, mapping, columns);
    } catch (error) {
      if (!(error instanceof BadBody)) throw error;
      yield { ...refusedRow(line, "WGL_ROW_JSON"), text };
    }
  }
}

/** What stands at `path`, when what it walks through is there at all: an error answer has no rows, and is no empty list. */
const itemsIn = (document: unknown, path: string): readonly unknown[] => {
  const star = /\[\*\]|\.\*/.exec(path)?.index ?? path.length;
  const [holder] = valuesAt(document, path.slice(0, star));
  if (typeof holder !== "object" || holder === null) throw new BadBody("WGL_BODY_SHAPE", { wanted: `rows at ${path}` });
  return valuesAt(document, path);
};

const valuesAt = (value: unknown, path: string): readonly unknown[] => {
  const query = queries.get(path) ?? jsonPath(path);
  if (query === undefined) throw new BadBody("WGL_BODY_SHAPE", { wanted: `a path, not ${path}` });
  queries.set(path, query);
  return query.query(value as JSONValue).values();
};

/** Paths are few: declared by us or by the operator, never by a body. */
const queries = new Map<string, JSONPathQuery>();

const fieldsOf =
  (item: object): Fields =>
  (name) =>
    (name.startsWith("$") ? valuesAt(item, name) : [jsonField(item, name)]).flatMap(textsIn);

/** Texts and numbers, also those of a list; anything else says nothing. */
const textsIn = (value: unknown): readonly string[] => {
  if (Array.isArray(value)) return value.filter((one) => !Array.isArray(one)).flatMap(textsIn);
  const text = typeof value === "string" ? value.trim() : typeof value === "number" ? String(value) : "";
  return text === "" ? [] : [text];
};
