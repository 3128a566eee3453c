import { no, type Problem, type Result } from "#core/result.ts";
import { BadBody } from "./bad-body.ts";
import { csvRecords } from "./csv.ts";
import type { Part, RawReport, Row } from "./feed.ts";
import { limits } from "./limits.ts";
import { overlong } from "./lines.ts";
import { evidenceOf, rowsFrom } from "./report.ts";

/** A record of such a table. */
export interface ReportRecord {
  /** The cell of the first of these columns that says something; "" when none does. */
  readonly cell: (...names: readonly string[]) => string;
  readonly evidence: Readonly<Record<string, string>>;
}

/**
 * A table with a header whose records are statements about assets. Columns are found by name, blanks and underlines
 * alike, whatever their order; of `needed` one of each must stand in the header, or the table is not what we think it is.
 *
 * @param comments beginnings of lines that are no records
 */
export const reportTable = (
  bytes: Uint8Array,
  { needed, comments = [] }: { readonly needed: readonly (readonly string[])[]; readonly comments?: readonly string[] },
  read: (record: ReportRecord) => Result<readonly RawReport[]> & { readonly note?: Problem },
): Pick<Part, "rows" | "frame"> => {
  const records = csvRecords(bytes, ",", comments);
  const first = records.next().value;
  if (first === undefined || first.cells === overlong)
    throw new BadBody("WGL_BODY_COLUMN", { column: needed[0]?.[0] ?? "" });
  const written = first.cells.map((cell) => cell.trim());
  const columns = written.map(same);
  for (const [column = "", ...others] of needed)
    if (![column, ...others].some((name) => columns.includes(same(name))))
      throw new BadBody("WGL_BODY_COLUMN", { column });
  return {
    rows: rowsOf(records, written, columns, read),
    frame: { before: `${first.text ?? ""}\n`, between: "\n", after: "\n" },
  };
};

const same = (name: string): string => name.trim().toLowerCase().replaceAll("_", " ");

function* rowsOf(
  records: ReturnType<typeof csvRecords>,
  written: readonly string[],
  columns: readonly string[],
  read: (record: ReportRecord) => Result<readonly RawReport[]> & { readonly note?: Problem },
): Generator<Row, void, undefined> {
  for (const { line, cells, text = "" } of records) {
    const at = `row ${line}`;
    if (cells === overlong) yield { row: line, result: no("WGL_ROW_LONG", { limit: limits.rowBytes }, at) };
    else if (cells.length !== columns.length)
      yield { row: line, text, result: no("WGL_ROW_CELLS", { cells: cells.length, wanted: columns.length }, at) };
    else {
      const named = new Map(columns.map((column, place) => [column, (cells[place] ?? "").trim()]));
      const cell = (...names: readonly string[]): string =>
        names.map((name) => named.get(same(name)) ?? "").find((value) => value !== "") ?? "";
      const evidence = evidenceOf(written.map((column, place) => [column, (cells[place] ?? "").trim()] as const));
      yield* rowsFrom(line, text, read({ cell, evidence }));
    }
  }
}
