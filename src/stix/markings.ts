import { no, ok, type Result } from "#core/result.ts";
import { type Fields, isFields } from "./check-notes.ts";
import { isMarkingId } from "./granular-marking.ts";
import { has, selectorSteps, within } from "./selector.ts";
import { textForms } from "./text-forms.ts";

/**
 * What is marked, and how: marks are ids of marking definitions, and, on parts only, languages. Operations give a new object
 * and leave `modified` to whoever makes a version of it. Without `selectors` the whole object is meant.
 * @see STIX 2.1 §7.2.2 Object Markings, §7.2.3 Granular Markings
 */
export interface Parts {
  readonly selectors?: readonly string[];
  /** Marks of what the part lies in count too: of outer parts, and of the whole. */
  readonly inherited?: boolean;
  /** Marks of what lies in the part count too. */
  readonly descendants?: boolean;
}

/** Which kinds of marks are meant; both unless one is turned off. */
export interface Marks {
  readonly markings?: boolean;
  readonly languages?: boolean;
}

/** One mark of one part: granular markings taken apart. */
interface Mark {
  readonly mark: string;
  readonly is: "marking" | "language";
  readonly selector: string;
}

/** Marks of the whole object, or of these parts, each once. @returns WGL_STIX_SELECTOR */
export const marksOf = (object: Fields, parts: Parts = {}, kinds: Marks = {}): Result<readonly string[]> => {
  const { selectors } = parts;
  if (selectors === undefined) return ok(wholeMarks(object));
  const found = there(object, selectors);
  if (!found.ok) return found;
  const marks = matching(object, parts, selectors)
    .filter(({ is }) => (is === "marking" ? kinds.markings !== false : kinds.languages !== false))
    .map(({ mark }) => mark);
  return ok([...new Set([...marks, ...(parts.inherited === true ? wholeMarks(object) : [])])]);
};

/**
 * Whether the whole object, or these parts, are marked; with `marks`, with all of them. Of the whole one of them is enough.
 * @returns WGL_STIX_SELECTOR
 */
export const isMarked = (object: Fields, marks: readonly string[] = [], parts: Parts = {}): Result<boolean> => {
  const found = marksOf(object, parts);
  if (!found.ok) return found;
  if (marks.length === 0) return ok(found.value.length > 0);
  if (parts.selectors === undefined) return ok(marks.some((mark) => found.value.includes(mark)));
  return ok(marks.every((mark) => found.value.includes(mark)));
};

/** Marks the whole, or parts, beside the marks they have. @returns WGL_STIX_SELECTOR | WGL_STIX_REF */
export const addMarks = (object: Fields, marks: readonly string[], selectors?: readonly string[]): Result<Fields> => {
  const good = checked(object, marks, selectors);
  if (!good.ok) return good;
  if (selectors === undefined) return ok(withWhole(object, [...wholeMarks(object), ...marks]));
  return ok(withMarks(object, [...marksOfParts(object), ...product(marks, selectors)]));
};

/** Takes marks away that are there. @returns WGL_STIX_SELECTOR | WGL_STIX_MARKING when one is not there at all */
export const removeMarks = (
  object: Fields,
  marks: readonly string[],
  selectors?: readonly string[],
): Result<Fields> => {
  if (selectors === undefined) {
    const whole = wholeMarks(object);
    if (whole.length === 0) return ok(object);
    const missing = marks.find((mark) => !whole.includes(mark));
    if (missing !== undefined) return no("WGL_STIX_MARKING", { marking: missing });
    return ok(
      withWhole(
        object,
        whole.filter((mark) => !marks.includes(mark)),
      ),
    );
  }
  const found = there(object, selectors);
  if (!found.ok) return found;
  const all = marksOfParts(object);
  if (all.length === 0) return ok(object);
  const gone = (one: Mark): boolean => marks.includes(one.mark) && selectors.includes(one.selector);
  if (!all.some(gone)) return no("WGL_STIX_MARKING", { marking: marks[0] ?? "" });
  return ok(
    withMarks(
      object,
      all.filter((one) => !gone(one)),
    ),
  );
};

/** Takes every mark of these kinds away. @returns WGL_STIX_SELECTOR | WGL_STIX_MARKING when other parts are marked, these not */
export const clearMarks = (object: Fields, selectors?: readonly string[], kinds: Marks = {}): Result<Fields> => {
  if (selectors === undefined) return ok(withWhole(object, []));
  const found = there(object, selectors);
  if (!found.ok) return found;
  const all = marksOfParts(object);
  if (all.length === 0) return ok(object);
  if (!all.some(({ selector }) => selectors.includes(selector)))
    return no("WGL_STIX_MARKING", { marking: selectors.join(", ") });
  return ok(withMarks(object, left(all, selectors, kinds)));
};

