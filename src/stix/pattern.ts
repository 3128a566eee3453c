/** The versions of the pattern language; they differ in EXISTS and in how START and STOP write their times. */
export const patternVersions = ["2.0", "2.1"] as const;
export type PatternVersion = (typeof patternVersions)[number];

/**
 * A STIX pattern as data.
 *
 *   ([ipv4-addr:value = '203.0.113.7'] FOLLOWEDBY [file:name LIKE '%.exe']) WITHIN 300 SECONDS
 *   └─ within ─ followed ─┬─ observation ─ comparison
 *                         └─ observation ─ comparison
 *
 * @see STIX 2.1 §9 STIX Patterning
 */
export type Pattern = ObservationTest | Joined | Repeated | Within | Between;

/** `[ … ]`: true of an observation when one object in it makes the test true (§9.5). */
export interface ObservationTest {
  readonly kind: "observation";
  readonly test: ObjectTest;
  readonly column: number;
}
/** Observation operators: AND, OR, FOLLOWEDBY. Each part is bound to observations of its own. */
export interface Joined {
  readonly kind: "all" | "any" | "followed";
  readonly of: readonly Pattern[];
  /** Of the first operator. */
  readonly column: number;
}
/** REPEATS `times` TIMES; above 0. */
export interface Repeated {
  readonly kind: "repeats";
  readonly times: number;
  readonly of: Pattern;
  readonly column: number;
}
/** WITHIN `seconds` SECONDS; above 0. */
export interface Within {
  readonly kind: "within";
  readonly seconds: number;
  readonly of: Pattern;
  readonly column: number;
}
/** START `start` STOP `stop`, timestamps as written; the stop is outside (§9.5.1). */
export interface Between {
  readonly kind: "between";
  readonly start: string;
  readonly stop: string;
  readonly of: Pattern;
  readonly column: number;
}

/** What stands inside `[ ]`: comparisons joined by AND and OR. */
export type ObjectTest = Comparison | Both | Either;

export interface Comparison {
  readonly kind: "comparison";
  /** "ipv4-addr", "file". */
  readonly type: string;
  /** Steps after the colon: ["value"], ["hashes", "SHA-256"], ["sections", { every: "item" }, "entropy"]. */
  readonly path: readonly Step[];
  readonly operator: Operator;
  readonly not: boolean;
  /** None under EXISTS, one under most, any number under IN. */
  readonly constants: readonly Constant[];
  /** 1-based character (UTF-16 unit) where the comparison begins. */
  readonly column: number;
  /** Where NOT or the operator stands. */
  readonly operatorColumn: number;
}
export interface Both {
  readonly kind: "both";
  readonly of: readonly ObjectTest[];
}
export interface Either {
  readonly kind: "either";
  readonly of: readonly ObjectTest[];
}

export type Operator =
  | ("=" | "!=" | "<" | "<=" | ">" | ">=")
  | ("IN" | "LIKE" | "MATCHES" | "ISSUBSET" | "ISSUPERSET" | "EXISTS");

/** A key, an index of a list (negative ones name nothing), or every item of a list. */
export type Step = string | number | EveryItem;
export interface EveryItem {
  readonly every: "item";
}
export const everyItem: EveryItem = Object.freeze({ every: "item" });

export interface Constant {
  readonly is: "string" | "integer" | "float" | "boolean" | "timestamp" | "bytes";
  /** Timestamps as written, without t''; bytes as a string with one character (U+0000 to U+00FF) a byte. */
  readonly value: string | number | boolean;
  readonly column: number;
}

/** AND and OR inside `[ ]`; parts of the same kind are taken in, so that long chains stay flat. */
export const joinTests = (kind: "both" | "either", parts: readonly ObjectTest[]): ObjectTest => {
  const of = parts.flatMap((part) => (part.kind === kind ? part.of : [part]));
  return of.length === 1 && of[0] !== undefined ? of[0] : Object.freeze({ kind, of });
};

/** AND, OR and FOLLOWEDBY between observations, flat likewise: all three are associative. */
export const joinPatterns = (kind: Joined["kind"], parts: readonly Pattern[], column: number): Pattern => {
  const of = parts.flatMap((part) => (part.kind === kind ? part.of : [part]));
  return of.length === 1 && of[0] !== undefined ? of[0] : Object.freeze({ kind, of, column });
};

/** The patterns a pattern is made of; none for `[ ]`. */
export const partsOf = (pattern: Pattern): readonly Pattern[] => {
  switch (pattern.kind) {
    case "observation":
      return [];
    case "all":
    case "any":
    case "followed":
      return pattern.of;
    default:
      return [pattern.of];
  }
};
