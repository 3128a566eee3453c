import type { ValueTest } from "./pattern-compare.ts";
import { isObject, type Look, mostVisits, note, type StixObject } from "./pattern-look.ts";
import type { Step } from "./pattern.ts";

/** Whether an object makes a test true. */
export type ObjectLook = (object: StixObject, look: Look) => boolean;

/**
 * A path as a function that puts every value it leads to before `test`, until one makes it true. A step that an object
 * does not have leads nowhere, whatever the operator. A `_ref` in the middle is followed to the object it names; at the
 * end it is the id.
 * @see STIX 2.1 §9.7 Object Path Syntax
 */
export const compilePath = (place: string, path: readonly Step[], test: ValueTest): ObjectLook => {
  let next: ValueTest = test;
  for (let at = path.length - 1; at >= 0; at--) {
    const step = path[at];
    const last = at === path.length - 1;
    if (typeof step === "string") next = keyStep(step, step.endsWith("_ref") && !last ? follow(next) : next);
    else {
      const key = path[at - 1];
      const item = typeof key === "string" && key.endsWith("_refs") && !last ? follow(next) : next;
      next = typeof step === "number" ? indexStep(step, item) : everyStep(place, item);
    }
  }
  return next;
};

/** How the value at the end of a path writes bytes, which the name of the property says; undefined for other values. */
export const codingOf = (path: readonly Step[]): Coding | undefined => {
  const last = path.at(-1);
  if (typeof last !== "string") return undefined;
  return last.endsWith("_hex") ? "hex" : last.endsWith("_bin") ? "base64" : undefined;
};
type Coding = "hex" | "base64";

/** Puts the bytes of a value before `test`, one character (U+0000 to U+00FF) a byte. @see STIX 2.1 §2.1, §2.7 */
export const decoded = (place: string, coding: Coding, test: ValueTest): ValueTest => {
  const { shape, wanted } = codings[coding];
  return (value, look) => {
    if (typeof value !== "string") return test(value, look);
    if (!shape.test(value)) return note(look, place, value, wanted);
    return test(Buffer.from(value, coding).toString("latin1"), look);
  };
};
const codings = {
  hex: { shape: /^(?:[0-9a-fA-F]{2})*$/, wanted: "hexadecimal digits" },
  base64: { shape: /^[A-Za-z0-9+/]*={0,2}$/, wanted: "base64" },
} as const satisfies Record<Coding, object>;

const keyStep =
  (key: string, next: ValueTest): ValueTest =>
  (value, look) =>
    isObject(value) && Object.hasOwn(value, key) && next(value[key], look);

const indexStep =
  (index: number, next: ValueTest): ValueTest =>
  (value, look) =>
    Array.isArray(value) && index >= 0 && index < value.length && next(value[index], look);

const everyStep =
  (place: string, next: ValueTest): ValueTest =>
  (value, look) => {
    if (!Array.isArray(value)) return false;
    for (const item of value) {
      if (++look.visited > mostVisits) return note(look, place, "[*]", `at most ${mostVisits} items`);
      if (next(item, look)) return true;
    }
    return false;
  };

/** The object an id names; a reference to nothing leads nowhere. */
const follow =
  (next: ValueTest): ValueTest =>
  (value, look) => {
    if (typeof value !== "string") return false;
    const object = look.find(value);
    return object !== undefined && next(object, look);
  };
