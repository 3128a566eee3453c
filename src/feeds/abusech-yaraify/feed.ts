import type { Feed, Frame } from "#feeds/feed.ts";
import { listsOf } from "#feeds/body.ts";
import { jsonFrame } from "#feeds/json-frame.ts";
import { jsonRowsIn } from "#feeds/json-path.ts";
import { jsonField, parseJson } from "#feeds/json.ts";
import type { Mapping } from "#feeds/fields.ts";
import { yaraifyWalk } from "./walk.ts";

/**
 * Answers of the YARAify API about files a YARA rule matched: each file's hashes. Asked for by POST, rule by rule; an
 * answer that was saved to a file is read as well. An answer without files is an error and a bad body. What a rule
 * matched is a lead, so it corroborates.
 *
 * @see https://yaraify.abuse.ch/api/
 */
export const feed: Feed = {
  id: "abusech-yaraify",
  title: "YARAify files that a rule matched",
  publisher: "abuse.ch",
  url: "https://yaraify-api.abuse.ch/api/v1/",
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
  gives: "news",
  walk: yaraifyWalk,
  parts: (body, file) =>
    listsOf(body, file, { json: true }).map(({ name, bytes }) => {
      const document = parseJson(bytes);
      const rule = jsonField(document, "rule");
      const answer = typeof rule === "string" ? jsonField(document, "document") : document;
      const said = typeof rule === "string" ? rule : undefined;
      return { name, rows: jsonRowsIn(answer, "$.data[*]", mappingOf(said)), frame: frameOf(said) };
    }),
};

const files: Mapping = {
  value: ["sha256_hash"],
  also: ["sha1_hash", "md5_hash"],
  seenAt: ["last_seen", "first_seen"],
  kinds: ["sha256", "sha1", "md5"],
};
const labels = ["signature?", "$.yara[*].rule_name", "rule_name?"] as const;

const mappingOf = (rule: string | undefined): Mapping =>
  rule === undefined
    ? { ...files, labels }
    : { ...files, labels: (fields) => [...labels.flatMap((name) => fields(name.replace(/\?$/, ""))), rule] };

/** Refused files stay those of their rule. */
const frameOf = (rule: string | undefined): Frame => {
  const { before, between, after } = jsonFrame("$.data[*]");
  return rule === undefined
    ? { before, between, after }
    : { before: `{"rule":${JSON.stringify(rule)},"document":${before}`, between, after: `${after.trim()}}` };
};
