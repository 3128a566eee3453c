import type { LogSource, RuleView } from "#telemetry/format.ts";
import { type Evaluator, openEvaluator } from "./evaluator.ts";
import { openMemory } from "./memory.ts";
import { fillPlaceholders, type Placeholders } from "./placeholders.ts";
import type { RuleFile, RuleProblem, SigmaCorrelation, SigmaFilter, SigmaRule } from "./rule.ts";

/** Rules that run together: built whole from files, swapped whole when a file changes. */
export interface RuleSet {
  /** What an evaluator's numbers stand for: a rule's place here. */
  readonly rules: readonly SigmaRule[];
  readonly correlations: readonly SigmaCorrelation[];
  readonly filters: readonly SigmaFilter[];
  /** Of the set as a whole: rules that stand twice, filters that name nothing, placeholders without values. */
  readonly problems: readonly RuleProblem[];
  /** Judges records of one format; keep one for each, it remembers what it has seen. */
  readonly evaluator: (view: RuleView) => Evaluator;
}

export interface RuleSetOptions {
  /** Whether a rule, correlation or filter is to run; absent: all. */
  readonly runs?: (rule: SigmaRule | SigmaCorrelation | SigmaFilter) => boolean;
  readonly placeholders?: Placeholders;
}

/** One set of all that files hold. The first of several with the same id is taken. */
export const makeRuleSet = (files: readonly RuleFile[], options: RuleSetOptions = {}): RuleSet => {
  const { runs = () => true, placeholders = {} } = options;
  const problems: RuleProblem[] = [];
  const known = new Map<string, string>();
  const fresh = (one: SigmaRule | SigmaCorrelation | SigmaFilter): boolean => {
    if (!runs(one)) return false;
    if (one.id === undefined) return true;
    const file = known.get(one.id);
    if (file === undefined) {
      known.set(one.id, one.place.file);
      return true;
    }
    problems.push({ ...one.place, code: "WGL_SIGMA_DUPLICATE", params: { rule: one.id, file }, refuses: true });
    return false;
  };
  const filters = files.flatMap((file) => file.filters).filter(fresh);
  const written = files.flatMap((file) => file.rules).filter(fresh);
  const correlations = files.flatMap((file) => file.correlations).filter(fresh);
  const rules: SigmaRule[] = [];
  for (const rule of written) {
    const filled = fillPlaceholders(filtered(rule, filters).detection, placeholders);
    if ("detection" in filled)
      rules.push(filled.detection === rule.detection ? rule : { ...rule, detection: filled.detection });
    else
      problems.push({
        ...rule.place,
        code: "WGL_SIGMA_PLACEHOLDER",
        params: { rule: rule.id ?? rule.title, placeholder: filled.missing },
        refuses: true,
      });
  }
  const called = new Set(written.flatMap(({ id, name }) => [id, name]));
  for (const filter of filters)
    for (const rule of filter.rules === "any" ? [] : filter.rules)
      if (!called.has(rule) && !called.has(rule.toLowerCase()))
        problems.push({ ...filter.place, code: "WGL_SIGMA_REFERENCE", params: { rule }, refuses: false });
  const memory = openMemory();
  return {
    rules,
    correlations,
    filters,
    problems,
    evaluator: (view) => openEvaluator(rules, view, memory),
  };
};

/** A rule with the filters that name it laid over it: it matches when it does and each of them holds. */
const filtered = (rule: SigmaRule, filters: readonly SigmaFilter[]): SigmaRule => {
  const over = filters.filter((filter) => names(filter, rule) && within(rule.logsource, filter.logsource));
  if (over.length === 0) return rule;
  return { ...rule, detection: { is: "and", of: [rule.detection, ...over.map(({ detection }) => detection)] } };
};

const names = ({ rules }: SigmaFilter, { id, name }: SigmaRule): boolean =>
  rules === "any" || rules.some((one) => one === name || one.toLowerCase() === id);

/** Whether a rule's log source lies within a filter's: what the filter names, the rule names too. */
const within = (rule: LogSource, filter: LogSource): boolean =>
  (filter.product === undefined || filter.product === rule.product) &&
  (filter.category === undefined || filter.category === rule.category) &&
  (filter.service === undefined || filter.service === rule.service);
