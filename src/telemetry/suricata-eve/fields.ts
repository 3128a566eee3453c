/** An object of JSON. The names that are asked for are ours, and none is on an object's prototype. */
export type Fields = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The field when it is text and says something. */
export const textAt = (fields: Fields, name: string): string | undefined => {
  const value = fields[name];
  return typeof value === "string" && value !== "" ? value : undefined;
};

/** The texts of a list, or the one text of a field that may be a list. */
export const textsAt = (fields: Fields, name: string): readonly string[] => {
  const value = fields[name];
  if (typeof value === "string") return value === "" ? none : [value];
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string" && item !== "") : none;
};

const none: readonly never[] = [];

export const numberAt = (fields: Fields, name: string): number | undefined => {
  const value = fields[name];
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
};

export const objectAt = (fields: Fields, name: string): Fields | undefined => {
  const value = fields[name];
  return isObject(value) ? value : undefined;
};

/** The objects of a list, or the one object of a field that may be a list. */
export const objectsAt = (fields: Fields, name: string): readonly Fields[] => {
  const value = fields[name];
  if (value === undefined) return none;
  if (isObject(value)) return [value];
  return Array.isArray(value) ? value.filter(isObject) : none;
};
