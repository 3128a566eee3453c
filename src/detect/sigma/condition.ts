import type { ErrorCode } from "#core/errors.ts";
import type { Detection } from "./detection.ts";
import type { Together } from "./rule.ts";

/** A condition as it is written, its names not yet looked up; `at` counts characters from its beginning. */
export type Condition =
  | { readonly is: "and" | "or"; readonly of: readonly Condition[] }
  | { readonly is: "not"; readonly of: Condition }
  | { readonly is: "name"; readonly name: string; readonly at: number }
  /** `1 of selection*`, `all of them`: "them" is the pattern `*`. */
  | { readonly is: "of"; readonly count: number | "all"; readonly pattern: string; readonly at: number };

export type ConditionProblem = (
  at: number,
  code: ErrorCode,
  params: Readonly<Record<string, string | number>>,
) => undefined;

interface Token {
  readonly text: string;
  readonly at: number;
}

/** Brackets and `not` inside each other: a condition of the field has three. */
const deepest = 50;

/** Words a condition may hold: the longest of the field has 60. */
const longest = 2000;

/**
 * Sigma rules specification 2.1, "Condition": `not` binds most, then `and`, then `or`. Words are read without regard to
 * case, unless a selection has just that name.
 *
 * @param names of the selections, so that one called "And" is a name
 * @returns undefined when something was told
 */
export const readCondition = (
  text: string,
  names: ReadonlySet<string>,
  tell: ConditionProblem,
): Condition | undefined => {
  const tokens: Token[] = [...text.matchAll(/[()]|[^\s()]+/g)].map((found) => ({ text: found[0], at: found.index }));
  if (tokens.length > longest) return tell(0, "WGL_SIGMA_LARGE", { key: "condition", limit: longest });
  let next = 0;
  const word = (): string => {
    const token = tokens[next];
    return token === undefined || names.has(token.text) ? "" : token.text.toLowerCase();
  };
  const unexpected = (): undefined => {
    const token = tokens[next];
    return token === undefined
      ? tell(text.length, "WGL_SIGMA_CONDITION_END", {})
      : tell(token.at, "WGL_SIGMA_CONDITION_WORD", { word: token.text });
  };
  const chain = (
    operator: "and" | "or",
    part: (depth: number) => Condition | undefined,
    depth: number,
  ): Condition | undefined => {
    const first = part(depth);
    if (first === undefined || word() !== operator) return first;
    const of = [first];
    while (word() === operator) {
      next++;
      const more = part(depth);
      if (more === undefined) return undefined;
      of.push(more);
    }
    return { is: operator, of };
  };
  const anyOf = (depth: number): Condition | undefined => chain("or", allOf, depth);
  const allOf = (depth: number): Condition | undefined => chain("and", term, depth);
  const term = (depth: number): Condition | undefined => {
    if (depth > deepest) return tell(tokens[next]?.at ?? 0, "WGL_SIGMA_LARGE", { key: "condition", limit: deepest });
    const token = tokens[next];
    if (token === undefined) return unexpected();
    if (token.text === "(") {
      next++;
      const inner = anyOf(depth + 1);
      if (inner === undefined) return undefined;
      if (tokens[next]?.text !== ")") return unexpected();
      next++;
      return inner;
    }
    if (word() === "not") {
      next++;
      const of = term(depth + 1);
      return of === undefined ? undefined : { is: "not", of };
    }
    const count = countOf(word());
    if (count !== undefined && tokens[next + 1]?.text.toLowerCase() === "of") {
      const target = tokens[next + 2];
      next += 2;
      if (target === undefined || target.text === "(" || target.text === ")") return unexpected();
      next++;
      const pattern = target.text.toLowerCase() === "them" && !names.has(target.text) ? "*" : target.text;
      return { is: "of", count, pattern, at: target.at };
    }
    if (token.text === ")" || ["and", "or", "of"].includes(word())) return unexpected();
    next++;
    return { is: "name", name: token.text, at: token.at };
  };
  const read = anyOf(0);
  if (read === undefined) return undefined;
  return next < tokens.length ? unexpected() : read;
};

const countOf = (word: string): number | "all" | undefined =>
  word === "all" ? "all" : word === "any" ? 1 : /^[1-9]\d?$/.test(word) ? Number(word) : undefined;

