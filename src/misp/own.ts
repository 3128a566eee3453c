/** A JSON object from outside; only its own members are read, so that "__proto__" is a name like any other. */
export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Own member of an object from outside; `undefined` for anything else. */
export const own = (value: unknown, key: string): unknown =>
  isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;

/** Own member that is a list; MISP writes one member or none of a list as an object or as null. */
export const listIn = (value: unknown, key: string): readonly unknown[] => {
  const found = own(value, key);
  if (Array.isArray(found)) return found;
  return isObject(found) && Object.keys(found).length > 0 ? [found] : [];
};

/** Own member that is a text. */
export const textIn = (value: unknown, key: string): string | undefined => {
  const found = own(value, key);
  return typeof found === "string" ? found : undefined;
};
