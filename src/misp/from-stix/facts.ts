import { isObject } from "#misp/own.ts";
import type { StixObject } from "#misp/stix-object.ts";

/**
 * One thing said of an observable: the property's path as a pattern writes it, without quotes and "[*]", and its value.
 * An object that was seen and a pattern that looks for it give the same facts.
 */
export interface Fact {
  /** "hashes.SHA-256", "dst_ref.value", "values[0].data". */
  readonly path: string;
  readonly value: string;
  /** STIX type of what the last reference in the path points at. */
  readonly of?: string;
}

export type Lookup = (id: string) => StixObject | undefined;

/** References followed from one object; more would be another object's story. */
const deepest = 3;

const unsaid: ReadonlySet<string> = new Set([
  "type",
  "id",
  "spec_version",
  "object_marking_refs",
  "granular_markings",
  "defanged",
]);

/** Everything an object says, references followed. */
export const factsOf = (object: StixObject, lookup: Lookup): readonly Fact[] => {
  const facts: Fact[] = [];
  const visit = (
    value: unknown,
    path: string,
    of: string | undefined,
    depth: number,
    seen: ReadonlySet<string>,
  ): void => {
    if (value === undefined || value === null || depth > deepest * 3) return;
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) {
        if (path.endsWith("_refs")) follow(item, `${path}[${index}]`, depth, seen);
        else visit(item, isObject(item) ? `${path}[${index}]` : path, of, depth + 1, seen);
      }
    } else if (isObject(value)) {
      for (const [key, item] of Object.entries(value)) {
        if (path === "" && unsaid.has(key)) continue;
        const at = path === "" ? key : `${path}.${key}`;
        if (key.startsWith("x_misp_") && isObject(item)) facts.push({ path: at, value: JSON.stringify(item) });
        else if (key.endsWith("_ref")) follow(item, at, depth, seen);
        else visit(item, at, of, depth + 1, seen);
      }
    } else facts.push({ path, value: String(value), ...(of === undefined ? {} : { of }) });
  };
  const follow = (ref: unknown, path: string, depth: number, seen: ReadonlySet<string>): void => {
    const target = typeof ref === "string" ? lookup(ref) : undefined;
    if (target === undefined || seen.has(target.id) || seen.size > deepest) return;
    const next = new Set([...seen, target.id]);
    for (const [key, item] of Object.entries(target)) {
      if (unsaid.has(key)) continue;
      const at = `${path}.${key}`;
      if (key.endsWith("_ref")) follow(item, at, depth + 1, next);
      else if (!key.endsWith("_refs")) visit(item, at, target.type, depth + 1, next);
    }
  };
  visit(object, "", undefined, 0, new Set([object.id]));
  return facts;
};

/** Facts of one object type that a pattern looks for, all at once. */
export interface PatternFacts {
  readonly type: string;
  readonly facts: readonly Fact[];
}

const token =
  /\s*(?:(?<sign>[[\]()])|(?<join>AND|OR)\b|(?<path>[a-z0-9-]+:(?:[\w-]+|'(?:[^'\\]|\\.)*')(?:\[(?:\d+|\*)\])?(?:\.(?:[\w-]+|'(?:[^'\\]|\\.)*')(?:\[(?:\d+|\*)\])?)*)\s*(?<operator>==?)\s*(?:t?'(?<text>(?:[^'\\]|\\.)*)'|(?<bare>-?\d+(?:\.\d+)?|true|false)))/y;

/**
 * The comparisons of a pattern that is one observation of equalities joined by AND; absent for any other, which no set of
 * attributes can say. MISP's own patterns escape "%", which stands for itself.
 * @see STIX 2.1 §9
 */
export const patternFacts = (pattern: string): PatternFacts | undefined => {
  const facts: Fact[] = [];
  const types = new Set<string>();
  let of: string | undefined;
  token.lastIndex = 0;
  let at = 0;
  while (at < pattern.trimEnd().length) {
    token.lastIndex = at;
    const found = token.exec(pattern)?.groups;
    if (found === undefined || found["join"] === "OR") return undefined;
    at = token.lastIndex;
    const written = found["path"];
    if (written === undefined) {
      // A second observation begins: AND between observations is not AND inside one.
      if (found["sign"] === "[" && facts.length > 0) return undefined;
      continue;
    }
    const colon = written.indexOf(":");
    types.add(written.slice(0, colon));
    const path = bare(written.slice(colon + 1));
    const value = found["bare"] ?? unescaped(found["text"] ?? "");
    if (path.endsWith("_ref.type")) of = value;
    else facts.push({ path, value, ...(of === undefined || !path.endsWith("_ref.value") ? {} : { of }) });
    if (path.endsWith("_ref.value")) of = undefined;
  }
  const [type] = types;
  return type === undefined || facts.length === 0 ? undefined : { type, facts: named(types, type, facts) };
};

/** Another type beside the first: MISP writes the port beside the name, and others an address. */
const named = (types: ReadonlySet<string>, type: string, facts: readonly Fact[]): readonly Fact[] =>
  types.size === 1 || type !== "domain-name"
    ? facts
    : facts.map((fact, index) =>
        index > 0 && fact.path === "value" ? { ...fact, path: "resolves_to_refs.value" } : fact,
      );

const bare = (path: string): string => path.replaceAll("'", "").replaceAll("[*]", "");

const unescaped = (text: string): string => text.replaceAll(/\\(['\\])/g, "$1").replaceAll(String.raw`\%`, "%");

/** Path without positions: "to_refs[0].value" is "to_refs.value". */
export const withoutPositions = (path: string): string => path.replaceAll(/\[\d+\]/g, "");