/** These marks in place of those of the same kinds. @returns WGL_STIX_SELECTOR | WGL_STIX_REF */
export const setMarks = (
  object: Fields,
  marks: readonly string[],
  selectors?: readonly string[],
  kinds: Marks = {},
): Result<Fields> => {
  const good = checked(object, marks, selectors);
  if (!good.ok) return good;
  if (selectors === undefined) return ok(withWhole(object, marks));
  return ok(withMarks(object, [...left(marksOfParts(object), selectors, kinds), ...product(marks, selectors)]));
};

const left = (all: readonly Mark[], selectors: readonly string[], kinds: Marks): readonly Mark[] =>
  all.filter(
    ({ selector, is }) =>
      !selectors.includes(selector) || (is === "marking" ? kinds.markings === false : kinds.languages === false),
  );

const strings = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];

/** One id that its author put in no list marks all the same. */
const wholeMarks = (object: Fields): readonly string[] => {
  const refs = object["object_marking_refs"];
  return typeof refs === "string" ? [refs] : strings(refs);
};

/** The granular markings of an object, a mark and a part at a time. */
export const marksOfParts = (object: Fields): readonly Mark[] => {
  const { granular_markings: granular } = object;
  if (!Array.isArray(granular)) return [];
  return (granular as readonly unknown[]).flatMap((one) => {
    if (!isFields(one)) return [];
    const { marking_ref, lang, selectors } = one;
    return strings(selectors).flatMap((selector): readonly Mark[] => [
      ...(typeof marking_ref === "string" ? [{ mark: marking_ref, is: "marking", selector } as const] : []),
      ...(typeof lang === "string" ? [{ mark: lang, is: "language", selector } as const] : []),
    ]);
  });
};

const matching = (object: Fields, parts: Parts, selectors: readonly string[]): readonly Mark[] =>
  marksOfParts(object).filter(({ selector }) =>
    selectors.some(
      (asked) =>
        asked === selector ||
        (parts.inherited === true && within(asked, selector)) ||
        (parts.descendants === true && within(selector, asked)),
    ),
  );

/** Every selector leads to something. */
const there = (object: Fields, selectors: readonly string[]): Result<true> => {
  if (selectors.length === 0) return no("WGL_STIX_SELECTOR", { selector: "" });
  for (const selector of selectors) {
    const steps = selectorSteps(selector);
    if (steps === undefined || !has(object, steps)) return no("WGL_STIX_SELECTOR", { selector });
  }
  return ok(true);
};

const checked = (object: Fields, marks: readonly string[], selectors: readonly string[] | undefined): Result<true> => {
  const found = selectors === undefined ? ok(true as const) : there(object, selectors);
  if (!found.ok) return found;
  const wrong = marks.find((mark) => !isMarkingId(mark) && (selectors === undefined || !isLanguage(mark)));
  return wrong === undefined ? ok(true) : no("WGL_STIX_REF", { value: wrong, wanted: "marking-definition" });
};

const isLanguage = (mark: string): boolean => !mark.startsWith("marking-definition") && textForms.language.test(mark);

const product = (marks: readonly string[], selectors: readonly string[]): readonly Mark[] =>
  marks.flatMap((mark) =>
    selectors.map((selector) => ({ mark, is: isMarkingId(mark) ? "marking" : "language", selector }) as const),
  );

const withWhole = (object: Fields, marks: readonly string[]): Fields => {
  const { object_marking_refs: _old, ...rest } = object;
  const once = [...new Set(marks)];
  return once.length === 0 ? rest : { ...rest, object_marking_refs: once };
};

/** Granular markings put together again: one for each mark, with all the parts it is on. */
const withMarks = (object: Fields, marks: readonly Mark[]): Fields => {
  const { granular_markings: _old, ...rest } = object;
  if (marks.length === 0) return rest;
  const byMark = new Map<string, { readonly first: Mark; readonly selectors: Set<string> }>();
  for (const one of marks) {
    const key = `${one.is} ${one.mark}`;
    const before = byMark.get(key);
    if (before === undefined) byMark.set(key, { first: one, selectors: new Set([one.selector]) });
    else before.selectors.add(one.selector);
  }
  const granular = [...byMark.values()].map(({ first, selectors }) => ({
    ...(first.is === "marking" ? { marking_ref: first.mark } : { lang: first.mark }),
    selectors: [...selectors].toSorted(),
  }));
  return { ...rest, granular_markings: granular };
};
