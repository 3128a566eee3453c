import { ok, type Problem, problem, type Result } from "#core/result.ts";
import {
  type Comparison,
  type Constant,
  everyItem,
  joinPatterns,
  joinTests,
  type ObjectTest,
  type Operator,
  type Pattern,
  type PatternVersion,
  type Step,
} from "./pattern.ts";
import { type Token, tokensOf } from "./pattern-tokens.ts";

/** Brackets inside brackets: programs nest one level a term; the stack has room for twenty times as many. */
const deepest = 512;

/** Comparisons and constants of one pattern; public ones stay below 1,500. */
const mostParts = 16_384;

/** Qualifiers of one pattern, each of which may nest another level. */
const mostQualifiers = 1024;

/** Steps of one path: references may lead round in circles, so that only this ends them. */
const mostSteps = 256;

/** A pattern, and what is wrong with it although its grammar is right (§9.5: a qualifier given twice). */
export interface PatternReading {
  readonly pattern: Pattern;
  readonly remarks: readonly Problem[];
}

/**
 * Reads a pattern of any shape. AND binds tighter than OR, OR tighter than FOLLOWEDBY; qualifiers bind tightest. What is
 * no pattern is WGL_STIX_PATTERN with its column. Depth, length and number of parts are bounded, and so is the stack.
 * @see STIX 2.1 §9.3 Observation Expressions, §9.4 Comparison Expressions; STIX 2.0 Part 5
 */
export const readPattern = (text: string, version: PatternVersion = "2.1"): Result<Pattern> => {
  const reading = readWithRemarks(text, version);
  return reading.ok ? ok(reading.value.pattern) : reading;
};

export const readWithRemarks = (text: string, version: PatternVersion): Result<PatternReading> => {
  const tokens = tokensOf(text);
  if (!tokens.ok) return tokens;
  try {
    return ok(new Reading(tokens.value, version).whole());
  } catch (error) {
    if (error instanceof Stop) return { ok: false, problem: error.problem };
    throw error;
  }
};

/** Ends a reading from any depth; never leaves this file. */
class Stop extends Error {
  readonly problem: Problem;
  constructor(why: Problem) {
    super(why.message);
    this.problem = why;
  }
}

/** Words that are no property names (the grammar's keywords); they are case-sensitive. */
const reserved: ReadonlySet<string> = new Set([
  ...["AND", "OR", "NOT", "FOLLOWEDBY", "LIKE", "MATCHES", "ISSUPERSET", "ISSUBSET", "LAST", "IN", "START", "STOP"],
  ...["SECONDS", "true", "false", "WITHIN", "REPEATS", "TIMES"],
]);

const signs: Readonly<Record<string, Operator>> = {
  ...{ "=": "=", "==": "=", "!=": "!=", "<>": "!=" },
  ...{ "<": "<", "<=": "<=", ">": ">", ">=": ">=" },
};
const words: Readonly<Record<string, Operator>> = {
  ...{ IN: "IN", LIKE: "LIKE", MATCHES: "MATCHES", ISSUBSET: "ISSUBSET", ISSUPERSET: "ISSUPERSET" },
};
const timestamp =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?Z$/;

class Reading {
  readonly #tokens: readonly Token[];
  readonly #version: PatternVersion;
  readonly #remarks: Problem[] = [];
  #at = 0;
  #depth = 0;
  #parts = 0;
  #qualifiers = 0;
  constructor(tokens: readonly Token[], version: PatternVersion) {
    this.#tokens = tokens;
    this.#version = version;
  }

  whole(): PatternReading {
    const pattern = this.#followed();
    if (this.#next().is !== "end") throw this.#wanted("the end of the pattern");
    return { pattern, remarks: this.#remarks };
  }

  #followed(): Pattern {
    return this.#joined("followed", "FOLLOWEDBY", () =>
      this.#joined("any", "OR", () => this.#joined("all", "AND", () => this.#qualified())),
    );
  }

