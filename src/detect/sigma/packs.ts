import { type Coverage, coverageOf } from "./attack.ts";
import type { Placeholders } from "./placeholders.ts";
import { readRules } from "./read-rules.ts";
import type { RuleFile, RuleHead, RuleProblem, SigmaCorrelation, SigmaFilter, SigmaRule } from "./rule.ts";
import { makeRuleSet, type RuleSet } from "./rule-set.ts";
import { testRules, type TestedRules } from "./rule-tests.ts";

/** A file of a pack, its path inside the pack's folder with "/" between parts. */
export interface PackFile {
  readonly path: string;
  readonly text: string;
}

/** One file of a pack, read; kept between loads while its text and its tests stay as they are. */
export interface LoadedFile extends PackFile {
  readonly file: RuleFile;
  readonly tests?: PackFile & { readonly tested: TestedRules };
}

/** A folder of rules, read whole. What can be used is used; everything else is in `problems`. */
export interface Pack {
  readonly name: string;
  readonly files: readonly LoadedFile[];
  /** Of all files and tests, in the order of the files. */
  readonly problems: readonly RuleProblem[];
}

const isRules = (path: string): boolean => /\.ya?ml$/i.test(path) && !isTests(path);
const isTests = (path: string): boolean => /\.test\.(?:ya?ml|jsonl)$/i.test(path);
const stem = (path: string): string => path.replace(/(?:\.test)?\.(?:ya?ml|jsonl)$/i, "");

/**
 * Reads a pack. Changed on disk, it is read again whole and takes the place of the old one: files that are as they were
 * in `before` are not read anew, so that one edit in thousands costs one file.
 */
export const loadPack = (name: string, files: readonly PackFile[], before?: Pack): Pack => {
  const known = new Map(before?.files.map((file) => [file.path, file]));
  const tests = new Map(files.filter(({ path }) => isTests(path)).map((file) => [stem(file.path), file]));
  const loaded = files
    .filter(({ path }) => isRules(path))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
    .map((rules): LoadedFile => {
      const beside = tests.get(stem(rules.path));
      const old = known.get(rules.path);
      if (old?.text === rules.text && old.tests?.text === beside?.text && old.tests?.path === beside?.path) return old;
      const file = old?.text === rules.text ? old.file : readRules(rules.path, rules.text);
      if (beside === undefined) return { ...rules, file };
      return { ...rules, file, tests: { ...beside, tested: testRules(file, beside.path, beside.text) } };
    });
  return {
    name,
    files: loaded,
    problems: loaded.flatMap(({ file, tests: beside }) => [...file.problems, ...(beside?.tested.problems ?? [])]),
  };
};

/** A person's word on what runs. Of several about one rule the last counts, and one of the community before one of all. */
export interface PackDecision {
  /** Rule's id or name; a path of the pack ending in "/" for a folder of rules; "*" for all of it. */
  readonly rule: string;
  /** Absent: every community. */
  readonly community?: string;
  readonly runs: boolean;
  /** Why, in the words of who decided; shown beside the rule. */
  readonly reason: string;
}

export type PackRule = SigmaRule | SigmaCorrelation | SigmaFilter;

/** What of a rule decisions are about. */
export interface NamedRule extends Pick<RuleHead, "id" | "name"> {
  readonly place: Pick<RuleHead["place"], "file">;
}

/**
 * What decides whether a rule runs: the decision that names it closest. undefined: nobody decided, and it runs unless its
 * author calls it deprecated or unsupported.
 */
export const decisionOn = (
  rule: NamedRule,
  decisions: readonly PackDecision[],
  community: string,
): PackDecision | undefined => {
  let best: PackDecision | undefined;
  let closest = 0;
  for (const decision of decisions) {
    if (decision.community !== undefined && decision.community !== community) continue;
    const close = closeness(rule, decision.rule);
    if (close === 0) continue;
    const weight = 2 * close + (decision.community === undefined ? 0 : 1);
    if (weight < closest) continue;
    closest = weight;
    best = decision;
  }
  return best;
};

const closeness = (rule: NamedRule, named: string): number => {
  if (named.toLowerCase() === rule.id || named === rule.name) return 3 + 1e6;
  if (named.endsWith("/")) return rule.place.file.startsWith(named) ? 1 + named.length : 0;
  return named === "*" ? 1 : 0;
};

const retired: ReadonlySet<string | undefined> = new Set(["deprecated", "unsupported"]);

/** Whether it runs, as far as decisions and its author say: its own test may still speak against it. */
export const isMeantToRun = (
  rule: NamedRule & Pick<RuleHead, "status">,
  decisions: readonly PackDecision[],
  community = "",
): boolean => decisionOn(rule, decisions, community)?.runs ?? !retired.has(rule.status);

export interface PackSetOptions {
  readonly decisions?: readonly PackDecision[];
  readonly community?: string;
  readonly placeholders?: Placeholders;
}

/** A set of rules and why others are not in it. */
export interface PackSet extends RuleSet {
  readonly coverage: Coverage;
  readonly idle: readonly IdleRule[];
}

export interface IdleRule {
  readonly rule: PackRule;
  /** "decided": a person's decision; "retired": its status says so; "test": it fails its own test. */
  readonly why: "decided" | "retired" | "test";
  readonly reason?: string;
}

/** The rules of several packs that run for one community. A rule in two packs is taken from the first. */
export const setOf = (packs: readonly Pack[], options: PackSetOptions = {}): PackSet => {
  const { decisions = [], community = "", placeholders = {} } = options;
  const files = packs.flatMap((pack) => pack.files);
  const failed = new Set(
    files.flatMap(({ tests }) => tests?.tested.failed.map(({ place, id }) => key(place, id)) ?? []),
  );
  const idle: IdleRule[] = [];
  const runs = (rule: PackRule): boolean => {
    if (failed.has(key(rule.place, rule.id))) {
      idle.push({ rule, why: "test" });
      return false;
    }
    const decision = decisionOn(rule, decisions, community);
    if (decision !== undefined) {
      if (!decision.runs) idle.push({ rule, why: "decided", reason: decision.reason });
      return decision.runs;
    }
    if (!retired.has(rule.status)) return true;
    idle.push({ rule, why: "retired" });
    return false;
  };
  const set = makeRuleSet(
    files.map(({ file }) => file),
    { runs, placeholders },
  );
  return { ...set, coverage: coverageOf(set.rules), idle };
};

const key = (place: SigmaRule["place"], id: string | undefined): string => `${place.file}\0${place.line}\0${id ?? ""}`;
