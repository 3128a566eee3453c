import type { Feed } from "#feeds/feed.ts";
import { htmlTableRows } from "#feeds/html-table.ts";

/**
 * The page a person browses, for deployments that may reach nothing else; the CSV and JSON lists say more.
 *
 * @see https://feodotracker.abuse.ch/browse/
 */
export const feed: Feed = {
  id: "abusech-feodo-page",
  title: "Feodo Tracker botnet command servers, web page",
  publisher: "abuse.ch",
  url: "https://feodotracker.abuse.ch/browse/",
  licence: "CC0-1.0",
  everyMinutes: 60,
  tlp: "clear",
  pap: "clear",
  grade: { source: "B", statement: 2 },
  liveDays: 2,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "infected-system", listed: "c2-server" },
  looksLike: (text) => /<title>Feodo Tracker/.test(text) || /id="botnet_c2s"/.test(text),
  parts: htmlTableRows(
    { where: { attribute: "id", value: "botnet_c2s" } },
    { value: ["Host"], seenAt: ["Firstseen (UTC)"], labels: ["Malware"], kinds: ["ipv4", "ipv6"] },
  ),
};
