import { type Problem, type Result } from "#core/result.ts";
import { bind } from "./pattern-bind.ts";
import { closeLook, type Look, openLook } from "./pattern-look.ts";
import { type Observation, readObservations } from "./pattern-observation.ts";
import { type Leaf, type LeafCase, type Plan, plansOf } from "./pattern-plan.ts";
import type { Pattern, PatternVersion } from "./pattern.ts";
import { readPattern } from "./read-pattern.ts";

/** Whether a pattern is true, and of which observations (indices, ascending); why it cannot be decided. */
export type Verdict = Result<PatternMatch>;
export interface PatternMatch {
  readonly matches: boolean;
  readonly bound: readonly number[];
}

/** A pattern made ready to be asked often. */
export interface CompiledPattern {
  readonly pattern: Pattern;
  /**
   * @returns problems WGL_STIX_COMPARE (a value that cannot be compared stood in the way), WGL_STIX_PATTERN_WORK
   */
  readonly match: (observations: readonly Observation[]) => Verdict;
  /** Whether any part of the pattern is true of this observation alone; for deciding which to keep. */
  readonly touches: (observation: Observation) => boolean;
  /** One `[ ]` decides, so `match` of a stream is `match` of each. */
  readonly single: boolean;
  /** What it asks of observations, any one of these; and the `[ ]` in them. */
  readonly plans: readonly Plan[];
  readonly leaves: readonly Leaf[];
}

/**
 * Compiles a pattern to functions. Cost: tens of microseconds; a match of a simple pattern is well under a microsecond.
 *
 * @returns problems of constants that cannot be compared, each with its column (see `compileComparison`)
 * @see STIX 2.1 §9.3 to §9.8
 */
export const compilePattern = (pattern: Pattern): Result<CompiledPattern, readonly Problem[]> => {
  const problems: Problem[] = [];
  const plans = plansOf(pattern, problems);
  if (problems.length > 0) return { ok: false, problem: problems };
  const leaves = [...new Set(plans.flatMap(leavesOf))];
  const look = openLook();
  const [only] = plans;
  const single = plans.length === 1 && only?.kind === "leaf" && only.times === 1;
  const touches = (observation: Observation): boolean => {
    look.visited = 0;
    look.find = observation.find;
    const touched = leaves.some((leaf) => fitsLeaf(leaf, observation, look));
    closeLook(look);
    return touched;
  };
  const match = (observations: readonly Observation[]): Verdict => {
    look.trouble = undefined;
    const verdict =
      single && only?.kind === "leaf"
        ? matchOne(only.leaf, observations, look)
        : matchMany(plans, leaves, observations, look);
    closeLook(look);
    if (verdict.ok && !verdict.value.matches && look.trouble !== undefined) return { ok: false, problem: look.trouble };
    return verdict;
  };
  return { ok: true, value: { pattern, match, touches, single, plans, leaves } };
};

/** Reads, compiles and asks in one go. @param given see `readObservations` */
export const matchPattern = (
  text: string,
  given: readonly unknown[],
  version: PatternVersion = "2.1",
): Result<PatternMatch, readonly Problem[]> => {
  const pattern = readPattern(text, version);
  if (!pattern.ok) return { ok: false, problem: [pattern.problem] };
  const compiled = compilePattern(pattern.value);
  if (!compiled.ok) return compiled;
  const { observations, problems } = readObservations(given);
  if (problems.length > 0) return { ok: false, problem: problems };
  const verdict = compiled.value.match(observations);
  return verdict.ok ? verdict : { ok: false, problem: [verdict.problem] };
};

const leavesOf = (plan: Plan): readonly Leaf[] => {
  if (plan.kind === "leaf") return [plan.leaf];
  return plan.kind === "within" ? leavesOf(plan.of) : plan.of.flatMap(leavesOf);
};

const noMatch: Verdict = Object.freeze({
  ok: true,
  value: Object.freeze({ matches: false, bound: Object.freeze([]) }),
});

const matchOne = (leaf: Leaf, observations: readonly Observation[], look: Look): Verdict => {
  for (let at = 0; at < observations.length; at++) {
    const observation = observations[at];
    if (observation === undefined) continue;
    look.visited = 0;
    look.find = observation.find;
    if (fitsLeaf(leaf, observation, look)) return { ok: true, value: { matches: true, bound: [at] } };
  }
  return noMatch;
};

const matchMany = (
  plans: readonly Plan[],
  leaves: readonly Leaf[],
  observations: readonly Observation[],
  look: Look,
): Verdict => {
  const fits = new Map<Leaf, number[]>(leaves.map((leaf) => [leaf, []]));
  for (const [at, observation] of observations.entries()) {
    look.visited = 0;
    look.find = observation.find;
    for (const [leaf, fitting] of fits) if (fitsLeaf(leaf, observation, look)) fitting.push(at);
  }
  const bound = bind(plans, fits, observations);
  if (!bound.ok) return bound;
  return bound.value === undefined ? noMatch : { ok: true, value: { matches: true, bound: bound.value } };
};

const fitsLeaf = ({ cases }: Leaf, observation: Observation, look: Look): boolean => {
  for (const one of cases) if (fitsCase(one, observation, look)) return true;
  return false;
};

/** §9.5.1: an observation counts when it can have been at a moment from the start to before the stop. */
const fitsCase = ({ spans, tests }: LeafCase, observation: Observation, look: Look): boolean => {
  for (const { start, stop } of spans)
    if (start >= stop || observation.last < start || observation.first >= stop) return false;
  for (const [type, test] of tests) {
    const objects = observation.byType.get(type);
    if (objects === undefined) continue;
    for (const object of objects) if (test(object, look)) return true;
  }
  return false;
};
