import type { Feed } from "#feeds/feed.ts";
import { jsonField } from "#feeds/json.ts";
import { ndjson } from "#feeds/ndjson.ts";

/**
 * Autonomous systems run by, or hijacked for, spam and cyber-crime: nothing to or from them is wanted. At most once an
 * hour.
 *
 * @see https://www.spamhaus.org/blocklists/do-not-route-or-peer/
 */
export const feed: Feed = {
  id: "spamhaus-asndrop",
  title: "Spamhaus ASN-DROP",
  publisher: "Spamhaus",
  url: "https://www.spamhaus.org/drop/asndrop.json",
  licence: "spamhaus-drop",
  everyMinutes: 1440,
  tlp: "clear",
  pap: "clear",
  grade: { source: "A", statement: 2 },
  liveDays: 7,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "infected-system", listed: "blacklist" },
  looksLike: (text) => /^\s*\{"asn"\s*:[^\n]*"rir"\s*:/.test(text),
  parts: ndjson({
    value: "asn",
    number: "AS",
    labels: ["domain"],
    trailer: { is: (line) => jsonField(line, "type") === "metadata", records: "records" },
  }),
};
