import type { RuleStanding } from "#api/rule.ts";
import type { Tlp } from "#core/marking.ts";
import { plansOf } from "#detect/sigma/correlation-plans.ts";
import {
  decisionOn,
  type LoadedFile,
  type PackDecision,
  type PackRule,
  type PackSet,
  setOf,
} from "#detect/sigma/packs.ts";
import type { RuleProblem } from "#detect/sigma/rule.ts";
import { ruleSource } from "#jobs/findings/detector-source.ts";
import type { RuleMemory } from "./memory.ts";

/** What rules say is told to the organisation concerned, where their folder says nothing else. */
export const usualRuleTlp: Tlp = "amber";

/** One rule of a folder, and how it stands. */
export interface ShelvedRule {
  readonly rule: PackRule;
  /** Sigma id; of a rule without one its title. */
  readonly called: string;
  /** Names it in addresses: two folders may have a rule of one id, and the second is told apart by its folder. */
  readonly id: string;
  /** Of its findings. */
  readonly source: string;
  readonly folder: string;
  readonly tlp: Tlp;
  readonly file: LoadedFile;
  readonly standing: RuleStanding;
  readonly decision?: PackDecision;
  readonly tested: "passed" | "failed" | "none";
}

/** A problem, and the folder whose file has it. */
export interface ShelvedProblem extends RuleProblem {
  readonly folder: string;
}

/** All rules that are there, in the order of folders and files, with all that is wrong. */
export interface RuleShelf {
  readonly rules: readonly ShelvedRule[];
  readonly problems: readonly ShelvedProblem[];
}

/** Folders are shown as they lie on disk; where their files are wrong and they are in force as they were, as they were. */
export const shelfOf = ({ folders, texts }: Pick<RuleMemory, "folders" | "texts">): RuleShelf => {
  const { decisions } = texts;
  const packs = folders.flatMap(({ good }) => good ?? []);
  const set = setOf(packs, { decisions });
  const standingOf = standings(set);
  const seen = new Set<string>();
  const rules: ShelvedRule[] = [];
  for (const { name, tlp = usualRuleTlp, good } of folders)
    for (const file of good?.files ?? [])
      for (const rule of [...file.file.rules, ...file.file.correlations, ...file.file.filters]) {
        const called = rule.id ?? rule.title;
        const source = ruleSource(called);
        const own = source.slice("rule:".length);
        const id = seen.has(own)
          ? ruleSource(`${name}\0${file.path}\0${rule.place.line}\0${own}`).slice("rule:".length)
          : own;
        seen.add(own);
        const decision = decisionOn(rule, decisions, "");
        rules.push({
          ...{
            rule,
            called,
            id,
            source,
            folder: name,
            tlp,
            file,
            standing: standingOf(rule),
            tested: testedOf(rule, file),
          },
          ...(decision === undefined ? {} : { decision }),
        });
      }
  const folderOf = new Map(packs.flatMap(({ name, files }) => files.map((file) => [file.file, name] as const)));
  const byPath = new Map(packs.flatMap(({ name, files }) => files.map(({ path }) => [path, name] as const)));
  const problems = folders.flatMap(({ name, read }) =>
    (read?.problems ?? []).map((one): ShelvedProblem => ({ ...one, folder: name })),
  );
  for (const one of ofSet(set))
    problems.push({
      ...one,
      folder: folderOfProblem(one, rules) ?? byPath.get(one.file) ?? folderOf.values().next().value ?? "",
    });
  return { rules, problems };
};

/** Of the set as a whole: what stands twice, what has no values, correlations that name what is not there. */
const ofSet = (set: PackSet): readonly RuleProblem[] => {
  const known = new Map<string, number>();
  for (const [number, rule] of set.rules.entries())
    for (const called of [rule.name, rule.id]) if (called !== undefined) known.set(called, number);
  const { problems } = plansOf(set.correlations, (reference) => known.get(reference));
  return [
    ...set.problems,
    ...problems.map(({ rule, problem: { code, with: params = {} } }) => ({
      ...{ ...rule.place, code, params, refuses: true },
    })),
  ];
};

const folderOfProblem = (one: RuleProblem, rules: readonly ShelvedRule[]): string | undefined => {
  const there = rules.filter(({ rule }) => rule.place.file === one.file && rule.place.line === one.line);
  return (one.code === "WGL_SIGMA_DUPLICATE" ? there.find(({ standing }) => standing === "double") : there[0])?.folder;
};

const standings = (set: PackSet): ((rule: PackRule) => RuleStanding) => {
  const idle = new Map(set.idle.map((one) => [one.rule, one.why]));
  // a rule that filters are laid over is another object, of the same place
  const there = new Set([...set.rules, ...set.correlations, ...set.filters].map(({ place }) => place));
  const refused = new Map(ofSet(set).flatMap((one) => (one.refuses ? [[placeOf(one), one.code] as const] : [])));
  return (rule) => {
    const why = idle.get(rule);
    if (why !== undefined) return why === "decided" ? "disabled" : why === "retired" ? "retired" : "failing";
    const code = refused.get(placeOf(rule.place));
    if (code === "WGL_SIGMA_DUPLICATE") return there.has(rule.place) ? "running" : "double";
    return code === undefined && there.has(rule.place) ? "running" : "unready";
  };
};

const placeOf = ({ file, line }: { readonly file: string; readonly line: number }): string => `${file}\0${line}`;

const testedOf = (rule: PackRule, { tests }: LoadedFile): ShelvedRule["tested"] => {
  const same = (one: PackRule): boolean => one.place.line === rule.place.line && one.id === rule.id;
  if (tests?.tested.failed.some(same) === true) return "failed";
  return tests?.tested.passed.some(same) === true ? "passed" : "none";
};
