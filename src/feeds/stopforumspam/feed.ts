import type { Feed } from "#feeds/feed.ts";
import { tableRows } from "#feeds/table.ts";

/**
 * Addresses that registered or posted spam in forums on the last day, with how often and when last:
 * `address,count,time`.
 *
 * @see https://www.stopforumspam.com/downloads
 */
export const feed: Feed = {
  id: "stopforumspam",
  title: "Stop Forum Spam addresses",
  publisher: "Stop Forum Spam",
  url: "https://www.stopforumspam.com/downloads/listed_ip_1_all.zip",
  licence: "non-commercial",
  everyMinutes: 1440,
  tlp: "clear",
  pap: "clear",
  grade: { source: "C", statement: 3 },
  liveDays: 7,
  voice: "corroborate",
  touches: "publisher",
  means: { contacted: "blacklist", listed: "spam" },
  looksLike: (text) => /^"[0-9a-f.:]+","\d+","\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"\r?\n/i.test(text),
  parts: tableRows(
    { delimiter: ",", names: [["address", "count", "time"]] },
    { value: ["address"], seenAt: ["time"], kinds: ["ipv4", "ipv6"] },
  ),
};
