import type { Feed } from "#feeds/feed.ts";
import { tableRows } from "#feeds/table.ts";

/**
 * Addresses and ports where a certificate of the SSLBL was seen in the last 30 days. Addresses are short-lived: two
 * days.
 *
 * @see https://sslbl.abuse.ch/blacklist/
 */
export const feed: Feed = {
  id: "abusech-sslbl-addresses",
  title: "SSLBL addresses of botnet command servers",
  publisher: "abuse.ch",
  url: "https://sslbl.abuse.ch/blacklist/sslipblacklist.csv",
  licence: "CC0-1.0",
  everyMinutes: 30,
  tlp: "clear",
  pap: "clear",
  grade: { source: "B", statement: 2 },
  liveDays: 2,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "infected-system", listed: "c2-server" },
  auth: { required: false, by: { header: "Auth-Key" } },
  looksLike: (text) => /Firstseen,DstIP,DstPort|SSLBL Botnet C2 IP/.test(text),
  parts: tableRows(
    { delimiter: ",", comments: ["#"], names: [["Firstseen", "DstIP", "DstPort"]] },
    { value: ["DstIP"], kinds: ["ipv4", "ipv6"] },
  ),
};
