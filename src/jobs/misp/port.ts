import type { Scope } from "#community/visibility.ts";
import type { Instant } from "#core/instant.ts";
import type { Licence, Marking, OrganisationId, Pap, Tlp } from "#core/marking.ts";
import type { MispFilter, MispOrder } from "#share/misp-filter.ts";

type Json = Readonly<Record<string, unknown>>;

/** What every row of MISP's has: its marking, and why staff alone see it (absent: released). */
interface MispMarked {
  readonly uuid: string;
  readonly marking: Marking;
  readonly shadow?: string;
  /** Seconds since 1970 of the last change. */
  readonly changed: number;
  /** 0 organisation, 1 community, 2 connected, 3 all, 4 sharing group, 5 as its parent. */
  readonly distribution: number;
  /** UUID of the MISP sharing group, with distribution 4. */
  readonly sharingGroup?: string;
  /** Members of the format that are never asked for by themselves. */
  readonly rest: Json;
}

export interface MispEventNew extends MispMarked {
  /** Who brought it; absent: the community. */
  readonly sender?: OrganisationId;
  readonly info: string;
  /** "2026-01-31" */
  readonly date: string;
  readonly published: boolean;
  /** Seconds since 1970; 0: never. */
  readonly publishedAt: number;
  readonly threat: number;
  readonly analysis: number;
  readonly orgc: { readonly name: string; readonly uuid?: string };
  /** Names of tags that may leave. */
  readonly tags: readonly string[];
}
export interface MispEventRow extends MispEventNew {
  readonly n: number;
}

export interface MispObjectNew extends MispMarked {
  readonly event: number;
  readonly name: string;
  readonly metaCategory: string;
  readonly deleted: boolean;
}
export interface MispObjectRow extends MispObjectNew {
  readonly n: number;
}

export interface MispAttributeNew extends MispMarked {
  readonly event: number;
  readonly object?: number;
  /** It is about a person: leaves only where personal data may go. */
  readonly personal: boolean;
  readonly type: string;
  readonly category: string;
  readonly value: string;
  /** Its whole, and the halves of a composite (share/misp-value-keys.ts). */
  readonly keys: readonly string[];
  readonly correlates: boolean;
  readonly toIds: boolean;
  readonly deleted: boolean;
  readonly comment: string;
  readonly firstSeen?: string;
  readonly lastSeen?: string;
  readonly tags: readonly string[];
  /** Base64. */
  readonly data?: string;
}
export interface MispAttributeRow extends MispAttributeNew {
  readonly n: number;
  readonly hasData: boolean;
}

export interface MispSightingNew {
  readonly uuid: string;
  readonly attribute: number;
  readonly sender?: OrganisationId;
  /** 0 seen, 1 false positive, 2 expired. */
  readonly type: number;
  readonly source: string;
  /** Seconds since 1970. */
  readonly at: number;
}
export interface MispSightingRow extends MispSightingNew {
  readonly n: number;
}

/** What can be said about an event or a part of it, by MISP's names. */
export const mispRemarkKinds = ["EventReport", "ShadowAttribute", "Note", "Opinion", "Relationship"] as const;
export type MispRemarkKind = (typeof mispRemarkKinds)[number];

/** A report, a proposal, a note, an opinion or a relationship. */
export interface MispRemarkNew extends Omit<MispMarked, "rest"> {
  readonly event: number;
  readonly kind: MispRemarkKind;
  /** UUID of what it is said about, and its kind by MISP's name. */
  readonly target: string;
  readonly saidOf: string;
  /** Who said it; absent: the community. */
  readonly sender?: OrganisationId;
  readonly deleted: boolean;
  /** Its members in MISP's words, but for those above. */
  readonly body: Json;
}
export interface MispRemarkRow extends MispRemarkNew {
  readonly n: number;
}

/** An attribute's sighting with what it is about: what intelligence is told of it. */
export interface MispSighted {
  readonly attribute: MispAttributeRow;
  readonly event: MispEventRow;
  readonly sightings: readonly MispSightingRow[];
}

/** Somebody says that a value is no danger. */
export interface MispDispute {
  readonly indicator: string;
  /** "" is the community. */
  readonly sender: string;
  /** UUID of the attribute that was disputed. */
  readonly attribute: string;
}

