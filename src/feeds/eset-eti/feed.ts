import type { Grade } from "#core/grade.ts";
import type { RsitType } from "#core/rsit.ts";
import type { Feed } from "#feeds/feed.ts";
import type { Fields } from "#feeds/fields.ts";
import { jsonTableRows } from "#feeds/json-path.ts";

/** Its sentences name what the object does. */
const meaning = (fields: Fields): RsitType | undefined => {
  const reason = fields("reason")[0] ?? "";
  if (/phish/i.test(reason)) return "phishing";
  if (/C&C|command and control|botnet/i.test(reason)) return "c2-server";
  return /distributes|downloads?|malware/i.test(reason) ? "malware-distribution" : undefined;
};

const grade = (fields: Fields): Grade | undefined => {
  const confidence = fields("confidence")[0]?.toLowerCase();
  if (confidence === undefined) return undefined;
  return { source: "A", statement: confidence === "high" ? 2 : confidence === "medium" ? 3 : 4 };
};

/**
 * Names, addresses and URLs that ESET blocks, with why, how sure and until when (`ei.domains v2`, `ei.urls`, `ei.ips`
 * as JSON). For subscribers; their TAXII collections bring the same.
 *
 * @see https://help.eset.com/eti_portal/en-US/data_feeds.html
 */
export const feed: Feed = {
  id: "eset-eti",
  title: "ESET Threat Intelligence blocked objects",
  publisher: "ESET",
  licence: "no-redistribution",
  everyMinutes: 60,
  tlp: "amber",
  pap: "amber",
  grade: { source: "A", statement: 3 },
  liveDays: 14,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "infected-system", listed: "blacklist" },
  looksLike: (text) => /"state"\s*:\s*"BlockedObject"/.test(text),
  parts: jsonTableRows(
    { rows: "$[*]" },
    {
      value: ["url?", "domain?", "ip?"],
      seenAt: ["last_seen", "first_seen"],
      validUntil: "valid_to",
      labels: ["$.malware_family", "$.threat_type"],
      type: meaning,
      grade,
      kinds: ["url", "domain", "ipv4", "ipv6"],
    },
  ),
};
