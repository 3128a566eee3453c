/** What a client of MISP's asks: the parts of its path behind the act's own words, and everything else it says. */
export interface MispCall {
  readonly params: readonly string[];
  /** Query, "name:value" parts of the path and the body's members; the body wins. */
  readonly input: Readonly<Record<string, unknown>>;
  /** JSON as it came; some acts take lists. */
  readonly body: unknown;
}

export interface MispAnswer {
  readonly status?: number;
  /** JSON, or what `type` says. */
  readonly body: string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Everything that MISP's API can be asked here. */
export const mispActNames = [
  "getVersion",
  "getPyMispVersion",
  "describeTypes",
  "viewUser",
  "listUsers",
  "listRoles",
  "listOrganisations",
  "viewOrganisation",
  "listSharingGroups",
  "viewSharingGroup",
  "addEvent",
  "changeEvent",
  "deleteEvent",
  "publishEvent",
  "unpublishEvent",
  "viewEvent",
  "indexEvents",
  "searchEvents",
  "freeText",
  "addAttributes",
  "changeAttribute",
  "deleteAttribute",
  "restoreAttribute",
  "viewAttribute",
  "indexAttributes",
  "searchAttributes",
  "attributeStatistics",
  "zeek",
  "text",
  "csv",
  "hashes",
  "suricata",
  "snort",
  "rpz",
  "addObject",
  "changeObject",
  "deleteObject",
  "viewObject",
  "searchObjects",
  "addReference",
  "listTags",
  "viewTag",
  "searchTags",
  "putTag",
  "deleteTag",
  "attachTag",
  "removeTag",
  "tagStatistics",
  "addSighting",
  "listSightings",
  "searchSightings",
  "deleteSighting",
  "listTaxonomies",
  "viewTaxonomy",
  "listGalaxies",
  "viewGalaxy",
  "listWarninglists",
  "viewWarninglist",
  "checkWarninglists",
  "toggleWarninglist",
  "listGone",
  "addGone",
  "removeGone",
  "feedFile",
  "none",
  "readOnly",
] as const;
export type MispActName = (typeof mispActNames)[number];
