import { listsOf } from "#feeds/body.ts";
import type { Row } from "#feeds/feed.ts";
import type { Feed } from "#feeds/feed.ts";
import { valueRow } from "#feeds/fields.ts";
import { refusedRow } from "#feeds/fields.ts";
import { limits } from "#feeds/limits.ts";
import { linesOf, overlong } from "#feeds/lines.ts";
import { labelsOf } from "#feeds/row.ts";

/**
 * The lists as they were published until 2024, and as mirrors still write them: `network ; SBL`, `AS ; country |
 * name`, some with a field before. The current lists are `spamhaus-drop-v4`, `-v6` and `spamhaus-asndrop`; EDROP went
 * into DROP on 10 April 2024.
 *
 * @see https://www.spamhaus.org/blocklists/do-not-route-or-peer/
 */
export const feed: Feed = {
  id: "spamhaus-drop-text",
  title: "Spamhaus DROP, EDROP and ASN-DROP as text",
  publisher: "Spamhaus",
  licence: "spamhaus-drop",
  everyMinutes: 1440,
  tlp: "clear",
  pap: "clear",
  grade: { source: "A", statement: 2 },
  liveDays: 7,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "infected-system", listed: "blacklist" },
  widest: { v4: 8, v6: 19 },
  looksLike: (text) => /^; Spamhaus (?:E|ASN-)?DROP List/.test(text),
  parts: (body, file) => listsOf(body, file).map(({ name, bytes }) => ({ name, rows: rowsOf(bytes) })),
};

function* rowsOf(bytes: Uint8Array): Generator<Row, void, undefined> {
  let line = 0;
  for (const text of linesOf(bytes)) {
    line++;
    if (text === overlong) yield refusedRow(line, "WGL_ROW_LONG", { limit: limits.rowBytes });
    else if (text.trim() !== "" && !text.startsWith(";")) yield { ...rowFrom(text, line), text };
  }
}

/** The first field that has the shape of a network or AS is the value; a reference behind it labels it. */
const rowFrom = (text: string, line: number): Row => {
  const fields = text.split(";").map((field) => field.trim());
  const place = fields.findIndex((field) => /^[0-9a-f.:]+\/\d+$|^AS\d+$/i.test(field));
  if (place < 0) return refusedRow(line, "WGL_CIDR", { value: fields[0] ?? "" });
  const reference = fields[place + 1] ?? "";
  return valueRow(
    line,
    fields[place] ?? "",
    { kinds: ["cidr", "ipv4", "ipv6", "asn"] },
    {
      labels: labelsOf(/^SBL\w+$/i.test(reference) ? [reference] : []),
    },
  );
};
