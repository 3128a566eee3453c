import type { LogSource, RuleView } from "#telemetry/format.ts";
import type { Memory } from "./memory.ts";
import { makeProgram, type Numbered, type Program } from "./program.ts";
import type { Fields } from "./record.ts";
import type { SigmaRule } from "./rule.ts";

/** Judges records of one format by the rules of one set. */
export interface Evaluator {
  /**
   * Numbers of the rules that match, ascending; places in `RuleSet.rules`.
   *
   * @param raw the line as it came, for keywords; without it they are looked for in the record's values alone
   */
  readonly match: (fields: Fields, event: string, raw?: string) => readonly number[];
  /** Makes the programs of log sources ready before a record comes: else the first record of each pays for it. */
  readonly prepare: (sources: readonly LogSource[]) => void;
  /** Of every program so far: its log sources, rules, those without a witness, and rules tried. */
  readonly programs: () => readonly ProgramFigures[];
}

export interface ProgramFigures {
  readonly sources: readonly LogSource[];
  readonly rules: number;
  readonly always: number;
  readonly tried: number;
}

interface Kept {
  readonly sources: readonly LogSource[];
  readonly program: Program | undefined;
}

const nothing: readonly number[] = [];

/** Programs kept by what their log sources are; a format has some dozens. */
const most = 2048;

export const openEvaluator = (rules: readonly SigmaRule[], view: RuleView, memory: Memory): Evaluator => {
  const byArray = new WeakMap<readonly LogSource[], Kept>();
  const byText = new Map<string, Kept>();
  const numbered = rules.map((rule, number): Numbered => ({ number, detection: rule.detection }));

  const keptFor = (sources: readonly LogSource[]): Kept => {
    const text = JSON.stringify(sources.map(({ product, category, service }) => [product, category, service]));
    let kept = byText.get(text);
    if (kept === undefined) {
      const own = numbered.filter(({ number }) => {
        const rule = rules[number];
        return rule !== undefined && sources.some((source) => applies(rule.logsource, source));
      });
      kept = { sources, program: own.length === 0 ? undefined : makeProgram(own, view, memory) };
      if (byText.size >= most) byText.clear();
      byText.set(text, kept);
    }
    byArray.set(sources, kept);
    return kept;
  };

  const matches: number[] = [];
  return {
    match: (fields, event, raw) => {
      const sources = view.logSources(fields, event);
      const { program } = byArray.get(sources) ?? keptFor(sources);
      if (program === undefined) return nothing;
      matches.length = 0;
      program.run(fields, raw, matches);
      return matches.length === 0 ? nothing : matches.slice();
    },
    prepare: (sources) => void keptFor(sources),
    programs: () =>
      [...byText.values()].flatMap(({ sources, program }) =>
        program === undefined
          ? []
          : [{ sources, rules: program.rules, always: program.always, tried: program.tried() }],
      ),
  };
};

/** A rule applies when each part that it names is equal to that part of the record's (telemetry/format.ts, `RuleView`). */
export const applies = (rule: LogSource, source: LogSource): boolean =>
  (rule.product === undefined || rule.product === source.product) &&
  (rule.category === undefined || rule.category === source.category) &&
  (rule.service === undefined || rule.service === source.service);
