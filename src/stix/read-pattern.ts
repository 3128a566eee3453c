import { type Problem, problem, ok, type Result } from "#core/result.ts";
import { both, either, type PatternAst } from "./pattern.ts";
import { type Token, tokensOf } from "./pattern-tokens.ts";

/** Brackets inside brackets; deeper than any author nests, shallow enough for any stack. */
const deepest = 64;

/**
 * Reads `[type:path = 'value' OR …]`, with IN, AND and brackets. A legal pattern that needs more (other operators,
 * qualifiers, several observations) is WGL_STIX_PATTERN_UNSUPPORTED, a wrong one WGL_STIX_PATTERN, each with its column.
 * AND binds tighter than OR.
 * @see STIX 2.1 §9.3 Observation Expressions, §9.4 Comparison Expressions
 */
export const readPattern = (text: string): Result<PatternAst> => {
  const tokens = tokensOf(text);
  if (!tokens.ok) return tokens;
  try {
    return ok(new Reading(tokens.value).pattern());
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

const unsupportedOperators: ReadonlySet<string> = new Set([
  "LIKE",
  "MATCHES",
  "ISSUBSET",
  "ISSUPERSET",
  "EXISTS",
  "NOT",
]);
const unsupportedSigns: ReadonlySet<string> = new Set(["!=", "<>", "<", ">", "<=", ">="]);
const afterObservation: ReadonlySet<string> = new Set(["AND", "OR", "FOLLOWEDBY", "WITHIN", "REPEATS", "START"]);

class Reading {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;
  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  pattern(): PatternAst {
    if (this.#is("(")) throw this.#cannotYet("a group of observations");
    this.#take("[", '"["');
    const ast = this.#alternatives();
    this.#take("]", '"]"');
    const next = this.#next();
    if (next.is === "word" && afterObservation.has(next.text)) throw this.#cannotYet(next.text);
    if (next.is !== "end") throw this.#wanted("the end of the pattern");
    return ast;
  }

  #alternatives(): PatternAst {
    const of = [this.#conjunction()];
    while (this.#skip("OR")) of.push(this.#conjunction());
    return either(of);
  }

  #conjunction(): PatternAst {
    const of = [this.#proposition()];
    while (this.#skip("AND")) of.push(this.#proposition());
    return both(of);
  }

  #proposition(): PatternAst {
    if (!this.#is("(")) return this.#comparison();
    if (++this.#depth > deepest) throw this.#wanted(`at most ${deepest} nested brackets`);
    this.#take("(", '"("');
    const ast = this.#alternatives();
    this.#take(")", '")"');
    this.#depth--;
    return ast;
  }

  #comparison(): PatternAst {
    const { column } = this.#next();
    if (this.#next().text === "NOT" || this.#next().text === "EXISTS") throw this.#cannotYet(this.#next().text);
    const type = this.#word("an object type");
    this.#take(":", '":"');
    const path = [this.#step()];
    while (this.#is(".") || this.#is("[")) {
      if (this.#is("[")) throw this.#cannotYet("a list step");
      this.#take(".", '"."');
      path.push(this.#step());
    }
    return { kind: "comparison", type, path, values: this.#values(), column };
  }

  #step(): string {
    const token = this.#next();
    if (token.is !== "word" && token.is !== "string") throw this.#wanted("a property name");
    this.#at++;
    return token.text;
  }

  #values(): readonly (string | number | boolean)[] {
    const operator = this.#next();
    if (unsupportedOperators.has(operator.text) || unsupportedSigns.has(operator.text))
      throw this.#cannotYet(operator.text);
    if (this.#skip("IN")) {
      this.#take("(", '"("');
      const values = [this.#constant()];
      while (this.#is(",")) {
        this.#take(",", '","');
        values.push(this.#constant());
      }
      this.#take(")", '")"');
      return values;
    }
    if (this.#is("==")) this.#take("==", '"="');
    else this.#take("=", "a comparison operator");
    return [this.#constant()];
  }

  #constant(): string | number | boolean {
    const token = this.#next();
    if (token.is === "timestamp" || token.is === "binary") throw this.#cannotYet(`a ${token.is} constant`);
    if (token.is === "string" || token.is === "number" || token.text === "true" || token.text === "false") {
      this.#at++;
      if (token.is === "string") return token.text;
      return token.is === "number" ? Number(token.text) : token.text === "true";
    }
    throw this.#wanted("a constant");
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

  #word(wanted: string): string {
    const token = this.#next();
    if (token.is !== "word") throw this.#wanted(wanted);
    this.#at++;
    return token.text;
  }

  #take(sign: string, wanted: string): void {
    if (!this.#is(sign)) throw this.#wanted(wanted);
    this.#at++;
  }

  #wanted(wanted: string): Stop {
    return new Stop(problem("WGL_STIX_PATTERN", { column: this.#next().column, wanted }));
  }

  #cannotYet(what: string): Stop {
    return new Stop(problem("WGL_STIX_PATTERN_UNSUPPORTED", { column: this.#next().column, what }));
  }
}
