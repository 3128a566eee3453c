import { Declared, mappingKeys } from "#feeds/declared.ts";
import type { Feed } from "#feeds/feed.ts";
import { keyValueRows } from "#feeds/key-value.ts";

/** Lines of `key=value` pairs, as appliances log them: `map: { value: srcip, seenAt: time, time: epoch }`. */
export const feed: Feed = {
  id: "generic-key-value",
  title: "Lines of key=value pairs",
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
  looksLike: (text) => /^(?:#[^\n]*\n)*[^\n]*\bindicator="?[^\s"=]+/.test(text),
  parts: keyValueRows(
    { pairs: " ", between: "=" },
    { value: ["indicator"], seenAt: ["seen_at?"], labels: ["labels?"], split: "," },
  ),
  mapped: (map) => {
    const said = new Declared(map, [...Object.keys(mappingKeys), "pairs", "between", "keepQuotes"]);
    const shape = {
      pairs: separator(said.text("pairs") ?? " "),
      between: separator(said.text("between") ?? "="),
      ...(said.flag("keepQuotes") ? ({ keepQuotes: true } as const) : {}),
    };
    return said.result(keyValueRows(shape, said.mapping()));
  },
};

/** A blank and a tab are hard to see in a file of settings. */
const separator = (said: string): string => (said === "tab" ? "\t" : said === "blank" ? " " : said);
