import type { Properties } from "./bundle.ts";
import { defaultCategory, meantForDetection } from "#misp/attribute-types.ts";
import { normaliseValue } from "#misp/attribute-value.ts";
import { ruleObjects } from "#misp/domain-fields.ts";
import type { MispAttribute } from "#misp/model.ts";
import { stixTime } from "#misp/timestamps.ts";
import { attributeShape } from "./attribute-shape.ts";
import { type Marks, marksOf } from "./labels.ts";
import { attributeUuid } from "./object-part.ts";
import { patternText } from "./pattern-text.ts";
import { derivedUuid } from "#misp/uuid.ts";
import { putSightings, putOpinions } from "./said.ts";
import type { Bundle } from "./bundle.ts";

/** An attribute that stands alone: observed data, an indicator, a domain object, or `x-misp-attribute`. */
export const putAttribute = (bundle: Bundle, attribute: MispAttribute): void => {
  const named = attributeUuid(attribute);
  // Two attributes under one UUID are a mistake of the document; neither may stand in the other's place.
  const isTaken = bundle.objects.has(`observed-data--${named}`) || bundle.objects.has(`indicator--${named}`);
  const uuid = isTaken ? derivedUuid(`${named}|${attribute.type}|${attribute.value}`) : named;
  const time = stixTime(attribute.timestamp) ?? bundle.holder.time;
  const category = attribute.category ?? defaultCategory(attribute.type);
  const marks = marksOf(attribute.Tag, [`misp:type="${attribute.type}"`, `misp:category="${category}"`]);
  const main = attributeObjects(bundle, attribute, uuid, time, category, marks);
  bundle.main.set(uuid, main);
  bundle.related(main, attribute.Galaxy, time);
  putSightings(bundle, attribute.Sighting, main);
  putOpinions(bundle, attribute.Note, attribute.Opinion, main);
};

const attributeObjects = (
  bundle: Bundle,
  attribute: MispAttribute,
  uuid: string,
  time: string,
  category: string,
  marks: Marks,
): string => {
  const ids = meantForDetection(attribute);
  const { type } = attribute;
  if (type === "vulnerability" || type === "campaign-name") {
    const stix = type === "vulnerability" ? "vulnerability" : "campaign";
    const cve = /^CVE-/i.test(attribute.value);
    return bundle.add({
      type: stix,
      spec_version: "2.1",
      id: `${stix}--${uuid}`,
      ...bundle.common(time),
      name: attribute.value,
      ...(stix === "vulnerability" && cve
        ? { external_references: [{ source_name: "cve", external_id: attribute.value }] }
        : {}),
      ...bundle.marked(marks),
    });
  }
  const said = attribute.comment === undefined || attribute.comment === "" ? {} : { description: attribute.comment };
  if (ids && languages.has(type))
    return bundle.indicator(
      uuid,
      time,
      category,
      marks,
      { ...said, pattern: attribute.value, pattern_type: type },
      attribute,
    );
  const value = normaliseValue(type, attribute.value);
  const data = attribute.data === undefined ? {} : { data: attribute.data };
  const shape = value.ok ? attributeShape({ type, value: value.value, uuid, ...data }) : undefined;
  if (shape === undefined || (shape.objects.length === 0 && !ids))
    return putCustom(bundle, attribute, uuid, time, category, marks);
  const observed =
    shape.objects.length === 0 ? undefined : bundle.observed(uuid, time, marks, shape.objects, attribute);
  if (!ids) return observed ?? "";
  const pattern = {
    pattern: patternText(shape.pattern, bundle.dialect),
    pattern_type: "stix",
    pattern_version: "2.1",
  };
  const indicator = bundle.indicator(uuid, time, category, marks, { ...said, ...pattern }, attribute);
  if (observed === undefined) return indicator;
  bundle.relationship("based-on", indicator, observed, time);
  return observed;
};

/** What STIX has no words for. */
export const putCustom = (
  bundle: Bundle,
  attribute: MispAttribute,
  uuid: string,
  time: string,
  category: string,
  marks: Marks,
): string => {
  return bundle.add({
    type: "x-misp-attribute",
    spec_version: "2.1",
    id: `x-misp-attribute--${uuid}`,
    ...bundle.common(time),
    x_misp_type: attribute.type,
    x_misp_category: category,
    x_misp_value: attribute.value,
    ...(attribute.comment === undefined || attribute.comment === "" ? {} : { x_misp_comment: attribute.comment }),
    ...(attribute.data === undefined ? {} : { x_misp_data: attribute.data }),
    ...(attribute.to_ids === undefined ? {} : toIds(bundle, attribute)),
    ...bundle.marked(marks),
  });
};

/** Said only where the type's default would say otherwise, since the default is what a reader assumes. */
const toIds = (bundle: Bundle, attribute: MispAttribute): Properties => {
  const { to_ids, ...silent } = attribute;
  return to_ids === meantForDetection(silent) ? {} : { x_misp_to_ids: to_ids };
};

/** Attribute types that are rules of languages STIX names (pattern-type-ov). */
const languages: ReadonlySet<string> = new Set(Object.keys(ruleObjects).filter((name) => !name.includes("-")));
