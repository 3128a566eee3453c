import { type Observable, observableKey } from "#core/observable.ts";
import { readValue } from "#core/recognise.ts";
import { no, ok, type Problem, problem, type Result } from "#core/result.ts";
import { placeOf } from "#stix/pattern-compare.ts";
import { type CompiledPattern, compilePattern } from "#stix/pattern-match.ts";
import { kindsOf, ofComparison } from "#stix/pattern-observables.ts";
import type { Comparison, Constant, ObjectTest, ObservationTest, Pattern, Step } from "#stix/pattern.ts";
import { readPattern } from "#stix/read-pattern.ts";
import { neverTold } from "./observed.ts";

/** A pattern that is asked of kept records. */
export interface HuntedPattern {
  readonly compiled: CompiledPattern;
  /** One of these stands in every record that has a part in it; absent: any record may. */
  readonly anchors?: readonly Observable[];
}

/**
 * A pattern as it is asked of records: whose values are canonical, as a value of the pattern is made here. `=` of a network
 * is ISSUBSET, as it is where values are watched for.
 *
 * @returns problems of reading and compiling, each with its column; WGL_HUNT_PATTERN when no kept record can make it true
 */
export const huntedPattern = (text: string): Result<HuntedPattern> => {
  const read = readPattern(text);
  if (!read.ok) return read;
  const problems: Problem[] = [];
  const pattern = canonical(read.value, problems);
  const [wrong] = problems;
  if (wrong !== undefined) return { ok: false, problem: wrong };
  const never = neverTrue(pattern);
  if (never !== undefined) return { ok: false, problem: never };
  const compiled = compilePattern(pattern);
  if (!compiled.ok) {
    const [first] = compiled.problem;
    return first === undefined
      ? no("WGL_STIX_PATTERN", { column: 1, wanted: "a pattern" })
      : { ok: false, problem: first };
  }
  const anchors = anchorsOf(pattern);
  if (anchors === undefined || anchors.length > anchorsAtMost) return ok({ compiled: compiled.value });
  const distinct = new Map(anchors.map((one) => [observableKey(one), one]));
  return ok({ compiled: compiled.value, anchors: [...distinct.values()] });
};

/** Whether a pattern asks for anything of mail, and so names people; true also of one that cannot be read. */
export const asksOfMail = (text: string): boolean => {
  const read = readPattern(text);
  return !read.ok || testsOf(read.value).some((test) => typesOf(test).some((type) => type.startsWith("email-")));
};

const testsOf = (pattern: Pattern): readonly ObjectTest[] => {
  switch (pattern.kind) {
    case "observation":
      return [pattern.test];
    case "all":
    case "any":
    case "followed":
      return pattern.of.flatMap(testsOf);
    default:
      return testsOf(pattern.of);
  }
};

/** Values that history is asked for; a pattern of 65,536 characters names fewer. */
const anchorsAtMost = 10_000;

const canonical = (pattern: Pattern, problems: Problem[]): Pattern => {
  switch (pattern.kind) {
    case "observation":
      return { ...pattern, test: canonicalTest(pattern.test, problems) };
    case "all":
    case "any":
    case "followed":
      return { ...pattern, of: pattern.of.map((part) => canonical(part, problems)) };
    default:
      return { ...pattern, of: canonical(pattern.of, problems) };
  }
};

const canonicalTest = (test: ObjectTest, problems: Problem[]): ObjectTest =>
  test.kind === "comparison"
    ? canonicalComparison(test, problems)
    : { ...test, of: test.of.map((part) => canonicalTest(part, problems)) };

/** Names of hash algorithms as other tools write them, by the one that objects have. */
const algorithms: Readonly<Record<string, string>> = {
  ...{ md5: "MD5", sha1: "SHA-1", sha256: "SHA-256", sha512: "SHA-512" },
  ...{ SHA1: "SHA-1", SHA256: "SHA-256", SHA512: "SHA-512", "sha-1": "SHA-1", "sha-256": "SHA-256" },
};

