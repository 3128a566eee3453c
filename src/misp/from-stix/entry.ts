import { defaultCategory } from "#misp/attribute-types.ts";
import { member } from "#misp/member.ts";
import type { MispAttribute, MispGalaxy, MispObject, MispReference, MispSighting, MispTag } from "#misp/model.ts";
import { own, textIn } from "#misp/own.ts";
import { derivedUuid } from "#misp/uuid.ts";
import type { Made } from "./templates.ts";

/** One attribute on its way into an event. */
export interface Draft extends Made {
  readonly uuid?: string;
  ids: boolean | undefined;
  comment?: string;
}

/** What one STIX object, or several that belong together, become: an attribute, or an object with its attributes. */
export interface Entry {
  /** Its MISP UUID. */
  readonly uuid: string;
  /** "": an attribute of the event's own. */
  readonly template: string;
  readonly meta: string;
  readonly category?: string;
  readonly made: Draft[];
  readonly timestamp: string | undefined;
  comment?: string;
  first?: string;
  last?: string;
  readonly tags: MispTag[];
  readonly galaxies: MispGalaxy[];
  readonly references: MispReference[];
  readonly sightings: MispSighting[];
}

export const newEntry = (
  entry: Pick<Entry, "uuid" | "template" | "timestamp"> & Partial<Pick<Entry, "meta" | "category" | "comment">>,
  made: readonly Made[],
  ids: boolean | undefined,
): Entry => ({
  meta: "misc",
  tags: [],
  galaxies: [],
  references: [],
  sightings: [],
  ...entry,
  made: made.map((one) => ({ ...one, ids })),
});

/** Categories of relations whose type alone would say another. */
const categories: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  email: { to: "Payload delivery", cc: "Payload delivery", bcc: "Payload delivery" },
  "http-request": { "content-type": "Network activity", "user-agent": "Network activity" },
  "registry-key": {
    data: "Persistence mechanism",
    "data-type": "Persistence mechanism",
    hive: "Persistence mechanism",
    name: "Persistence mechanism",
  },
  "registry-key-value": {
    data: "Persistence mechanism",
    "data-type": "Persistence mechanism",
    name: "Persistence mechanism",
  },
};

const categoryOf = (template: string, { relation, type }: Draft): string =>
  textIn(own(categories, template), relation) ?? defaultCategory(type);

/** The attributes and objects of drafts, in MISP's model. */
export const attributesOf = (entry: Entry): readonly MispAttribute[] =>
  entry.made.map((draft, index) => attributeOf(entry, draft, index));

const attributeOf = (entry: Entry, draft: Draft, index: number): MispAttribute => {
  const isOwn = entry.template === "";
  const comment = draft.comment ?? (isOwn ? entry.comment : undefined);
  return {
    uuid:
      isOwn && index === 0
        ? entry.uuid
        : (draft.uuid ?? derivedUuid(`${entry.uuid}|${draft.relation}|${draft.type}|${draft.value}|${index}`)),
    type: draft.type,
    category: isOwn ? (entry.category ?? defaultCategory(draft.type)) : categoryOf(entry.template, draft),
    value: draft.value,
    ...(isOwn ? {} : { object_relation: draft.relation }),
    ...member("to_ids", draft.ids),
    ...member("timestamp", entry.timestamp),
    ...member("comment", comment),
    ...member("data", draft.data),
    ...(isOwn ? { ...member("first_seen", entry.first), ...member("last_seen", entry.last) } : {}),
    Tag: entry.tags,
    Galaxy: entry.galaxies,
    Sighting: isOwn || index === 0 ? entry.sightings : [],
    Note: [],
    Opinion: [],
  };
};

export const objectOf = (entry: Entry): MispObject => ({
  uuid: entry.uuid,
  name: entry.template,
  "meta-category": entry.meta,
  ...member("timestamp", entry.timestamp),
  ...member("comment", entry.comment),
  ...member("first_seen", entry.first),
  ...member("last_seen", entry.last),
  Attribute: attributesOf(entry),
  ObjectReference: entry.references,
  Note: [],
  Opinion: [],
});
