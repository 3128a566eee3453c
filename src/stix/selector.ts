import { isFields } from "./check-notes.ts";

/**
 * A selector of a granular marking as steps: names, and places in lists ("x.y.[1]" → ["x", "y", 1]); `undefined` for what
 * is none.
 * @see STIX 2.1 §7.2.3.1 Selector Syntax
 */
export const selectorSteps = (selector: string): readonly (string | number)[] | undefined => {
  if (selector === "" || selector.length > longest) return undefined;
  const steps: (string | number)[] = [];
  for (const part of selector.split(".")) {
    if (part === "") return undefined;
    if (!part.startsWith("[")) steps.push(part);
    else {
      const index = /^\[(0|[1-9]\d{0,8})\]$/.exec(part)?.[1];
      if (index === undefined || steps.length === 0) return undefined;
      steps.push(Number(index));
    }
  }
  return steps;
};

/** UTF-16 units; deeper than any object nests. */
const longest = 4096;

/** Whether the object has what the steps lead to; `false` and `null` are things too. */
export const has = (object: unknown, steps: readonly (string | number)[]): boolean => {
  let value = object;
  for (const one of steps) {
    if (typeof one === "number") {
      if (!Array.isArray(value) || one >= value.length) return false;
      value = value[one];
    } else {
      if (!isFields(value) || !Object.hasOwn(value, one)) return false;
      value = value[one];
    }
  }
  return true;
};

/** `inner` is `outer` or lies inside it: "x.y.[1]" within "x". Whole steps count: "names" is not within "name". */
export const within = (inner: string, outer: string): boolean => inner === outer || inner.startsWith(`${outer}.`);
