import type { Grade } from "#core/grade.ts";
import type { RsitType } from "#core/rsit.ts";
import type { Feed } from "#feeds/feed.ts";
import type { Fields } from "#feeds/fields.ts";
import { jsonTableRows } from "#feeds/json-path.ts";

const types: Readonly<Record<string, RsitType>> = {
  ...{ MALWARE: "malware-distribution", EXPLOIT_KIT: "malware-distribution", BACKDOOR: "system-compromise" },
  ...{ PHISHING: "phishing", C_AND_C: "c2-server", TOR_IP: "other" },
};

const meaning = (fields: Fields): RsitType | undefined => types[fields("type")[0] ?? ""];

/** Confidence 1 to 5. */
const grade = (fields: Fields): Grade | undefined => {
  const confidence = Number(fields("confidence")[0] ?? 0);
  return confidence < 1 ? undefined : { source: "C", statement: confidence >= 4 ? 2 : confidence >= 3 ? 3 : 4 };
};

/**
 * Servers that spread malware, phish, command bots or relay for Tor, as the community API gave them. The service is
 * gone; its JSON is still exchanged.
 */
export const feed: Feed = {
  id: "blueliv-crimeserver",
  title: "Blueliv crime servers",
  publisher: "Blueliv",
  licence: "unknown",
  everyMinutes: 60,
  tlp: "clear",
  pap: "clear",
  grade: { source: "C", statement: 3 },
  liveDays: 14,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "infected-system", listed: "malware-distribution" },
  looksLike: (text) => /"lastSeenAt"\s*:/.test(text) && /"type"\s*:\s*"[A-Z_]+"/.test(text),
  parts: jsonTableRows(
    { rows: "$[*]" },
    {
      value: ["url", "ip"],
      seenAt: ["lastSeenAt", "updatedAt", "firstSeenAt"],
      labels: ["type"],
      type: meaning,
      grade,
    },
  ),
};
