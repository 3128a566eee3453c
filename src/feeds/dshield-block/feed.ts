import { networksBetween } from "#feeds/address-range.ts";
import { listsOf } from "#feeds/body.ts";
import type { Row } from "#feeds/feed.ts";
import type { Feed } from "#feeds/feed.ts";
import { refusedRow, valueRow } from "#feeds/fields.ts";
import { lineRows } from "#feeds/line-rows.ts";

/**
 * The twenty networks that attacked most of DShield's sensors in three days, each as first and last address; for non-
 * commercial use.
 *
 * @see https://www.dshield.org/block.txt
 */
export const feed: Feed = {
  id: "dshield-block",
  title: "DShield recommended block list",
  publisher: "SANS Internet Storm Center",
  url: "https://feeds.dshield.org/block.txt",
  licence: "non-commercial",
  everyMinutes: 1440,
  tlp: "clear",
  pap: "clear",
  grade: { source: "B", statement: 3 },
  liveDays: 3,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "blacklist", listed: "blacklist" },
  looksLike: (text) => /DShield\.org Recommended Block List|^Start\tEnd\tNetmask/.test(text),
  parts: (body, file) => listsOf(body, file).map(({ name, bytes }) => ({ name, rows: rowsOf(bytes) })),
};

/** First and last address say what is meant; the prefix length beside them is only true of the usual /24. */
function* rowsOf(bytes: Uint8Array): Generator<Row, void, undefined> {
  for (const row of lineRows(bytes, (text, line) => {
    const [first = "", last = ""] = text.split("\t").map((cell) => cell.trim());
    const networks = first === "" || last === "" ? undefined : networksBetween(first, last);
    return networks === undefined
      ? refusedRow(line, "WGL_CIDR", { value: `${first}-${last}` })
      : valueRow(line, networks[0] ?? "", {}, {});
  })) {
    const [first = "", last = ""] = (row.text ?? "").split("\t").map((cell) => cell.trim());
    if (first === "Start") continue;
    yield row;
    if (row.result.ok)
      for (const network of (networksBetween(first, last) ?? []).slice(1)) yield valueRow(row.row, network, {}, {});
  }
}