/**
 * What one asker may have, as plain data that becomes SQL; release has the last word. `bounds` absent: staff, who see by
 * scope alone. What `own` sent is within reach whatever its agreement says of others' objects.
 */
export interface MispReach {
  readonly scope: Scope;
  /** Whose own rows these are; "": the community's. */
  readonly own?: OrganisationId | "";
  readonly bounds?: {
    readonly tlps: readonly Tlp[];
    readonly paps: readonly Pap[];
    readonly licences: readonly Licence[];
    readonly personal: boolean;
  };
}

/** A row by our number or by its UUID. */
export type MispKey = { readonly n: number } | { readonly uuid: string };

export interface MispPage {
  readonly order: readonly MispOrder[];
  readonly limit: number;
  readonly offset: number;
}

export interface MispTagRow {
  readonly name: string;
  readonly sender?: OrganisationId;
  readonly colour: string;
  readonly exportable: boolean;
}

export interface MispGone {
  readonly uuid: string;
  readonly info: string;
  readonly orgc: string;
  readonly at: Instant;
}

/** Events, objects and attributes; reading is within a reach, writing is by number and after a look within reach. */
export interface MispState {
  /** The asker's own row first, then the oldest. */
  readonly event: (key: MispKey, reach: MispReach) => Promise<MispEventRow | undefined>;
  readonly events: (filter: MispFilter, reach: MispReach, page: MispPage) => Promise<readonly MispEventRow[]>;
  readonly countEvents: (filter: MispFilter, reach: MispReach) => Promise<number>;
  /** Within reach, by number of event. */
  readonly attributeCounts: (events: readonly number[], reach: MispReach) => Promise<ReadonlyMap<number, number>>;
  readonly attributes: (
    filter: MispFilter,
    reach: MispReach,
    page: MispPage,
  ) => Promise<readonly { readonly attribute: MispAttributeRow; readonly event: MispEventRow }[]>;
  readonly countAttributes: (filter: MispFilter, reach: MispReach) => Promise<number>;
  readonly objects: (filter: MispFilter, reach: MispReach, page: MispPage) => Promise<readonly MispObjectRow[]>;
  readonly countObjects: (filter: MispFilter, reach: MispReach) => Promise<number>;
  /** In the order of their numbers. @param data with attachments */
  readonly attributesOf: (
    events: readonly number[],
    reach: MispReach,
    deleted: MispFilter["deleted"],
    data: boolean,
  ) => Promise<readonly MispAttributeRow[]>;
  readonly objectsOf: (
    events: readonly number[],
    reach: MispReach,
    deleted: MispFilter["deleted"],
  ) => Promise<readonly MispObjectRow[]>;
  readonly attribute: (
    key: MispKey,
    reach: MispReach,
  ) => Promise<{ readonly attribute: MispAttributeRow; readonly event: MispEventRow } | undefined>;
  readonly object: (
    key: MispKey,
    reach: MispReach,
  ) => Promise<{ readonly object: MispObjectRow; readonly event: MispEventRow } | undefined>;
  /** Events that hold one of these values too, newest first. */
  readonly related: (
    keys: readonly string[],
    not: number,
    reach: MispReach,
    limit: number,
  ) => Promise<readonly MispEventRow[]>;
  /** Attributes within reach by type or category, most first. */
  readonly statistics: (
    by: "type" | "category",
    reach: MispReach,
  ) => Promise<readonly { readonly name: string; readonly count: number }[]>;
  /** Names of tags on events and attributes within reach, with how many of each. */
  readonly tagsInUse: (
    reach: MispReach,
    limit: number,
  ) => Promise<readonly { readonly name: string; readonly events: number; readonly attributes: number }[]>;

