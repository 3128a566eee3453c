import { delimited } from "#feeds/delimited.ts";
import { Declared, mappingKeys } from "#feeds/declared.ts";
import type { Feed } from "#feeds/feed.ts";
import { tableRows } from "#feeds/table.ts";

/**
 * A table with the columns `indicator`, `seen_at` and `labels` in any order among others; any other table by an operator's
 * `map: { delimiter: tab, names: "time,,url,ip", value: "url, ip" }`.
 */
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
  mapped: (map) => {
    const said = new Declared(map, [...Object.keys(mappingKeys), ...tableKeys]);
    const [names, skip] = [said.list("names"), said.whole("skip")];
    const [only, without, comments] = [said.text("only"), said.text("without"), said.list("comments")];
    const delimiter = said.text("delimiter") ?? ",";
    return said.result(
      tableRows(
        {
          delimiter: delimiter === "tab" ? "\t" : delimiter === "blank" ? " " : delimiter,
          comments: comments ?? ["#"],
          ...(skip === undefined ? {} : { skip }),
          ...(names === undefined ? {} : { names: [names] }),
          ...(said.flag("ragged") ? ({ ragged: true } as const) : {}),
          ...(only === undefined ? {} : { only }),
          ...(without === undefined ? {} : { without }),
        },
        said.mapping(),
      ),
    );
  },
};

const tableKeys = ["delimiter", "comments", "skip", "names", "ragged", "only", "without"];
