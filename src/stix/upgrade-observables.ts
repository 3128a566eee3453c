import { createHash } from "node:crypto";
import { type Fields, isFields } from "./check-notes.ts";
import { deterministicId, uuidText } from "./sco-id.ts";
import { has, selectorSteps, within } from "./selector.ts";

/**
 * An observed-data object of STIX 2.0, its `objects` made objects of their own with `object_refs` to them (§4.14). Their
 * markings are those of the whole, and those of their part where it was marked: nobody gets to see more than before.
 * What is no container of observables stays as it is.
 */
export const upgradeObservables = (observed: Fields): readonly Fields[] => {
  const { objects, granular_markings: granular, ...rest } = observed;
  if (!isFields(objects) || !Object.values(objects).every(isTyped)) return [observed];
  const container = objects as Readonly<Record<string, Typed>>;
  const ids = new Map<string, string>();
  const seed = `${String(observed["id"])} ${String(observed["modified"])}`;
  const making = new Set<string>();
  const takenBy = new Map<string, string>();
  const made = new Map<string, Fields>();
  const idOf = (key: string): string => {
    const ready = ids.get(key);
    if (ready !== undefined) return ready;
    const one = container[key];
    if (one === undefined) return key;
    // A circle of references has no first id to begin with: this one is made of its place, and only here
    if (making.has(key)) return placeId(one.type, seed, key);
    making.add(key);
    const moved = renamed(one);
    const pointing = refsAsIds(moved, (name) => (Object.hasOwn(container, name) ? idOf(name) : name));
    const own = deterministicId(pointing);
    // Things that are told apart by what no id is made of stay apart
    const said = JSON.stringify(moved);
    const taken = own !== undefined && takenBy.has(own) && takenBy.get(own) !== said;
    const id = own === undefined || taken ? placeId(one.type, seed, key) : own;
    takenBy.set(id, said);
    ids.set(key, id);
    making.delete(key);
    return id;
  };
  const keys = Object.keys(container);
  for (const key of keys) idOf(key);
  for (const key of keys) {
    const one = container[key];
    const id = ids.get(key);
    if (one === undefined || id === undefined) continue;
    const pointing = refsAsIds(renamed(one), (name) => ids.get(name) ?? name);
    const { type, ...properties } = pointing;
    const object = { type, spec_version: "2.1", id, ...properties };
    const behind = keys.filter((other) => ids.get(other) === id);
    made.set(id, { ...object, ...markingsOf(observed, behind, object) });
  }
  const left = granularLeft(granular);
  const whole = {
    ...rest,
    ...(keys.length === 0 ? { objects } : { object_refs: [...new Set(keys.map((key) => ids.get(key) ?? key))] }),
    ...(left.length > 0 ? { granular_markings: left } : {}),
  };
  return [whole, ...made.values()];
};

type Typed = Fields & { readonly type: string };

const isTyped = (value: unknown): value is Typed => isFields(value) && typeof value["type"] === "string";

/** Version 4 in form: made of where the object stood, so that upgrading twice gives the same. */
const placeId = (type: string, seed: string, key: string): string =>
  `${type}--${uuidText(createHash("sha256").update(`${seed} ${key}`).digest(), 4)}`;

/** Properties 2.1 calls otherwise (§6.3 Directory, §6.7 File, §6.13 Process, §6.16 User Account, §6.17 Registry Key). */
const names: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  directory: { created: "ctime", modified: "mtime", accessed: "atime" },
  file: { created: "ctime", modified: "mtime", accessed: "atime" },
  process: { created: "created_time", binary_ref: "image_ref" },
  "user-account": { password_last_changed: "credential_last_changed" },
  "windows-registry-key": { modified: "modified_time" },
};

const renamed = (object: Typed): Typed => {
  const renames = names[object.type] ?? {};
  const entries = Object.entries(object).map(([name, value]): readonly [string, unknown] => [
    Object.hasOwn(renames, name) ? (renames[name] ?? name) : name,
    name === "hashes" ? hashNames(value) : value,
  ]);
  return { ...Object.fromEntries(entries), type: object.type };
};

const renamedSelector = (selector: string, type: string): string => {
  const [first = "", ...others] = selector.split(".");
  const renames = names[type] ?? {};
  return [Object.hasOwn(renames, first) ? renames[first] : first, ...others].join(".");
};

/** §10.8: 2.1 writes the vocabulary in capitals. */
const hashNames = (hashes: unknown): unknown =>
  isFields(hashes)
    ? Object.fromEntries(Object.entries(hashes).map(([name, digest]) => [name === "ssdeep" ? "SSDEEP" : name, digest]))
    : hashes;

/** Every `…_ref` and `…_refs`, at any depth, by the id of what its key stood for. */
const refsAsIds = (object: Typed, idOf: (key: string) => string): Typed => {
  const walk = (value: unknown, name: string): unknown => {
    if (typeof value === "string") return name.endsWith("_ref") || name.endsWith("_refs") ? idOf(value) : value;
    if (Array.isArray(value)) return value.map((item: unknown) => walk(item, name));
    if (!isFields(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, key)]));
  };
  return {
    ...Object.fromEntries(Object.entries(object).map(([key, value]) => [key, walk(value, key)])),
    type: object.type,
  };
};

/** What marks the object behind these keys: the markings of the whole, and granular ones that speak of it or of its parts; a part that cannot be found again marks it all. */
const markingsOf = (observed: Fields, keys: readonly string[], object: Typed): Fields => {
  const { object_marking_refs: refs, granular_markings: granular } = observed;
  const whole = new Set<unknown>(Array.isArray(refs) ? refs : []);
  const parts: Fields[] = [];
  for (const one of Array.isArray(granular) ? (granular as readonly unknown[]) : []) {
    if (!isFields(one) || !Array.isArray(one["selectors"])) continue;
    const inside = new Set<string>();
    for (const selector of one["selectors"] as readonly unknown[]) {
      if (typeof selector !== "string") continue;
      const key = keys.find((name) => within(selector, `objects.${name}`));
      if (selector === "objects" || selector === `objects.${key ?? ""}`) {
        if (one["marking_ref"] !== undefined) whole.add(one["marking_ref"]);
      } else if (key !== undefined) {
        const moved = renamedSelector(selector.slice(`objects.${key}.`.length), object.type);
        const steps = selectorSteps(moved);
        if (steps !== undefined && has(object, steps)) inside.add(moved);
        else if (one["marking_ref"] !== undefined) whole.add(one["marking_ref"]);
      }
    }
    if (inside.size > 0) parts.push({ ...one, selectors: [...inside] });
  }
  return {
    ...(whole.size > 0 ? { object_marking_refs: [...whole] } : {}),
    ...(parts.length > 0 ? { granular_markings: parts } : {}),
  };
};

/** Granular markings of the observed-data object itself: those inside its objects have gone there. */
const granularLeft = (granular: unknown): readonly unknown[] => {
  if (!Array.isArray(granular)) return [];
  return (granular as readonly unknown[]).flatMap((one) => {
    if (!isFields(one) || !Array.isArray(one["selectors"])) return [one];
    const selectors = one["selectors"].filter(
      (selector: unknown) => !(typeof selector === "string" && /^objects(?:\.|$)/.test(selector)),
    );
    return selectors.length > 0 ? [{ ...one, selectors }] : [];
  });
};
