/** An object of JSON. Own keys only: "constructor" is no field. */
export type Fields = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const at = (fields: Fields, name: string): unknown => (Object.hasOwn(fields, name) ? fields[name] : undefined);

/** The field when it is text and says something. */
export const textAt = (fields: Fields, name: string): string | undefined => {
  const value = at(fields, name);
  return typeof value === "string" && value !== "" ? value : undefined;
};

/** The texts of a list, or the one text of a field that may be a list. */
export const textsAt = (fields: Fields, name: string): readonly string[] => {
  const value = at(fields, name);
  if (typeof value === "string") return value === "" ? [] : [value];
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string" && item !== "") : [];
};

export const numberAt = (fields: Fields, name: string): number | undefined => {
  const value = at(fields, name);
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
};

export const objectAt = (fields: Fields, name: string): Fields | undefined => {
  const value = at(fields, name);
  return isObject(value) ? value : undefined;
};

/** The objects of a list, or the one object of a field that may be a list. */
export const objectsAt = (fields: Fields, name: string): readonly Fields[] => {
  const value = at(fields, name);
  if (isObject(value)) return [value];
  return Array.isArray(value) ? value.filter(isObject) : [];
};
