import { problem } from "#core/result.ts";
import { BadBody } from "./bad-body.ts";
import { listsOf } from "./body.ts";
import { FillCounter } from "./column-fill.ts";
import { csvRecords } from "./csv.ts";
import type { Feed, Row } from "./feed.ts";
import { limits } from "./limits.ts";
import { linesOf, overlong } from "./lines.ts";
import { labelsOf, rowOf } from "./row.ts";
import { rowTime } from "./row-time.ts";

export interface Delimited {
  /** One character: "," or "\t" or ";" or "|". */
  readonly delimiter: string;
  /** Beginnings of lines that are no rows. */
  readonly comments: readonly string[];
  /** Header names, compared without case and surrounding blanks. */
  readonly columns: {
    readonly value: string;
    readonly seenAt?: string;
    readonly labels?: readonly string[];
  };
  /** Columns in order, where the publisher may leave the header out; absent: the first record is the header. */
  readonly names?: readonly string[];
}

/**
 * Parts of a table mapped by header *name*: columns may move and be added, but a mapped one that is gone is a bad body
 * (schema drift must not publish the wrong column). A record with more or fewer cells than the header is a rejected row.
 */
export const delimited =
  (options: Delimited): Feed["parts"] =>
  (body, file) =>
    listsOf(body, file).map(({ name, bytes }) => {
      const header = headerOf(bytes, options);
      const frame = { before: `${header}\n`, between: "\n", after: "\n" };
      const columns = new FillCounter();
      return { name, columns, rows: rows(bytes, options, columns), ...(header === undefined ? {} : { frame }) };
    });

/** The header line of the table, which its refused rows need to be a table again; absent where rows do without. */
const headerOf = (bytes: Uint8Array, options: Delimited): string | undefined => {
  if (options.names !== undefined) return undefined;
  for (const text of linesOf(bytes, false)) {
    if (text === overlong) return undefined;
    if (text.trim() !== "" && !options.comments.some((mark) => text.startsWith(mark))) return text;
  }
  return undefined;
};

const same = (text: string): string => text.trim().toLowerCase();

function* rows(bytes: Uint8Array, options: Delimited, fill: FillCounter): Generator<Row, void, undefined> {
  let columns: Columns | undefined;
  for (const { line, cells, text = "" } of csvRecords(bytes, options.delimiter, options.comments)) {
    if (cells === overlong) {
      yield {
        row: line,
        result: { ok: false, problem: problem("WGL_ROW_LONG", { limit: limits.rowBytes }, `row ${line}`) },
      };
      continue;
    }
    if (columns === undefined) {
      const names = cells.map(same);
      const isHeader = options.names === undefined || names.includes(same(options.columns.value));
      columns = columnsOf(isHeader ? names : (options.names ?? []).map(same), options);
      if (isHeader) continue;
    }
    if (cells.length === columns.count) fill.record(columns.names, cells);
    yield { ...rowFrom(line, cells, columns), text };
  }
}

interface Columns {
  readonly names: readonly string[];
  readonly count: number;
  readonly value: number;
  readonly seenAt: number;
  readonly labels: readonly number[];
}

const columnsOf = (names: readonly string[], { columns }: Delimited): Columns => {
  const find = (column: string): number => {
    const index = names.indexOf(same(column));
    if (index < 0) throw new BadBody("WGL_BODY_COLUMN", { column });
    return index;
  };
  return {
    ...{ names, count: names.length },
    value: find(columns.value),
    seenAt: columns.seenAt === undefined ? -1 : find(columns.seenAt),
    labels: (columns.labels ?? []).map(find),
  };
};

const rowFrom = (line: number, cells: readonly string[], columns: Columns): Row => {
  if (cells.length !== columns.count) {
    const why = problem("WGL_ROW_CELLS", { cells: cells.length, wanted: columns.count }, `row ${line}`);
    return { row: line, result: { ok: false, problem: why } };
  }
  const time = columns.seenAt < 0 ? {} : rowTime(cells[columns.seenAt] ?? "");
  const labels = labelsOf(columns.labels.map((column) => cells[column] ?? ""));
  return rowOf(line, cells[columns.value] ?? "", { ...time, labels });
};
