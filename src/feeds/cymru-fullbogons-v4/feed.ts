import type { Feed } from "#feeds/feed.ts";
import { valueLines } from "#feeds/value-lines.ts";

/**
 * Networks that nobody was given, so nothing honest comes from them: unallocated and reserved ones. Those reserved for
 * private use are refused under the usual value policy; the rest is shown beside a finding.
 *
 * @see https://www.team-cymru.com/bogon-networks
 */
export const feed: Feed = {
  id: "cymru-fullbogons-v4",
  title: "Team Cymru full bogons, IPv4",
  publisher: "Team Cymru",
  url: "https://www.team-cymru.org/Services/Bogons/fullbogons-ipv4.txt",
  licence: "unknown",
  everyMinutes: 240,
  tlp: "clear",
  pap: "clear",
  grade: { source: "A", statement: 1 },
  liveDays: 7,
  voice: "context",
  touches: "publisher",
  means: { contacted: "other", listed: "other" },
  widest: { v4: 8, v6: 128 },
  looksLike: (text) => /^# last updated \d{10} \(/.test(text) && !/^[0-9a-f]*:[0-9a-f:]*\//m.test(text),
  parts: valueLines({ kinds: ["cidr", "ipv4"] }),
};
