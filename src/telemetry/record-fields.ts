/** An object of a record. Own keys only: "constructor" is no field. */
export type Fields = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What stands at a name, or dot by dot below it: "userIdentity.userName". A key with dots of its own comes first. */
export const valueAt = (fields: Fields, path: string): unknown => {
  if (Object.hasOwn(fields, path)) return fields[path];
  for (let dot = path.indexOf("."); dot > 0; dot = path.indexOf(".", dot + 1)) {
    const inner = Object.hasOwn(fields, path.slice(0, dot)) ? fields[path.slice(0, dot)] : undefined;
    if (!isObject(inner)) continue;
    const found = valueAt(inner, path.slice(dot + 1));
    if (found !== undefined) return found;
  }
  return undefined;
};

/** The first of the names that holds text which says something; numbers are taken as they print. */
export const textAt = (fields: Fields, ...paths: readonly string[]): string | undefined => {
  for (const path of paths) {
    const value = valueAt(fields, path);
    if (typeof value === "string" && value !== "") return value;
    if (typeof value === "number") return String(value);
  }
  return undefined;
};

/** The first of the names that holds a finite number, or text of one (loggers quote what they will). */
export const numberAt = (fields: Fields, ...paths: readonly string[]): number | undefined => {
  for (const path of paths) {
    const number = numberIn(valueAt(fields, path));
    if (number !== undefined) return number;
  }
  return undefined;
};

export const numberIn = (value: unknown): number | undefined => {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  return typeof value === "string" && /^-?\d{1,18}(?:\.\d{1,18})?$/.test(value) ? Number(value) : undefined;
};

/** A port, 1 to 65535; logs of protocols without ports write 0 or a type there, which is none. */
export const portIn = (value: unknown): number | undefined => {
  const port = numberIn(value);
  return port !== undefined && Number.isInteger(port) && port > 0 && port <= 65_535 ? port : undefined;
};

export const objectAt = (fields: Fields, path: string): Fields | undefined => {
  const value = valueAt(fields, path);
  return isObject(value) ? value : undefined;
};

/** The objects of a list, or the one object of a field that may be a list. */
export const objectsAt = (fields: Fields, path: string): readonly Fields[] => {
  const value = valueAt(fields, path);
  if (isObject(value)) return [value];
  return Array.isArray(value) ? value.filter(isObject) : [];
};

/** The texts of a list, or the one text of a field that may be a list. */
export const textsAt = (fields: Fields, path: string): readonly string[] => {
  const value = valueAt(fields, path);
  if (typeof value === "string") return value === "" ? [] : [value];
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string" && item !== "") : [];
};
