import type { Detection, Match } from "./detection.ts";
import { globber } from "./glob.ts";
import { everyText, type Fields, firstOf, textsOfValue } from "./record.ts";
import { compileRegex } from "./regex.ts";
import { cidrTest, compareTest, fieldTest } from "./value-test.ts";

/** A record as a rule sees it. */
export interface Subject {
  readonly fields: Fields;
  /** Sigma's field names → paths; telemetry/format.ts, `RuleView`. */
  readonly names: Readonly<Record<string, string | readonly string[]>>;
  /** The line as it came, for keywords. */
  readonly raw?: string;
}

/** A test that holds, in words of the rule: why a record matches. */
export interface Held {
  /** Absent: a keyword, found anywhere. */
  readonly field?: string;
  readonly match: Match;
  /** What the record has there; absent for tests of absence. */
  readonly value?: string;
}

/**
 * Whether a detection holds of a record, walked test by test: the plain meaning of a rule, which the compiled rules are
 * held to, and the reason that is shown with a match.
 */
export const judge = (detection: Detection, record: Subject): boolean => {
  switch (detection.is) {
    case "and":
      return detection.of.every((one) => judge(one, record));
    case "or":
      return detection.of.some((one) => judge(one, record));
    case "not":
      return !judge(detection.of, record);
    case "atLeast":
      return detection.of.filter((one) => judge(one, record)).length >= detection.count;
    case "keyword":
      return keywordText(detection.match, record) !== undefined;
    case "test":
      return judgeMatch(detection.match, detection.field, record);
  }
};

/** The tests without which a match would not stand: those that hold, on the ways through the tree that hold. */
export const reasons = (detection: Detection, record: Subject): readonly Held[] => {
  switch (detection.is) {
    case "and":
    case "or":
    case "atLeast":
      return judge(detection, record) ? detection.of.flatMap((one) => reasons(one, record)) : [];
    case "not":
      return [];
    case "keyword": {
      const value = keywordText(detection.match, record);
      return value === undefined ? [] : [{ match: detection.match, value }];
    }
    case "test": {
      const { field, match } = detection;
      if (!judgeMatch(match, field, record)) return [];
      const value = textsOfValue(valueOf(field, record)).find((text) => textHolds(match, text, record));
      return [{ field, match, ...(value === undefined ? {} : { value }) }];
    }
  }
};

const valueOf = (field: string, { fields, names }: Subject): unknown => {
  const named = Object.hasOwn(names, field) ? names[field] : undefined;
  return firstOf(named === undefined ? [field] : typeof named === "string" ? [named] : named)(fields);
};

const keywordText = (match: Match, record: Subject): string | undefined =>
  [...everyText(record.fields), ...(record.raw === undefined ? [] : [record.raw])].find((text) =>
    textHolds(match, text, record),
  );

const judgeMatch = (match: Match, field: string, record: Subject): boolean => {
  const value = valueOf(field, record);
  if (match.is === "exists") return (value !== undefined) === match.there;
  if (match.is === "null") return value === undefined || value === null;
  return textsOfValue(value).some((text) => textHolds(match, text, record));
};

const textHolds = (match: Match, text: string, record: Subject): boolean => {
  switch (match.is) {
    case "text":
      return globber(match.pieces)(match.cased ? text : text.toLowerCase());
    case "regex":
      return compileRegex(match).test(text);
    case "cidr":
      return cidrTest(match)(text);
    case "compare":
      return compareTest(match)(text);
    case "field":
      return textsOfValue(valueOf(match.field, record)).some((other) => fieldTest(match, text, other));
    default:
      // absence and presence are asked above; a placeholder without values is not run
      return false;
  }
};
