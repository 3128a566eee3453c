import type { Feed } from "#feeds/feed.ts";
import { valueLines } from "#feeds/value-lines.ts";

/**
 * Addresses seen scanning ports, guessing passwords and the like; which, the list does not say.
 *
 * @see https://greensnow.co/
 */
export const feed: Feed = {
  id: "greensnow",
  title: "GreenSnow attackers",
  publisher: "GreenSnow",
  url: "https://blocklist.greensnow.co/greensnow.txt",
  licence: "unknown",
  everyMinutes: 60,
  tlp: "clear",
  pap: "clear",
  grade: { source: "D", statement: 3 },
  liveDays: 3,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "blacklist", listed: "blacklist" },
  looksLike: (_text, file) => /greensnow/i.test(file),
  parts: valueLines({ kinds: ["ipv4", "ipv6"] }),
};
