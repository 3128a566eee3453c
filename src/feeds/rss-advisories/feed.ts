import type { Feed } from "#feeds/feed.ts";
import { parseXml } from "#feeds/xml.ts";
import { frameOf, itemsOf } from "./items.ts";

/**
 * A CERT's or publisher's advisories as RSS 2.0, RSS 1.0 or Atom. Markup in titles and texts becomes plain text, CVE ids
 * are found in both. `use: rss-advisories` with an address makes a source; a feed keeps its newest items only, so what
 * is absent is old and not withdrawn.
 */
export const feed: Feed = {
  id: "rss-advisories",
  title: "Advisories as RSS or Atom",
  publisher: "whoever publishes the feed",
  licence: "unknown",
  everyMinutes: 60,
  tlp: "clear",
  pap: "clear",
  grade: { source: "B", statement: 3 },
  liveDays: 365,
  voice: "context",
  touches: "publisher",
  means: { contacted: "other", listed: "vulnerable-system" },
  gives: "news",
  looksLike: (text) =>
    /^(?:\xef\xbb\xbf)?\s*<(?:\?xml|rss|feed|rdf:RDF)\b/i.test(text) && /<(?:rss|feed|(?:\w+:)?RDF)\b/.test(text),
  parts: (body) => {
    const root = parseXml(body);
    return [{ name: "", rows: itemsOf(root), frame: frameOf(root) }];
  },
};
