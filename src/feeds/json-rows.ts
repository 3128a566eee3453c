import { no } from "#core/result.ts";
import { BadBody } from "./bad-body.ts";
import { listsOf } from "./body.ts";
import type { Feed, Row } from "./feed.ts";
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
      return { name, rows: list.map((object: unknown, index) => rowFrom(index + 1, object, options)) };
    });

const rowFrom = (row: number, object: unknown, options: JsonRows): Row => {
  const value = jsonField(object, options.value);
  if (typeof value !== "string") return { row, result: no("WGL_ROW_FIELD", { field: options.value }, `row ${row}`) };
  const labels = (options.labels ?? [])
    .map((key) => jsonField(object, key))
    .filter((label) => typeof label === "string");
  return rowOf(row, value, { labels: labelsOf(labels) });
};
