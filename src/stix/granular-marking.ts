import { type Check, isFields, step } from "./check-notes.ts";
import { has, selectorSteps } from "./selector.ts";
import { textForms, uuid } from "./text-forms.ts";

/**
 * One granular marking: what it says (a marking or a language, one of them), and of which parts, all of which the object has.
 * @see STIX 2.1 §7.2.3 Granular Markings
 */
export const checkGranularMarking: Check = (value, at, key, notes, root) => {
  const here = at + step(key);
  if (!isFields(value)) return notes.must("WGL_STIX_OBJECT", { property: String(key), wanted: "object" }, here);
  const { lang, marking_ref, selectors } = value;
  if (lang === undefined && marking_ref === undefined)
    notes.must("WGL_STIX_ONE_OF", { properties: "marking_ref, lang" }, here);
  if (lang !== undefined && marking_ref !== undefined)
    notes.must("WGL_STIX_BESIDE", { property: "lang", other: "marking_ref" }, here);
  if (lang !== undefined && (typeof lang !== "string" || !textForms.language.test(lang)))
    notes.must("WGL_STIX_OBJECT", { property: "lang", wanted: textForms.language.wanted }, `${here}/lang`);
  if (marking_ref !== undefined && !isMarkingId(marking_ref))
    notes.must(
      "WGL_STIX_REF",
      { value: typeof marking_ref === "string" ? marking_ref : "", wanted: "marking-definition" },
      `${here}/marking_ref`,
    );
  if (!Array.isArray(selectors) || selectors.length === 0)
    return notes.must("WGL_STIX_REQUIRED", { property: "selectors" }, `${here}/selectors`);
  for (const [index, selector] of selectors.entries()) {
    const steps = typeof selector === "string" ? selectorSteps(selector) : undefined;
    if (steps === undefined || !has(root, steps))
      notes.must(
        "WGL_STIX_SELECTOR",
        { selector: typeof selector === "string" ? selector : "" },
        `${here}/selectors/${index}`,
      );
  }
  return undefined;
};

const prefix = "marking-definition--";

/** The id of a marking definition, by its form. */
export const isMarkingId = (value: unknown): value is string =>
  typeof value === "string" && value.startsWith(prefix) && uuid.test(value.slice(prefix.length));
