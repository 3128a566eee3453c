import type { RsitType } from "#core/rsit.ts";
import { baseName, listsOf } from "#feeds/body.ts";
import type { Row } from "#feeds/feed.ts";
import type { Feed } from "#feeds/feed.ts";
import { refusedRow, valueRow } from "#feeds/fields.ts";
import { lineRows } from "#feeds/line-rows.ts";
import { rowTime } from "#feeds/row-time.ts";
import { labelsOf } from "#feeds/row.ts";

/** What each list has seen, in ours. @see the description at the top of each list */
const lists: Readonly<Record<string, readonly [service: string, type: RsitType]>> = {
  dnsrd: ["dns", "scanner"],
  dnsrdany: ["dns", "scanner"],
  dnsversion: ["dns", "scanner"],
  proto41: ["6to4", "potentially-unwanted-accessible"],
  sipinvitation: ["sip", "brute-force"],
  sipquery: ["sip", "brute-force"],
  sipregistration: ["sip", "brute-force"],
  smtpdata: ["smtp", "scanner"],
  smtpgreet: ["smtp", "scanner"],
  sshclient: ["ssh", "scanner"],
  sshpwauth: ["ssh", "brute-force"],
  telnetlogin: ["telnet", "brute-force"],
  vncrfb: ["vnc", "scanner"],
};

/**
 * Addresses seen doing one thing to DataPlane's sensors in a week; each list is one thing, named in the last column
 * (dnsrd, dnsrdany, dnsversion, proto41, sipinvitation, sipquery, sipregistration, smtpdata, smtpgreet, sshclient,
 * sshpwauth, telnetlogin, vncrfb). An entry of `feeds:` with `use: dataplane` reads another list. For non-commercial
 * use, not to be passed on.
 *
 * @see https://dataplane.org/signals/
 */
export const feed: Feed = {
  id: "dataplane",
  title: "DataPlane.org signals",
  publisher: "DataPlane.org",
  url: "https://dataplane.org/sshpwauth.txt",
  licence: "no-redistribution",
  everyMinutes: 60,
  tlp: "clear",
  pap: "clear",
  grade: { source: "B", statement: 2 },
  liveDays: 7,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "blacklist", listed: "scanner" },
  looksLike: (text) => text.startsWith("# DataPlane.org"),
  parts: (body, file) => {
    const list = baseName(file).replace(/\.\w+$/, "");
    return listsOf(body, file).map(({ name, bytes }) => ({ name, rows: rowsOf(bytes, list) }));
  },
};

/**
 * `asn | name | address | last seen | list`, and in `proto41` a first time before the last. Names hold pipes, so the cells
 * are counted from the end.
 */
const rowsOf = (bytes: Uint8Array, list: string): Iterable<Row> =>
  lineRows(bytes, (text, line) => {
    const cells = text.split("|").map((cell) => cell.trim());
    const last = cells.at(-1) ?? "";
    const twice = cells.length > 5 && time.test(cells.at(-3) ?? "");
    const address = cells.at(twice ? -4 : -3);
    if (cells.length < 5 || address === undefined)
      return refusedRow(line, "WGL_ROW_CELLS", { cells: cells.length, wanted: 5 });
    const known = Object.hasOwn(lists, last) ? last : list;
    const labels = labelsOf([known, ...(Object.hasOwn(lists, known) ? (lists[known] ?? []) : [])]);
    return valueRow(line, address, { kinds: ["ipv4", "ipv6"] }, { labels, ...rowTime(cells.at(-2) ?? "") });
  });

const time = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/;
