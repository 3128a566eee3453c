import { baseName, listsOf } from "./body.ts";
import type { Feed, Row } from "./feed.ts";
import { type Mapping, valueRow } from "./fields.ts";
import { lineRows } from "./line-rows.ts";
import { labelsOf } from "./row.ts";

export interface ValueLines extends Pick<Mapping, "kinds" | "scheme"> {
  /** Labels every row has; by the file's name without folder and ending, where one publisher has several such lists. */
  readonly labels?: readonly string[] | ((list: string) => readonly string[]);
  /** Lines that are no rows beside comments: a heading. */
  readonly isHeading?: (line: string) => boolean;
}

/** Parts of a text with a value a line. */
export const valueLines =
  (options: ValueLines): Feed["parts"] =>
  (body, file) => {
    const list = baseName(file).replace(/\.\w+$/, "");
    const given = typeof options.labels === "function" ? options.labels(list) : (options.labels ?? []);
    const labels = Object.freeze(labelsOf(given));
    return listsOf(body, file).map(({ name, bytes }) => ({ name, rows: rowsOf(bytes, options, labels) }));
  };

function* rowsOf(bytes: Uint8Array, options: ValueLines, labels: readonly string[]): Generator<Row, void, undefined> {
  for (const row of lineRows(bytes, (text, line) => valueRow(line, text, options, { labels }))) {
    if (options.isHeading !== undefined && row.text !== undefined && options.isHeading(row.text)) continue;
    yield row;
  }
}
