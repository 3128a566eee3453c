import { recognise } from "#core/recognise.ts";
import { lenient } from "#core/value-policy.ts";
import { listsOf } from "#feeds/body.ts";
import type { Row } from "#feeds/feed.ts";
import type { Feed } from "#feeds/feed.ts";
import { refusedRow, valueRow } from "#feeds/fields.ts";
import { lineRows } from "#feeds/line-rows.ts";
import type { RowTime } from "#feeds/row-time.ts";
import { at } from "#feeds/row.ts";
import { timeReader } from "#feeds/time-format.ts";

/**
 * Pages that redirect to malware, and the hijacked web servers that send visitors there: `address host URL server`. A
 * URL is an indicator; a hijacked server is a report to its owner. The list ended in 2016; copies of its shape are
 * still written.
 */
export const feed: Feed = {
  id: "dyn-ponmocup",
  title: "Ponmocup redirection domains",
  publisher: "c-APT-ure",
  licence: "unknown",
  everyMinutes: 1440,
  tlp: "clear",
  pap: "clear",
  grade: { source: "C", statement: 3 },
  liveDays: 30,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "infected-system", listed: "malware-distribution" },
  looksLike: (text) => /ponmocup/i.test(text),
  parts: (body, file) => listsOf(body, file).map(({ name, bytes }) => ({ name, rows: rowsOf(bytes) })),
};

const stamp = timeReader("ddd MMM DD HH:mm:ss zz YYYY");

/** When the list was made: a row has no time of its own, and a report needs one that stays from turn to turn. */
const madeAt = (bytes: Uint8Array): RowTime => {
  const head = Buffer.from(bytes.subarray(0, 4096)).toString("latin1");
  return stamp?.(/^# last updated: ([^\r\n]{1,60})/m.exec(head)?.[1] ?? "") ?? {};
};

function* rowsOf(bytes: Uint8Array): Generator<Row, void, undefined> {
  const made = madeAt(bytes);
  for (const row of lineRows(bytes, (text, line) => {
    const cells = text.split(/ +/);
    if (cells.length !== 4) return refusedRow(line, "WGL_ROW_CELLS", { cells: cells.length, wanted: 4 });
    return valueRow(line, cells[2] ?? "", { kinds: ["url"] }, { labels: ["ponmocup"], ...made });
  })) {
    yield row;
    const [, , url = "", server = ""] = (row.text ?? "").trim().split(/ +/);
    if (row.result.ok)
      yield { ...hijacked(row.row, server, url, made), ...(row.text === undefined ? {} : { text: row.text }) };
  }
}

const hijacked = (row: number, server: string, url: string, { seenAt }: RowTime): Row => {
  const asset = recognise(server, lenient);
  if (!asset.ok) return { row, result: at(asset, row) };
  return {
    row,
    result: {
      ok: true,
      value: {
        is: "report",
        asset: asset.value.observable,
        type: "system-compromise",
        about: "ponmocup",
        labels: ["ponmocup"],
        destination: { url },
        ...(seenAt === undefined ? {} : { seenAt }),
        evidence: { server, "redirects to": url },
      },
    },
  };
};
