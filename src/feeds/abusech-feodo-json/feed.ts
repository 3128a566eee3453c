import type { Feed } from "#feeds/feed.ts";
import { jsonTableRows } from "#feeds/json-path.ts";

/**
 * The list of `abusech-feodo` as JSON, with host names and networks of the servers.
 *
 * @see https://feodotracker.abuse.ch/blocklist/
 */
export const feed: Feed = {
  id: "abusech-feodo-json",
  title: "Feodo Tracker botnet command servers, JSON",
  publisher: "abuse.ch",
  url: "https://feodotracker.abuse.ch/downloads/ipblocklist.json",
  licence: "CC0-1.0",
  everyMinutes: 15,
  tlp: "clear",
  pap: "clear",
  grade: { source: "B", statement: 2 },
  liveDays: 2,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "infected-system", listed: "c2-server" },
  auth: { required: false, by: { header: "Auth-Key" } },
  looksLike: (text) => /"ip_address"\s*:/.test(text) && /"last_online"\s*:/.test(text),
  parts: jsonTableRows(
    { rows: "$[*]" },
    { value: ["ip_address"], seenAt: ["last_online", "first_seen"], labels: ["malware"], kinds: ["ipv4", "ipv6"] },
  ),
};
