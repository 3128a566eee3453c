import type { Feed } from "#feeds/feed.ts";
import { valueLines } from "#feeds/value-lines.ts";

/**
 * Names of phishing sites, gathered from PhishTank, OpenPhish and others and cleaned of well-known ones: a list of
 * lists, so it corroborates.
 *
 * @see https://phishing.army/
 */
export const feed: Feed = {
  id: "phishing-army",
  title: "Phishing Army block list",
  publisher: "Phishing Army",
  url: "https://phishing.army/download/phishing_army_blocklist.txt",
  licence: "non-commercial",
  everyMinutes: 360,
  tlp: "clear",
  pap: "clear",
  grade: { source: "C", statement: 4 },
  liveDays: 7,
  voice: "corroborate",
  touches: "publisher",
  means: { contacted: "phishing", listed: "phishing" },
  looksLike: (text) => /Title: Phishing Army/.test(text),
  parts: valueLines({ kinds: ["domain"] }),
};
