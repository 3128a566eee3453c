import { Parser } from "htmlparser2";
import { BadBody } from "./bad-body.ts";
import { listsOf } from "./body.ts";
import type { Feed, Frame, Row } from "./feed.ts";
import { type Fields, fieldsNamed, type Mapping, mappedRows, refusedRow } from "./fields.ts";

export interface HtmlTable {
  /** The table that has this attribute with this value, or this word among its value's words; absent: the first with the columns. */
  readonly where?: { readonly attribute: string; readonly value: string };
  /** Columns in order, where the page's own headings are of no use; "" for one of no use. */
  readonly names?: readonly string[];
  /** First rows that are no data, beside those that are headings by their markup. */
  readonly skip?: number;
}

/**
 * Parts of a web page that holds its rows in a table. Only text is read: tags, scripts and attributes go. A row counts
 * from 1 among the table's rows, headings included; one with fewer cells than columns lacks the last ones.
 */
export const htmlTableRows =
  (table: HtmlTable, mapping: Mapping): Feed["parts"] =>
  (body, file) =>
    listsOf(body, file, { markup: true }).map(({ name, bytes }) => {
      const found = tablesIn(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8"));
      return { name, rows: rowsOf(found, table, mapping), frame: frameOf(found, table, mapping) };
    });

/** A refused row as it is kept: a row of the page's table with its text and nothing else of its markup. */
export const tableRowText = (cells: readonly string[]): string =>
  `<tr>${cells.map((cell) => `<td>${plainMarkup(cell)}</td>`).join("")}</tr>`;

/** The table such rows stand in, with its headings. */
export const tableFrame = (
  headings: readonly string[],
  where?: { readonly attribute: string; readonly value: string },
): Frame => ({
  before: `<table${where === undefined ? "" : ` ${where.attribute}="${plainMarkup(where.value)}"`}><tr>${headings
    .map((one) => `<th>${plainMarkup(one)}</th>`)
    .join("")}</tr>\n`,
  between: "\n",
  after: "\n</table>\n",
});

/** Read again by us alone, and never shown as markup. */
const plainMarkup = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

const frameOf = (tables: readonly Read[], table: HtmlTable, mapping: Mapping): Frame => {
  const names = chosenOf(tables, table, mapping)?.columns.names ?? [];
  // rows that are passed over by number come first again
  const skipped = Array.from({ length: table.skip ?? 0 }, () => "<tr><td></td></tr>\n").join("");
  const { before, between, after } = tableFrame(names, table.where);
  return { before: before + skipped, between, after };
};

/** A table of a page as text. */
interface Read {
  readonly attributes: Readonly<Record<string, string>>;
  readonly rows: readonly { readonly isHeading: boolean; readonly cells: readonly string[] }[];
}

const same = (text: string): string => text.trim().toLowerCase();

function* rowsOf(tables: readonly Read[], table: HtmlTable, mapping: Mapping): Generator<Row, void, undefined> {
  const { needed } = fieldsNamed(mapping);
  const whole = chosenOf(tables, table, mapping);
  if (whole === undefined) {
    const columns = columnsIn(tables, table)[0]?.columns.names ?? [];
    throw new BadBody("WGL_BODY_COLUMN", { column: needed.find((column) => !columns.includes(same(column))) ?? "" });
  }
  const { names, data } = whole.columns;
  for (const { row, cells } of data) {
    if (cells.every((cell) => cell === "")) continue;
    if (cells.length > names.length)
      yield {
        ...refusedRow(row, "WGL_ROW_CELLS", { cells: cells.length, wanted: names.length }),
        text: tableRowText(cells),
      };
    else
      for (const one of mappedRows(row, cellsBy(cells, names), mapping))
        yield one.result.ok ? one : { ...one, text: tableRowText(cells) };
  }
}

const columnsIn = (tables: readonly Read[], table: HtmlTable): readonly (Read & { readonly columns: Columns })[] =>
  tables
    .filter((one) => table.where === undefined || hasAttribute(one, table.where))
    .map((one) => ({ ...one, columns: columnsOf(one, table) }));

/** The first table with the columns that are needed. */
const chosenOf = (
  tables: readonly Read[],
  table: HtmlTable,
  mapping: Mapping,
): (Read & { readonly columns: Columns }) | undefined => {
  const { needed } = fieldsNamed(mapping);
  return columnsIn(tables, table).find(({ columns }) => needed.every((column) => columns.names.includes(same(column))));
};

const hasAttribute = ({ attributes }: Read, { attribute, value }: { attribute: string; value: string }): boolean => {
  const found = attributes[attribute.toLowerCase()];
  return found !== undefined && (found === value || found.split(/\s+/).includes(value));
};

interface Columns {
  readonly names: readonly string[];
  readonly data: readonly { readonly row: number; readonly cells: readonly string[] }[];
}

const columnsOf = ({ rows }: Read, table: HtmlTable): Columns => {
  const counted = rows.map(({ isHeading, cells }, index) => ({ row: index + 1, isHeading, cells }));
  const data = counted.filter(({ isHeading }) => !isHeading).slice(table.skip ?? 0);
  if (table.names !== undefined) return { names: table.names.map(same), data };
  const heading = counted.find(({ isHeading }) => isHeading);
  return heading === undefined
    ? { names: (data[0]?.cells ?? []).map(same), data: data.slice(1) }
    : { names: heading.cells.map(same), data };
};

const cellsBy =
  (cells: readonly string[], names: readonly string[]): Fields =>
  (name) => {
    const text = cells[names.indexOf(same(name))] ?? "";
    return text === "" ? [] : [text];
  };

/** A table being read; tables stand inside cells of others, so they are a stack. */
class Reading {
  readonly attributes: Readonly<Record<string, string>>;
  readonly rows: { isHeading: boolean; cells: string[] }[] = [];
  inHead = false;
  #open: { cells: string[]; onlyHeadings: boolean } | undefined;
  #cell: string[] | undefined;

  constructor(attributes: Readonly<Record<string, string>>) {
    this.attributes = attributes;
  }

  row(): void {
    this.endRow();
    this.#open = { cells: [], onlyHeadings: true };
  }

  cell(isHeading: boolean): void {
    this.endCell();
    this.#open ??= { cells: [], onlyHeadings: true };
    if (!isHeading) this.#open.onlyHeadings = false;
    this.#cell = [];
  }

  text(text: string): void {
    this.#cell?.push(text);
  }

  endCell(): void {
    if (this.#cell === undefined) return;
    this.#open?.cells.push(
      this.#cell
        .join("")
        .replace(/[\s\u00a0]+/g, " ")
        .trim(),
    );
    this.#cell = undefined;
  }

  endRow(): void {
    this.endCell();
    const row = this.#open;
    this.#open = undefined;
    if (row !== undefined && row.cells.length > 0)
      this.rows.push({ isHeading: this.inHead || row.onlyHeadings, cells: row.cells });
  }
}

/** Blocks inside a cell whose beginning and end part words that markup alone keeps apart. */
const blocks: ReadonlySet<string> = new Set(["br", "div", "p", "li", "tr", "table"]);
const silent: ReadonlySet<string> = new Set(["script", "style", "template", "noscript"]);

/**
 * Tags open at once. A hand-written page leaves one or two a row unclosed; the parser's time grows with the square of
 * it, so a page made to be deep would hold us up for minutes.
 */
const tagDepth = 20_000;

/** Every table of a page, in the order they end. Malformed markup is read as far as it goes. */
export const tablesIn = (page: string): readonly Read[] => {
  const done: Reading[] = [];
  const open: Reading[] = [];
  let hidden = 0;
  let depth = 0;
  const parser = new Parser({
    onopentag: (name, attributes) => {
      if (++depth > tagDepth) throw new BadBody("WGL_BODY_TAGS", { limit: tagDepth });
      const inside = open.at(-1);
      if (silent.has(name)) hidden++;
      if (blocks.has(name)) inside?.text(" ");
      if (name === "table") open.push(new Reading({ ...attributes }));
      else if (inside === undefined) return;
      else if (name === "thead") inside.inHead = true;
      else if (name === "tbody") {
        inside.endRow();
        inside.inHead = false;
      } else if (name === "tr") inside.row();
      else if (name === "td" || name === "th") inside.cell(name === "th");
    },
    ontext: (text) => {
      if (hidden === 0) open.at(-1)?.text(text);
    },
    onclosetag: (name) => {
      depth--;
      const inside = open.at(-1);
      if (silent.has(name)) hidden = Math.max(0, hidden - 1);
      if (inside === undefined) return;
      if (name === "thead") {
        inside.endRow();
        inside.inHead = false;
      } else if (name === "tr") inside.endRow();
      else if (name === "td" || name === "th") inside.endCell();
      else if (name === "table") {
        inside.endRow();
        open.pop();
        done.push(inside);
      }
      if (blocks.has(name)) open.at(-1)?.text(" ");
    },
  });
  parser.end(page);
  return done;
};