  #joined(kind: "followed" | "any" | "all", word: string, part: () => Pattern): Pattern {
    const of = [part()];
    const { column } = this.#next();
    while (this.#skip(word)) of.push(part());
    return joinPatterns(kind, of, column);
  }

  #qualified(): Pattern {
    const group = this.#is("(");
    let pattern = group ? this.#inBrackets("(", ")", () => this.#followed()) : this.#observation();
    const seen = new Set<string>();
    for (;;) {
      const { column, is, text } = this.#next();
      if (is !== "word" || (text !== "WITHIN" && text !== "REPEATS" && text !== "START")) return pattern;
      // §9.5: an observation expression has one qualifier of a kind; brackets make a new expression
      if (!group && seen.has(text)) this.#remarks.push(problem("WGL_STIX_PATTERN_TWICE", { what: text, column }));
      seen.add(text);
      if (++this.#qualifiers > mostQualifiers) throw this.#wanted(`at most ${mostQualifiers} qualifiers`);
      this.#at++;
      pattern = this.#qualifier(text, pattern, column);
    }
  }

  #qualifier(word: "WITHIN" | "REPEATS" | "START", of: Pattern, column: number): Pattern {
    if (word === "START") {
      const start = this.#time();
      this.#keyword("STOP");
      return { kind: "between", start, stop: this.#time(), of, column };
    }
    const number = this.#next();
    const value = Number(number.text);
    const whole = number.is === "integer";
    if (word === "REPEATS") {
      if (!whole || value < 1 || !Number.isSafeInteger(value)) throw this.#wanted("a whole number above 0");
      this.#at++;
      this.#keyword("TIMES");
      return { kind: "repeats", times: value, of, column };
    }
    if (!(whole || number.is === "float") || !(value > 0)) throw this.#wanted("a number of seconds above 0");
    this.#at++;
    this.#keyword("SECONDS");
    return { kind: "within", seconds: value, of, column };
  }

  /** 2.1 writes START t'…', 2.0 START '…'; readers of 2.0 have always taken both. */
  #time(): string {
    const token = this.#next();
    const fits = token.is === "timestamp" || (this.#version === "2.0" && token.is === "string");
    if (!fits || !timestamp.test(token.text)) throw this.#wanted("a timestamp such as t'2026-01-31T08:15:00Z'");
    this.#at++;
    return token.text;
  }

