import { checkObject } from "./check-object.ts";
import { type Fields, isFields } from "./check-notes.ts";
import { categoryOf, typeOfId } from "./object-types.ts";
import { redact } from "./redact.ts";
import { refsOf } from "./refs-of.ts";

/** What may leave of a set of objects that refer to each other. */
export interface RedactedSet {
  readonly objects: readonly Fields[];
  /** Objects that stay, by id, with why. */
  readonly withheld: ReadonlyMap<string, "marking" | "points-at-withheld" | "only-withheld-point-at-it">;
  /** Parts taken out of objects that leave: id → selectors, and "/…_refs/n" for references that went. */
  readonly removed: ReadonlyMap<string, readonly string[]>;
}

/**
 * Redacts objects together. Marking an object does not mark what it refers to (§7.2), so beside `redact` for each:
 * an observable without markings of its own stays when only withheld objects point at it; a relationship or sighting stays
 * when an end of it does; and ids of withheld objects are taken out of the lists of those that leave, since the id of an
 * observable can be guessed from its value and says so.
 *
 * @param may as in `redact`
 */
export const redactSet = (objects: readonly Fields[], may: (markingId: string) => boolean): RedactedSet => {
  const withheld = new Map<string, "marking" | "points-at-withheld" | "only-withheld-point-at-it">();
  const removed = new Map<string, readonly string[]>();
  let leaving: readonly Fields[] = objects.flatMap((object) => {
    const redaction = redact(object, may);
    const id = idOf(object);
    if (redaction.object === undefined) {
      withheld.set(id, "marking");
      return [];
    }
    if (redaction.removed.length > 0) removed.set(id, redaction.removed);
    return [redaction.object];
  });
  const pointers = pointersOf(objects);
  // Each turn withholds at least one more object, or is the last
  for (let before = -1; before !== withheld.size; ) {
    before = withheld.size;
    leaving = leaving.flatMap((object) => {
      const id = idOf(object);
      const by = pointers.get(id);
      if (isUnmarkedObservable(object) && by !== undefined && [...by].every((one) => withheld.has(one))) {
        withheld.set(id, "only-withheld-point-at-it");
        return [];
      }
      const kept = withoutRefs(object, withheld);
      if (kept === undefined) {
        withheld.set(id, "points-at-withheld");
        removed.delete(id);
        return [];
      }
      if (kept.removed.length > 0) removed.set(id, [...(removed.get(id) ?? []), ...kept.removed]);
      return [kept.object];
    });
  }
  return { objects: leaving, withheld, removed };
};

const idOf = (object: Fields): string => (typeof object["id"] === "string" ? object["id"] : "");

const isUnmarkedObservable = (object: Fields): boolean =>
  typeof object["type"] === "string" &&
  categoryOf(object["type"]) === "sco" &&
  !Object.hasOwn(object, "object_marking_refs");

/** id → ids of the objects that point at it. */
const pointersOf = (objects: readonly Fields[]): ReadonlyMap<string, ReadonlySet<string>> => {
  const pointers = new Map<string, Set<string>>();
  for (const object of objects)
    for (const { id } of refsOf(object)) {
      const by = pointers.get(id) ?? new Set();
      pointers.set(id, by.add(idOf(object)));
    }
  return pointers;
};

const withoutRefs = (
  object: Fields,
  withheld: ReadonlyMap<string, unknown>,
): { readonly object: Fields; readonly removed: readonly string[] } | undefined => {
  const refs = [...refsOf(object)].filter(({ id }) => withheld.has(id) && typeOfId(id) !== "marking-definition");
  if (refs.length === 0) return { object, removed: [] };
  const left = without(object, withheld);
  if (!isFields(left)) return undefined;
  const before = new Set(checkObject(object).problems.map(({ code }) => code));
  if (checkObject(left).problems.some(({ code }) => !before.has(code))) return undefined;
  return { object: left, removed: refs.map(({ path }) => path) };
};

/** The value without references to these ids; lists that are empty then go, and so do their properties. */
const without = (value: unknown, withheld: ReadonlyMap<string, unknown>): unknown => {
  if (Array.isArray(value)) return value.map((item: unknown) => without(item, withheld));
  if (!isFields(value)) return value;
  const left: [string, unknown][] = [];
  for (const [name, item] of Object.entries(value)) {
    const points = (one: unknown): boolean =>
      typeof one === "string" && withheld.has(one) && typeOfId(one) !== "marking-definition";
    if (name.endsWith("_ref") && points(item)) continue;
    if (name.endsWith("_refs") && Array.isArray(item)) {
      const others = item.filter((one: unknown) => !points(one));
      if (others.length > 0) left.push([name, others]);
    } else left.push([name, without(item, withheld)]);
  }
  return Object.fromEntries(left);
};
