import { delimited } from "#feeds/delimited.ts";
import type { Feed } from "#feeds/feed.ts";

/**
 * Botnet command servers abuse.ch has seen answer (Dridex, Emotet, QakBot …). Addresses are short-lived: two days.
 * The header has been a row, a comment and missing over the years; the columns have not moved.
 */
export const feed: Feed = {
  id: "abusech-feodo",
  title: "Feodo Tracker botnet command servers",
  publisher: "abuse.ch",
  url: "https://feodotracker.abuse.ch/downloads/ipblocklist.csv",
  licence: "CC0-1.0",
  everyMinutes: 15,
  tlp: "clear",
  pap: "clear",
  grade: { source: "B", statement: 2 },
  liveDays: 2,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "infected-system", listed: "c2-server" },
  looksLike: (text) => (/Feodo Tracker/.test(text) && !/^\s*</.test(text)) || /"?dst_ip"?,/.test(text),
  parts: delimited({
    delimiter: ",",
    comments: ["#"],
    names: ["first_seen_utc", "dst_ip", "dst_port", "c2_status", "last_online", "malware"],
    columns: { value: "dst_ip", seenAt: "last_online", labels: ["malware"] },
  }),
};
