import type { Feed } from "#feeds/feed.ts";
import { valueLines } from "#feeds/value-lines.ts";

/**
 * Addresses that post spam to web forms; not senders of mail.
 *
 * @see https://sblam.com/about.html
 */
export const feed: Feed = {
  id: "sblam",
  title: "Sblam form spammers",
  publisher: "Sblam!",
  url: "https://sblam.com/blacklist.txt",
  licence: "unknown",
  everyMinutes: 1440,
  tlp: "clear",
  pap: "clear",
  grade: { source: "C", statement: 3 },
  liveDays: 7,
  voice: "corroborate",
  touches: "publisher",
  means: { contacted: "blacklist", listed: "spam" },
  looksLike: (text) => /spam sources identified by http:\/\/sblam/.test(text),
  parts: valueLines({ kinds: ["ipv4", "ipv6"] }),
};