/** Matching of `selection*`: `*` stands for any characters at any place. Names that begin with "_" are asked by name only. */
const matching = (pattern: string, names: Iterable<string>): readonly string[] => {
  const parts = pattern.split("*");
  const matches = (name: string): boolean => {
    let from = 0;
    for (const [place, part] of parts.entries()) {
      const last = place === parts.length - 1;
      const at =
        place === 0 ? (name.startsWith(part) ? 0 : -1) : last ? name.length - part.length : name.indexOf(part, from);
      if (at < from || !name.startsWith(part, at) || (last && at + part.length !== name.length)) return false;
      from = at + part.length;
    }
    return true;
  };
  return [...names].filter((name) => (!name.startsWith("_") || pattern.startsWith("_")) && matches(name));
};

/**
 * A condition with its names looked up.
 *
 * @param selections what each name stands for; undefined for one that could not be read (it was told already)
 * @param used       gets every name that was looked up
 */
export const resolve = (
  condition: Condition,
  selections: ReadonlyMap<string, Detection | undefined>,
  used: Set<string>,
  tell: ConditionProblem,
): Detection | undefined => {
  const look = (name: string): Detection | undefined => {
    used.add(name);
    return selections.get(name);
  };
  const walk = (part: Condition): Detection | undefined => {
    if (part.is === "name") {
      if (!selections.has(part.name)) return tell(part.at, "WGL_SIGMA_CONDITION_NAME", { name: part.name });
      return look(part.name);
    }
    if (part.is === "not") {
      const of = walk(part.of);
      return of === undefined ? undefined : { is: "not", of };
    }
    if (part.is === "of") {
      const found = matching(part.pattern, selections.keys());
      if (found.length === 0) return tell(part.at, "WGL_SIGMA_CONDITION_NAME", { name: part.pattern });
      const of = found.map(look);
      if (!complete(of)) return undefined;
      if (part.count === "all" || part.count === of.length) return both("and", of);
      if (part.count === 1) return both("or", of);
      if (part.count < of.length) return { is: "atLeast", count: part.count, of };
      return tell(part.at, "WGL_SIGMA_CONDITION_COUNT", { count: part.count, name: part.pattern });
    }
    const of = part.of.map(walk);
    return complete(of) ? both(part.is, of) : undefined;
  };
  return walk(condition);
};

const complete = <T>(list: readonly (T | undefined)[]): list is readonly T[] => !list.includes(undefined);

/** One part stands for itself; parts of the same kind are laid together. */
export const both = (is: "and" | "or", of: readonly Detection[]): Detection => {
  const [only] = of;
  if (of.length === 1 && only !== undefined) return only;
  return { is, of: of.flatMap((part) => (part.is === is ? part.of : [part])) };
};

/** The names of `known` that a condition asks for, by name or by pattern. */
export const namesIn = (condition: Condition, known: readonly string[]): readonly string[] => {
  if (condition.is === "name") return known.filter((name) => name === condition.name);
  if (condition.is === "of") return matching(condition.pattern, known);
  const parts = condition.is === "not" ? [condition.of] : condition.of;
  return [...new Set(parts.flatMap((part) => namesIn(part, known)))];
};

/** The same condition about rules of a correlation: `rule_a and not rule_b`. */
export const together = (
  condition: Condition,
  rules: readonly string[],
  tell: ConditionProblem,
): Together | undefined => {
  const walk = (part: Condition): Together | undefined => {
    if (part.is === "name")
      return rules.includes(part.name)
        ? { is: "rule", rule: part.name }
        : tell(part.at, "WGL_SIGMA_CONDITION_NAME", { name: part.name });
    if (part.is === "not") {
      const of = walk(part.of);
      return of === undefined ? undefined : { is: "not", of };
    }
    if (part.is === "of") {
      const found: readonly Together[] = matching(part.pattern, rules).map((rule) => ({ is: "rule", rule }));
      if (found.length === 0) return tell(part.at, "WGL_SIGMA_CONDITION_NAME", { name: part.pattern });
      if (part.count === "all") return { is: "and", of: found };
      if (part.count === 1) return { is: "or", of: found };
      return tell(part.at, "WGL_SIGMA_CONDITION_COUNT", { count: part.count, name: part.pattern });
    }
    const of = part.of.map(walk);
    return complete(of) ? { is: part.is, of } : undefined;
  };
  return walk(condition);
};
