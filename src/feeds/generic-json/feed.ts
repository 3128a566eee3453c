import { Declared, mappingKeys } from "#feeds/declared.ts";
import type { Feed } from "#feeds/feed.ts";
import { jsonPath, jsonTableRows } from "#feeds/json-path.ts";

/**
 * JSON whose rows and fields the operator names by path (RFC 9535): `map: { rows: "$.data[*]", value: "ioc" }`. Without a
 * map it is a list of objects with `indicator`, and perhaps `seen_at` and `labels`.
 */
export const feed: Feed = {
  id: "generic-json",
  title: "JSON with values",
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
  looksLike: (text) => /^\s*\[\s*\{/.test(text) && /"indicator"\s*:\s*"/.test(text) && !/"Indicator"/.test(text),
  parts: jsonTableRows({ rows: "$[*]" }, { value: ["indicator"], seenAt: ["seen_at"], labels: ["labels"] }),
  mapped: (map) => {
    const said = new Declared(map, [...Object.keys(mappingKeys), "rows", "lines"]);
    const rows = said.text("rows") ?? (said.flag("lines") ? "$" : "$[*]");
    if (jsonPath(rows) === undefined) said.wrong("rows", rows, "a path such as $.data[*]");
    const mapping = said.mapping();
    for (const name of [...mapping.value, ...(mapping.seenAt ?? [])])
      if (name.startsWith("$") && jsonPath(name.replace(/\?$/, "")) === undefined)
        said.wrong("value", name, "a property or a path such as $.ioc.value");
    return said.result(jsonTableRows({ rows, ...(said.flag("lines") ? { lines: true } : {}) }, mapping));
  },
};
