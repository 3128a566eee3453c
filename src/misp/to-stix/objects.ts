import type { Properties } from "./bundle.ts";
import { defaultCategory, meantForDetection } from "#misp/attribute-types.ts";
import type { MispObject } from "#misp/model.ts";
import type { StixObject } from "#misp/stix-object.ts";
import { stixTime } from "#misp/timestamps.ts";
import { domainObject, isDomainObject, isRuleObject, ruleIndicator } from "./domain-object.ts";
import { type Marks, marksOf } from "./labels.ts";
import { attributeUuid, objectUuid, Parts, partsOf } from "./object-part.ts";
import { objectShape } from "./object-shape.ts";
import { type PatternGroup, patternText } from "./pattern-text.ts";
import { putSightings, putOpinions } from "./said.ts";
import type { Bundle } from "./bundle.ts";

/** An object with its attributes, and what it holds of other objects. */
export const putObject = (bundle: Bundle, object: MispObject, neighbours: ReadonlyMap<string, MispObject>): void => {
  const uuid = objectUuid(object);
  const time = stixTime(object.timestamp) ?? bundle.holder.time;
  const meta = object["meta-category"] ?? "misc";
  const tags = object.Attribute.flatMap(({ Tag }) => Tag);
  const marks = marksOf(tags, [`misp:name="${object.name}"`, `misp:meta-category="${meta}"`]);
  const main = objectObjects(bundle, object, uuid, time, meta, marks, neighbours);
  bundle.main.set(uuid, main);
  for (const attribute of object.Attribute) {
    if (attribute.uuid !== undefined && !bundle.main.has(attribute.uuid)) bundle.main.set(attribute.uuid, main);
    bundle.related(main, attribute.Galaxy, time);
    putSightings(bundle, attribute.Sighting, main);
    putOpinions(bundle, attribute.Note, attribute.Opinion, main);
  }
  putOpinions(bundle, object.Note, object.Opinion, main);
};

const objectObjects = (
  bundle: Bundle,
  object: MispObject,
  uuid: string,
  time: string,
  meta: string,
  marks: Marks,
  neighbours: ReadonlyMap<string, MispObject>,
): string => {
  const { name } = object;
  const common = { ...bundle.common(time), ...bundle.marked(marks) };
  const said = object.comment === undefined || object.comment === "" ? {} : { description: object.comment };
  if (isDomainObject(name)) {
    const parts = new Parts(partsOf(object));
    const phases = { kill_chain_phases: [{ kill_chain_name: "misp-category", phase_name: meta }] };
    const made = domainObject(name, parts, uuid, common, phases);
    if (made !== undefined) return bundle.add(made);
  }
  if (isRuleObject(name)) {
    const rule = ruleIndicator(name, new Parts(partsOf(object)));
    if (rule !== undefined) return bundle.indicator(uuid, time, meta, marks, { ...said, ...rule }, object);
  }
  if (name === "annotation") {
    const note = annotation(bundle, object, uuid, common);
    if (note !== undefined) return bundle.add(note);
  }
  const shape = objectShape(object, neighbours);
  if (shape === undefined) return customObject(bundle, object, uuid, common, meta);
  const observed = bundle.observed(uuid, time, marks, shape.objects, object);
  const compared: readonly PatternGroup[] = shape.pattern;
  if (compared.length === 0) return observed;
  const pattern = { pattern: patternText(compared, bundle.dialect), pattern_type: "stix", pattern_version: "2.1" };
  const indicator = bundle.indicator(uuid, time, meta, marks, { ...said, ...pattern }, object);
  bundle.relationship("based-on", indicator, observed, time);
  return observed;
};

const customObject = (bundle: Bundle, object: MispObject, uuid: string, common: Properties, meta: string): string => {
  return bundle.add({
    type: "x-misp-object",
    spec_version: "2.1",
    id: `x-misp-object--${uuid}`,
    ...common,
    x_misp_name: object.name,
    x_misp_meta_category: meta,
    x_misp_attributes: object.Attribute.filter(({ deleted }) => deleted !== true).map((attribute) => ({
      type: attribute.type,
      ...(attribute.object_relation === undefined ? {} : { object_relation: attribute.object_relation }),
      value: attribute.value,
      category: attribute.category ?? defaultCategory(attribute.type),
      ...(meantForDetection(attribute) ? { to_ids: true } : {}),
      uuid: attributeUuid(attribute, uuid),
      ...(attribute.data === undefined ? {} : { data: attribute.data }),
      ...(attribute.comment === undefined || attribute.comment === "" ? {} : { comment: attribute.comment }),
    })),
    ...(object.comment === undefined || object.comment === "" ? {} : { x_misp_comment: object.comment }),
  });
};

/** STIX 2.1 §4.13 Note: what it annotates are its object_refs. Absent: it annotates nothing, or says nothing. */
const annotation = (bundle: Bundle, object: MispObject, uuid: string, common: Properties): StixObject | undefined => {
  const parts = new Parts(partsOf(object));
  const text = parts.one("text");
  const refs = object.ObjectReference.filter(({ relationship_type }) => relationship_type === "annotates");
  if (text === undefined || refs.length === 0) return undefined;
  bundle.annotations.set(`note--${uuid}`, new Set(refs.map(({ referenced_uuid }) => referenced_uuid)));
  return {
    type: "note",
    spec_version: "2.1",
    id: `note--${uuid}`,
    ...common,
    content: text.value,
    ...parts.custom(),
  };
};

/** The ties from an object to others of its event. */
export const putReferences = (
  bundle: Bundle,
  object: MispObject,
  held: ReadonlySet<MispObject>,
  neighbours: ReadonlyMap<string, MispObject>,
): void => {
  const from = bundle.main.get(objectUuid(object));
  const annotated = bundle.annotations.get(from ?? "");
  const note = bundle.objects.get(from ?? "");
  if (annotated !== undefined && note !== undefined)
    bundle.objects.set(note.id, {
      ...note,
      object_refs: [...annotated].flatMap((uuid) => bundle.main.get(uuid) ?? []),
    });
  for (const reference of object.ObjectReference) {
    const other = neighbours.get(reference.referenced_uuid);
    if (from === undefined || reference.deleted === true || (other !== undefined && held.has(other))) continue;
    if (annotated?.has(reference.referenced_uuid) === true) continue;
    const to = bundle.main.get(reference.referenced_uuid);
    if (to === undefined) continue;
    const time = stixTime(reference.timestamp) ?? stixTime(object.timestamp) ?? bundle.holder.time;
    bundle.relationship(reference.relationship_type, from, to, time, reference.uuid, reference.comment);
  }
};
