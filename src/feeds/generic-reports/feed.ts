import { isRsitType, type RsitType } from "#core/rsit.ts";
import { no, ok, type Problem, type Result } from "#core/result.ts";
import { severities } from "#core/severity.ts";
import { BadBody } from "#feeds/bad-body.ts";
import { baseName, listsOf } from "#feeds/body.ts";
import { csvRecords } from "#feeds/csv.ts";
import type { Feed, Frame, RawReport, Row } from "#feeds/feed.ts";
import { limits } from "#feeds/limits.ts";
import { linesOf, overlong } from "#feeds/lines.ts";
import { aboutOf, addressIn, endOf, evidenceOf, nameIn, portOf, rowsFrom, transportOf } from "#feeds/report.ts";
import { labelsOf } from "#feeds/row.ts";
import { rowTime } from "#feeds/row-time.ts";
import { namesOf } from "./column-names.ts";

/**
 * A table about assets from anybody: a researcher's list of infected addresses, another CERT's mail. The header, a record
 * or the last comment before the first record, names the columns by any usual name. What kind of trouble it is stands in a column `type`, or in
 * the file's name: "2026-01-31-infected-system-botnet.csv".
 */
export const feed: Feed = {
  id: "generic-reports",
  title: "A table of reports about assets",
  publisher: "whoever wrote the file",
  licence: "unknown",
  everyMinutes: 60,
  tlp: "amber",
  pap: "green",
  grade: { source: "C", statement: 3 },
  liveDays: 7,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "other", listed: "other" },
  gives: "news",
  looksLike: (text, file) => typeIn(file) !== undefined && columnsIn(Buffer.from(text, "latin1")) !== undefined,
  parts: (body, file) =>
    listsOf(body, file).map(({ name, bytes }) => {
      const header = columnsIn(bytes);
      if (header === undefined) throw new BadBody("WGL_BODY_COLUMN", { column: "ip" });
      const type = typeIn(name === "" ? file : name) ?? typeSaid(bytes);
      if (type === undefined && !header.columns.includes("type"))
        throw new BadBody("WGL_BODY_COLUMN", { column: "type" });
      return { name, rows: rows(bytes, header, type), frame: frameOf(header, type) };
    }),
};

interface Header {
  /** Our word for each column, or its own where we have none. */
  readonly columns: readonly string[];
  readonly written: readonly string[];
  /** The header is the first record; else it is a comment. */
  readonly isRecord: boolean;
}

/** The longest RSIT type that stands between separators in the file's name. */
const typeIn = (file: string): RsitType | undefined => {
  const words = baseName(file)
    .toLowerCase()
    .replace(/\.[a-z]+$/, "")
    .split(/[^a-z0-9]+/);
  for (let length = 4; length > 0; length--)
    for (let at = 0; at + length <= words.length; at++) {
      const type = words.slice(at, at + length).join("-");
      if (isRsitType(type) && type !== "other" && type !== "test") return type;
    }
  return undefined;
};

/** What a comment at the top says, where a file lost its name: "# type: infected-system". */
const typeSaid = (bytes: Uint8Array): RsitType | undefined => {
  const said = /^# type: ([a-z0-9-]{1,60})\r?\n/.exec(Buffer.from(bytes.subarray(0, 128)).toString("latin1"))?.[1];
  return said !== undefined && isRsitType(said) ? said : undefined;
};

const frameOf = ({ written, isRecord }: Header, type: RsitType | undefined): Frame => ({
  before: `${type === undefined ? "" : `# type: ${type}\n`}${isRecord ? "" : "# "}${written.join(",")}\n`,
  between: "\n",
  after: "\n",
});

/** Comments looked at before the first record. */
const firstLines = 32;

const columnsIn = (bytes: Uint8Array): Header | undefined => {
  let looked = 0;
  for (const text of linesOf(bytes)) {
    if (text === overlong || ++looked > firstLines) return undefined;
    if (text.trim() === "") continue;
    const isRecord = !text.startsWith("#");
    const written = text
      .replace(/^#\s*/, "")
      .split(",")
      .map((cell) => cell.trim().replace(/^"|"$/g, ""));
    const columns = namesOf(written);
    if (columns.includes("ip") || columns.includes("host") || columns.includes("email"))
      return { columns, written, isRecord };
    if (isRecord) return undefined;
  }
  return undefined;
};

function* rows(bytes: Uint8Array, header: Header, type: RsitType | undefined): Generator<Row, void, undefined> {
  let first = header.isRecord;
  for (const { line, cells, text = "" } of csvRecords(bytes, ",", ["#"])) {
    if (first) {
      first = false;
      continue;
    }
    if (cells === overlong) yield { row: line, result: no("WGL_ROW_LONG", { limit: limits.rowBytes }, `row ${line}`) };
    else yield* rowsFrom(line, text, reportIn(header, cells, type));
  }
}

const reportIn = (
  { columns, written }: Header,
  cells: readonly string[],
  fileType: RsitType | undefined,
): Result<readonly RawReport[]> & { readonly note?: Problem } => {
  if (cells.length !== columns.length) return no("WGL_ROW_CELLS", { cells: cells.length, wanted: columns.length });
  const cell = (name: string): string => (cells[columns.indexOf(name)] ?? "").trim();
  const said = cell("type").toLowerCase();
  const type = said === "" ? fileType : isRsitType(said) ? said : undefined;
  if (type === undefined) return no("WGL_ROW_FIELD", { field: "type" });
  const [ip, name] = [cell("ip") === "" ? undefined : addressIn(cell("ip")), nameIn(cell("host"))];
  if (ip !== undefined && !ip.ok) return ip;
  const [asset, other] = name !== undefined && ip === undefined ? [name, undefined] : [ip?.value, name];
  if (asset === undefined) return no("WGL_ROW_FIELD", { field: "ip" });
  const time = rowTime(cell("time"));
  const severity = severities.find((one) => one === cell("severity").toLowerCase());
  const to = addressIn(cell("to-ip"));
  const source = endOf({
    ...{ ip: ip?.value.value, port: portOf(cell("port")), host: name?.value },
    ...{ url: cell("url") || undefined, account: cell("account") || undefined },
  });
  const destination = endOf({
    ...{ ip: to.ok ? to.value.value : undefined, port: portOf(cell("to-port")), host: nameIn(cell("to-host"))?.value },
  });
  const transport = transportOf(cell("transport"));
  const report: RawReport = {
    is: "report",
    asset,
    ...(other === undefined ? {} : { also: [other] }),
    type,
    about: aboutOf(cell("about")),
    ...(severity === undefined ? {} : { severity }),
    ...(time.seenAt === undefined ? {} : { seenAt: time.seenAt }),
    labels: labelsOf([cell("about")]),
    ...(source === undefined ? {} : { source }),
    ...(destination === undefined ? {} : { destination }),
    ...(transport === undefined ? {} : { transport }),
    evidence: evidenceOf(written.map((column, place) => [column, cells[place] ?? ""] as const)),
  };
  return { ...ok([report]), ...(time.note === undefined ? {} : { note: time.note }) };
};
