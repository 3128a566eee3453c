import { type Problem, problem } from "#core/result.ts";
import { compilePattern } from "./pattern-match.ts";
import { compileTest, eachComparison } from "./pattern-object.ts";
import { type Comparison, type Constant, partsOf, type Pattern, type PatternVersion } from "./pattern.ts";
import { readWithRemarks } from "./read-pattern.ts";

export interface PatternCheck {
  /** What makes it no valid pattern; empty for a valid one. Grammar stops at its first problem. */
  readonly problems: readonly Problem[];
  /** What a valid pattern will not do: parts that can never be true, constants that we cannot compare. */
  readonly warnings: readonly Problem[];
}

/**
 * Judges a pattern as it is written, before anything is matched.
 *
 * @returns problems WGL_STIX_PATTERN, WGL_STIX_PATTERN_TWICE; warnings WGL_STIX_PATTERN_NEVER, WGL_STIX_PATTERN,
 *          WGL_ROW_REGEX, WGL_STIX_PATTERN_WORK
 * @see STIX 2.1 §9.3 to §9.7; §10.4 Hashing Algorithm Vocabulary
 */
export const checkPattern = (text: string, version: PatternVersion = "2.1"): PatternCheck => {
  const reading = readWithRemarks(text, version);
  if (!reading.ok) return { problems: [reading.problem], warnings: [] };
  const { pattern, remarks } = reading.value;
  const problems = [...remarks];
  const warnings: Problem[] = [];
  eachPart(pattern, (part) => {
    if (part.kind === "between" && part.start >= part.stop)
      warnings.push(problem("WGL_STIX_PATTERN_NEVER", { what: "STOP before START", column: part.column }));
    if (part.kind !== "observation") return;
    eachComparison(part.test, (comparison) => problems.push(...hashProblems(comparison)));
    const own: Problem[] = [];
    if (compileTest(part.test, own).size === 0 && own.length === 0)
      warnings.push(problem("WGL_STIX_PATTERN_NEVER", { what: "AND of different object types", column: part.column }));
  });
  const compiled = compilePattern(pattern);
  if (!compiled.ok) warnings.push(...compiled.problem);
  return { problems, warnings };
};

const eachPart = (pattern: Pattern, visit: (part: Pattern) => void): void => {
  visit(pattern);
  for (const part of partsOf(pattern)) eachPart(part, visit);
};

/** Hexadecimal digits of a digest, by the name of its algorithm in capitals without hyphens. */
const digits: Readonly<Record<string, readonly number[]>> = {
  MD5: [32],
  MD6: [32, 40, 56, 64, 96, 128],
  RIPEMD160: [40],
  SHA1: [40],
  SHA224: [56],
  SHA256: [64],
  SHA384: [96],
  SHA512: [128],
  SHA3224: [56],
  SHA3256: [64],
  SHA3384: [96],
  SHA3512: [128],
  WHIRLPOOL: [128],
};
const hexadecimal = /^[0-9a-fA-F]*$/;
const ssdeep = /^[A-Za-z0-9/+:.]{1,160}$/;

/** A digest that is compared whole has the length of its algorithm: any other is a mistake, and would never match. */
const hashProblems = ({ path, operator, constants }: Comparison): readonly Problem[] => {
  const name = path.at(-1);
  if (typeof name !== "string" || !path.slice(0, -1).includes("hashes")) return [];
  if (operator !== "=" && operator !== "!=" && operator !== "IN") return [];
  const algorithm = name.toUpperCase().replaceAll("-", "");
  const lengths = Object.hasOwn(digits, algorithm) ? digits[algorithm] : undefined;
  const fits = ({ is, value }: Constant): boolean => {
    if (algorithm === "SSDEEP") return is === "string" && ssdeep.test(`${value}`);
    if (lengths === undefined) return true;
    return is === "string" && hexadecimal.test(`${value}`) && lengths.includes(`${value}`.length);
  };
  return constants
    .filter((constant) => !fits(constant))
    .map(({ column }) => problem("WGL_STIX_PATTERN", { column, wanted: `a hash of ${name}` }));
};
