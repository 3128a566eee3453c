import { listsOf } from "#feeds/body.ts";
import type { Row } from "#feeds/feed.ts";
import type { Feed } from "#feeds/feed.ts";
import { refusedRow, valueRow } from "#feeds/fields.ts";
import { limits } from "#feeds/limits.ts";
import { linesOf, overlong } from "#feeds/lines.ts";
import { rowTime } from "#feeds/row-time.ts";

/**
 * Addresses that guessed SSH passwords on the servers of those who run BruteForceBlocker: address, last report, how
 * often, id.
 *
 * @see https://danger.rulez.sk/projects/bruteforceblocker/
 */
export const feed: Feed = {
  id: "bruteforceblocker",
  title: "BruteForceBlocker",
  publisher: "danger.rulez.sk",
  url: "https://danger.rulez.sk/projects/bruteforceblocker/blist.php",
  licence: "unknown",
  everyMinutes: 720,
  tlp: "clear",
  pap: "clear",
  grade: { source: "C", statement: 3 },
  liveDays: 14,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "blacklist", listed: "brute-force" },
  looksLike: (text) => /^# IP\s+# Last Reported/.test(text),
  parts: (body, file) => listsOf(body, file).map(({ name, bytes }) => ({ name, rows: rowsOf(bytes) })),
};

/** The mark that begins a comment elsewhere stands before the time here. */
function* rowsOf(bytes: Uint8Array): Generator<Row, void, undefined> {
  let line = 0;
  for (const text of linesOf(bytes)) {
    line++;
    if (text === overlong) {
      yield refusedRow(line, "WGL_ROW_LONG", { limit: limits.rowBytes });
      continue;
    }
    if (text.trim() === "" || text.startsWith("#")) continue;
    const [address = "", rest = ""] = text.split("#");
    const time = rowTime(rest.trim().slice(0, 19));
    yield { ...valueRow(line, address, { kinds: ["ipv4", "ipv6"] }, time), text };
  }
}
