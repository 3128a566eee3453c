import { problem } from "#core/result.ts";
import { BadBody } from "#feeds/bad-body.ts";
import { listsOf } from "#feeds/body.ts";
import type { Feed, Part, Row } from "#feeds/feed.ts";
import { limits } from "#feeds/limits.ts";
import { type TableRecord, tableRecords } from "./records.ts";
import { reportsIn } from "./report-row.ts";
import { shadowserverWalk } from "./walk.ts";
import { reportByColumns, reportByName, type Which } from "./which-report.ts";

/**
 * Shadowserver's daily reports about the addresses of one member or country: a CSV of each report type, or a zip of
 * them. Which type it is stands in the file's name; a file that lost its name is told by its columns. Times are UTC.
 * A service that answers (`scan_…`) is seen again each day, an infection whenever it calls: three days of silence, in
 * days that brought reports, and the problem is taken as gone.
 *
 * Fetched from the reports API with `keyFile`, one line "APIKEY:SECRET"; or read from mail and folders.
 */
export const feed: Feed = {
  id: "shadowserver",
  title: "Shadowserver daily reports",
  publisher: "The Shadowserver Foundation",
  url: "https://transform.shadowserver.org/api2/",
  licence: "no-redistribution",
  everyMinutes: 1440,
  tlp: "amber",
  pap: "green",
  grade: { source: "B", statement: 2 },
  liveDays: 3,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "other", listed: "other" },
  gives: "news",
  auth: { required: true, by: { signed: { field: "apikey", header: "HMAC2" } } },
  walk: shadowserverWalk,
  apart: true,
  looksLike: (text, file) =>
    reportByName(file) !== undefined ||
    (/^"?timestamp"?,/.test(text) && /(?:^|,)"?(?:src_asn|asn)"?(?:,|\r?$)/m.test(text.split("\n", 1)[0] ?? "")),
  parts: (body, file) => listsOf(body, file).map(({ name, bytes }) => partOf(name, bytes, name === "" ? file : name)),
};

/** Rows looked at for their tags when a file's name says nothing. */
const firstRows = 50;

/** Says of refused rows, whose file has lost its name, which report they are from. */
const mark = /^# report: (\w{1,100})\r?\n/;

const partOf = (name: string, body: Uint8Array, file: string): Part => {
  const marked = mark.exec(Buffer.from(body.subarray(0, 128)).toString("latin1"));
  const bytes = body.subarray(marked?.[0].length ?? 0);
  const header = headerIn(bytes);
  const which =
    reportByName(file) ??
    (marked ? reportByName(`2026-01-01-${marked[1] ?? ""}.csv`) : undefined) ??
    reportByColumns(header.columns, tagsIn(bytes, header));
  if (which === undefined) throw new BadBody("WGL_BODY_REPORT", { file });
  if (!header.columns.includes("timestamp")) throw new BadBody("WGL_BODY_COLUMN", { column: "timestamp" });
  return {
    name,
    rows: rows(bytes, header, which),
    frame: { before: `# report: ${which.name}\n${header.text}\n`, between: "\n", after: "\n" },
  };
};

interface Header {
  readonly line: number;
  readonly text: string;
  /** Lower case, in order. */
  readonly columns: readonly string[];
}

const headerIn = (bytes: Uint8Array): Header => {
  for (const { line, text, cells } of tableRecords(bytes))
    if (typeof cells !== "string") return { line, text, columns: cells.map((cell) => cell.trim().toLowerCase()) };
  throw new BadBody("WGL_BODY_COLUMN", { column: "timestamp" });
};

const tagsIn = (bytes: Uint8Array, { line, columns }: Header): readonly string[] => {
  const place = columns.indexOf("tag");
  const tags: string[] = [];
  if (place < 0) return tags;
  for (const record of tableRecords(bytes)) {
    if (record.line <= line || typeof record.cells === "string") continue;
    tags.push(record.cells[place] ?? "");
    if (tags.length === firstRows) break;
  }
  return tags;
};

function* rows(bytes: Uint8Array, header: Header, which: Which): Generator<Row, void, undefined> {
  let first = which.young;
  for (const record of tableRecords(bytes)) {
    if (record.line <= header.line) continue;
    for (const row of rowsOf(record, header, which)) {
      if (first && row.result.ok) {
        first = false;
        yield { ...row, note: problem("WGL_REPORT_NEW", { type: which.name }) };
      } else yield row;
    }
  }
}

function* rowsOf({ line, text, cells }: TableRecord, { columns }: Header, which: Which): Generator<Row> {
  const at = `row ${line}`;
  if (cells === "overlong") {
    yield { row: line, result: { ok: false, problem: problem("WGL_ROW_LONG", { limit: limits.rowBytes }, at) } };
    return;
  }
  if (cells === "open") {
    yield { row: line, text, result: { ok: false, problem: problem("WGL_ROW_QUOTE", {}, at) } };
    return;
  }
  const named = new Map(columns.map((column, place) => [column, cells[place] ?? ""]));
  const read = reportsIn(which, named);
  if ("problem" in read) {
    yield { row: line, text, result: { ok: false, problem: { ...read.problem, at } } };
    return;
  }
  // banners with bare quotation marks move what stands behind them; when and where stand before
  const moved =
    cells.length === columns.length
      ? undefined
      : problem("WGL_ROW_CELLS", { cells: cells.length, wanted: columns.length });
  const note = read.note ?? moved;
  for (const report of read.reports)
    yield { row: line, text, result: { ok: true, value: report }, ...(note ? { note } : {}) };
}
