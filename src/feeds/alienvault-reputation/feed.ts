import type { Grade } from "#core/grade.ts";
import type { RsitType } from "#core/rsit.ts";
import { listsOf } from "#feeds/body.ts";
import type { Row } from "#feeds/feed.ts";
import type { Feed } from "#feeds/feed.ts";
import { refusedRow, valueRow } from "#feeds/fields.ts";
import { lineRows } from "#feeds/line-rows.ts";
import { labelsOf } from "#feeds/row.ts";

/**
 * Addresses with how reliable and how risky they are (1 to 10) and what they do:
 * `address#reliability#risk#activity#country#city#place#id`. The public list is no longer renewed; mirrors and
 * appliances still hold it.
 *
 * @see https://otx.alienvault.com/
 */
export const feed: Feed = {
  id: "alienvault-reputation",
  title: "AlienVault IP reputation",
  publisher: "LevelBlue (AlienVault)",
  licence: "unknown",
  everyMinutes: 1440,
  tlp: "clear",
  pap: "clear",
  grade: { source: "C", statement: 3 },
  liveDays: 14,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "infected-system", listed: "blacklist" },
  looksLike: (text) => /^[0-9a-f.:]+#\d+#\d+#[\w &;]*#/i.test(text),
  parts: (body, file) => listsOf(body, file).map(({ name, bytes }) => ({ name, rows: lineRows(bytes, rowFrom) })),
};

/** Its words for what a host does, in ours, the gravest first. */
const activities: readonly (readonly [word: string, type: RsitType])[] = [
  ["c&c", "c2-server"],
  ["malware distribution", "malware-distribution"],
  ["malware domain", "malware-distribution"],
  ["malware ip", "malware-distribution"],
  ["apt", "c2-server"],
  ["malicious host", "infected-system"],
  ["spamming", "spam"],
  ["scanning host", "scanner"],
];

const rowFrom = (text: string, line: number): Row => {
  const cells = text.split("#");
  const [address = "", reliability = "", , activity = ""] = cells;
  if (cells.length < 8) return refusedRow(line, "WGL_ROW_CELLS", { cells: cells.length, wanted: 8 });
  const said = labelsOf(activity.split(";"));
  const type = activities.find(([word]) => said.includes(word))?.[1];
  const unknown = said.filter((one) => !activities.some(([word]) => word === one));
  return valueRow(
    line,
    address,
    { kinds: ["ipv4", "ipv6"] },
    {
      labels: labelsOf([...unknown, ...(type === undefined ? [] : [type])]),
      grade: gradeOf(Number(reliability)),
    },
  );
};

/** Reliability 1 to 10, as its users read it: below 3 hardly more than a rumour. */
const gradeOf = (reliability: number): Grade => ({
  source: "C",
  statement: reliability >= 8 ? 2 : reliability >= 4 ? 3 : reliability >= 3 ? 4 : 5,
});
