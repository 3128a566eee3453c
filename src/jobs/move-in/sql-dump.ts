import type { Problem } from "#core/result.ts";
import { problem } from "#core/result.ts";

/** A row of a table of a dump, by column; NULL is absent. */
export interface SqlRow {
  readonly table: string;
  readonly fields: Readonly<Record<string, string>>;
  /** Counts from 1 in its table. */
  readonly row: number;
}

/**
 * Rows of an SQL dump, in PostgreSQL's words (`COPY … FROM stdin`) or MySQL's and everybody's (`INSERT INTO … VALUES`).
 * Nothing is run: everything else in it is passed over. An INSERT that names no columns has those of its CREATE TABLE.
 *
 * @param wanted tables that are read; of others not even the values are looked at
 * @returns problems: WGL_MOVE_ROW for what does not have as many values as columns, WGL_BODY_SHAPE for what never ends
 */
export const readSqlDump = (
  text: string,
  wanted: ReadonlySet<string>,
): { readonly rows: readonly SqlRow[]; readonly problems: readonly Problem[] } => {
  const rows: SqlRow[] = [];
  const problems: Problem[] = [];
  const columns = new Map<string, readonly string[]>();
  const counted = new Map<string, number>();
  const add = (table: string, names: readonly string[], values: readonly (string | undefined)[]): void => {
    const row = (counted.get(table) ?? 0) + 1;
    counted.set(table, row);
    if (names.length !== values.length) {
      const wants = `${names.length} values`;
      problems.push(
        problem("WGL_MOVE_ROW", { field: table, value: String(values.length), wanted: wants }, `${table} row ${row}`),
      );
      return;
    }
    const fields = Object.fromEntries(
      names.flatMap((name, at) => (values[at] === undefined ? [] : [[name, values[at]] as const])),
    );
    rows.push({ table, fields, row });
  };
  let at = 0;
  while (at < text.length) {
    statement.lastIndex = at;
    const found = statement.exec(text);
    if (found === null) break;
    const [whole, create, copy, copied = "", insert, inserted] = found;
    const table = tableName(create ?? copy ?? insert ?? "");
    at = found.index + whole.length;
    if (create !== undefined) {
      const end = closing(text, at);
      columns.set(table, columnsOf(text.slice(at, end)));
      at = end;
    } else if (copy !== undefined) {
      const end = text.indexOf("\n\\.", at);
      if (end < 0) {
        problems.push(problem("WGL_BODY_SHAPE", { wanted: `an end of the rows of ${table}` }));
        break;
      }
      if (wanted.has(table))
        for (const line of text
          .slice(at, end)
          .split("\n")
          .filter((one) => one !== ""))
          add(table, namesIn(copied), line.split("\t").map(copyCell));
      at = end + 3;
    } else {
      const names = inserted === undefined ? (columns.get(table) ?? []) : namesIn(inserted);
      const end = wanted.has(table) ? tuples(text, at, (values) => add(table, names, values)) : endOf(text, at);
      if (end < 0) {
        problems.push(problem("WGL_BODY_SHAPE", { wanted: `an end of the rows of ${table}` }));
        break;
      }
      at = end;
    }
  }
  return { rows, problems };
};

const name = '[`"\\w.]+';
const statement = new RegExp(
  `^[ \\t]*(?:CREATE TABLE (?:IF NOT EXISTS )?(${name}) \\(|COPY (${name}) \\(([^)]*)\\) FROM stdin;\\r?\\n|INSERT (?:IGNORE )?INTO (${name})(?: ?\\(([^)]*)\\))? ?VALUES)`,
  "gim",
);

/** "public.organisations", "`org`": the last part, plain. */
const tableName = (written: string): string => (written.split(".").at(-1) ?? "").replaceAll(/[`"]/g, "").toLowerCase();
const namesIn = (list: string): readonly string[] =>
  list.split(",").map((one) => one.trim().replaceAll(/[`"]/g, "").toLowerCase());

/** Where the bracket that was opened before `at` closes. */
const closing = (text: string, from: number): number => {
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    const letter = text[at];
    if (letter === "'") at = quoted(text, at).end - 1;
    else if (letter === "(") depth++;
    else if (letter === ")" && --depth === 0) return at + 1;
  }
  return text.length;
};

/** Names of columns of a CREATE TABLE: the first word of each part that is no key or constraint. */
const columnsOf = (body: string): readonly string[] => {
  const parts: string[] = [];
  let [depth, begin] = [0, 0];
  for (let at = 0; at <= body.length; at++) {
    const letter = body[at];
    if (letter === "'") at = quoted(body, at).end - 1;
    else if (letter === "(") depth++;
    else if (letter === ")") depth--;
    if ((letter === "," && depth === 0) || at === body.length) {
      parts.push(body.slice(begin, at).trim());
      begin = at + 1;
    }
  }
  return parts
    .filter(
      (part) =>
        part !== "" && !/^\)?$|^(?:PRIMARY|UNIQUE|KEY|INDEX|CONSTRAINT|FOREIGN|FULLTEXT|CHECK|EXCLUDE)\b/i.test(part),
    )
    .map((part) => (part.split(/\s/, 1)[0] ?? "").replaceAll(/[`"]/g, "").toLowerCase());
};

const copyEscapes: Readonly<Record<string, string>> = { t: "\t", n: "\n", r: "\r", b: "\b", f: "\f", v: "\v" };
const copyCell = (cell: string): string | undefined =>
  cell === "\\N" ? undefined : cell.replaceAll(/\\(.)/g, (_, letter: string) => copyEscapes[letter] ?? letter);

const endOf = (text: string, from: number): number => tuples(text, from, () => {});

/** Reads `(1,'a',NULL),(…);`. @returns where it ends; -1: never */
const tuples = (text: string, from: number, each: (values: readonly (string | undefined)[]) => void): number => {
  let values: (string | undefined)[] | undefined;
  let at = from;
  while (at < text.length) {
    const letter = text[at] ?? "";
    if (values === undefined) {
      if (letter === ";") return at + 1;
      if (letter === "(") values = [];
      at++;
    } else if (letter === ")") {
      each(values);
      values = undefined;
      at++;
    } else if (letter === "'") {
      const { value, end } = quoted(text, at);
      if (end > text.length) return -1;
      values.push(value);
      at = end;
    } else if (letter === "," || /\s/.test(letter)) at++;
    else {
      word.lastIndex = at;
      const [plain = letter] = word.exec(text) ?? [];
      at += plain.length;
      // _binary 'x' and N'x' name how the text behind them is written
      if (text[at] === "'" || (/^_\w+$/.test(plain) && /^ *'/.test(text.slice(at, at + 4)))) continue;
      values.push(/^null$/i.test(plain) ? undefined : plain);
    }
  }
  return -1;
};

const word = /[^\s,()']+/y;
const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", b: "\b", 0: "", Z: "" };

/** A text from its quotation mark on; '' and \' are one inside. */
const quoted = (text: string, from: number): { readonly value: string; readonly end: number } => {
  let value = "";
  for (let at = from + 1; at < text.length; at++) {
    const letter = text[at] ?? "";
    if (letter === "\\") {
      const next = text[++at] ?? "";
      value += escapes[next] ?? next;
    } else if (letter !== "'") value += letter;
    else if (text[at + 1] === "'") {
      value += "'";
      at++;
    } else return { value, end: at + 1 };
  }
  return { value, end: text.length + 1 };
};
