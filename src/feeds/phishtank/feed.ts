import { listsOf } from "#feeds/body.ts";
import type { Feed } from "#feeds/feed.ts";
import type { Mapping } from "#feeds/fields.ts";
import { jsonRowsIn } from "#feeds/json-path.ts";
import { parseJson } from "#feeds/json.ts";
import { tableOf } from "#feeds/table.ts";

/**
 * Phishing URLs that people submitted and others confirmed, as long as they answer. The operator's key is part of the
 * address, which leads to a signed one of its delivery network; JSON and CSV of it are read alike.
 *
 * @see https://phishtank.org/developer_info.php
 */
export const feed: Feed = {
  id: "phishtank",
  title: "PhishTank verified phishing",
  publisher: "Cisco Talos",
  url: "https://data.phishtank.com/data/{key}/online-valid.json.gz",
  hosts: ["cdn.phishtank.com"],
  licence: "unknown",
  everyMinutes: 60,
  tlp: "clear",
  pap: "clear",
  grade: { source: "B", statement: 2 },
  liveDays: 7,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "phishing", listed: "phishing" },
  auth: { required: true, by: { inUrl: true } },
  looksLike: (text) => /^phish_id,url,|"phish_id"\s*:/.test(text),
  parts: (body, file) =>
    listsOf(body, file, { json: true }).map(({ name, bytes }) => {
      const isJson = /^\s*\[/.test(Buffer.from(bytes.subarray(0, 64)).toString("latin1"));
      return {
        name,
        ...(isJson
          ? {
              rows: jsonRowsIn(parseJson(bytes), "$[*]", mapping),
              frame: { before: "[", between: ",\n", after: "]\n" },
            }
          : tableOf(bytes, { delimiter: "," }, mapping)),
      };
    }),
};

/** The target is the imitated brand, not a malware family; "Other" names none. */
const mapping: Mapping = {
  value: ["url"],
  seenAt: ["submission_time"],
  labels: ["target"],
  kinds: ["url"],
  empty: ["other"],
};
