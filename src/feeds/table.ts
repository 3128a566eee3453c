import { BadBody } from "./bad-body.ts";
import { listsOf } from "./body.ts";
import { csvRecords } from "./csv.ts";
import { FillCounter } from "./column-fill.ts";
import type { Feed, Part, Row } from "./feed.ts";
import { type Fields, fieldsNamed, type Mapping, mappedRows, refusedRow } from "./fields.ts";
import { limits } from "./limits.ts";
import { overlong } from "./lines.ts";

export interface Table {
  /** One character or more: "," "\t" ";" "|". */
  readonly delimiter: string;
  /** Beginnings of lines that are no rows; blanks may stand before them. */
  readonly comments?: readonly string[];
  /** First lines that are no rows, whatever they say. */
  readonly skip?: number;
  /**
   * Columns in order, where no header stands; "" for one of no use. Of several such lists the one with as many names as
   * a record has cells is meant. Absent: the first record is the header, and a mapped column missing in it is a bad body.
   */
  readonly names?: readonly (readonly string[])[];
  /** Records may have fewer or more cells than names: a missing one is empty, a further one of no use. */
  readonly ragged?: true;
  /** Only records that have this text in them are rows; records that have the other are none. */
  readonly only?: string;
  readonly without?: string;
}

/**
 * Parts of a delimited text whose columns are mapped by name. A record with more or fewer cells than there are names is a
 * rejected row.
 */
export const tableRows =
  (table: Table, mapping: Mapping): Feed["parts"] =>
  (body, file) =>
    listsOf(body, file).map(({ name, bytes }) => ({ name, ...tableOf(bytes, table, mapping) }));

/** The rows of one table, and how refused ones make a table again. */
export const tableOf = (
  bytes: Uint8Array,
  table: Table,
  mapping: Mapping,
): Pick<Part, "rows" | "frame" | "columns"> => {
  const columns = new FillCounter();
  const rows = rowsOf(bytes, table, mapping, columns);
  if (table.names !== undefined) return { rows, columns };
  const header = headerOf(bytes, table);
  const frame = { before: `${header}\n`, between: "\n", after: "\n" };
  return { rows, columns, ...(header === undefined ? {} : { frame }) };
};

const same = (text: string): string => text.trim().toLowerCase();

const isRemark = (text: string, marks: readonly string[]): boolean => {
  const start = text.trimStart();
  return marks.some((mark) => start.startsWith(mark));
};

function* records(
  bytes: Uint8Array,
  table: Table,
): Generator<{ line: number; cells: readonly string[] | typeof overlong; text: string }> {
  const marks = table.comments ?? [];
  for (const { line, cells, text = "" } of csvRecords(bytes, table.delimiter, marks)) {
    if (line <= (table.skip ?? 0) || isRemark(text, marks)) continue;
    if (cells !== overlong && text.replaceAll(table.delimiter, "").trim() === "") continue;
    if (table.only !== undefined && !text.includes(table.only)) continue;
    if (table.without !== undefined && text.includes(table.without)) continue;
    yield { line, cells, text };
  }
}

const headerOf = (bytes: Uint8Array, table: Table): string | undefined => {
  try {
    return records(bytes, table).next().value?.text;
  } catch (error) {
    if (error instanceof BadBody) return undefined;
    throw error;
  }
};

function* rowsOf(
  bytes: Uint8Array,
  table: Table,
  mapping: Mapping,
  columns: FillCounter,
): Generator<Row, void, undefined> {
  const named = fieldsNamed(mapping);
  let header: ReadonlyMap<string, number> | undefined;
  let begun = false;
  const known = (table.names ?? []).map((names) => ({ names, count: names.length, places: placesOf(names) }));
  for (const { line, cells, text } of records(bytes, table)) {
    if (cells === overlong) {
      yield refusedRow(line, "WGL_ROW_LONG", { limit: limits.rowBytes });
      continue;
    }
    if (header === undefined && table.names === undefined) {
      header = placesOf(cells);
      for (const column of named.needed)
        if (!header.has(same(column))) throw new BadBody("WGL_BODY_COLUMN", { column });
      known.push({ names: cells.map((cell) => cell.trim()), count: cells.length, places: header });
      continue;
    }
    if (!begun) {
      begun = true;
      // a publisher may write the names all the same
      if (header === undefined && isHeader(cells, named.needed)) continue;
    }
    const first = known[0];
    const fit = known.find(({ count }) => count === cells.length) ?? (table.ragged ? first : undefined);
    if (fit === undefined) {
      yield { ...refusedRow(line, "WGL_ROW_CELLS", { cells: cells.length, wanted: first?.count ?? 0 }), text };
      continue;
    }
    columns.record(fit.names, cells);
    for (const row of mappedRows(line, cellsBy(cells, fit.places), mapping))
      yield row.result.ok ? row : { ...row, text };
  }
}

const isHeader = (cells: readonly string[], needed: readonly string[]): boolean => {
  const [value] = needed;
  return value !== undefined && cells.map(same).includes(same(value));
};

const placesOf = (names: readonly string[]): ReadonlyMap<string, number> => {
  const places = new Map<string, number>();
  for (const [place, name] of names.entries()) if (!places.has(same(name))) places.set(same(name), place);
  return places;
};

const cellsBy =
  (cells: readonly string[], places: ReadonlyMap<string, number>): Fields =>
  (name) => {
    const place = places.get(same(name));
    const text = place === undefined ? "" : (cells[place] ?? "").trim();
    return text === "" ? [] : [text];
  };
