import type { MispActName } from "#jobs/misp-asked.ts";

/**
 * Paths of MISP's API, controller and action, each with what it asks; whatever follows are its parameters. Controllers are
 * written in MISP's two ways, "sharing_groups" and "sharingGroups", and both lead here.
 */
const paths: Readonly<Record<string, MispActName>> = {
  "servers/getversion": "getVersion",
  "servers/getpymispversion": "getPyMispVersion",
  "servers/index": "none",
  "servers/posttest": "readOnly",
  "users/view": "viewUser",
  "users/index": "listUsers",
  "roles/index": "listRoles",
  "organisations/index": "listOrganisations",
  "organisations/view": "viewOrganisation",
  "sharinggroups/index": "listSharingGroups",
  "sharinggroups/view": "viewSharingGroup",
  "events/add": "addEvent",
  "events/edit": "changeEvent",
  "events/delete": "deleteEvent",
  "events/publish": "publishEvent",
  "events/alert": "publishEvent",
  "events/unpublish": "unpublishEvent",
  "events/view": "viewEvent",
  "events/index": "indexEvents",
  "events/restsearch": "searchEvents",
  "events/freetextimport": "freeText",
  "events/addtag": "attachTag",
  "events/removetag": "removeTag",
  "events/csv": "csv",
  "events/nids": "suricata",
  "attributes/describetypes": "describeTypes",
  "attributes/add": "addAttributes",
  "attributes/edit": "changeAttribute",
  "attributes/delete": "deleteAttribute",
  "attributes/restore": "restoreAttribute",
  "attributes/view": "viewAttribute",
  "attributes/index": "indexAttributes",
  "attributes/restsearch": "searchAttributes",
  "attributes/attributestatistics": "attributeStatistics",
  "attributes/addtag": "attachTag",
  "attributes/removetag": "removeTag",
  "attributes/bro": "zeek",
  "attributes/zeek": "zeek",
  "attributes/text": "text",
  "attributes/rpz": "rpz",
  "objects/add": "addObject",
  "objects/edit": "changeObject",
  "objects/delete": "deleteObject",
  "objects/view": "viewObject",
  "objects/restsearch": "searchObjects",
  "objectreferences/add": "addReference",
  "objecttemplates/index": "none",
  "tags/index": "listTags",
  "tags/view": "viewTag",
  "tags/search": "searchTags",
  "tags/add": "putTag",
  "tags/edit": "putTag",
  "tags/delete": "deleteTag",
  "tags/attachtagtoobject": "attachTag",
  "tags/removetagfromobject": "removeTag",
  "tags/tagstatistics": "tagStatistics",
  "sightings/add": "addSighting",
  "sightings/index": "listSightings",
  "sightings/listsightings": "listSightings",
  "sightings/restsearch": "searchSightings",
  "sightings/delete": "deleteSighting",
  "taxonomies/index": "listTaxonomies",
  "taxonomies/view": "viewTaxonomy",
  "galaxies/index": "listGalaxies",
  "galaxies/view": "viewGalaxy",
  "galaxyclusters/restsearch": "none",
  "galaxyclusters/index": "none",
  "warninglists/index": "listWarninglists",
  "warninglists/view": "viewWarninglist",
  "warninglists/checkvalue": "checkWarninglists",
  "warninglists/toggleenable": "toggleWarninglist",
  "noticelists/index": "none",
  "shadowattributes/index": "none",
  "feeds/index": "none",
  "eventblocklists/index": "listGone",
  "eventblocklists/add": "addGone",
  "eventblocklists/delete": "removeGone",
};

/** Actions that are also asked by GET with everything in the path; all others that write want POST. */
const writing: ReadonlySet<MispActName> = new Set([
  ...([
    "addEvent",
    "changeEvent",
    "deleteEvent",
    "publishEvent",
    "unpublishEvent",
    "freeText",
    "addAttributes",
  ] as const),
  ...(["changeAttribute", "deleteAttribute", "restoreAttribute", "addObject", "changeObject", "deleteObject"] as const),
  ...(["addReference", "putTag", "deleteTag", "attachTag", "removeTag", "addSighting", "deleteSighting"] as const),
  ...(["addGone", "removeGone", "toggleWarninglist", "readOnly"] as const),
]);

export interface MispPath {
  readonly act: MispActName;
  readonly writes: boolean;
  readonly params: readonly string[];
  /** "name:value" parts, as CakePHP has them; a name that is repeated or ends in "[]" is a list. */
  readonly named: Readonly<Record<string, unknown>>;
}

/** Which act a path below /misp/ asks for. ".json" at its end says what every answer is anyway. */
export const mispPath = (path: string): MispPath | undefined => {
  const parts = path.split("/").filter((part) => part !== "");
  const words = parts.map(decoded);
  if (words.some((one) => one === undefined)) return undefined;
  const [controller = "", action = "index", ...rest] = words.map((one) => one ?? "");
  if (controller === "feed" && words.length === 2)
    return { act: "feedFile", writes: false, params: [action], named: {} };
  const bare = [controller, action].map((one) =>
    one
      .toLowerCase()
      .replaceAll("_", "")
      .replace(/\.json$/, ""),
  );
  const isNamedAction = /^[a-z_[\]]+:/i.test(action);
  const act = paths[`${bare[0]}/${isNamedAction ? "index" : bare[1]}`];
  if (act === undefined) return undefined;
  const behind = isNamedAction ? [action, ...rest] : rest;
  const params: string[] = [];
  const named: Record<string, unknown> = Object.create(null);
  for (const [at, word] of behind.entries()) {
    // Tags hold colons: where a name is asked for, every part is one
    const found = act === "searchTags" || act === "viewTag" ? null : /^([a-z_]+(?:\[\])?):(.*)$/is.exec(word);
    if (found?.[1] !== undefined && !/^(?:https?|tlp|pap|misp-galaxy)$/i.test(found[1])) {
      const name = found[1].replace("[]", "");
      const value = found[1].endsWith("[]") ? (found[2] ?? "").split("|") : found[2];
      named[name] = Object.hasOwn(named, name) ? [named[name], value].flat() : value;
    } else params.push(at === behind.length - 1 ? word.replace(/\.json$/, "") : word);
  }
  // "/attributes/bro/download/…", "/events/nids/suricata/download": words of the path that say nothing more
  const said = ["zeek", "text", "rpz", "csv", "suricata"].includes(act)
    ? params.filter((one) => !["download", "suricata"].includes(one))
    : params;
  return {
    act: params.includes("snort") && act === "suricata" ? "snort" : act,
    writes: writing.has(act),
    params: said.filter((one) => one !== "snort" || act !== "suricata"),
    named,
  };
};

const decoded = (part: string): string | undefined => {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
};
