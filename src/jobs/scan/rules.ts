import type { Severity } from "#core/severity.ts";
import { attackOf } from "#detect/sigma/attack.ts";
import type { Plan } from "#detect/sigma/correlation-plan.ts";
import { plansOf, silentRules } from "#detect/sigma/correlation-plans.ts";
import type { Evaluator } from "#detect/sigma/evaluator.ts";
import { loadPack, type Pack, type PackFile, type PackSetOptions, setOf } from "#detect/sigma/packs.ts";
import { type Getter, firstOf, textOfValue } from "#detect/sigma/record.ts";
import type { Level, RuleHead, RuleProblem, SigmaCorrelation, SigmaRule } from "#detect/sigma/rule.ts";
import type { RuleSet } from "#detect/sigma/rule-set.ts";
import type { Said } from "#detect/behaviour.ts";
import type { RuleView, TelemetryRecord } from "#telemetry/format.ts";

/** A rule that spoke, in the words of hits. */
export interface RuleWords {
  /** Sigma id; of a rule without one its title. */
  readonly rule: string;
  readonly title: string;
  readonly severity: Severity;
  readonly tactics: readonly string[];
  readonly attack: readonly string[];
}

/** Rules and correlations of a folder, ready to be asked. */
export interface ScanRules {
  readonly set: RuleSet;
  readonly plans: readonly Plan[];
  readonly correlations: readonly SigmaCorrelation[];
  readonly problems: readonly RuleProblem[];
  /** Words of a rule by its number, of a correlation by its plan's. */
  readonly words: (rule: number) => RuleWords;
  readonly correlationWords: (plan: number) => RuleWords;
  /** False for rules that only feed a correlation. */
  readonly speaks: (rule: number) => boolean;
}

/** Sigma's levels as severities; a rule without one is as its readers take it, medium. */
const severityOf: Readonly<Record<Level, Severity>> = {
  informational: "info",
  low: "low",
  medium: "medium",
  high: "high",
  critical: "critical",
};

export const openScanRules = (files: readonly PackFile[]): ScanRules => openRules([loadPack("rules", files)]);

/** The same of packs that were read before, without the rules that somebody turned off. */
export const openRules = (packs: readonly Pack[], options: PackSetOptions = {}): ScanRules => {
  const set = setOf(packs, options);
  const byReference = new Map<string, number>();
  for (const [number, rule] of set.rules.entries())
    for (const called of [rule.name, rule.id]) if (called !== undefined) byReference.set(called, number);
  const { plans, rules, problems } = plansOf(set.correlations, (reference) => byReference.get(reference));
  const silent = silentRules(rules);
  const words = set.rules.map(wordsOf);
  const correlationWords = rules.map(wordsOf);
  const speaks = set.rules.map(
    (rule) => rule.alone && ![rule.id, rule.name].some((called) => called !== undefined && silent.has(called)),
  );
  return {
    set,
    plans,
    correlations: rules,
    problems: [
      ...packs.flatMap((pack) => pack.problems),
      ...set.problems,
      ...problems.map(({ rule, problem: { code, with: params = {} } }) => ({
        ...rule.place,
        code,
        params,
        refuses: true,
      })),
    ],
    words: (rule) => words[rule] as RuleWords,
    correlationWords: (plan) => correlationWords[plan] as RuleWords,
    speaks: (rule) => speaks[rule] === true,
  };
};

const wordsOf = (rule: SigmaRule | SigmaCorrelation): RuleWords => {
  const { tactics, techniques } = attackOf(rule);
  return {
    rule: idOf(rule),
    title: rule.title,
    severity: rule.level === undefined ? "medium" : severityOf[rule.level],
    tactics,
    attack: techniques,
  };
};

const idOf = ({ id, title }: RuleHead): string => id ?? title;

export const saidOf = ({ rule, ...words }: RuleWords): Said => ({ id: rule, ...words });

/** What correlations need of a record that a rule matched: its fields by Sigma's names, as plain data. */
export type MatchedFields = Readonly<Record<string, string | number>>;

/** Asks one format's records. */
export interface RecordRules {
  /** Numbers of the rules that match. */
  readonly match: Evaluator["match"];
  /** The fields that some correlation groups or counts by when it listens to the rule; undefined: none listens. */
  readonly fieldsFor: (rule: number, record: TelemetryRecord) => MatchedFields | undefined;
}

export const recordRules = ({ set, plans }: ScanRules, view: RuleView): RecordRules => {
  const evaluator = set.evaluator(view);
  const wanted = new Map<number, Map<string, Getter>>();
  for (const plan of plans)
    for (const { of, groupBy } of plan.inputs) {
      if (!("rule" in of)) continue;
      const fields = wanted.get(of.rule) ?? new Map<string, Getter>();
      wanted.set(of.rule, fields);
      for (const name of [...groupBy, ...plan.fields]) fields.set(name, getterOf(view, name));
    }
  return {
    match: evaluator.match,
    fieldsFor: (rule, { fields }) => {
      const getters = wanted.get(rule);
      if (!getters) return undefined;
      const found: Record<string, string | number> = Object.create(null);
      for (const [name, get] of getters) {
        const value = get(fields);
        if (typeof value === "number") found[name] = value;
        else {
          const text = textOfValue(value);
          if (text !== undefined) found[name] = text;
        }
      }
      return found;
    },
  };
};

const getterOf = (view: RuleView, name: string): Getter => {
  const paths = view.names[name] ?? name;
  return firstOf(typeof paths === "string" ? [paths] : paths);
};
