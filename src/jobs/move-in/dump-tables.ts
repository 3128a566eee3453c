import type { OtherTables } from "#community/other-tables.ts";
import { type Problem, WaglanError } from "#core/result.ts";
import { limits } from "#feeds/limits.ts";
import { dumpRecords } from "./records.ts";
import { readSqlDump } from "./sql-dump.ts";

/** A dump of one table, or of all. */
export interface TableDump {
  /** "network_automatic.csv", in whatever folder. */
  readonly file: string;
  readonly chunks: () => AsyncIterable<Uint8Array>;
}

/**
 * Tables of another system from what it exports: a CSV or JSON-lines file a table, named by it; a document of JSON, which is
 * the rows of the table its file is named by or has a member a table; an SQL dump. `taken` hears the text of each row.
 *
 * @param known tables that are read
 */
export const dumpTables = async (
  dumps: readonly TableDump[],
  known: ReadonlySet<string>,
  hears: {
    readonly taken: (text: string) => void;
    readonly refused: (problem: Problem) => void;
    readonly passed: (file: string) => void;
  },
): Promise<OtherTables> => {
  const tables = new Map<string, { at: string; fields: Readonly<Record<string, unknown>> }[]>();
  const put = (table: string, row: number, fields: Readonly<Record<string, unknown>>): void => {
    const rows = tables.get(table) ?? [];
    tables.set(table, rows);
    hears.taken(JSON.stringify(fields));
    rows.push({ at: `${table} row ${row}`, fields });
  };
  for (const { file, chunks } of dumps) {
    const stem = stemOf(file);
    if (/\.sql(?:\.gz)?$/i.test(file)) {
      const { rows, problems } = readSqlDump(await wholeOf(chunks()), known);
      for (const { table, fields, row } of rows) put(table, row, fields);
      for (const one of problems) hears.refused(one);
      continue;
    }
    if (/\.json(?:\.gz)?$/i.test(file)) {
      const read = documentOf(await wholeOf(chunks()), stem, known);
      for (const [table, rows] of read ?? []) for (const [n, row] of rows.entries()) put(table, n + 1, row);
      if (read !== undefined) continue;
    }
    if (!known.has(stem)) {
      hears.passed(file);
      continue;
    }
    for await (const { line, fields } of dumpRecords(chunks()))
      if (fields.ok) put(stem, line, Object.fromEntries(fields.value));
      else hears.refused({ ...fields.problem, at: `${stem} row ${line}` });
  }
  return tables;
};

/** "public.org.csv.gz" is of org. */
const stemOf = (file: string): string =>
  (/([^/\\]+)$/.exec(file)?.[1] ?? "")
    .toLowerCase()
    .replace(/\.(?:csv|json|ndjson|jsonl|sql)(?:\.gz)?$/, "")
    .replace(/^.*\./, "");

type Rows = readonly Readonly<Record<string, unknown>>[];

/** Undefined: not one document. */
const documentOf = (
  text: string,
  stem: string,
  known: ReadonlySet<string>,
): readonly (readonly [string, Rows])[] | undefined => {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return undefined;
  }
  const rows = (list: unknown): Rows =>
    (Array.isArray(list) ? list : []).filter(
      (one): one is Readonly<Record<string, unknown>> => typeof one === "object" && one !== null && !Array.isArray(one),
    );
  const plain = known.has(stem) ? stem : ([...known][0] ?? stem);
  if (Array.isArray(document)) return [[plain, rows(document)]];
  if (typeof document !== "object" || document === null) return undefined;
  const members = Object.entries(document).filter(([, list]) => Array.isArray(list));
  const named = members.filter(([name]) => known.has(name.toLowerCase()));
  if (named.length > 0) return named.map(([name, list]) => [name.toLowerCase(), rows(list)]);
  // a page of an API: {"data": […], "links": …}
  const [page] = members.filter(([name]) => name === "data");
  return page === undefined ? undefined : [[plain, rows(page[1])]];
};

/** @throws WGL_BODY_LARGE */
const wholeOf = async (chunks: AsyncIterable<Uint8Array>): Promise<string> => {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.length;
    if (length > limits.downloadBytes) throw new WaglanError("WGL_BODY_LARGE", { limit: limits.downloadBytes });
    // the reader may use its buffer again
    parts.push(Buffer.from(chunk));
  }
  return Buffer.concat(parts).toString("utf8");
};
