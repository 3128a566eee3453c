import { type Field, objectFields, patternHashOf } from "#misp/object-fields.ts";
import { sco, setPath } from "#misp/stix-object.ts";
import { stixDate } from "#misp/timestamps.ts";
import type { ObjectPart, ObjectShape, Parts } from "./object-part.ts";
import { type PatternGroup, type PatternPart, quotedPath } from "./pattern-text.ts";

/** Properties and comparisons of the fields a template's table names; what it does not name stays in `parts`. */
export const tableFields = (
  name: string,
  parts: Parts,
): {
  readonly properties: Record<string, unknown>;
  readonly pattern: readonly PatternGroup[];
  readonly stix: string;
} => {
  const table = objectFields[name] ?? { stix: "", fields: [] };
  const properties: Record<string, unknown> = { ...table.fixed };
  const compared: PatternPart[] = [];
  for (const field of table.fields) {
    const found = field.as === "list" ? parts.many(field.relation) : [parts.one(field.relation)];
    const values = found.flatMap((part) => (part === undefined ? [] : [{ part, value: propertyOf(field, part) }]));
    const [first] = values;
    if (first === undefined) continue;
    setPath(properties, field.path, field.as === "list" ? values.map(({ value }) => value) : first.value);
    for (const { part } of values)
      if (part.ids) compared.push(comparisonOf(`${table.stix}:${patternPath(field)}`, field, part));
  }
  const fixed = Object.entries(table.fixed ?? {}).map(([property, value]) => ({
    path: `${table.stix}:${property}`,
    value,
  }));
  return { properties, stix: table.stix, pattern: compared.length === 0 ? [] : [...fixed, ...compared] };
};

/** An object that its table describes whole. */
export const tableShape = (name: string, parts: Parts, uuid: string): ObjectShape => {
  const { properties, pattern, stix } = tableFields(name, parts);
  const customPattern = parts.customPattern(`${stix}:`);
  return {
    objects: [sco(stix, uuid, { ...properties, ...parts.custom() })],
    pattern: [...pattern, ...customPattern],
  };
};

export const comparisonOf = (path: string, field: Pick<Field, "as">, part: ObjectPart): PatternPart => {
  const value =
    field.as === "asn" ? part.value.replace(/^AS/i, "") : field.as === "data" ? (part.data ?? part.value) : part.value;
  if (field.as === "integer" || field.as === "number" || field.as === "asn") return { path, value, is: "number" };
  if (field.as === "truth") return { path, value, is: "truth" };
  return field.as === "time" ? { path, value, is: "time" } : { path, value };
};

const patternPath = (field: Field): string => {
  const hash = /^hashes\.(.+)$/.exec(field.path)?.[1];
  return quotedPath(
    hash === undefined ? field.path : `hashes.${patternHashOf(field.type.replace("x509-fingerprint-", ""))}`,
  );
};

/** The property's own kind of value; a text that is no such value stays a text, and the object is not lost for it. */
export const propertyOf = (field: Pick<Field, "as">, { value, data }: Pick<ObjectPart, "value" | "data">): unknown => {
  switch (field.as) {
    case "integer":
      return /^-?\d+$/.test(value) && Number.isSafeInteger(Number(value)) ? Number(value) : value;
    case "number":
      return value.trim() !== "" && Number.isFinite(Number(value)) ? Number(value) : value;
    case "asn":
      return Number(value.replace(/^AS/i, ""));
    case "truth":
      return /^(?:1|true)$/i.test(value);
    case "time":
      return stixDate(value) ?? value;
    case "data":
      return data ?? value;
    default:
      return value;
  }
};
