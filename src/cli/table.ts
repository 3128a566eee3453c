import type { Cli } from "./verb.ts";

/** Rows as JSON lines, or as columns under the names of the first row's fields; lists with commas, nothing as "-". */
export const printTable = async (cli: Cli, rows: readonly object[], json: boolean): Promise<void> => {
  if (json) {
    for (const row of rows) await cli.talk.json(row);
    return;
  }
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cells = rows.map((row) => names.map((name) => cellOf((row as Readonly<Record<string, unknown>>)[name])));
  const widths = names.map((name, i) => Math.max(widthOf(name), ...cells.map((row) => widthOf(row[i] ?? ""))));
  for (const row of [names, ...cells])
    await cli.talk.line(
      row
        .map((cell, i) => inColumns(cell, widths[i] ?? 0))
        .join("  ")
        .trimEnd(),
    );
};

const cellOf = (value: unknown): string => {
  if (value === undefined || value === "") return "-";
  if (value === true) return "yes";
  if (value === false) return "no";
  return Array.isArray(value) ? value.join(", ") || "-" : String(value);
};

/** Columns of a terminal that a text takes: a Chinese character takes two. */
const widthOf = (text: string): number =>
  [...text].reduce((sum, one) => sum + (/\p{Script=Han}/u.test(one) ? 2 : 1), 0);

/** Padded to so many columns of a terminal; what is longer stays whole. */
export const inColumns = (text: string, columns: number): string =>
  text + " ".repeat(Math.max(0, columns - widthOf(text)));
