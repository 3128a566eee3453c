import { type Compare, compareDigits, compareLists, compareText, isDigits, orderedBy } from "./order.ts";

interface Semver {
  readonly numbers: readonly string[];
  /** Empty: a release. */
  readonly pre: readonly string[];
}

const shape = /^[vV=]?(\d+(?:\.\d+){0,4})(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z.-]+)?$/;

/** Versions of npm, cargo, Go and NuGet. Parts that are left out are 0, for lists of packages leave them out. */
const parse = (text: string): Semver | undefined => {
  const [whole, numbers = "", pre] = shape.exec(text) ?? [];
  if (whole === undefined) return undefined;
  return { numbers: numbers.split("."), pre: pre === undefined ? [] : pre.split(".") };
};

const compare = (a: Semver, b: Semver): number =>
  compareLists(a.numbers, b.numbers, "0", compareDigits) ||
  Number(b.pre.length > 0) - Number(a.pre.length > 0) ||
  compareLists<string | undefined>(a.pre, b.pre, undefined, identifiers);

/** Numbers before words; a longer list after its own beginning. */
const identifiers = (a: string | undefined, b: string | undefined): number => {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  const [x, y] = [isDigits(a), isDigits(b)];
  return x && y ? compareDigits(a, b) : Number(y) - Number(x) || compareText(a, b);
};

/** @see Semantic Versioning 2.0.0 §11 */
export const compareSemver: Compare = orderedBy(parse, compare);

/** As SemVer with up to four numbers, and labels compared without case. @see NuGet package versioning */
export const compareNuget: Compare = orderedBy((text) => parse(text.toLowerCase()), compare);
