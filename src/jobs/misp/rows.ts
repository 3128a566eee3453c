import { parseInstant } from "#core/instant.ts";
import { type Problem, problem } from "#core/result.ts";
import { attributeTypes, categories, defaultCategory, meantForDetection } from "#misp/attribute-types.ts";
import { normaliseValue } from "#misp/attribute-value.ts";
import type { MispAttribute, MispEvent, MispObject, MispTag } from "#misp/model.ts";
import { printAttribute, printEvent, printObject } from "#misp/print-event.ts";
import { correlates, valueKeys } from "#share/misp-value-keys.ts";
import { groupOf, isPersonal, mispMarking, type MispSender } from "./marking.ts";
import type { MispAttributeNew, MispEventNew, MispObjectNew } from "./port.ts";

type Json = Readonly<Record<string, unknown>>;

/** What rows need of a moment and a place beside the document. */
export interface MispPlace {
  readonly sender: MispSender;
  /** Seconds since 1970. */
  readonly at: number;
  /** A new UUID for what has none. */
  readonly uuid: () => string;
}

/** An event as a row. `orgc` is who wrote it, decided by the caller. */
export const eventRowOf = (
  event: MispEvent,
  orgc: MispEventNew["orgc"],
  { sender, at, uuid }: MispPlace,
): MispEventNew => ({
  uuid: event.uuid ?? uuid(),
  ...(sender.party === undefined ? {} : { sender: sender.party }),
  ...(sender.shadow === undefined ? {} : { shadow: sender.shadow }),
  marking: mispMarking(event, undefined, undefined, sender),
  info: event.info,
  date: event.date ?? new Date(at * 1000).toISOString().slice(0, 10),
  changed: numberOf(event.timestamp, at),
  published: event.published ?? false,
  publishedAt: event.published === true ? numberOf(event.publish_timestamp, at) || at : 0,
  threat: numberOf(event.threat_level_id, 4),
  analysis: numberOf(event.analysis, 0),
  ...distributionOf(event, 1, sender),
  orgc,
  tags: leaving(event.Tag),
  rest: without(printEvent({ ...event, Attribute: [], Object: [] }).Event, eventColumns),
});

export const objectRowOf = (
  event: MispEvent,
  object: MispObject,
  at: number,
  n: number,
  place: MispPlace,
): MispObjectNew => ({
  uuid: object.uuid ?? place.uuid(),
  event: n,
  ...(place.sender.shadow === undefined ? {} : { shadow: place.sender.shadow }),
  marking: mispMarking(event, object, undefined, place.sender),
  name: object.name,
  metaCategory: object["meta-category"] ?? "misc",
  changed: numberOf(object.timestamp, at),
  deleted: object.deleted ?? false,
  ...distributionOf(object, 5, place.sender),
  rest: without(printObject({ ...object, Attribute: [] }), objectColumns),
});

/**
 * An attribute as a row, or why it cannot be one.
 *
 * @returns problems WGL_MISP_FIELD, WGL_MISP_VALUE
 */
export const attributeRowOf = (
  event: MispEvent,
  object: MispObject | undefined,
  attribute: MispAttribute,
  at: number,
  { event: n, object: o }: { readonly event: number; readonly object?: number },
  place: MispPlace,
): MispAttributeNew | Problem => {
  const { type } = attribute;
  const wrong = (field: string, wanted: string): Problem =>
    problem("WGL_MISP_FIELD", { field, what: "attribute", wanted });
  if (!knownTypes.has(type)) return wrong("type", "a type of describeTypes");
  const category = attribute.category ?? defaultCategory(type);
  if (!knownCategories.has(category)) return wrong("category", "a category of describeTypes");
  for (const [field, text] of [
    ["first_seen", attribute.first_seen],
    ["last_seen", attribute.last_seen],
  ] as const)
    if (text !== undefined && text !== "" && !parseInstant(text).ok) return wrong(field, "a time in ISO 8601");
  const value = normaliseValue(type, attribute.value);
  if (!value.ok) return value.problem;
  return {
    uuid: attribute.uuid ?? place.uuid(),
    event: n,
    ...(o === undefined ? {} : { object: o }),
    ...(place.sender.shadow === undefined ? {} : { shadow: place.sender.shadow }),
    marking: mispMarking(event, object, attribute, place.sender),
    personal: isPersonal(type, category),
    type,
    category,
    value: value.value,
    keys: valueKeys(type, value.value),
    correlates: correlates(type) && attribute.disable_correlation !== true,
    toIds: meantForDetection(attribute),
    changed: numberOf(attribute.timestamp, at),
    deleted: attribute.deleted ?? false,
    ...distributionOf(attribute, 5, place.sender),
    comment: attribute.comment ?? "",
    ...(attribute.first_seen ? { firstSeen: attribute.first_seen } : {}),
    ...(attribute.last_seen ? { lastSeen: attribute.last_seen } : {}),
    tags: leaving(attribute.Tag),
    rest: without(printAttribute({ ...attribute, Sighting: [] }), attributeColumns),
    ...(attribute.data === undefined ? {} : { data: attribute.data }),
  };
};

export const isProblem = (value: object): value is Problem => "code" in value && "message" in value;

const knownTypes: ReadonlySet<string> = new Set(attributeTypes);
const knownCategories: ReadonlySet<string> = new Set(categories);

const numberOf = (text: string | undefined, otherwise: number): number => {
  const number = Number(text);
  return text !== undefined && Number.isSafeInteger(number) && number >= 0 && number < 1e12 ? number : otherwise;
};

const distributionOf = (
  held: Pick<MispEvent | MispAttribute, "distribution" | "sharing_group_id" | "SharingGroup">,
  usual: number,
  sender: MispSender,
): { readonly distribution: number; readonly sharingGroup?: string } => {
  const said = numberOf(held.distribution, usual);
  const distribution = said > 5 ? 0 : said;
  if (distribution !== 4) return { distribution };
  const uuid = held.SharingGroup?.["uuid"];
  const group = groupOf(held, sender)?.id ?? (typeof uuid === "string" ? uuid : held.sharing_group_id);
  return { distribution, ...(group === undefined ? {} : { sharingGroup: group }) };
};

/** Names of tags that may leave this instance. */
const leaving = (tags: readonly MispTag[]): readonly string[] =>
  tags.flatMap(({ name, local, exportable }) => (local === true || exportable === false ? [] : [name]));

const without = (json: Json, columns: ReadonlySet<string>): Json =>
  Object.fromEntries(Object.entries(json).filter(([name]) => !columns.has(name)));

const shared = ["uuid", "id", "event_id", "timestamp", "distribution", "sharing_group_id", "SharingGroup", "deleted"];
/** Kept as remarks (misp-remarks.ts). */
const remarked = ["EventReport", "ShadowAttribute", "Note", "Opinion", "Relationship"];
const eventColumns: ReadonlySet<string> = new Set([
  ...shared,
  ...["info", "date", "published", "publish_timestamp", "threat_level_id", "analysis", "org_id", "orgc_id", "Org"],
  ...["Orgc", "Attribute", "Object", "attribute_count", "RelatedEvent", "event_creator_email"],
  ...["user_id", "Server", "Feed", ...remarked],
]);
const objectColumns: ReadonlySet<string> = new Set([...shared, "name", "meta-category", "Attribute", ...remarked]);
const attributeColumns: ReadonlySet<string> = new Set([
  ...shared,
  ...["type", "category", "value", "to_ids", "comment", "first_seen", "last_seen", "data", "object_id", "Sighting"],
  ...["Event", "RelatedAttribute", "value1", "value2", "Object", ...remarked],
]);
