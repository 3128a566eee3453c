import { listsOf } from "#feeds/body.ts";
import { bundleFrame, bundleRows } from "#feeds/bundle-rows.ts";
import type { Feed } from "#feeds/feed.ts";
import { parseJson } from "#feeds/json.ts";

/**
 * A STIX 2.1 bundle from a partner; 2.0 objects inside it are read too. Indicators become values, vulnerabilities advisories. Without a TLP
 * marking an object is amber: a partner who says nothing did not say "publish".
 */
export const feed: Feed = {
  id: "stix-bundle",
  title: "A STIX 2.1 bundle",
  publisher: "whoever wrote the file",
  licence: "unknown",
  everyMinutes: 60,
  tlp: "amber",
  pap: "amber",
  grade: { source: "F", statement: 3 },
  liveDays: 90,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "infected-system", listed: "blacklist" },
  looksLike: (text) => /^\s*\{/.test(text) && /"type"\s*:\s*"bundle"/.test(text),
  parts: (body, file) =>
    listsOf(body, file, { json: true }).map(({ name, bytes }) => ({
      name,
      rows: bundleRows(parseJson(bytes)),
      frame: bundleFrame,
    })),
};
