import { BadBody } from "#feeds/bad-body.ts";
import { listsOf } from "#feeds/body.ts";
import { documentsWalk } from "#feeds/documents-walk.ts";
import type { Feed, Row } from "#feeds/feed.ts";
import { jsonField, parseJson } from "#feeds/json.ts";
import { type SaidName, nameRow } from "#feeds/name-row.ts";

/** A cluster's uuid; some old ones are versions nobody uses any more. */
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const galaxyType = /^[a-z0-9][a-z0-9._-]{0,99}$/i;

/**
 * Names of MISP's galaxies: actors, ransomware, tools and malware families with their synonyms. Those that carry terms of
 * others (Malpedia's) or copy ATT&CK are not asked for; an operator who may have them names the document.
 *
 * @see https://github.com/MISP/misp-galaxy (CC0-1.0, or BSD-2-Clause at the reader's choice), MISP galaxy format (draft-dulaunoy-misp-galaxy-format)
 */
export const feed: Feed = {
  id: "misp-galaxy",
  title: "MISP galaxy names",
  publisher: "MISP Project",
  url: "https://raw.githubusercontent.com/MISP/misp-galaxy/main/clusters/",
  licence: "CC0-1.0",
  everyMinutes: 10_080,
  tlp: "clear",
  pap: "clear",
  grade: { source: "B", statement: 2 },
  liveDays: 365,
  voice: "context",
  touches: "publisher",
  means: { contacted: "other", listed: "other" },
  looksLike: (text) =>
    /"authors"\s*:\s*\[/.test(text) && /"(?:category|description)"\s*:/.test(text) && /^\s*\{/.test(text),
  gives: "parts",
  walk: documentsWalk([
    ...["threat-actor.json", "ransomware.json", "tool.json", "rat.json", "botnet.json", "banker.json", "stealer.json"],
    ...["backdoor.json", "exploit-kit.json", "cryptominers.json", "android.json"],
  ]),
  parts: (body, file) =>
    listsOf(body, file, { json: true }).map(({ name, bytes }) => ({ name, rows: clusterRows(parseJson(bytes)) })),
};

const clusterRows = (galaxy: unknown): readonly Row[] => {
  const [type, values] = [jsonField(galaxy, "type"), jsonField(galaxy, "values")];
  if (typeof type !== "string" || !galaxyType.test(type) || !Array.isArray(values))
    throw new BadBody("WGL_BODY_SHAPE", { wanted: "a MISP galaxy with a type and values" });
  return values.map((value: unknown, at) => nameRow(at + 1, said(value, type), () => JSON.stringify(value)));
};

const said = (value: unknown, type: string): SaidName => {
  const [id, meta] = [jsonField(value, "uuid"), jsonField(value, "meta")];
  return {
    ...{ list: type, kind: type, name: jsonField(value, "value") },
    id: typeof id === "string" && uuid.test(id) ? id.toLowerCase() : undefined,
    aliases: jsonField(meta, "synonyms"),
    gone: jsonField(value, "revoked") === true,
  };
};
