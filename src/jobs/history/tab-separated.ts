/** A cell of ClickHouse's TabSeparated format. */
export type Cell = string | number | bigint | readonly string[];

/**
 * One row in TabSeparated, newline included. Backslash escapes for tab, newline, carriage return, NUL and backslash.
 * @see ClickHouse documentation, Formats, TabSeparated, "Data Formatting"
 */
export const printRow = (cells: readonly Cell[]): string => `${cells.map(printCell).join("\t")}\n`;

const printCell = (cell: Cell): string => {
  if (typeof cell === "string") return escapeTab(cell);
  if (typeof cell === "number" || typeof cell === "bigint") return String(cell);
  return `[${cell.map((item) => `'${escapeTab(item).replaceAll("'", "\\'")}'`).join(",")}]`;
};

const special = /[\\\t\n\r\0]/;

/** Text as it stands in a cell. */
export const escapeTab = (text: string): string =>
  special.test(text) ? text.replace(/[\\\t\n\r\0]/g, (c) => escapes[c as keyof typeof escapes]) : text;

const escapes = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": "\\0" } as const;

/** A DateTime64(3): seconds since 1970 with three digits, which no time zone setting can bend. */
export const printTime = (milliseconds: number): string => (milliseconds / 1000).toFixed(3);
