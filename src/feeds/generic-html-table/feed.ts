import { Declared, mappingKeys } from "#feeds/declared.ts";
import type { Feed } from "#feeds/feed.ts";
import { htmlTableRows } from "#feeds/html-table.ts";

/** A web page with a table, for publishers that offer nothing better: `map: { where: id=hosts, value: "URL, IP" }`. */
export const feed: Feed = {
  id: "generic-html-table",
  title: "A web page with a table of values",
  publisher: "whoever wrote the page",
  licence: "unknown",
  everyMinutes: 360,
  tlp: "amber",
  pap: "amber",
  grade: { source: "F", statement: 3 },
  liveDays: 30,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "infected-system", listed: "blacklist" },
  looksLike: (text) => /<t[hd][^>]*>\s*indicator\s*</i.test(text),
  parts: htmlTableRows({}, { value: ["indicator"], seenAt: ["seen_at?"], labels: ["labels?"], split: "," }),
  mapped: (map) => {
    const said = new Declared(map, [...Object.keys(mappingKeys), "where", "names", "skip"]);
    const where = said.text("where");
    const [, attribute = "", value = ""] = /^([a-zA-Z-]+)=(.+)$/s.exec(where ?? "") ?? [];
    if (where !== undefined && value === "") said.wrong("where", where, "an attribute, = and its value");
    const [names, skip] = [said.list("names"), said.whole("skip")];
    return said.result(
      htmlTableRows(
        {
          ...(where === undefined ? {} : { where: { attribute, value } }),
          ...(names === undefined ? {} : { names }),
          ...(skip === undefined ? {} : { skip }),
        },
        said.mapping(),
      ),
    );
  },
};
