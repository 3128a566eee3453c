import { listsOf } from "#feeds/body.ts";
import type { Feed } from "#feeds/feed.ts";
import { parseJson } from "#feeds/json.ts";
import { mispParts } from "#feeds/misp-rows.ts";

/**
 * A MISP event, or what a search of a MISP instance gives. Attributes meant for detection become indicators; tags and
 * galaxies are their labels. Without a TLP tag an event is amber: an author who says nothing did not say "publish".
 */
export const feed: Feed = {
  id: "misp-event",
  title: "A MISP event",
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
  looksLike: (text) =>
    /^\s*[[{]/.test(text) &&
    /"(?:Event|Attribute|Object)"\s*:\s*[[{]/.test(text) &&
    /"(?:info|category|threat_level_id|Orgc|meta-category)"\s*:/.test(text),
  parts: (body, file) =>
    listsOf(body, file, { json: true }).flatMap(({ name, bytes }) =>
      mispParts(parseJson(bytes)).map((part) => ({
        ...part,
        name: name === "" || part.name === "" ? `${name}${part.name}` : `${name}/${part.name}`,
      })),
    ),
};