const canonicalComparison = (given: Comparison, problems: Problem[]): Comparison => {
  const path = given.path.map(
    (step, at): Step =>
      typeof step === "string" && given.path[at - 1] === "hashes" && Object.hasOwn(algorithms, step)
        ? (algorithms[step] ?? step)
        : step,
  );
  const comparison: Comparison = { ...given, path };
  const kinds = kindsOf(comparison);
  if (kinds === undefined || kinds.includes("asn") || !["=", "!=", "IN"].includes(comparison.operator))
    return comparison;
  const constants = comparison.constants.map((constant): Constant => {
    const value = readValue(`${constant.value}`);
    if (value.ok && kinds.includes(value.value.observable.kind))
      return { ...constant, value: value.value.observable.value };
    problems.push(problem("WGL_STIX_PATTERN", { column: constant.column, wanted: kinds.join(" or ") }));
    return constant;
  });
  const network = constants.some(({ value }) => `${value}`.includes("/")) && kinds.includes("cidr");
  if (network && constants.length > 1) {
    const [first] = constants.filter(({ value }) => `${value}`.includes("/"));
    problems.push(problem("WGL_STIX_PATTERN", { column: first?.column ?? 1, wanted: "addresses, or ISSUBSET" }));
  }
  if (!network) return { ...comparison, constants };
  return { ...comparison, constants, operator: "ISSUBSET", not: comparison.not !== (comparison.operator === "!=") };
};

/** Why no observation of kept records can ever make the pattern true. */
const neverTrue = (pattern: Pattern): Problem | undefined => {
  switch (pattern.kind) {
    case "observation":
      return neverOne(pattern);
    case "any": {
      const parts = pattern.of.map(neverTrue);
      return parts.includes(undefined) ? undefined : parts[0];
    }
    case "all":
    case "followed":
      return pattern.of.map(neverTrue).find((part) => part !== undefined);
    default:
      return neverTrue(pattern.of);
  }
};

const neverOne = ({ test, column }: ObservationTest): Problem | undefined => {
  const missing = neverTold(test);
  if (missing !== undefined) return problem("WGL_HUNT_PATTERN", { what: placeOf(missing), column: missing.column });
  const types = typesOf(test);
  return types.some((type) => mayBeOf(test, type))
    ? undefined
    : problem("WGL_STIX_PATTERN_NEVER", { what: "AND of different object types", column });
};

const typesOf = (test: ObjectTest): readonly string[] =>
  test.kind === "comparison" ? [test.type] : test.of.flatMap(typesOf);

const mayBeOf = (test: ObjectTest, type: string): boolean => {
  if (test.kind === "comparison") return test.type === type && neverTold(test) === undefined;
  return test.kind === "both" ? test.of.every((one) => mayBeOf(one, type)) : test.of.some((one) => mayBeOf(one, type));
};

/** Values of which every observation that has a part in the pattern has one; undefined when none can be named. */
const anchorsOf = (pattern: Pattern): readonly Observable[] | undefined => {
  switch (pattern.kind) {
    case "observation":
      return anchorsOfTest(pattern.test);
    case "any":
    case "all":
    case "followed":
      return together(pattern.of.map(anchorsOf));
    default:
      return anchorsOf(pattern.of);
  }
};

const anchorsOfTest = (test: ObjectTest): readonly Observable[] | undefined => {
  if (test.kind === "comparison") {
    const values = ofComparison(test);
    return values.ok ? values.value.map(({ observable }) => observable) : undefined;
  }
  const parts = test.of.map(anchorsOfTest);
  if (test.kind === "either") return together(parts);
  // all of them hold, so that the one with the fewest values is enough
  return parts.filter((part) => part !== undefined).toSorted((a, b) => weight(a) - weight(b))[0];
};

/** A network is many values. */
const weight = (values: readonly Observable[]): number =>
  values.reduce((sum, { kind }) => sum + (kind === "cidr" ? 1000 : 1), 0);

const together = (parts: readonly (readonly Observable[] | undefined)[]): readonly Observable[] | undefined => {
  const all: Observable[] = [];
  for (const part of parts) {
    if (part === undefined) return undefined;
    all.push(...part);
  }
  return all;
};
