import type { JsonObject } from "./own.ts";

/**
 * MISP's core format, member for member in MISP's own words: ids, times and levels are decimal texts, UUIDs are in lower
 * case, truths are booleans. `more` holds what a document has beside these, so that printing loses nothing.
 * @see draft-dulaunoy-misp-core-format §2
 */
export interface MispEvent {
  /** Absent only in drafts that no instance has seen. */
  readonly uuid?: string;
  readonly id?: string;
  readonly info: string;
  /** "2026-01-31" */
  readonly date?: string;
  /** Seconds since 1970 of the last change; an edit is taken only when it is later. */
  readonly timestamp?: string;
  readonly publish_timestamp?: string;
  readonly published?: boolean;
  /** 1 high … 4 undefined. */
  readonly threat_level_id?: string;
  /** 0 initial, 1 ongoing, 2 complete. */
  readonly analysis?: string;
  /** 0 organisation, 1 community, 2 connected communities, 3 all, 4 sharing group. */
  readonly distribution?: string;
  readonly sharing_group_id?: string;
  readonly SharingGroup?: JsonObject;
  readonly extends_uuid?: string;
  readonly org_id?: string;
  readonly orgc_id?: string;
  /** Who holds it, and who wrote it. */
  readonly Org?: MispOrg;
  readonly Orgc?: MispOrg;
  readonly Tag: readonly MispTag[];
  readonly Attribute: readonly MispAttribute[];
  readonly Object: readonly MispObject[];
  readonly Galaxy: readonly MispGalaxy[];
  readonly EventReport: readonly MispEventReport[];
  readonly Note: readonly MispOpinion[];
  readonly Opinion: readonly MispOpinion[];
  readonly more?: JsonObject;
}

export interface MispAttribute {
  readonly uuid?: string;
  readonly id?: string;
  readonly type: string;
  /** Absent: the default of its type (attribute-types.ts). */
  readonly category?: string;
  readonly value: string;
  /** Absent: the default of its type. */
  readonly to_ids?: boolean;
  readonly timestamp?: string;
  readonly comment?: string;
  /** ISO 8601, microseconds allowed. */
  readonly first_seen?: string;
  readonly last_seen?: string;
  readonly deleted?: boolean;
  readonly disable_correlation?: boolean;
  /** 5: as its event. */
  readonly distribution?: string;
  readonly sharing_group_id?: string;
  readonly SharingGroup?: JsonObject;
  /** What it is in its object: "filename", "ip-dst". */
  readonly object_relation?: string;
  readonly object_id?: string;
  readonly event_id?: string;
  /** Base64: the file of an attachment; of a malware sample a zip under the password "infected". */
  readonly data?: string;
  readonly Tag: readonly MispTag[];
  readonly Galaxy: readonly MispGalaxy[];
  readonly Sighting: readonly MispSighting[];
  readonly Note: readonly MispOpinion[];
  readonly Opinion: readonly MispOpinion[];
  readonly more?: JsonObject;
}

export interface MispObject {
  readonly uuid?: string;
  readonly id?: string;
  readonly name: string;
  /** "network", "file", "misc". */
  readonly "meta-category"?: string;
  readonly description?: string;
  readonly template_uuid?: string;
  readonly template_version?: string;
  readonly timestamp?: string;
  readonly distribution?: string;
  readonly sharing_group_id?: string;
  readonly SharingGroup?: JsonObject;
  readonly comment?: string;
  readonly first_seen?: string;
  readonly last_seen?: string;
  readonly deleted?: boolean;
  readonly event_id?: string;
  readonly Attribute: readonly MispAttribute[];
  readonly ObjectReference: readonly MispReference[];
  readonly Note: readonly MispOpinion[];
  readonly Opinion: readonly MispOpinion[];
  readonly more?: JsonObject;
}

export interface MispReference {
  readonly uuid?: string;
  readonly object_uuid?: string;
  /** The object or attribute it points at. */
  readonly referenced_uuid: string;
  readonly relationship_type: string;
  readonly timestamp?: string;
  readonly comment?: string;
  readonly deleted?: boolean;
  readonly more?: JsonObject;
}

export interface MispTag {
  readonly name: string;
  readonly id?: string;
  /** "#FF2B2B" */
  readonly colour?: string;
  /** Absent: it may leave. */
  readonly exportable?: boolean;
  /** It must not leave this instance. */
  readonly local?: boolean;
  readonly relationship_type?: string;
  readonly more?: JsonObject;
}

export interface MispGalaxy {
  readonly uuid?: string;
  readonly id?: string;
  readonly name: string;
  /** "threat-actor", "mitre-attack-pattern". */
  readonly type: string;
  readonly description?: string;
  readonly version?: string;
  readonly icon?: string;
  readonly namespace?: string;
  readonly GalaxyCluster: readonly MispCluster[];
  readonly more?: JsonObject;
}

export interface MispCluster {
  readonly uuid?: string;
  readonly id?: string;
  readonly type: string;
  /** "APT16 - G0023" */
  readonly value: string;
  readonly tag_name?: string;
  readonly description?: string;
  readonly source?: string;
  readonly version?: string;
  readonly authors?: readonly string[];
  /** Its properties, each one or several; `GalaxyElement` of other exports is read into it. */
  readonly meta: Readonly<Record<string, unknown>>;
  readonly more?: JsonObject;
}

export interface MispSighting {
  readonly uuid?: string;
  readonly id?: string;
  /** Seconds since 1970. */
  readonly date_sighting: string;
  /** 0 seen, 1 false positive, 2 expired. */
  readonly type: string;
  readonly source?: string;
  readonly Organisation?: MispOrg;
  readonly more?: JsonObject;
}

export interface MispEventReport {
  readonly uuid?: string;
  readonly id?: string;
  readonly name: string;
  /** Markdown with "@[attribute](uuid)"; never rendered as HTML here. */
  readonly content: string;
  readonly timestamp?: string;
  readonly distribution?: string;
  readonly deleted?: boolean;
  readonly Note: readonly MispOpinion[];
  readonly Opinion: readonly MispOpinion[];
  readonly more?: JsonObject;
}

/** MISP's analyst data: a note (`note`, `language`) or an opinion (`opinion` 0 to 100, `comment`). */
export interface MispOpinion {
  readonly uuid?: string;
  readonly authors?: string;
  /** "2024-06-12 12:49:45", UTC. */
  readonly created?: string;
  readonly modified?: string;
  readonly note?: string;
  readonly language?: string;
  readonly opinion?: string;
  readonly comment?: string;
  readonly more?: JsonObject;
}

export interface MispOrg {
  readonly uuid?: string;
  readonly id?: string;
  readonly name: string;
  readonly more?: JsonObject;
}
