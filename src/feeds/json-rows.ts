import { no } from "#core/result.ts";
import { BadBody } from "./bad-body.ts";
import { listsOf } from "./body.ts";
import { FillCounter } from "./column-fill.ts";
import type { Feed, Frame, Row } from "./feed.ts";
import { jsonField, parseJson } from "./json.ts";
import { labelsOf, rowOf } from "./row.ts";

export interface JsonRows {
  /** Steps from the document to the list of rows; [] when the document is the list. */
  readonly rows: readonly string[];
  readonly value: string;
  readonly labels?: readonly string[];
}

/** Parts of a JSON document that holds its rows as a list of objects. Rows count from 1 in that list. */
export const jsonRows =
  (options: JsonRows): Feed["parts"] =>
  (body, file) =>
    listsOf(body, file, { json: true }).map(({ name, bytes }) => {
      const list = options.rows.reduce<unknown>((object, key) => jsonField(object, key), parseJson(bytes));
      if (!Array.isArray(list)) throw new BadBody("WGL_BODY_SHAPE", { wanted: `a list at /${options.rows.join("/")}` });
      const columns = new FillCounter();
      return { name, columns, rows: rowsFrom(list, options, columns), frame: frameOf(options.rows) };
    });

function* rowsFrom(list: readonly unknown[], options: JsonRows, columns: FillCounter): Generator<Row, void, undefined> {
  for (const [index, object] of list.entries()) {
    if (typeof object === "object" && object !== null) columns.object(object);
    const row = rowFrom(index + 1, object, options);
    yield row.result.ok ? row : { ...row, text: JSON.stringify(object) };
  }
}

/** The document around the list, so that refused rows make a document again. */
const frameOf = (steps: readonly string[]): Frame => ({
  before: `${steps.map((step) => `{${JSON.stringify(step)}:`).join("")}[`,
  between: ",\n",
  after: `]${"}".repeat(steps.length)}\n`,
});

const rowFrom = (row: number, object: unknown, options: JsonRows): Row => {
  const value = jsonField(object, options.value);
  if (typeof value !== "string") return { row, result: no("WGL_ROW_FIELD", { field: options.value }, `row ${row}`) };
  const labels = (options.labels ?? [])
    .map((key) => jsonField(object, key))
    .filter((label) => typeof label === "string");
  return rowOf(row, value, { labels: labelsOf(labels) });
};