  /** What this sender itself brought, whatever anybody may see of it. */
  readonly mine: (key: MispKey, sender: OrganisationId | undefined) => Promise<MispEventRow | undefined>;
  /** Of an event's attributes, deleted ones too, those with one of these values or UUIDs, and its objects with one of the UUIDs. */
  readonly similar: (
    event: number,
    keys: readonly string[],
    uuids: readonly string[],
  ) => Promise<readonly Pick<MispAttributeRow, "uuid" | "object" | "type" | "category" | "value" | "deleted">[]>;
  /** Waits for every other writer of this UUID from this sender. */
  readonly lock: (uuid: string, sender: OrganisationId | undefined) => Promise<void>;
  readonly insertEvent: (event: MispEventNew) => Promise<number>;
  /** @returns their numbers, in order */
  readonly insertObjects: (objects: readonly MispObjectNew[]) => Promise<readonly number[]>;
  readonly insertAttributes: (attributes: readonly MispAttributeNew[]) => Promise<readonly number[]>;
  readonly putEvent: (event: MispEventRow) => Promise<void>;
  readonly putObject: (object: MispObjectRow) => Promise<void>;
  /** `data` absent: stays as it is. */
  readonly putAttribute: (attribute: MispAttributeRow) => Promise<void>;
  readonly removeEvent: (n: number) => Promise<void>;
  readonly removeObject: (n: number) => Promise<void>;
  readonly removeAttribute: (n: number) => Promise<void>;

  readonly insertSightings: (sightings: readonly MispSightingNew[]) => Promise<readonly number[]>;
  /** Of these attributes, as far as `reach` may know: its own, and those about its own events. */
  readonly sightings: (attributes: readonly number[], reach: MispReach) => Promise<readonly MispSightingRow[]>;
  readonly removeSighting: (n: number, sender: OrganisationId | undefined) => Promise<boolean>;

  /** Sightings of these attributes, of everybody, with what they are about; attributes without any too. */
  readonly sighted: (attributes: readonly number[], reach: MispReach) => Promise<readonly MispSighted[]>;
  /** Numbers of the attributes of an event that somebody sighted. */
  readonly sightedOf: (event: number) => Promise<readonly number[]>;
  /** Which attribute a sighting is of. */
  readonly sightingOf: (n: number, sender: OrganisationId | undefined) => Promise<MispSightingRow | undefined>;
  readonly dispute: (disputes: readonly MispDispute[], at: Instant) => Promise<void>;
  readonly undispute: (disputes: readonly MispDispute[]) => Promise<void>;

  /** Events that moved in as they came and are not among these, by UUID after `after`; what was deleted here is left out. */
  readonly movedUnkept: (
    after: string,
    limit: number,
  ) => Promise<readonly { readonly uuid: string; readonly body: string }[]>;

  readonly insertRemark: (remark: MispRemarkNew) => Promise<number>;
  readonly putRemark: (remark: MispRemarkRow) => Promise<void>;
  readonly removeRemark: (n: number) => Promise<void>;
  /** Within reach with its event; what the asker said itself, and proposals about its own events, always are. */
  readonly remark: (
    kinds: readonly MispRemarkKind[],
    key: MispKey,
    reach: MispReach,
  ) => Promise<{ readonly remark: MispRemarkRow; readonly event: MispEventRow } | undefined>;
  /** In the order of their numbers; of all events within reach when `events` is absent, then the newest `limit`. */
  readonly remarks: (
    kinds: readonly MispRemarkKind[],
    events: readonly number[] | undefined,
    reach: MispReach,
    deleted: MispFilter["deleted"],
    limit: number,
  ) => Promise<readonly MispRemarkRow[]>;
  /** The object that holds a reference of this UUID. */
  readonly referring: (
    reference: string,
    reach: MispReach,
  ) => Promise<{ readonly object: MispObjectRow; readonly event: MispEventRow } | undefined>;

  readonly tags: (reach: MispReach) => Promise<readonly MispTagRow[]>;
  readonly putTag: (tag: MispTagRow) => Promise<void>;
  readonly removeTag: (name: string, sender: OrganisationId | undefined) => Promise<boolean>;

  readonly gone: (sender: OrganisationId | undefined) => Promise<readonly MispGone[]>;
  /** On the block-list of this sender. */
  readonly isGone: (uuid: string, sender: OrganisationId | undefined) => Promise<boolean>;
  readonly putGone: (gone: MispGone, sender: OrganisationId | undefined) => Promise<void>;
  readonly removeGone: (uuid: string, sender: OrganisationId | undefined) => Promise<boolean>;
}
