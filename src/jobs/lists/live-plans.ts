import type { Severity } from "#core/severity.ts";
import { worse } from "#core/severity.ts";
import type { Plan } from "#detect/sigma/correlation-plan.ts";
import type { Pack, PackDecision } from "#detect/sigma/packs.ts";
import type { Status } from "#detect/sigma/rule.ts";
import { openRules, type ScanRules } from "#jobs/scan/rules.ts";

/** What a hit needs to know of the correlation that made it; plain data. */
export interface SpokenCorrelation {
  readonly rule: string;
  readonly title: string;
  /** Its own, else the worst of the rules it rests on. */
  readonly severity: Severity;
  readonly tactics: readonly string[];
  readonly attack: readonly string[];
  readonly status: Status;
  readonly author: string;
}

/** The correlations in force, as plain data for the thread that runs them. */
export interface LivePlans {
  /** Of the rules they were made from. */
  readonly version: number;
  readonly plans: readonly Plan[];
  /** Numbers of rules as `plans` calls them, by what a matched record says of its rule. */
  readonly numbers: ReadonlyMap<string, number>;
  readonly spoken: readonly SpokenCorrelation[];
  /** Names each plan through versions: what a group has counted goes on when its plan is as it was. */
  readonly keys: readonly string[];
}

export const noPlans: LivePlans = { version: 0, plans: [], numbers: new Map(), spoken: [], keys: [] };

export const livePlans = (packs: readonly Pack[], decisions: readonly PackDecision[], version: number): LivePlans => {
  if (packs.every(({ files }) => files.every(({ file }) => file.correlations.length === 0)))
    return { ...noPlans, version };
  const rules = openRules(packs, { decisions });
  const numbers = new Map(rules.set.rules.map((_, number) => [rules.words(number).rule, number]));
  const spoken = rules.plans.map((_, plan) => spokenCorrelation(rules, plan));
  return { version, plans: rules.plans, numbers, spoken, keys: keysOf(rules) };
};

/** What hits say of a correlation, by its plan. */
export const spokenCorrelation = (rules: ScanRules, plan: number): SpokenCorrelation => {
  const { level, status = "experimental", author = "" } = rules.correlations[plan] ?? {};
  const words = rules.correlationWords(plan);
  const severity = level === undefined ? worstBelow(rules, plan) : words.severity;
  return { ...words, severity, status, author };
};

const worstBelow = (rules: ScanRules, plan: number): Severity =>
  (rules.plans[plan]?.inputs ?? [])
    .map(({ of }) => ("rule" in of ? rules.words(of.rule).severity : worstBelow(rules, of.plan)))
    .reduce(worse, "info");

/** The plan with the names of what it listens to in the place of their numbers. */
const keysOf = ({ plans, words, correlationWords }: ScanRules): readonly string[] => {
  const keys: string[] = [];
  for (const [number, plan] of plans.entries()) {
    const inputs = plan.inputs.map(({ of, groupBy }) => ({
      of: "rule" in of ? words(of.rule).rule : (keys[of.plan] ?? ""),
      groupBy,
    }));
    keys.push(JSON.stringify([correlationWords(number).rule, { ...plan, inputs }]));
  }
  return keys;
};