  #observation(): Pattern {
    const { column } = this.#next();
    if (!this.#is("[")) throw this.#wanted('"["');
    return { kind: "observation", test: this.#inBrackets("[", "]", () => this.#alternatives()), column };
  }

  #inBrackets<T>(open: string, close: string, inner: () => T): T {
    if (++this.#depth > deepest + 1) throw this.#wanted(`at most ${deepest} nested brackets`);
    this.#take(open, `"${open}"`);
    const read = inner();
    this.#take(close, `"${close}"`);
    this.#depth--;
    return read;
  }

  #alternatives(): ObjectTest {
    const of = [this.#conjunction()];
    while (this.#skip("OR")) of.push(this.#conjunction());
    return joinTests("either", of);
  }

  #conjunction(): ObjectTest {
    const of = [this.#proposition()];
    while (this.#skip("AND")) of.push(this.#proposition());
    return joinTests("both", of);
  }

  #proposition(): ObjectTest {
    return this.#is("(") ? this.#inBrackets("(", ")", () => this.#alternatives()) : this.#comparison();
  }

  #comparison(): Comparison {
    this.#count();
    const { column } = this.#next();
    if (this.#version !== "2.0") {
      const negated = this.#skip("NOT");
      if (this.#skip("EXISTS")) {
        const place = this.#place();
        return {
          kind: "comparison",
          ...place,
          operator: "EXISTS",
          not: negated,
          constants: [],
          column,
          operatorColumn: column,
        };
      }
      if (negated) throw this.#wanted("EXISTS");
    }
    const place = this.#place();
    const operatorColumn = this.#next().column;
    const not = this.#skip("NOT");
    const token = this.#next();
    const table = token.is === "sign" ? signs : words;
    const operator = token.is !== "string" && Object.hasOwn(table, token.text) ? table[token.text] : undefined;
    if (operator === undefined) throw this.#wanted("a comparison operator");
    this.#at++;
    return {
      kind: "comparison",
      ...place,
      operator,
      not,
      constants: this.#constants(operator),
      column,
      operatorColumn,
    };
  }

  #place(): { readonly type: string; readonly path: readonly Step[] } {
    const type = this.#next();
    if (type.is !== "word" || this.#isReserved(type.text)) throw this.#wanted("an object type");
    this.#at++;
    this.#take(":", '":"');
    const path: Step[] = [this.#key()];
    for (;;) {
      if (path.length > mostSteps) throw this.#wanted(`at most ${mostSteps} steps in a path`);
      if (this.#is("[")) path.push(this.#item());
      else if (this.#is(".")) {
        this.#at++;
        path.push(this.#key());
      } else return { type: type.text, path };
    }
  }

  #key(): string {
    const token = this.#next();
    if (token.is === "word" && token.text.includes("-"))
      throw this.#wanted("a property name without a hyphen, or in quotes");
    if (token.is !== "string" && (token.is !== "word" || this.#isReserved(token.text)))
      throw this.#wanted("a property name");
    this.#at++;
    return token.text;
  }

  #item(): Step {
    this.#take("[", '"["');
    const token = this.#next();
    if (token.is !== "integer" && !this.#is("*")) throw this.#wanted("a list index or *");
    this.#at++;
    this.#take("]", '"]"');
    return token.is === "integer" ? Number(token.text) : everyItem;
  }

  #constants(operator: Operator): readonly Constant[] {
    if (operator === "IN") return this.#set();
    const constant = this.#constant();
    const text = operator === "LIKE" || operator === "MATCHES" || operator === "ISSUBSET" || operator === "ISSUPERSET";
    const orders = operator !== "=" && operator !== "!=";
    if ((text && constant.is !== "string") || (orders && constant.is === "boolean")) {
      this.#at--;
      throw this.#wanted(text ? "a string" : "a constant that has an order");
    }
    return [constant];
  }

  #set(): readonly Constant[] {
    this.#take("(", '"("');
    const values: Constant[] = [];
    if (!this.#is(")")) {
      values.push(this.#constant());
      while (this.#is(",")) {
        this.#at++;
        values.push(this.#constant());
      }
    }
    this.#take(")", '")"');
    return values;
  }

  #constant(): Constant {
    this.#count();
    const { is, text, column } = this.#next();
    this.#at++;
    if (is === "string" || is === "timestamp" || is === "bytes") return { is, value: text, column };
    if (is === "integer" || is === "float") return { is, value: Number(text), column };
    if (is === "word" && (text === "true" || text === "false"))
      return { is: "boolean", value: text === "true", column };
    this.#at--;
    throw this.#wanted("a constant");
  }

  #isReserved(word: string): boolean {
    return reserved.has(word) || (word === "EXISTS" && this.#version !== "2.0");
  }

  #count(): void {
    if (++this.#parts > mostParts) throw this.#wanted(`at most ${mostParts} parts in a pattern`);
  }

  #next(): Token {
    const token = this.#tokens[this.#at] ?? this.#tokens.at(-1);
    if (token === undefined) throw new Error("waglan is wrong: a pattern without an end token");
    return token;
  }

  #is(sign: string): boolean {
    const token = this.#next();
    return token.is === "sign" && token.text === sign;
  }

  #skip(word: string): boolean {
    const token = this.#next();
    if (token.is !== "word" || token.text !== word) return false;
    this.#at++;
    return true;
  }

  #keyword(word: string): void {
    if (!this.#skip(word)) throw this.#wanted(word);
  }

  #take(sign: string, wanted: string): void {
    if (!this.#is(sign)) throw this.#wanted(wanted);
    this.#at++;
  }

  #wanted(wanted: string): Stop {
    return new Stop(problem("WGL_STIX_PATTERN", { column: this.#next().column, wanted }));
  }
}
