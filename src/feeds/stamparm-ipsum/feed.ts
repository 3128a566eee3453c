import type { Grade } from "#core/grade.ts";
import { no } from "#core/result.ts";
import { baseName, listsOf } from "#feeds/body.ts";
import type { Feed, Row } from "#feeds/feed.ts";
import { lineRows } from "#feeds/line-rows.ts";
import { rowOf } from "#feeds/row.ts";

/**
 * Addresses with the number of public lists that name them: `IP<TAB>lists`; the files `levels/N.txt` have the addresses
 * on at least N lists, without the column. A list of lists finds nobody by itself: it corroborates.
 */
export const feed: Feed = {
  id: "stamparm-ipsum",
  title: "IPsum, addresses by number of public lists",
  publisher: "stamparm",
  url: "https://raw.githubusercontent.com/stamparm/ipsum/master/ipsum.txt",
  licence: "Unlicense",
  everyMinutes: 1440,
  tlp: "clear",
  pap: "clear",
  grade: { source: "C", statement: 5 },
  liveDays: 2,
  voice: "corroborate",
  touches: "publisher",
  means: { contacted: "infected-system", listed: "blacklist" },
  looksLike: (text) => text.startsWith("# IPsum") || /^(?:#[^\n]*\n)*(?:\d{1,3}\.){3}\d{1,3}\t\d{1,4}\r?\n/.test(text),
  parts: (body, file) => {
    const level = Number(/^([1-9])\.txt$/.exec(baseName(file))?.[1] ?? 1);
    return listsOf(body, file).map(({ name, bytes }) => ({
      name,
      rows: lineRows(bytes, (text, line) => rowFrom(text, line, level)),
    }));
  },
};

/**
 * Lists copy each other, so agreement grows slower than their number: 8 and more → 1, 5 → 2, 3 → 3, 2 → 4, 1 → 5.
 * The publisher advises three lists for blocking.
 */
export const gradeOf = (lists: number): Grade => {
  const statement = lists >= 8 ? 1 : lists >= 5 ? 2 : lists >= 3 ? 3 : lists >= 2 ? 4 : 5;
  return { source: "C", statement };
};

const grades: readonly Grade[] = Array.from({ length: 9 }, (_, lists) => Object.freeze(gradeOf(lists)));

const rowFrom = (text: string, line: number, level: number): Row => {
  const tab = text.indexOf("\t");
  const written = tab < 0 ? "" : text.slice(tab + 1).trim();
  if (tab >= 0 && !/^\d{1,4}$/.test(written))
    return { row: line, result: no("WGL_ROW_SCORE", { value: written }, `row ${line}`) };
  const lists = tab < 0 ? level : Number(written);
  return rowOf(line, tab < 0 ? text : text.slice(0, tab), { grade: grades[Math.min(lists, 8)] ?? gradeOf(lists) });
};
