import type { Feed } from "#feeds/feed.ts";
import { valueLines } from "#feeds/value-lines.ts";

/**
 * Addresses traffic leaves the Tor network from. Not bad in themselves: shown beside a finding, so that a person knows
 * whom not to blame.
 *
 * @see https://support.torproject.org/abuse/i-want-to-ban-tor/
 */
export const feed: Feed = {
  id: "tor-exits",
  title: "Tor exit addresses",
  publisher: "The Tor Project",
  url: "https://check.torproject.org/torbulkexitlist",
  licence: "CC0-1.0",
  everyMinutes: 60,
  tlp: "clear",
  pap: "clear",
  grade: { source: "A", statement: 1 },
  liveDays: 2,
  voice: "context",
  touches: "publisher",
  means: { contacted: "other", listed: "other" },
  looksLike: (_text, file) => /tor-?bulk-?exit|tor-exit/i.test(file),
  parts: valueLines({ kinds: ["ipv4", "ipv6"] }),
};
