import type { MispActName } from "#jobs/misp/asked.ts";

/**
 * Paths of MISP's API, controller and action, each with what it asks; whatever follows are its parameters. Controllers are
 * written in MISP's two ways, "sharing_groups" and "sharingGroups", and both lead here.
 */
const paths: Readonly<Record<string, MispActName>> = {
  "servers/getversion": "getVersion",
  "servers/getpymispversion": "getPyMispVersion",
  "servers/index": "none",
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
  "events/filtereventidsforpush": "filterEvents",
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
  "objectreferences/delete": "deleteReference",
  "objecttemplates/index": "none",
  "eventreports/add": "addReport",
  "eventreports/edit": "changeReport",
  "eventreports/delete": "deleteReport",
  "eventreports/restore": "restoreReport",
  "eventreports/view": "viewReport",
  "eventreports/index": "listReports",
  "shadowattributes/add": "addProposal",
  "shadowattributes/edit": "proposeChange",
  "shadowattributes/delete": "proposeDeletion",
  "shadowattributes/accept": "acceptProposal",
  "shadowattributes/discard": "discardProposal",
  "shadowattributes/view": "viewProposal",
  "shadowattributes/index": "listProposals",
  "analystdata/add": "addAnalyst",
  "analystdata/edit": "changeAnalyst",
  "analystdata/delete": "deleteAnalyst",
  "analystdata/view": "viewAnalyst",
  "analystdata/index": "listAnalyst",
  "analystdata/indexminimal": "indexAnalyst",
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
  "sightings/bulksavesightings": "pushSightings",
  "sightings/filtersightinguuidsforpush": "filterSightings",
  "taxonomies/index": "listTaxonomies",
  "taxonomies/view": "viewTaxonomy",
  "galaxies/index": "listGalaxies",
  "galaxies/view": "viewGalaxy",
  "galaxies/attachcluster": "attachCluster",
  "galaxies/detachcluster": "detachCluster",
  "galaxyclusters/detach": "detachCluster",
  "galaxyclusters/restsearch": "searchClusters",
  "galaxyclusters/index": "listClusters",
  "galaxyclusters/view": "viewCluster",
  "warninglists/index": "listWarninglists",
  "warninglists/view": "viewWarninglist",
  "warninglists/checkvalue": "checkWarninglists",
  "eventblocklists/index": "listGone",
  "eventblocklists/add": "addGone",
  "eventblocklists/delete": "removeGone",
  // What waglan has none of, and says so
  "authkeys/index": "none",
  "communities/index": "none",
  "correlationexclusions/index": "none",
  "correlationrules/index": "none",
  "decayingmodel/index": "none",
  "eventdelegations/index": "none",
  "feeds/index": "none",
  "galaxyclusterblocklists/index": "none",
  "galaxyclusterrelations/index": "none",
  "noticelists/index": "none",
  "orgblocklists/index": "none",
  "usersettings/index": "none",
  "userregistrations/index": "none",
  "users/registrations": "none",
  "workflows/index": "none",
};

/**
 * Controllers whose other actions waglan does in places of its own: what they are about, for the answer. An action that
 * has a path above is not among them.
 */
const elsewhere: Readonly<Record<string, string>> = {
  analystdata: "analyst data in this way",
  attributes: "attributes in this way",
  authkeys: "keys",
  communities: "communities",
  correlationexclusions: "exclusions",
  correlationrules: "correlation",
  correlations: "correlation",
  dashboards: "dashboards",
  decayingmodel: "ageing",
  eventblocklists: "the block-list in this way",
  eventdelegations: "delegations",
  eventreports: "reports in this way",
  events: "events in this way",
  feeds: "feeds",
  galaxies: "galaxies",
  galaxyclusterblocklists: "galaxies",
  galaxyclusterrelations: "galaxies",
  galaxyclusters: "galaxies",
  logs: "the log",
  noticelists: "notice lists",
  objects: "objects in this way",
  objectreferences: "references in this way",
  objecttemplates: "object templates",
  orgblocklists: "organisations",
  organisations: "organisations",
  roles: "roles",
  servers: "servers and settings",
  shadowattributes: "proposals in this way",
  sharinggroups: "groups",
  sightings: "sightings in this way",
  sightingdb: "sightings in this way",
  tags: "tags in this way",
  tagcollections: "tag collections",
  taxonomies: "taxonomies",
  taxiiservers: "servers and settings",
  threads: "discussions",
  userregistrations: "users",
  users: "users",
  usersettings: "settings of users",
  warninglists: "warning lists",
  workflows: "workflows",
};

