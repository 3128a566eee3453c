import { problem, type Problem } from "#core/result.ts";
import type { Asked, Input, InputOf, Plan } from "./correlation-plan.ts";
import type { SigmaCorrelation, Together } from "./rule.ts";

/** Correlations ready to run, each behind those it listens to, and those that cannot run with the reason. */
export interface Plans {
  readonly plans: readonly Plan[];
  /** The rule of each plan. */
  readonly rules: readonly SigmaCorrelation[];
  readonly problems: readonly { readonly rule: SigmaCorrelation; readonly problem: Problem }[];
}

/** The number of the detection rule that is called so; undefined: no such rule is loaded. */
export type RuleNumber = (reference: string) => number | undefined;

/**
 * Resolves what correlations say of each other and of rules.
 *
 * Problems: WGL_SIGMA_REFERENCE (no rule of that name or id), WGL_SIGMA_CIRCLE (correlations that wait for each other).
 */
export const plansOf = (correlations: readonly SigmaCorrelation[], ruleNumber: RuleNumber): Plans => {
  const byReference = new Map<string, SigmaCorrelation>();
  for (const rule of correlations)
    for (const called of [rule.name, rule.id])
      if (called !== undefined && !byReference.has(called)) byReference.set(called, rule);
  const placed = new Map<SigmaCorrelation, number>();
  const refused = new Set<SigmaCorrelation>();
  const underWay = new Set<SigmaCorrelation>();
  const plans: Plan[] = [];
  const rules: SigmaCorrelation[] = [];
  const problems: { rule: SigmaCorrelation; problem: Problem }[] = [];
  const refuse = (rule: SigmaCorrelation, why: Problem): undefined => {
    refused.add(rule);
    problems.push({ rule, problem: why });
  };
  const place = (rule: SigmaCorrelation): number | undefined => {
    const known = placed.get(rule);
    if (known !== undefined || refused.has(rule)) return known;
    if (underWay.has(rule)) return refuse(rule, problem("WGL_SIGMA_CIRCLE", { rule: rule.title }));
    underWay.add(rule);
    const inputs: Input[] = [];
    for (const reference of rule.rules) {
      const of = inputOf(reference);
      if (of === undefined) {
        underWay.delete(rule);
        return refused.has(rule) ? undefined : refuse(rule, problem("WGL_SIGMA_REFERENCE", { rule: reference }));
      }
      inputs.push({ of, groupBy: rule.groupBy.map((part) => rule.aliases[part]?.[reference] ?? part) });
    }
    underWay.delete(rule);
    if (refused.has(rule)) return undefined;
    placed.set(rule, plans.length);
    plans.push(planOf(rule, inputs));
    rules.push(rule);
    return plans.length - 1;
  };
  const inputOf = (reference: string): InputOf | undefined => {
    const number = ruleNumber(reference);
    if (number !== undefined) return { rule: number };
    const correlation = byReference.get(reference);
    const plan = correlation && place(correlation);
    return plan === undefined ? undefined : { plan };
  };
  for (const rule of correlations) place(rule);
  return { plans, rules, problems };
};

const planOf = (rule: SigmaCorrelation, inputs: readonly Input[]): Plan => {
  const asked = rule.together && askedOf(rule.together, rule.rules);
  return {
    type: rule.type,
    inputs,
    groupBy: rule.groupBy,
    spanMs: rule.timespanMs,
    window:
      rule.window === "session" ? { kind: "session", gapMs: rule.gapMs ?? rule.timespanMs } : { kind: rule.window },
    condition: rule.thresholds,
    fields: rule.valueFields,
    percentile: rule.percentile ?? 50,
    ...(asked === undefined ? {} : { asked }),
  };
};

const askedOf = (together: Together, rules: readonly string[]): Asked => {
  switch (together.is) {
    case "rule":
      return { is: "input", input: rules.indexOf(together.rule) };
    case "not":
      return { is: "not", of: askedOf(together.of, rules) };
    default:
      return { is: together.is, of: together.of.map((one) => askedOf(one, rules)) };
  }
};

/** Rules that do not speak for themselves since a correlation uses them and does not say `generate: true`. */
export const silentRules = (correlations: readonly SigmaCorrelation[]): ReadonlySet<string> => {
  const aloud = new Set(correlations.filter(({ generate }) => generate).flatMap(({ rules }) => rules));
  return new Set(correlations.flatMap(({ rules }) => rules).filter((reference) => !aloud.has(reference)));
};
