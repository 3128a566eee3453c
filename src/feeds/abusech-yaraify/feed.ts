import type { Feed } from "#feeds/feed.ts";
import { jsonTableRows } from "#feeds/json-path.ts";

/**
 * Answers of the YARAify API about files a YARA rule matched (`data`, or `tasks` inside one), saved to a file or
 * brought by API: each file's hashes. An answer without files is an error and a bad body. What a rule matched is a
 * lead, so it corroborates.
 *
 * @see https://yaraify.abuse.ch/api/
 */
export const feed: Feed = {
  id: "abusech-yaraify",
  title: "YARAify files that a rule matched",
  publisher: "abuse.ch",
  licence: "CC0-1.0",
  everyMinutes: 60,
  tlp: "clear",
  pap: "clear",
  grade: { source: "B", statement: 4 },
  liveDays: 180,
  voice: "corroborate",
  touches: "publisher",
  means: { contacted: "infected-system", listed: "malware-distribution" },
  auth: { required: true, by: { header: "Auth-Key" } },
  looksLike: (text) => /"query_status"\s*:/.test(text) && /"sha256_hash"\s*:/.test(text),
  parts: jsonTableRows(
    { rows: "$.data[*]" },
    {
      value: ["sha256_hash"],
      also: ["sha1_hash", "md5_hash"],
      seenAt: ["last_seen", "first_seen"],
      labels: ["signature?", "$.yara[*].rule_name", "rule_name?"],
      kinds: ["sha256", "sha1", "md5"],
    },
  ),
};
