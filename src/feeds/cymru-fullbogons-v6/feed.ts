import type { Feed } from "#feeds/feed.ts";
import { valueLines } from "#feeds/value-lines.ts";

/**
 * Networks that nobody was given, so nothing honest comes from them: unallocated and reserved ones, some as wide as
 * half the address space. Shown beside a finding.
 *
 * @see https://www.team-cymru.com/bogon-networks
 */
export const feed: Feed = {
  id: "cymru-fullbogons-v6",
  title: "Team Cymru full bogons, IPv6",
  publisher: "Team Cymru",
  url: "https://www.team-cymru.org/Services/Bogons/fullbogons-ipv6.txt",
  licence: "unknown",
  everyMinutes: 240,
  tlp: "clear",
  pap: "clear",
  grade: { source: "A", statement: 1 },
  liveDays: 7,
  voice: "context",
  touches: "publisher",
  means: { contacted: "other", listed: "other" },
  widest: { v4: 32, v6: 1 },
  looksLike: (text) => /^# last updated \d{10} \(/.test(text) && /^[0-9a-f]*:[0-9a-f:]*\//m.test(text),
  parts: valueLines({ kinds: ["cidr", "ipv6"] }),
};
