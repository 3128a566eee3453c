import type { Feed } from "#feeds/feed.ts";
import { valueLines } from "#feeds/value-lines.ts";

/**
 * Addresses of hosts that Emerging Threats knows to be compromised and attacking others.
 *
 * @see https://rules.emergingthreats.net/OPEN_download_instructions.html
 */
export const feed: Feed = {
  id: "emergingthreats-compromised",
  title: "Emerging Threats compromised hosts",
  publisher: "Proofpoint Emerging Threats",
  url: "https://rules.emergingthreats.net/blockrules/compromised-ips.txt",
  licence: "unknown",
  everyMinutes: 1440,
  tlp: "clear",
  pap: "clear",
  grade: { source: "B", statement: 3 },
  liveDays: 7,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "blacklist", listed: "system-compromise" },
  looksLike: (_text, file) => /compromised-ips/.test(file),
  parts: valueLines({ kinds: ["ipv4", "ipv6"] }),
};
