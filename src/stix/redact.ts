import { checkObject } from "./check-object.ts";
import { type Fields, isFields } from "./check-notes.ts";
import { marksOf, marksOfParts } from "./markings.ts";
import { selectorSteps, within } from "./selector.ts";

/** What may leave of an object. */
export interface Redaction {
  /** Absent: nothing may leave. */
  readonly object?: Fields;
  /** Selectors of what was taken out, as the object had them. */
  readonly removed: readonly string[];
  /** Markings that forbade it. */
  readonly because: readonly string[];
}

/**
 * The object without the parts that a granular marking keeps back. Withheld whole: when a marking of the whole may not
 * leave, when markings cannot be read, and when what would be left is no longer a STIX object (a required property went). Granular markings of what went
 * go too, and places in lists move up. The rest is as it was; `modified` too, so the result is a copy for one party and
 * never a version.
 *
 * @param may whether what this marking marks may leave; say no to ids you do not know
 */
export const redact = (object: Fields, may: (markingId: string) => boolean): Redaction => {
  if (isMarkedUnreadably(object)) return { removed: [], because: [] };
  const whole = marksOf(object);
  const forbidden = (whole.ok ? whole.value : []).filter((id) => !may(id));
  if (forbidden.length > 0) return { removed: [], because: forbidden };
  const kept = marksOfParts(object).filter(({ is, mark }) => is === "marking" && !may(mark));
  if (kept.length === 0) return { object, removed: [], because: [] };
  const because = [...new Set(kept.map(({ mark }) => mark))];
  const removed = outermost([...new Set(kept.map(({ selector }) => selector))]);
  const left = withoutParts(object, removed);
  if (left === undefined) return { removed, because };
  const before = new Set(checkObject(object).problems.map(({ code }) => code));
  const broken = checkObject(left).problems.some(({ code }) => !before.has(code));
  return broken ? { removed, because } : { object: left, removed, because };
};

/** Markings that break the specification (no list, no id, a selector that leads nowhere) protect something nobody can tell. */
const isMarkedUnreadably = (object: Fields): boolean =>
  (Object.hasOwn(object, "object_marking_refs") || Object.hasOwn(object, "granular_markings")) &&
  checkObject(object).problems.some(
    ({ at }) => at !== undefined && /^\/(?:object_marking_refs|granular_markings)/.test(at),
  );

/** Parts inside parts that go anyway are no parts of their own. */
const outermost = (selectors: readonly string[]): readonly string[] =>
  selectors.filter((one) => !selectors.some((other) => other !== one && within(one, other)));

/** `undefined` where a selector leads nowhere: then nobody knows what it was to protect. */
const withoutParts = (object: Fields, removed: readonly string[]): Fields | undefined => {
  const tree: Removal = { children: new Map(), gone: false };
  for (const selector of removed) {
    const steps = selectorSteps(selector);
    if (steps === undefined) return undefined;
    let node = tree;
    for (const one of steps) {
      const next = node.children.get(one) ?? { children: new Map(), gone: false };
      node.children.set(one, next);
      node = next;
    }
    node.gone = true;
  }
  const left = pruned(object, tree);
  if (!isFields(left)) return undefined;
  const { granular_markings: granular, ...rest } = left;
  const moved = Array.isArray(granular) ? granular.flatMap((one: unknown) => movedMarking(one, tree)) : [];
  return moved.length === 0 ? rest : { ...rest, granular_markings: moved };
};

interface Removal {
  readonly children: Map<string | number, Removal>;
  gone: boolean;
}

/** A value without what the tree takes; `nothing` when nothing is left of it. */
const pruned = (value: unknown, tree: Removal): unknown => {
  if (tree.gone) return nothing;
  if (tree.children.size === 0) return value;
  if (Array.isArray(value)) {
    const left = value.map((item: unknown, index) => prunedChild(item, tree, index)).filter((item) => item !== nothing);
    return left.length === 0 ? nothing : left;
  }
  if (!isFields(value)) return nothing;
  const left = Object.entries(value).flatMap(([name, item]): readonly (readonly [string, unknown])[] => {
    const child = prunedChild(item, tree, name);
    return child === nothing ? [] : [[name, child]];
  });
  return left.length === 0 ? nothing : Object.fromEntries(left);
};

const prunedChild = (item: unknown, tree: Removal, key: string | number): unknown => {
  const child = tree.children.get(key);
  return child === undefined ? item : pruned(item, child);
};

const nothing: unique symbol = Symbol("nothing");

/** A granular marking with selectors that still lead where they led; none when nothing is left to mark. */
const movedMarking = (marking: unknown, tree: Removal): readonly Fields[] => {
  if (!isFields(marking) || !Array.isArray(marking["selectors"])) return [];
  const selectors = marking["selectors"].flatMap((selector: unknown) => {
    const steps = typeof selector === "string" ? selectorSteps(selector) : undefined;
    const moved = steps === undefined ? undefined : movedSteps(steps, tree);
    return moved === undefined ? [] : [moved.map((one) => (typeof one === "number" ? `[${one}]` : one)).join(".")];
  });
  return selectors.length === 0 ? [] : [{ ...marking, selectors }];
};

const movedSteps = (steps: readonly (string | number)[], tree: Removal): readonly (string | number)[] | undefined => {
  const moved: (string | number)[] = [];
  let node: Removal | undefined = tree;
  for (const one of steps) {
    if (node === undefined || typeof one === "string") moved.push(one);
    else moved.push(one - [...node.children].filter(([key, child]) => child.gone && Number(key) < one).length);
    node = node?.children.get(one);
    if (node?.gone === true) return undefined;
  }
  return moved;
};
