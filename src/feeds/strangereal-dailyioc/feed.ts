import type { Feed } from "#feeds/feed.ts";
import { jsonTableRows } from "#feeds/json-path.ts";

/**
 * Indicators of campaigns, a JSON file of `Indicator` and `Description` for each report in the repository; read by
 * `use: strangereal-dailyioc` and the URL of a file.
 *
 * @see https://github.com/StrangerealIntel/DailyIOC
 */
export const feed: Feed = {
  id: "strangereal-dailyioc",
  title: "StrangerealIntel daily indicators",
  publisher: "StrangerealIntel",
  licence: "unknown",
  everyMinutes: 1440,
  tlp: "clear",
  pap: "clear",
  grade: { source: "C", statement: 3 },
  liveDays: 180,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "infected-system", listed: "malware-distribution" },
  gives: "whole",
  looksLike: (text) => /"Indicator"\s*:\s*"/.test(text),
  parts: jsonTableRows({ rows: "$[*]" }, { value: ["Indicator"] }),
};
