import { BadBody } from "#feeds/bad-body.ts";
import { listsOf } from "#feeds/body.ts";
import type { Row } from "#feeds/feed.ts";
import type { Feed } from "#feeds/feed.ts";
import { refusedRow, valueRow } from "#feeds/fields.ts";
import { jsonFrame } from "#feeds/json-frame.ts";
import { parseJson } from "#feeds/json.ts";
import { labelsOf } from "#feeds/row.ts";

/**
 * Domains that malware of known families generates today, computed from its reversed algorithms; few are ever
 * registered. A list of values for each family and seed. For members of the archive.
 *
 * @see https://dgarchive.caad.fkie.fraunhofer.de/
 */
export const feed: Feed = {
  id: "fraunhofer-dgarchive",
  title: "DGArchive domains of the day",
  publisher: "Fraunhofer FKIE",
  url: "https://dgarchive.caad.fkie.fraunhofer.de/today",
  licence: "no-redistribution",
  everyMinutes: 1440,
  tlp: "amber",
  pap: "amber",
  grade: { source: "A", statement: 3 },
  liveDays: 2,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "infected-system", listed: "c2-server" },
  auth: { required: true, by: { basic: true } },
  looksLike: (text) => /^\s*\{\s*"\w+_dga/.test(text),
  parts: (body, file) =>
    listsOf(body, file, { json: true }).map(({ name, bytes }) => ({
      ...{ name, rows: rowsIn(parseJson(bytes)), frame: jsonFrame("$[*]") },
    })),
};

function* rowsIn(document: unknown): Generator<Row, void, undefined> {
  // a list of such objects is what refused rows are, so that two of one family do not hide each other
  const objects: readonly unknown[] = Array.isArray(document) ? document : [document];
  if (!objects.every((one): one is object => typeof one === "object" && one !== null && !Array.isArray(one)))
    throw new BadBody("WGL_BODY_SHAPE", { wanted: "a list of values for each family" });
  let row = 0;
  for (const [key, values] of objects.flatMap((one) => Object.entries(one) as [string, unknown][])) {
    const labels = labelsOf([key.split("_dga")[0] ?? key, "dga"]);
    for (const value of Array.isArray(values) ? (values as readonly unknown[]) : [values]) {
      row++;
      const read =
        typeof value === "string" && Array.isArray(values)
          ? valueRow(row, value, { kinds: ["domain", "ipv4", "ipv6"] }, { labels })
          : refusedRow(row, "WGL_ROW_FIELD", { field: key });
      yield read.result.ok ? read : { ...read, text: JSON.stringify({ [key]: [value] }) };
    }
  }
}
