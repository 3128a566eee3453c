import type { Detection } from "./detection.ts";

/** The fields a detection asks for, as rules name them. */
export interface AskedFields {
  readonly all: ReadonlySet<string>;
  /** Of these, those whose want can make it hold: denied, or asked for their absence. */
  readonly wanting: ReadonlySet<string>;
}

/** Of a field that is not to be seen, a test fails as if it were absent: wrong only where its failing makes the rule hold. */
export const askedFields = (detection: Detection): AskedFields => {
  const all = new Set<string>();
  const wanting = new Set<string>();
  const walk = (one: Detection, denied: boolean): void => {
    switch (one.is) {
      case "and":
      case "or":
      case "atLeast":
        for (const part of one.of) walk(part, denied);
        return;
      case "not":
        return walk(one.of, !denied);
      case "keyword":
        return;
      case "test": {
        const { match } = one;
        const absence = match.is === "null" || (match.is === "exists" && !match.there);
        for (const field of match.is === "field" ? [one.field, match.field] : [one.field]) {
          all.add(field);
          if (denied !== absence) wanting.add(field);
        }
      }
    }
  };
  walk(detection, false);
  return { all, wanting };
};
