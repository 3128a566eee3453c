import { listsOf } from "#feeds/body.ts";
import type { Row } from "#feeds/feed.ts";
import type { Feed } from "#feeds/feed.ts";
import { refusedRow, valueRow } from "#feeds/fields.ts";
import type { Mapping } from "#feeds/fields.ts";
import { jsonRowsIn } from "#feeds/json-path.ts";
import { parseJson } from "#feeds/json.ts";
import { lineRows } from "#feeds/line-rows.ts";
import { tableOf } from "#feeds/table.ts";

/**
 * Names of sites that steal data and money from people in Poland; operators there block them. The lists `domains.txt`,
 * `domains.csv` and `v2/domains.json` are read alike. A name taken off the list is passed over.
 *
 * @see https://cert.pl/en/warning-list/
 */
export const feed: Feed = {
  id: "cert-pl-hole",
  title: "CERT Polska list of dangerous sites",
  publisher: "CERT Polska",
  url: "https://hole.cert.pl/domains/v2/domains.json",
  licence: "unknown",
  everyMinutes: 15,
  tlp: "clear",
  pap: "clear",
  grade: { source: "A", statement: 2 },
  liveDays: 30,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "phishing", listed: "phishing" },
  looksLike: (text) => /"DomainAddress"\s*:|AdresDomeny\t/.test(text),
  parts: (body, file) => listsOf(body, file, { json: true }).map(({ name, bytes }) => ({ name, rows: rowsOf(bytes) })),
};

/** The names of the columns are Polish in the CSV, English in the JSON. */
const json: Mapping = { value: ["DomainAddress"], seenAt: ["InsertDate"], validUntil: "DeleteDate", kinds: ["domain"] };
const csv: Mapping = {
  value: ["AdresDomeny"],
  seenAt: ["DataWpisu"],
  validUntil: "DataWykreslenia",
  kinds: ["domain"],
};

function* rowsOf(bytes: Uint8Array): Generator<Row, void, undefined> {
  const start = Buffer.from(bytes.subarray(0, 512)).toString("latin1");
  if (/^\s*\[/.test(start)) yield* jsonRowsIn(parseJson(bytes), "$[*]", json).map(unlessGone);
  else if (start.includes("AdresDomeny")) {
    for (const row of tableOf(bytes, { delimiter: "\t" }, csv).rows) yield unlessGone(row);
  } else yield* lineRows(bytes, (text, line) => valueRow(line, text, { kinds: ["domain"] }));
}

/** What has a day of deletion is off the list, whenever that was. */
const unlessGone = (row: Row): Row =>
  row.result.ok && row.result.value.is === undefined && row.result.value.validUntil !== undefined
    ? { ...refusedRow(row.row, "WGL_ROW_DELISTED", { value: row.result.value.observable.value }), legal: true }
    : row;
