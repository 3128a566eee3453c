import { type Fields, isFields, step } from "./check-notes.ts";
import { typeOfId } from "./object-types.ts";

/** One reference of an object to another. */
export interface Ref {
  /** JSON pointer of the identifier: "/object_refs/3". */
  readonly path: string;
  /** Name of the property: "object_refs". */
  readonly property: string;
  readonly id: string;
}

/**
 * Every identifier that an object refers by: `…_ref` and `…_refs` at any depth (§2.9), extensions, granular markings and
 * custom properties included; keys of a 2.0 container are no identifiers. In the order of the object.
 */
export function* refsOf(object: Fields): Generator<Ref, void, void> {
  yield* refsIn(object, "", "");
}

function* refsIn(value: unknown, at: string, property: string): Generator<Ref, void, void> {
  if (typeof value === "string") {
    if ((property.endsWith("_ref") || property.endsWith("_refs")) && typeOfId(value) !== "")
      yield { path: at, property, id: value };
  } else if (Array.isArray(value))
    for (const [index, item] of value.entries()) yield* refsIn(item, at + step(index), property);
  else if (isFields(value))
    for (const [name, item] of Object.entries(value)) yield* refsIn(item, at + step(name), name);
}
