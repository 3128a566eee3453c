import type { RsitType } from "#core/rsit.ts";
import { listsOf } from "#feeds/body.ts";
import type { Row } from "#feeds/feed.ts";
import type { Feed } from "#feeds/feed.ts";
import { refusedRow, valueRow } from "#feeds/fields.ts";
import { limits } from "#feeds/limits.ts";
import { linesOf, overlong } from "#feeds/lines.ts";
import { labelsOf } from "#feeds/row.ts";

/**
 * Names seen in spam, from the zone file of a subscriber: a line `:address:text` says on which lists the names below
 * it are: phishing (ph), malware (mw), hijacked sites (cr), spam (abuse).
 *
 * @see https://www.surbl.org/lists
 */
export const feed: Feed = {
  id: "surbl",
  title: "SURBL zone",
  publisher: "SURBL",
  licence: "no-redistribution",
  everyMinutes: 60,
  tlp: "clear",
  pap: "clear",
  grade: { source: "A", statement: 2 },
  liveDays: 7,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "phishing", listed: "spam" },
  looksLike: (text) => /^:127\.0\.0\.\d+:[^\n]*surbl/im.test(text),
  parts: (body, file) => listsOf(body, file).map(({ name, bytes }) => ({ name, rows: rowsOf(bytes) })),
};

/** The lists of a name, in ours, the gravest first; a hijacked site is not bad in itself, so it stays on the list and no more. */
const lists: readonly (readonly [mark: string, type: RsitType])[] = [
  ["ph", "phishing"],
  ["mw", "malware-distribution"],
  ["abuse", "spam"],
  ["cr", "blacklist"],
];

function* rowsOf(bytes: Uint8Array): Generator<Row, void, undefined> {
  let line = 0;
  let labels: readonly string[] = [];
  for (const text of linesOf(bytes)) {
    line++;
    if (text === overlong) {
      yield refusedRow(line, "WGL_ROW_LONG", { limit: limits.rowBytes });
      continue;
    }
    const value = text.trim();
    // "0.0.0.0" is the zone's own entry for testing, "!name" an exception to it.
    if (value === "" || /^[#$!]/.test(value) || value === "0.0.0.0") continue;
    if (value.startsWith(":")) {
      const marks = [...value.slice(0, 400).matchAll(/\[(\w+)\]/g)].map(([, mark = ""]) => mark);
      const type = lists.find(([mark]) => marks.includes(mark))?.[1];
      labels = labelsOf([...marks, ...(type === undefined ? [] : [type])]);
      continue;
    }
    yield { ...valueRow(line, value, { kinds: ["domain", "ipv4"] }, { labels }), text };
  }
}
