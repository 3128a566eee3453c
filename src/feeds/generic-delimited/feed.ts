import { delimited } from "#feeds/delimited.ts";
import type { Feed } from "#feeds/feed.ts";

/** A table with the columns `indicator`, `seen_at` and `labels` in any order among others; other mappings by `delimited`. */
export const feed: Feed = {
  id: "generic-delimited",
  title: "A table of values",
  publisher: "whoever wrote the file",
  licence: "unknown",
  everyMinutes: 60,
  tlp: "amber",
  pap: "amber",
  grade: { source: "F", statement: 3 },
  liveDays: 30,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "infected-system", listed: "blacklist" },
  looksLike: (text) => /^(?:#[^\n]*\n)*[^\n]*\bindicator\b[^\n]*,|^(?:#[^\n]*\n)*[^\n]*,"?indicator\b/i.test(text),
  parts: delimited({
    delimiter: ",",
    comments: ["#"],
    columns: { value: "indicator", seenAt: "seen_at", labels: ["labels"] },
  }),
};
