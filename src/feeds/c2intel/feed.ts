import type { Feed } from "#feeds/feed.ts";
import { tableRows } from "#feeds/table.ts";

/**
 * Addresses of command servers (Cobalt Strike and others) found by scanning for their fingerprints and confirmed in 30
 * days: `#ip,ioc`. Under CC BY-NC-SA 4.0, as its README says.
 *
 * @see https://github.com/drb-ra/C2IntelFeeds/blob/master/README.md
 */
export const feed: Feed = {
  id: "c2intel",
  title: "C2 servers from certificate and banner scans",
  publisher: "drb-ra",
  url: "https://raw.githubusercontent.com/drb-ra/C2IntelFeeds/master/feeds/IPC2s-30day.csv",
  licence: "non-commercial",
  everyMinutes: 720,
  tlp: "clear",
  pap: "clear",
  grade: { source: "C", statement: 3 },
  liveDays: 7,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "infected-system", listed: "c2-server" },
  looksLike: (text) => /^#ip,ioc\r?\n/.test(text),
  parts: tableRows(
    { delimiter: ",", comments: ["#"], names: [["ip", "ioc"]] },
    {
      value: ["ip"],
      labels: (fields) => fields("ioc").map((text) => text.slice(0, 120).replace(/^Possible | C2 IP$/gi, "")),
      kinds: ["ipv4", "ipv6"],
    },
  ),
};
