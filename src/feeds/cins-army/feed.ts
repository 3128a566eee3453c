import type { Feed } from "#feeds/feed.ts";
import { valueLines } from "#feeds/value-lines.ts";

/**
 * Addresses that attack many of the sensors of Sentinel's customers, scored; the worst 15,000 are published.
 *
 * @see https://cinsscore.com/#list
 */
export const feed: Feed = {
  id: "cins-army",
  title: "CINS Army list",
  publisher: "Sentinel IPS",
  url: "https://cinsscore.com/list/ci-badguys.txt",
  licence: "unknown",
  everyMinutes: 60,
  tlp: "clear",
  pap: "clear",
  grade: { source: "C", statement: 3 },
  liveDays: 3,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "blacklist", listed: "blacklist" },
  looksLike: (_text, file) => /ci-badguys/.test(file),
  parts: valueLines({ kinds: ["ipv4", "ipv6"] }),
};
