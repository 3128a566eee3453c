import { listsOf } from "#feeds/body.ts";
import { documentsWalk } from "#feeds/documents-walk.ts";
import type { Feed } from "#feeds/feed.ts";
import { attackRows } from "./object.ts";

/**
 * MITRE ATT&CK: the names of techniques, tactics, groups, software and campaigns of Enterprise, ICS and Mobile, as the
 * STIX 2.1 bundles MITRE publishes. Names only: what uses what stays in the bundles, and whoever wants it whole imports
 * them into a collection.
 *
 * @see https://github.com/mitre-attack/attack-stix-data, https://github.com/mitre-attack/attack-stix-data/blob/master/USAGE.md
 */
export const feed: Feed = {
  id: "mitre-attack",
  title: "MITRE ATT&CK names",
  publisher: "MITRE",
  url: "https://raw.githubusercontent.com/mitre-attack/attack-stix-data/master/",
  licence: "ATT&CK",
  everyMinutes: 10_080,
  tlp: "clear",
  pap: "clear",
  grade: { source: "A", statement: 1 },
  liveDays: 365,
  voice: "context",
  touches: "publisher",
  means: { contacted: "other", listed: "other" },
  looksLike: (text) =>
    /"source_name"\s*:\s*"mitre-(?:ics-|mobile-)?attack"/.test(text) ||
    (/"type"\s*:\s*"bundle"/.test(text) && /"x_mitre_(?:domains|version|attack_spec_version)"\s*:/.test(text)),
  gives: "parts",
  walk: documentsWalk([
    "enterprise-attack/enterprise-attack.json",
    "ics-attack/ics-attack.json",
    "mobile-attack/mobile-attack.json",
  ]),
  parts: (body, file) =>
    listsOf(body, file, { json: true }).map(({ name, bytes }) => ({ name, rows: attackRows(bytes) })),
};
