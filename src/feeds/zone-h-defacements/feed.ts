import { listsOf } from "#feeds/body.ts";
import type { Feed } from "#feeds/feed.ts";
import { reportTable } from "#feeds/report-table.ts";
import { parseXml } from "#feeds/xml.ts";
import { archiveFrame, archiveRows } from "./archive-page.ts";
import { defacement } from "./defacement.ts";
import { itemRows, rssFrame } from "./rss.ts";

/**
 * Zone-H's archive of defaced web sites: which page, who says to have done it, how. National CERTs are sent a table by
 * mail, one of what was accepted and one of what still waits; everybody has the newest entries as RSS, and the archive as
 * pages, which a person saves (they ask for a captcha). The site belongs to its name, the server to its address.
 *
 * @see IntelMQ, parser "ZoneH", for the columns; http://www.zone-h.org/rss/specialdefacements
 */
export const feed: Feed = {
  id: "zone-h-defacements",
  title: "Zone-H defacements",
  publisher: "Zone-H",
  url: "https://www.zone-h.org/rss/specialdefacements",
  licence: "unknown",
  everyMinutes: 60,
  tlp: "clear",
  pap: "clear",
  grade: { source: "B", statement: 3 },
  liveDays: 7,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "other", listed: "unauthorised-information-modification" },
  gives: "news",
  looksLike: (text) =>
    (/(?:^|,)"?defacement_id"?(?:,|\r?\n)/.test(text) && /(?:^|,)"?add_date"?,/.test(text)) ||
    /<table[^>]+id="ldeface"/i.test(text) ||
    (/<rss\b/i.test(text) && /<link>https?:\/\/(?:www\.)?zone-h\.org\b/i.test(text)),
  parts: (body, file) =>
    listsOf(body, file, { markup: true }).map(({ name, bytes }) => {
      const head = Buffer.from(bytes.subarray(0, 4096)).toString("latin1").trimStart();
      if (/^(?:\xef\xbb\xbf)?<(?:\?xml|rss)\b/i.test(head))
        return { name, rows: itemRows(parseXml(bytes)), frame: rssFrame };
      if (head.startsWith("<")) return { name, rows: archiveRows(bytes), frame: archiveFrame };
      return { name, ...reportTable(bytes, { needed: [["domain"], ["add_date"]] }, ofTable) };
    }),
};

const ofTable: Parameters<typeof reportTable>[2] = ({ cell, evidence }) =>
  defacement({
    // the column of the URL is called domain
    page: cell("domain"),
    address: cell("ip_address"),
    time: cell("add_date"),
    who: cell("attacker"),
    how: cell("hackmode"),
    isChecked: cell("accept_date") !== "" || cell("state").toLowerCase() === "published",
    evidence,
  });
