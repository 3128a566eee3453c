import type { Grade } from "#core/grade.ts";
import type { RsitType } from "#core/rsit.ts";
import type { Feed } from "#feeds/feed.ts";
import { tableRows } from "#feeds/table.ts";

const columns = [
  ...["first_seen_utc", "ioc_id", "ioc_value", "ioc_type", "threat_type", "fk_malware", "malware_alias"],
  ...["malware_printable", "last_seen_utc", "confidence_level", "is_compromised", "reference", "tags", "anonymous"],
  "reporter",
];

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

/**
 * Command servers, payload hosts and hashes by malware family, with the confidence of who reported them. The CSV
 * export of the last days; older exports lack the column `is_compromised`. Hashes of kinds we do not keep (SHA3) are
 * refused row by row.
 *
 * @see https://threatfox.abuse.ch/export/
 */
export const feed: Feed = {
  id: "abusech-threatfox",
  title: "ThreatFox indicators of compromise",
  publisher: "abuse.ch",
  url: "https://threatfox.abuse.ch/export/csv/recent/",
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
  looksLike: (text) => /ThreatFox IOC Export|"ioc_value",/.test(text),
  parts: tableRows(
    {
      delimiter: ",",
      comments: ["#"],
      names: [columns, columns.filter((name) => name !== "is_compromised")],
    },
    {
      value: ["ioc_value"],
      seenAt: ["last_seen_utc", "first_seen_utc"],
      labels: (fields) => [
        ...fields("malware_printable"),
        ...fields("malware_alias").flatMap((text) => text.split(",")),
      ],
      type: (fields) => meaning[fields("threat_type")[0] ?? ""],
      grade: (fields) => gradeOf(fields("confidence_level")[0]),
      empty: ["none", "unknown malware"],
    },
  ),
};
