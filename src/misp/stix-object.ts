import type { JsonObject } from "./own.ts";

/** A STIX object as plain JSON: its type, its id, and whatever its type has beside. */
export interface StixObject extends JsonObject {
  readonly type: string;
  readonly id: string;
}

export interface StixBundle {
  readonly type: "bundle";
  readonly id: string;
  readonly objects: readonly StixObject[];
}

/** A cyber-observable object under its MISP UUID (STIX 2.1 §2.9 allows UUIDv4 ids; a receiver merges by value). */
export const sco = (type: string, uuid: string, properties: JsonObject): StixObject => ({
  type,
  spec_version: "2.1",
  id: `${type}--${uuid}`,
  ...properties,
});

type Tree = Record<string, unknown>;

/** Sets a property by path, making what stands between: "extensions.unix-account-ext.gid", "values[0].name". */
export const setPath = (into: Tree, path: string, value: unknown): void => {
  const steps = stepsOf(path);
  let at: Tree = into;
  for (const [index, step] of steps.entries()) {
    if (index === steps.length - 1) at[step] = value;
    else at = childOf(at, step, /^\d+$/.test(steps[index + 1] ?? ""));
  }
};

const childOf = (at: Tree, step: string, isList: boolean): Tree => {
  const before = at[step];
  if (typeof before === "object" && before !== null) return before as Tree;
  const made: unknown = isList ? [] : {};
  at[step] = made;
  return made as Tree;
};

const stepsOf = (path: string): readonly string[] =>
  path.split(/\.|\[(\d+)\]\.?/).filter((step) => step !== undefined && step !== "");
