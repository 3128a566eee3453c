import { listsOf } from "#feeds/body.ts";
import type { Feed } from "#feeds/feed.ts";
import { lineRows } from "#feeds/line-rows.ts";
import { rowOf } from "#feeds/row.ts";

/** One value a line, its kind told from its text; also what a `.txt` given to `waglan scan --indicators` is. */
export const feed: Feed = {
  id: "generic-lines",
  title: "A value a line",
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
  parts: (body, file) =>
    listsOf(body, file).map(({ name, bytes }) => ({
      name,
      rows: lineRows(bytes, (value, line) => rowOf(line, value)),
    })),
};
