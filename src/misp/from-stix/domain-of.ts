import { domainObjects, ruleObjects } from "#misp/domain-fields.ts";
import { isObject, listIn, own, textIn } from "#misp/own.ts";
import type { StixObject } from "#misp/stix-object.ts";
import { mispDate } from "#misp/timestamps.ts";
import { customMade, type Made } from "./templates.ts";

/** What an object of MISP's was made into; its custom properties are attributes again. */
const customs = (object: StixObject, except: ReadonlySet<string> = new Set()): readonly Made[] =>
  Object.entries(object).flatMap(([key, value]) => {
    if (!key.startsWith("x_misp_") || except.has(key)) return [];
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    return values.map((one) => customMade(key, isObject(one) ? JSON.stringify(one) : String(one)));
  });

/** Attributes of a domain object under its template; absent when the template is no domain object. */
export const domainMade = (template: string, object: StixObject): readonly Made[] | undefined => {
  if (template === "script") return scriptMade(object);
  if (template === "annotation") return [...text(object, "content", "text", "text"), ...customs(object)];
  const table = Object.hasOwn(domainObjects, template) ? domainObjects[template] : undefined;
  if (table === undefined) return undefined;
  const made: Made[] = [];
  for (const field of table.fields) {
    const value = own(object, field.property);
    const values: readonly unknown[] = Array.isArray(value) ? value : value === undefined ? [] : [value];
    for (const one of values)
      made.push({ relation: field.relation, type: field.type, value: printed(field, one, template) });
  }
  const contacts = textIn(object, "contact_information");
  if (contacts !== undefined && table.contacts !== undefined) made.push(...contactsIn(contacts, table.contacts));
  for (const reference of listIn(object, "external_references")) {
    const [id, url] = [textIn(reference, "external_id"), textIn(reference, "url")];
    if (template === "attack-pattern" && id !== undefined)
      made.push({ relation: "id", type: "text", value: id.replace(/^CAPEC-/, "") });
    if (table.links !== undefined && url !== undefined)
      made.push({ relation: table.links[0], type: table.links[1], value: url });
  }
  return [...made, ...customs(object)];
};

const printed = (
  field: { readonly as?: string; readonly property: string },
  value: unknown,
  template: string,
): string => {
  if (field.as === "time" && typeof value === "string") return mispDate(value);
  if (field.property === "precision" && template === "geolocation") return String(Number(value) / 1000);
  return String(value);
};

const text = (object: StixObject, property: string, relation: string, type: string): readonly Made[] => {
  const value = textIn(object, property);
  return value === undefined ? [] : [{ relation, type, value }];
};

/** "phone-number: 0123456789 / e-mail: a@b.example; c@d.example" */
const contactsIn = (line: string, types: Readonly<Record<string, string>>): readonly Made[] =>
  line.split(" / ").flatMap((part) => {
    const colon = part.indexOf(": ");
    const relation = part.slice(0, Math.max(colon, 0));
    const type = Object.hasOwn(types, relation) ? types[relation] : undefined;
    if (type === undefined) return [];
    return part
      .slice(colon + 2)
      .split("; ")
      .map((value) => ({ relation, type, value }));
  });

const scriptMade = (object: StixObject): readonly Made[] => [
  ...text(object, "name", "filename", "filename"),
  ...text(object, "description", "comment", "text"),
  ...listIn(object, "implementation_languages").map((language) => ({
    relation: "language",
    type: "text",
    value: String(language),
  })),
  ...customs(object),
];

/** Attributes of an indicator whose pattern is a rule of another language, under the template of that language. */
export const ruleMade = (template: string, indicator: StixObject): readonly Made[] | undefined => {
  const table = Object.hasOwn(ruleObjects, template) ? ruleObjects[template] : undefined;
  const rule = textIn(indicator, "pattern");
  if (table === undefined || rule === undefined) return undefined;
  const say = (property: string, relation: string | undefined, type: string): readonly Made[] =>
    relation === undefined ? [] : text(indicator, property, relation, type);
  const links = listIn(indicator, "external_references").flatMap((reference) => textIn(reference, "url") ?? []);
  return [
    { relation: table.rule[0], type: table.rule[1], value: rule },
    ...say("description", table.comment, "comment"),
    ...say("name", table.name, "text"),
    ...say("pattern_version", table.version, "text"),
    ...(table.link === undefined ? [] : links.map((value) => ({ relation: table.link ?? "", type: "link", value }))),
    ...customs(indicator),
  ];
};

/** Template of a rule's language when the author is not MISP. */
export const templateOfLanguage = (language: string): string | undefined =>
  Object.entries(ruleObjects).find(([, { language: own_ }]) => own_ === language)?.[0];
