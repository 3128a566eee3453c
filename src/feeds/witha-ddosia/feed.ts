import { parseIp } from "#core/ip.ts";
import { observableOf } from "#core/recognise.ts";
import { BadBody } from "#feeds/bad-body.ts";
import { listsOf } from "#feeds/body.ts";
import { csvRecords } from "#feeds/csv.ts";
import type { Frame, Row } from "#feeds/feed.ts";
import type { Feed } from "#feeds/feed.ts";
import { refusedRow } from "#feeds/fields.ts";
import { jsonField, parseJson } from "#feeds/json.ts";
import { limits } from "#feeds/limits.ts";
import { overlong } from "#feeds/lines.ts";
import { evidenceOf, portOf } from "#feeds/report.ts";
import { type RowTime, rowTime } from "#feeds/row-time.ts";
import { at, labelsOf } from "#feeds/row.ts";

/**
 * Hosts that the attack tool DDoSia was told to flood: the configuration of a day as CSV inside JSON (`csv_file`,
 * `datetime`). Each is a report to its owner, who will be or is under attack.
 *
 * @see https://witha.name/
 */
export const feed: Feed = {
  id: "witha-ddosia",
  title: "DDoSia targets",
  publisher: "witha.name",
  licence: "unknown",
  everyMinutes: 60,
  tlp: "green",
  pap: "green",
  grade: { source: "B", statement: 2 },
  liveDays: 3,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "other", listed: "ddos" },
  gives: "news",
  looksLike: (text) => /"csv_file"\s*:\s*"host,ip,type,method/.test(text),
  parts: (body, file) =>
    listsOf(body, file, { json: true }).map(({ name, bytes }) => {
      const document = parseJson(bytes);
      return { name, rows: rowsIn(document), frame: frameOf(document) };
    }),
};

const columns = ["host", "ip", "type", "method", "port", "use_ssl", "path"] as const;

function* rowsIn(document: unknown): Generator<Row, void, undefined> {
  const [table, made] = [jsonField(document, "csv_file"), jsonField(document, "datetime")];
  if (typeof table !== "string" || typeof made !== "string")
    throw new BadBody("WGL_BODY_SHAPE", { wanted: "csv_file and datetime" });
  const time = rowTime(made);
  let header = false;
  for (const { line, cells, text = "" } of csvRecords(Buffer.from(table), ",", [])) {
    if (!header) {
      header = true;
      if (cells === overlong || columns.some((column, place) => cells[place] !== column))
        throw new BadBody("WGL_BODY_COLUMN", { column: columns.join(",") });
    } else if (cells === overlong) yield refusedRow(line, "WGL_ROW_LONG", { limit: limits.rowBytes });
    else yield { ...rowFrom(line, cells, time), text: JSON.stringify(text).slice(1, -1) };
  }
}

/** The table stands in a text of the document: a refused line is written as it stands there. */
const frameOf = (document: unknown): Frame => ({
  before: `{"datetime":${JSON.stringify(jsonField(document, "datetime") ?? "")},"csv_file":"${columns.join(",")}\\n`,
  between: "\\n",
  after: '\\n"}\n',
});

const rowFrom = (line: number, cells: readonly string[], { seenAt, note }: RowTime): Row => {
  if (cells.length !== columns.length)
    return refusedRow(line, "WGL_ROW_CELLS", { cells: cells.length, wanted: columns.length });
  const [host = "", ip = "", type = "", method = "", written = "", , path = ""] = cells;
  const asset = observableOf(host);
  if (!asset.ok) return { row: line, result: at(asset, line) };
  const address = parseIp(ip);
  const port = portOf(written);
  const isPing = type === "tcp" && method === "PING";
  return {
    row: line,
    result: {
      ok: true,
      value: {
        is: "report",
        asset: asset.value,
        ...(address.ok && address.value.value !== asset.value.value ? { also: [address.value] } : {}),
        type: "ddos",
        about: "ddosia",
        labels: labelsOf(["ddosia", `${type} ${method}`]),
        ...(seenAt === undefined ? {} : { seenAt }),
        source: {
          ...(address.ok ? { ip: address.value.value } : {}),
          host,
          ...(port === undefined ? {} : { port }),
          ...(path.startsWith("/") ? { url: `//${host}${path}` } : {}),
        },
        transport: isPing ? "icmp" : "tcp",
        evidence: evidenceOf(columns.map((column, place) => [column, cells[place] ?? ""] as const)),
      },
    },
    ...(note === undefined ? {} : { note }),
  };
};
