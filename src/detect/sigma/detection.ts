/**
 * What a rule asks of a record, its condition resolved and its modifiers applied: a tree of tests, in two-valued logic. A
 * field that is absent fails every test but the ones that ask for absence, and `not` is plain negation.
 *
 *   selection and not filter → { and: [ { test: Image ends with "\\cmd.exe" }, { not: { test: User is "SYSTEM" } } ] }
 */
export type Detection =
  | { readonly is: "and"; readonly of: readonly Detection[] }
  | { readonly is: "or"; readonly of: readonly Detection[] }
  | { readonly is: "not"; readonly of: Detection }
  /** `2 of selection*`: so many of them, or more. */
  | { readonly is: "atLeast"; readonly count: number; readonly of: readonly Detection[] }
  | { readonly is: "test"; readonly field: string; readonly match: Match }
  /** Fieldless: any value of the record, or its raw text, holds it. */
  | { readonly is: "keyword"; readonly match: TextMatch | RegexMatch };

/** How a value of a record is judged. A list in a record passes when one of its values does. */
export type Match =
  | TextMatch
  | RegexMatch
  | CidrMatch
  | CompareMatch
  | NullMatch
  | ExistsMatch
  | FieldMatch
  | PlaceholderMatch;

/** Pieces of a text: what stands there, "one" character (`?`), "many" characters or none (`*`). Never two "many" in a row. */
export type Piece = string | typeof one | typeof many;
export const one = Symbol("?");
export const many = Symbol("*");

/** The whole value is this text; numbers and booleans of a record are read as they print. */
export interface TextMatch {
  readonly is: "text";
  /** Lower case unless `cased`. Empty: the empty text. */
  readonly pieces: readonly Piece[];
  readonly cased: boolean;
}

/** An expression of RE2's syntax, found anywhere in the value. */
export interface RegexMatch {
  readonly is: "regex";
  readonly source: string;
  /** Any of "i", "m", "s", in this order. */
  readonly flags: string;
}

/** An address inside this network. */
export interface CidrMatch {
  readonly is: "cidr";
  /** As `core/cidr.ts` prints it. */
  readonly network: string;
}

/** A part of a time, as it is written in the record: no time zone is converted (modifiers appendix 2.1, "Time"). */
export const timeParts = ["minute", "hour", "day", "week", "month", "year"] as const;
export type TimePart = (typeof timeParts)[number];

/** A number in the record, or a part of a time in it, beside a number. */
export interface CompareMatch {
  readonly is: "compare";
  readonly op: "lt" | "lte" | "gt" | "gte" | "eq";
  readonly value: number;
  readonly part?: TimePart;
}

/** The field is absent or null. */
export interface NullMatch {
  readonly is: "null";
}

/** The field is there, whatever its value, null as well; or it is not. */
export interface ExistsMatch {
  readonly is: "exists";
  readonly there: boolean;
}

/** Beside the value of another field of the same record; false when either is absent. */
export interface FieldMatch {
  readonly is: "field";
  readonly field: string;
  readonly how: "equals" | "contains" | "startswith" | "endswith";
  readonly cased: boolean;
}

/**
 * A text with placeholders, known only where the rules run: `%Administrators%` becomes one of the values given for it.
 * A rule with a placeholder that has no values is not run, and that is said.
 */
export interface PlaceholderMatch {
  readonly is: "placeholder";
  readonly pieces: readonly (Piece | { readonly placeholder: string })[];
  readonly cased: boolean;
}
