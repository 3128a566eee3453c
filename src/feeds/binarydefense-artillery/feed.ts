import type { Feed } from "#feeds/feed.ts";
import { valueLines } from "#feeds/value-lines.ts";

/**
 * Addresses that attacked the Artillery honeypots. Free, but not to be sold.
 *
 * @see https://www.binarydefense.com/banlist.txt
 */
export const feed: Feed = {
  id: "binarydefense-artillery",
  title: "Binary Defense Artillery ban list",
  publisher: "Binary Defense",
  url: "https://www.binarydefense.com/banlist.txt",
  licence: "non-commercial",
  everyMinutes: 720,
  tlp: "clear",
  pap: "clear",
  grade: { source: "C", statement: 3 },
  liveDays: 7,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "blacklist", listed: "blacklist" },
  looksLike: (text) => /Artillery Threat Intelligence Feed/.test(text),
  parts: valueLines({ kinds: ["ipv4", "ipv6"] }),
};
