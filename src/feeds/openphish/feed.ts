import type { Feed } from "#feeds/feed.ts";
import { valueLines } from "#feeds/value-lines.ts";

/**
 * Phishing URLs found by OpenPhish, the free feed of a few hundred; for non-commercial use, and never to be passed on.
 * Its address of old, openphish.com/feed.txt, only leads here since 2025, and not always (MISP/MISP#10342).
 *
 * @see https://openphish.com/terms.html
 */
export const feed: Feed = {
  id: "openphish",
  title: "OpenPhish phishing URLs",
  publisher: "OpenPhish",
  url: "https://raw.githubusercontent.com/openphish/public_feed/refs/heads/main/feed.txt",
  licence: "no-redistribution",
  everyMinutes: 720,
  tlp: "clear",
  pap: "clear",
  grade: { source: "B", statement: 2 },
  liveDays: 7,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "phishing", listed: "phishing" },
  looksLike: (_text, file) => /openphish/i.test(file),
  parts: valueLines({ kinds: ["url"] }),
};
