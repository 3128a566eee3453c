import { listsOf } from "#feeds/body.ts";
import type { Feed as Source } from "#feeds/feed.ts";
import type { Feed } from "#feeds/feed.ts";
import type { Mapping } from "#feeds/fields.ts";
import { htmlTableRows } from "#feeds/html-table.ts";
import { tableRows } from "#feeds/table.ts";
import { timeReader } from "#feeds/time-format.ts";

const time = timeReader("DD-MM-YYYY");
const common: Omit<Mapping, "labels"> = {
  value: ["Url"],
  seenAt: ["FirstSeen"],
  kinds: ["url", "domain", "ipv4", "endpoint"],
  scheme: "http",
  ...(time === undefined ? {} : { time }),
};
const page: Source["parts"] = htmlTableRows({}, { ...common, labels: ["Malware"] });
const dump: Source["parts"] = tableRows({ delimiter: "," }, { ...common, labels: ["Family"] });

/**
 * Login pages of malware's command panels, with family and address, from the tracker's web page or its CSV dump.
 *
 * @see https://tracker.viriback.com/
 */
export const feed: Feed = {
  id: "viriback-tracker",
  title: "ViriBack command panels",
  publisher: "ViriBack",
  url: "https://tracker.viriback.com/dump.php",
  licence: "unknown",
  everyMinutes: 1440,
  tlp: "clear",
  pap: "clear",
  grade: { source: "C", statement: 3 },
  liveDays: 60,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "infected-system", listed: "c2-server" },
  looksLike: (text) => /<title>ViriBack/.test(text) || /^"?Family"?,"?URL"?,"?IP"?,"?FirstSeen/i.test(text),
  parts: (body, file) =>
    listsOf(body, file, { markup: true }).some(({ bytes }) =>
      /^\s*</.test(Buffer.from(bytes.subarray(0, 64)).toString("latin1")),
    )
      ? page(body, file)
      : dump(body, file),
};
