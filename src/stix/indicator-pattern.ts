import type { CheckNotes, RuleCheck } from "./check-notes.ts";
import type { Comparison, ObjectTest, Pattern } from "./pattern.ts";
import { checkPattern } from "./pattern-check.ts";
import { readPattern } from "./read-pattern.ts";
import { isTypeName } from "./text-forms.ts";

/**
 * A pattern of type "stix" is one of §9, and what it names could be there: types and properties have the names that the
 * specification lets anybody give (§11). What other languages say is theirs to judge.
 * @see STIX 2.1 §4.7 Indicator
 */
export const checkIndicatorPattern: RuleCheck = (object, at, notes) => {
  const { pattern, pattern_type: type, pattern_version: version } = object;
  if (typeof pattern !== "string" || type !== "stix") return;
  const spoken = version === "2.0" ? "2.0" : "2.1";
  const here = `${at}/pattern`;
  const read = readPattern(pattern, spoken);
  if (!read.ok) return notes.must(read.problem.code, read.problem.with ?? {}, here);
  checkNames(read.value, here, notes);
  const { problems, warnings } = checkPattern(pattern, spoken);
  for (const one of problems) notes.must(one.code, one.with ?? {}, here);
  for (const one of warnings) notes.should(one.code, one.with ?? {}, here);
  return undefined;
};

const checkNames = (pattern: Pattern, at: string, notes: CheckNotes): void => {
  const patterns: Pattern[] = [pattern];
  for (let one = patterns.pop(); one !== undefined; one = patterns.pop()) {
    if (one.kind === "observation") checkTest(one.test, at, notes);
    else if ("times" in one || "seconds" in one || "start" in one) patterns.push(one.of);
    else patterns.push(...one.of);
  }
};

const checkTest = (test: ObjectTest, at: string, notes: CheckNotes): void => {
  const tests: ObjectTest[] = [test];
  for (let one = tests.pop(); one !== undefined; one = tests.pop()) {
    if (one.kind === "comparison") checkComparison(one, at, notes);
    else tests.push(...one.of);
  }
};

/** §11.1 and §11.2: at least three characters; the shorter names that the specification has are none of an object's. */
const checkComparison = ({ type, path }: Comparison, at: string, notes: CheckNotes): void => {
  if (!isTypeName(type)) notes.must("WGL_STIX_NAME", { name: type }, at);
  const [first] = path;
  if (typeof first === "string" && !(first === "id" || /^[a-z0-9_]{3,250}$/.test(first)))
    notes.must("WGL_STIX_NAME", { name: first }, at);
};
