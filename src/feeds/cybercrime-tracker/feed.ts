import type { Feed } from "#feeds/feed.ts";
import { htmlTableRows } from "#feeds/html-table.ts";
import { timeReader } from "#feeds/time-format.ts";

const time = timeReader("DD-MM-YYYY");

/**
 * Login pages of malware's command panels, with family and address, from the tracker's web page: the newest forty.
 *
 * @see https://cybercrime-tracker.net/about.php
 */
export const feed: Feed = {
  id: "cybercrime-tracker",
  title: "CyberCrime Tracker command panels",
  publisher: "CyberCrime Tracker",
  url: "https://cybercrime-tracker.net/index.php",
  licence: "unknown",
  everyMinutes: 1440,
  tlp: "clear",
  pap: "clear",
  grade: { source: "C", statement: 3 },
  liveDays: 60,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "infected-system", listed: "c2-server" },
  looksLike: (text) => /class=['"]ExploitTable['"]/.test(text) && /-::URL/.test(text),
  parts: htmlTableRows(
    { where: { attribute: "class", value: "ExploitTable" }, names: ["date", "url", "ip", "type", "links"] },
    {
      value: ["url"],
      seenAt: ["date"],
      labels: ["type"],
      kinds: ["url", "domain", "ipv4", "endpoint"],
      scheme: "http",
      ...(time === undefined ? {} : { time }),
    },
  ),
};