/** Actions that are also asked by GET with everything in the path; all others that write want POST. */
const writing: ReadonlySet<MispActName> = new Set([
  ...(["addEvent", "changeEvent", "deleteEvent", "publishEvent", "unpublishEvent", "freeText"] as const),
  ...(["addAttributes", "changeAttribute", "deleteAttribute", "restoreAttribute"] as const),
  ...(["addObject", "changeObject", "deleteObject", "addReference", "deleteReference"] as const),
  ...(["addReport", "changeReport", "deleteReport", "restoreReport"] as const),
  ...(["addProposal", "proposeChange", "proposeDeletion", "acceptProposal", "discardProposal"] as const),
  ...(["addAnalyst", "changeAnalyst", "deleteAnalyst", "attachCluster", "detachCluster"] as const),
  ...(["putTag", "deleteTag", "attachTag", "removeTag"] as const),
  ...(["addSighting", "deleteSighting", "pushSightings", "addGone", "removeGone"] as const),
]);

export interface MispPath {
  readonly act: MispActName;
  readonly writes: boolean;
  readonly params: readonly string[];
  /** "name:value" parts, as CakePHP has them; a name that is repeated or ends in "[]" is a list. */
  readonly named: Readonly<Record<string, unknown>>;
}

/** Acts whose parameters are names that may hold colons. */
const namesOnly: ReadonlySet<MispActName> = new Set(["searchTags", "viewTag", "viewCluster"]);

/** Which act a path below /misp/ asks for. ".json" at its end says what every answer is anyway. */
export const mispPath = (path: string): MispPath => {
  const parts = path.split("/").filter((part) => part !== "");
  const words = parts.map(decoded);
  const plain = words.every((one) => one !== undefined) ? words.map((one) => one ?? "") : [];
  // "admin/users/index": the same controllers, for administrators
  const [controller = "", action = "index", ...rest] = plain[0]?.toLowerCase() === "admin" ? plain.slice(1) : plain;
  if (controller === "feed" && plain.length === 2)
    return { act: "feedFile", writes: false, params: [action], named: {} };
  const bare = [controller, action].map((one) =>
    one
      .toLowerCase()
      .replaceAll("_", "")
      .replace(/\.json$/, ""),
  );
  const isNamedAction = /^[a-z_[\]]+:/i.test(action);
  const asked = `${bare[0]}/${isNamedAction ? "index" : bare[1]}`;
  const act = Object.hasOwn(paths, asked) ? paths[asked] : undefined;
  if (act === undefined) {
    const about = Object.hasOwn(elsewhere, bare[0] ?? "") ? elsewhere[bare[0] ?? ""] : undefined;
    return about === undefined
      ? { act: "unknown", writes: false, params: [controller.slice(0, 100), action.slice(0, 100)], named: {} }
      : { act: "keptElsewhere", writes: false, params: [about], named: {} };
  }
  const behind = isNamedAction ? [action, ...rest] : rest;
  const params: string[] = [];
  const named: Record<string, unknown> = Object.create(null);
  for (const [at, word] of behind.entries()) {
    const found = namesOnly.has(act) ? null : /^([a-z_]+(?:\[\])?):(.*)$/is.exec(word);
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
