import { type DomainField, domainObjects, type RuleObject, ruleObjects } from "#misp/domain-fields.ts";
import type { StixObject } from "#misp/stix-object.ts";
import { stixDate } from "#misp/timestamps.ts";
import type { ObjectPart, Parts } from "./object-part.ts";

/** What every domain object of an event has: version times, author, labels. */
export type Common = Readonly<Record<string, unknown>>;

export const isDomainObject = (name: string): boolean => Object.hasOwn(domainObjects, name) || name === "script";
export const isRuleObject = (name: string): boolean => Object.hasOwn(ruleObjects, name);

/** Absent: it has no name, which STIX demands. */
export const domainObject = (
  name: string,
  parts: Parts,
  uuid: string,
  common: Common,
  phases: Common,
): StixObject | undefined => {
  if (name === "script") return scriptObject(parts, uuid, common, phases);
  const table = domainObjects[name];
  if (table === undefined) return undefined;
  const properties: Record<string, unknown> = { ...table.fixed };
  for (const one of table.fields) {
    const value = propertyOf(one, parts, name);
    if (value !== undefined) properties[one.property] = value;
  }
  if (table.stix === "identity" && properties["name"] === undefined) properties["name"] = personName(parts);
  if (name === "vulnerability" && properties["description"] === undefined) {
    const described = parts.one("summary");
    if (described !== undefined) properties["description"] = described.value;
  }
  const references = referencesOf(name, parts, properties);
  const contact = table.contacts === undefined ? undefined : contactLine(parts, Object.keys(table.contacts));
  if (contact !== undefined) properties["contact_information"] = contact;
  if (properties["name"] === undefined && table.stix !== "location" && table.stix !== "malware-analysis")
    return undefined;
  return {
    type: table.stix,
    spec_version: "2.1",
    id: `${table.stix}--${uuid}`,
    ...common,
    ...(table.phased === true ? phases : {}),
    ...properties,
    ...(references.length === 0 ? {} : { external_references: references }),
    ...parts.custom(),
  };
};

const propertyOf = (field: DomainField, parts: Parts, name: string): unknown => {
  if (field.as === "list") {
    const found = parts.many(field.relation);
    return found.length === 0 ? undefined : found.map(({ value }) => value);
  }
  const part = parts.one(field.relation);
  if (part === undefined) return undefined;
  if (field.as === "time") return stixDate(part.value) ?? part.value;
  if (field.as !== "number") return part.value;
  // MISP's accuracy is in kilometres, STIX's precision in metres (§4.11).
  return Number(part.value) * (name === "geolocation" && field.property === "precision" ? 1000 : 1);
};

const personName = (parts: Parts): string | undefined => {
  const names = ["first-name", "middle-name", "last-name"].flatMap((relation) => parts.one(relation)?.value ?? []);
  return names.length === 0 ? undefined : names.join(" ");
};

const contactLine = (parts: Parts, relations: readonly string[]): string | undefined => {
  const lines = relations.flatMap((relation) => {
    const found = parts.many(relation);
    return found.length === 0 ? [] : [`${relation}: ${found.map(({ value }) => value).join("; ")}`];
  });
  return lines.length === 0 ? undefined : lines.join(" / ");
};

type Reference = Readonly<Record<string, string>>;

const referencesOf = (
  name: string,
  parts: Parts,
  properties: Readonly<Record<string, unknown>>,
): readonly Reference[] => {
  if (name === "attack-pattern")
    return parts
      .many("id")
      .map(({ value }) =>
        /^T\d{4}/.test(value)
          ? { source_name: "mitre-attack", external_id: value }
          : { source_name: "capec", external_id: value.startsWith("CAPEC-") ? value : `CAPEC-${value}` },
      );
  if (name !== "vulnerability") return [];
  const own = typeof properties["name"] === "string" ? properties["name"] : "";
  const cve: readonly Reference[] = /^CVE-/i.test(own) ? [{ source_name: "cve", external_id: own }] : [];
  return [...cve, ...parts.many("references").map(({ value }) => ({ source_name: "url", url: value }))];
};

/** A script its author calls malicious is malware, any other a tool (STIX 2.1 §4.11, §4.18). */
const scriptObject = (parts: Parts, uuid: string, common: Common, phases: Common): StixObject | undefined => {
  const isMalware = parts.all.some(({ relation, value }) => relation === "state" && value === "Malicious");
  const named = parts.one("filename");
  if (named === undefined) return undefined;
  const described = parts.one("comment");
  const languages = isMalware ? parts.many("language") : [];
  const type = isMalware ? "malware" : "tool";
  return {
    type,
    spec_version: "2.1",
    id: `${type}--${uuid}`,
    ...common,
    ...phases,
    name: named.value,
    ...(described === undefined ? {} : { description: described.value }),
    ...(isMalware ? { is_family: false } : {}),
    ...(languages.length === 0 ? {} : { implementation_languages: languages.map(({ value }) => value) }),
    ...parts.custom(),
  };
};

/** A rule of another language is an indicator whose pattern is the rule (STIX 2.1 §4.7, pattern-type-ov). */
export const ruleIndicator = (name: string, parts: Parts): Readonly<Record<string, unknown>> | undefined => {
  const table: RuleObject | undefined = ruleObjects[name];
  const rule = table === undefined ? undefined : parts.one(table.rule[0]);
  if (table === undefined || rule === undefined) return undefined;
  const text = (relation: string | undefined): ObjectPart | undefined =>
    relation === undefined ? undefined : parts.one(relation);
  const [called, said, version] = [text(table.name), text(table.comment), text(table.version)];
  const links = table.link === undefined ? [] : parts.many(table.link);
  return {
    ...(called === undefined ? {} : { name: called.value }),
    ...(said === undefined ? {} : { description: said.value }),
    pattern: rule.value,
    pattern_type: table.language,
    ...(version === undefined ? {} : { pattern_version: version.value }),
    ...(links.length === 0
      ? {}
      : { external_references: links.map(({ value }) => ({ source_name: "url", url: value })) }),
    ...parts.custom(),
  };
};
