import { type Problem, problem } from "#core/result.ts";
import { compileTest, type TestsByType } from "./pattern-object.ts";
import { microseconds } from "./pattern-observation.ts";
import type { Between, ObservationTest, Pattern } from "./pattern.ts";
import { timeKey } from "./time-key.ts";

/** A test of one observation: any of its cases, each with the spans of time it must touch. */
export interface Leaf {
  readonly cases: readonly LeafCase[];
}
export interface LeafCase {
  readonly tests: TestsByType;
  readonly spans: readonly Span[];
  readonly source: ObservationTest;
}
/** Microseconds; the stop is outside. */
export interface Span {
  readonly start: number;
  readonly stop: number;
}

/** What a pattern asks of observations once OR was multiplied out and START … STOP handed down to the tests. */
export type Plan =
  /** `times` different observations of one leaf. */
  | { readonly kind: "leaf"; readonly leaf: Leaf; readonly times: number }
  | { readonly kind: "all" | "followed"; readonly of: readonly Plan[] }
  | { readonly kind: "within"; readonly micros: number; readonly of: Plan }
  /** `times` copies, each of them one of the alternatives, each with times of its own. */
  | { readonly kind: "copies"; readonly times: number; readonly of: readonly Plan[] };

/** Alternatives OR may multiply into: ten groups of two joined by AND make 1,024. */
export const mostAlternatives = 2048;

/** The plans any one of which makes the pattern true; none when a problem was added. */
export const plansOf = (pattern: Pattern, problems: Problem[]): readonly Plan[] => {
  const plans = alternatives(pattern, [], problems);
  return problems.length > 0 ? [] : plans;
};

const alternatives = (pattern: Pattern, spans: readonly Span[], problems: Problem[]): readonly Plan[] => {
  switch (pattern.kind) {
    case "observation": {
      const tests = compileTest(pattern.test, problems);
      return [{ kind: "leaf", leaf: { cases: [{ tests, spans, source: pattern }] }, times: 1 }];
    }
    case "between":
      return alternatives(pattern.of, [...spans, spanOf(pattern, problems)], problems);
    case "any":
      return merged(pattern.of.flatMap((part) => alternatives(part, spans, problems)));
    case "all":
    case "followed":
      return product(
        pattern.kind,
        pattern.of.map((part) => alternatives(part, spans, problems)),
        problems,
      );
    case "within": {
      const micros = pattern.seconds * 1_000_000;
      // one observation is within any time of itself
      return alternatives(pattern.of, spans, problems).map((of) =>
        of.kind === "leaf" && of.times === 1 ? of : { kind: "within", micros, of },
      );
    }
    case "repeats":
      return repeated(alternatives(pattern.of, spans, problems), pattern.times);
  }
};

const spanOf = ({ start, stop, column }: Between, problems: Problem[]): Span => {
  const [from, to] = [timeKey(start), timeKey(stop)];
  if (from === undefined || to === undefined) {
    problems.push(problem("WGL_STIX_PATTERN", { column, wanted: "days of the calendar" }));
    return { start: 0, stop: 0 };
  }
  return { start: microseconds(from), stop: microseconds(to) };
};

/** An observation that fits any of several tests fits one test that is their union. */
const merged = (plans: readonly Plan[]): readonly Plan[] => {
  const single = plans.filter((plan) => plan.kind === "leaf" && plan.times === 1);
  if (single.length < 2) return plans;
  const cases = single.flatMap((plan) => (plan.kind === "leaf" ? plan.leaf.cases : []));
  const others = plans.filter((plan) => !single.includes(plan));
  return [{ kind: "leaf", leaf: { cases }, times: 1 }, ...others];
};

const product = (
  kind: "all" | "followed",
  parts: readonly (readonly Plan[])[],
  problems: Problem[],
): readonly Plan[] => {
  const count = parts.reduce((all, part) => all * part.length, 1);
  if (count > mostAlternatives) {
    problems.push(problem("WGL_STIX_PATTERN_WORK", { limit: mostAlternatives }));
    return [];
  }
  let all: Plan[][] = [[]];
  for (const part of parts) {
    const [only] = part;
    // most parts have one plan: no copying then, thousands of them may be joined
    if (part.length === 1 && only !== undefined) for (const of of all) of.push(only);
    else all = all.flatMap((head) => part.map((plan) => [...head, plan]));
  }
  return all.map((of) => ({ kind, of }));
};

const repeated = (plans: readonly Plan[], times: number): readonly Plan[] => {
  const [plan] = plans;
  if (times === 1 || plan === undefined) return plans;
  return plans.length === 1 ? [repeatedOne(plan, times)] : [{ kind: "copies", times, of: plans }];
};

/** Copies of what has no times of its own are the same as more observations of each part. */
const repeatedOne = (plan: Plan, times: number): Plan => {
  if (plan.kind === "leaf") return { ...plan, times: plan.times * times };
  if (plan.kind === "all" && plan.of.every(isTimeless))
    return { kind: "all", of: plan.of.map((part) => repeatedOne(part, times)) };
  return { kind: "copies", times, of: [plan] };
};

const isTimeless = (plan: Plan): boolean => plan.kind === "leaf" || (plan.kind === "all" && plan.of.every(isTimeless));

/** The fewest observations the plan can be true of. */
export const leastOf = (plan: Plan): number => {
  switch (plan.kind) {
    case "leaf":
      return plan.times;
    case "all":
    case "followed":
      return plan.of.reduce((sum, part) => sum + leastOf(part), 0);
    case "within":
      return leastOf(plan.of);
    case "copies":
      return plan.times * Math.min(...plan.of.map(leastOf));
  }
};
