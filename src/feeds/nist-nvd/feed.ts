import { withText } from "#feeds/advisory-row.ts";
import { BadBody } from "#feeds/bad-body.ts";
import { listsOf } from "#feeds/body.ts";
import type { Feed } from "#feeds/feed.ts";
import { jsonFrame } from "#feeds/json-frame.ts";
import { parseJson } from "#feeds/json.ts";
import { jsonAt } from "#feeds/json-shape.ts";
import { cveItemRow } from "./cve-item.ts";
import { nvdWalk } from "./walk.ts";

/**
 * The US National Vulnerability Database: a record per CVE with scores by scorer and the products it is about. Works of
 * the US government, hence nobody's; NVD asks to be named. Without a key five requests in half a minute are answered.
 *
 * @see https://nvd.nist.gov/developers/vulnerabilities
 */
export const feed: Feed = {
  id: "nist-nvd",
  title: "NIST National Vulnerability Database",
  publisher: "NIST",
  url: "https://services.nvd.nist.gov/rest/json/cves/2.0",
  licence: "CC0-1.0",
  everyMinutes: 120,
  tlp: "clear",
  pap: "clear",
  grade: { source: "A", statement: 2 },
  liveDays: 365,
  voice: "context",
  touches: "publisher",
  means: { contacted: "other", listed: "vulnerable-system" },
  looksLike: (text) => /"format"\s*:\s*"NVD_CVE"/.test(text),
  gives: "news",
  auth: { required: false, by: { header: "apiKey" } },
  walk: nvdWalk,
  parts: (body, file) =>
    listsOf(body, file, { json: true }).map(({ name, bytes }) => {
      const list = jsonAt(parseJson(bytes), "vulnerabilities");
      if (!Array.isArray(list)) throw new BadBody("WGL_BODY_SHAPE", { wanted: "a list at /vulnerabilities" });
      const rows = list.map((item: unknown, place) =>
        withText(cveItemRow(place + 1, item), () => JSON.stringify(item)),
      );
      return { name, rows, frame: jsonFrame("$.vulnerabilities[*]") };
    }),
};
