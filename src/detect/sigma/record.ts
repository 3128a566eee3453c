/** The whole record, as a format parsed it: telemetry/format.ts. */
export type Fields = Readonly<Record<string, unknown>>;

/** Reads one field of a record; undefined: it is not there. */
export type Getter = (fields: Fields) => unknown;

/**
 * The value at a dotted path: a key as it stands ("id.orig_h") before the keys of nested objects ("userIdentity.type");
 * lists are walked through, and what is found in them is a list.
 */
export const getter = (path: string): Getter => {
  if (path.includes(".")) {
    const cut = cutAt(path);
    return (fields) => along(fields, cut);
  }
  return inherited.has(path)
    ? (fields) => (Object.hasOwn(fields, path) ? fields[path] : undefined)
    : (fields) => fields[path];
};

/** Names that every object has without being told. */
const inherited: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype));

/** The first of several paths that is there. */
export const firstOf = (paths: readonly string[]): Getter => {
  const getters = paths.map(getter);
  const [only] = getters;
  if (only !== undefined && getters.length === 1) return only;
  return (fields) => {
    for (const get of getters) {
      const value = get(fields);
      if (value !== undefined) return value;
    }
    return undefined;
  };
};

/** A path, and at each of its dots the key before it and the path behind it. */
interface Cut {
  readonly path: string;
  readonly steps: readonly { readonly key: string; readonly rest: Cut }[];
}

const cutAt = (path: string): Cut => {
  const steps: { key: string; rest: Cut }[] = [];
  for (let dot = path.indexOf("."); dot > 0; dot = path.indexOf(".", dot + 1))
    steps.push({ key: path.slice(0, dot), rest: cutAt(path.slice(dot + 1)) });
  return { path, steps };
};

const along = (value: unknown, cut: Cut): unknown => {
  if (Array.isArray(value)) {
    const found: unknown[] = [];
    for (const item of value) {
      const one = along(item, cut);
      if (one !== undefined) found.push(one);
    }
    return found.length === 0 ? undefined : found;
  }
  if (!isFields(value)) return undefined;
  if (Object.hasOwn(value, cut.path)) return value[cut.path];
  for (const { key, rest } of cut.steps) {
    if (!Object.hasOwn(value, key)) continue;
    const found = along(value[key], rest);
    if (found !== undefined) return found;
  }
  return undefined;
};

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null;

/** A value as a rule compares it; undefined for null, lists and objects. */
export const textOfValue = (value: unknown): string | undefined => {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" || typeof value === "bigint"
    ? String(value)
    : undefined;
};

/** Lists in lists and objects in objects that are looked into: a record of the field has five. */
export const deepest = 20;

/** Every text of a value: itself, or those of a list (objects of a list have names, and are none). */
export const textsOfValue = (value: unknown, found: string[] = [], depth = 0): string[] => {
  const text = textOfValue(value);
  if (text !== undefined) found.push(text);
  else if (Array.isArray(value) && depth < deepest) for (const item of value) textsOfValue(item, found, depth + 1);
  return found;
};

/** Every text anywhere in a record, for keywords. */
export const everyText = (value: unknown, found: string[] = [], depth = 0): string[] => {
  const text = textOfValue(value);
  if (text !== undefined) found.push(text);
  else if (depth < deepest && isFields(value))
    for (const key of Object.keys(value)) everyText(value[key], found, depth + 1);
  return found;
};
