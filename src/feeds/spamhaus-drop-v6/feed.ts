import type { Feed } from "#feeds/feed.ts";
import { jsonField } from "#feeds/json.ts";
import { ndjson } from "#feeds/ndjson.ts";

/**
 * IPv6 networks hijacked or leased by professional spam and cyber-crime operations, reviewed by hand; the publisher asks
 * that it be fetched at most once an hour. A network wide enough to be unusual is taken and stays flagged "broad".
 */
export const feed: Feed = {
  id: "spamhaus-drop-v6",
  title: "Spamhaus DROP, IPv6",
  publisher: "Spamhaus",
  url: "https://www.spamhaus.org/drop/drop_v6.json",
  licence: "spamhaus-drop",
  everyMinutes: 60,
  tlp: "clear",
  pap: "clear",
  grade: { source: "A", statement: 2 },
  liveDays: 7,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "infected-system", listed: "blacklist" },
  widest: { v4: 32, v6: 19 },
  looksLike: (text) => /^\s*\{[^\n]*"cidr"\s*:\s*"[0-9a-f]*:[^\n]*"sblid"/i.test(text),
  parts: ndjson({
    value: "cidr",
    labels: ["sblid"],
    trailer: { is: (line) => jsonField(line, "type") === "metadata", records: "records" },
  }),
};
