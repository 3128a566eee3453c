import type { Feed } from "#feeds/feed.ts";
import { valueLines } from "#feeds/value-lines.ts";

/**
 * Addresses that attacked the servers of those who report to blocklist.de in the last 48 hours. `all` is every list;
 * an entry of `feeds:` with `use: blocklistde` and the URL of one list (ssh, mail, apache, imap, ftp, sip, bots,
 * strongips, ircbot, bruteforcelogin) reads that one, and its rows then bear its name.
 *
 * @see https://www.blocklist.de/en/export.html
 */
export const feed: Feed = {
  id: "blocklistde",
  title: "blocklist.de attackers",
  publisher: "blocklist.de",
  url: "https://lists.blocklist.de/lists/all.txt",
  licence: "unknown",
  everyMinutes: 720,
  tlp: "clear",
  pap: "clear",
  grade: { source: "C", statement: 3 },
  liveDays: 2,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "blacklist", listed: "ids-alert" },
  looksLike: (_text, file) => /blocklist\.?de/i.test(file),
  parts: valueLines({
    kinds: ["ipv4", "ipv6"],
    labels: (list) =>
      list === "all" || list === "sample" ? [] : list === "bruteforcelogin" ? [list, "brute-force"] : [list],
  }),
};
