import type { Grade } from "#core/grade.ts";
import type { RsitType } from "#core/rsit.ts";
import { listsOf } from "#feeds/body.ts";
import type { Feed } from "#feeds/feed.ts";
import { FillCounter } from "#feeds/column-fill.ts";
import type { Mapping } from "#feeds/fields.ts";
import { jsonFrame } from "#feeds/json-frame.ts";
import { jsonRowsIn } from "#feeds/json-path.ts";
import { jsonField, parseJson } from "#feeds/json.ts";

/**
 * The JSON export of the last days (a list of statements by id), and answers of the API (`data`), saved to a file:
 * both have the same fields but for the name of the value. An answer that is an error is a bad body.
 *
 * @see https://threatfox.abuse.ch/api/#recent-iocs
 */
export const feed: Feed = {
  id: "abusech-threatfox-json",
  title: "ThreatFox indicators of compromise, JSON",
  publisher: "abuse.ch",
  url: "https://threatfox.abuse.ch/export/json/recent/",
  licence: "CC0-1.0",
  everyMinutes: 5,
  tlp: "clear",
  pap: "clear",
  grade: { source: "B", statement: 3 },
  liveDays: 60,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "infected-system", listed: "c2-server" },
  auth: { required: false, by: { header: "Auth-Key" } },
  looksLike: (text) => /"ioc(?:_value)?"\s*:/.test(text) && /"threat_type"\s*:/.test(text),
  parts: (body, file) =>
    listsOf(body, file, { json: true }).map(({ name, bytes }) => {
      const [document, columns] = [parseJson(bytes), new FillCounter()];
      const path = jsonField(document, "query_status") === undefined ? "$.*[*]" : "$.data[*]";
      return { name, columns, rows: rowsIn(document, path, columns), frame: jsonFrame(path) };
    }),
};

const rowsIn = (document: unknown, path: string, columns: FillCounter): ReturnType<typeof jsonRowsIn> => {
  const mapping: Mapping = {
    value: ["ioc_value?", "ioc?"],
    seenAt: ["last_seen_utc", "last_seen", "first_seen_utc", "first_seen"],
    labels: (fields) => [...fields("malware_printable"), ...fields("malware_alias").flatMap((text) => text.split(","))],
    type: (fields) => meaning[fields("threat_type")[0] ?? ""],
    grade: (fields) => gradeOf(fields("confidence_level")[0]),
    empty: ["unknown malware"],
  };
  return jsonRowsIn(document, path, mapping, columns);
};

/** ThreatFox's kinds of threat, in ours; what a payload's hash is about its family says. */
const meaning: Readonly<Record<string, RsitType>> = {
  botnet_cc: "c2-server",
  payload_delivery: "malware-distribution",
  payload: "malware-distribution",
  cc_skimming: "data-leak",
};

/** A reporter's confidence, 0 to 100: abuse.ch advises 75 for alerts, 50 for hunting. */
const gradeOf = (confidence: string | undefined): Grade | undefined => {
  const number = /^\d{1,3}$/.test(confidence ?? "") ? Number(confidence) : undefined;
  if (number === undefined) return undefined;
  return { source: "B", statement: number >= 90 ? 1 : number >= 75 ? 2 : number >= 50 ? 3 : number >= 25 ? 4 : 5 };
};
