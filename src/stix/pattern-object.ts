import { ok, type Problem, type Result } from "#core/result.ts";
import { compileComparison, placeOf } from "./pattern-compare.ts";
import { codingOf, compilePath, decoded, type ObjectLook } from "./pattern-path.ts";
import type { Comparison, ObjectTest } from "./pattern.ts";

/** A test by the object types it can be true of. */
export type TestsByType = ReadonlyMap<string, ObjectLook>;

/**
 * What stands inside `[ ]` as functions of one object: AND is satisfied by one and the same object (§9.5), so each type
 * has its own function, and a type for which it could never be true has none. An empty map: never true at all.
 *
 * @param problems takes what is wrong with constants; the functions are of use only when nothing was added
 */
export const compileTest = (test: ObjectTest, problems: Problem[]): TestsByType => {
  const looks = new Map<Comparison, ObjectLook>();
  const types = new Set<string>();
  eachComparison(test, (comparison) => {
    types.add(comparison.type);
    const compiled = compileOne(comparison);
    if (compiled.ok) looks.set(comparison, compiled.value);
    else problems.push(compiled.problem);
  });
  const byType = new Map<string, ObjectLook>();
  if (problems.length > 0) return byType;
  for (const type of types) {
    const look = lookOf(test, type, looks);
    if (look !== undefined) byType.set(type, look);
  }
  return byType;
};

/** Every comparison of a test, left to right. */
export const eachComparison = (test: ObjectTest, visit: (comparison: Comparison) => void): void => {
  if (test.kind === "comparison") visit(test);
  else for (const part of test.of) eachComparison(part, visit);
};

const compileOne = (comparison: Comparison): Result<ObjectLook> => {
  const { path, operator, not } = comparison;
  const place = placeOf(comparison);
  if (operator === "EXISTS") {
    const exists = compilePath(place, path, () => true);
    return ok(not ? (object, look) => !exists(object, look) : exists);
  }
  const coding = codingOf(path);
  const test = compileComparison(comparison, coding !== undefined);
  if (!test.ok) return test;
  return ok(compilePath(place, path, coding === undefined ? test.value : decoded(place, coding, test.value)));
};

const lookOf = (test: ObjectTest, type: string, looks: ReadonlyMap<Comparison, ObjectLook>): ObjectLook | undefined => {
  if (test.kind === "comparison") return test.type === type ? looks.get(test) : undefined;
  const parts: ObjectLook[] = [];
  for (const part of test.of) {
    const look = lookOf(part, type, looks);
    if (look !== undefined) parts.push(look);
    else if (test.kind === "both") return undefined;
  }
  return test.kind === "both" ? every(parts) : some(parts);
};

const every = (parts: readonly ObjectLook[]): ObjectLook => {
  const [a, b] = parts;
  if (parts.length === 2 && a !== undefined && b !== undefined)
    return (object, look) => a(object, look) && b(object, look);
  return (object, look) => parts.every((part) => part(object, look));
};

const some = (parts: readonly ObjectLook[]): ObjectLook | undefined => {
  const [a, b] = parts;
  if (b === undefined) return a;
  if (parts.length === 2 && a !== undefined) return (object, look) => a(object, look) || b(object, look);
  return (object, look) => parts.some((part) => part(object, look));
};
