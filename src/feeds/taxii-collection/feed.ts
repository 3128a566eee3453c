import { listsOf } from "#feeds/body.ts";
import { bundleFrame, bundleRows } from "#feeds/bundle-rows.ts";
import type { Feed } from "#feeds/feed.ts";
import { parseJson } from "#feeds/json.ts";
import { walkCollection } from "./walk.ts";

/**
 * A partner's TAXII 2.1 collection, or one of 2.0: what was added since the last turn. Its address is that of the
 * collection ("…/collections/ID/"), or of the API root with the collection's title ("…/api1/#Title"). The key is
 * "user:password", or what stands in `Authorization` ("Token x", "Bearer x").
 */
export const feed: Feed = {
  id: "taxii-collection",
  title: "A TAXII collection",
  publisher: "the partner who runs the server",
  licence: "unknown",
  everyMinutes: 15,
  tlp: "amber",
  pap: "amber",
  grade: { source: "F", statement: 3 },
  liveDays: 90,
  voice: "alert",
  touches: "publisher",
  means: { contacted: "infected-system", listed: "blacklist" },
  gives: "news",
  auth: { required: false, by: { header: "authorization" } },
  walk: walkCollection,
  parts: (body, file) =>
    listsOf(body, file, { json: true }).map(({ name, bytes }) => ({
      name,
      rows: bundleRows(parseJson(bytes), true),
      frame: bundleFrame,
    })),
};
