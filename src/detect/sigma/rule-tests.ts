import { readWholeYaml } from "./whole-yaml.ts";
import { readPlainYaml } from "./plain-yaml.ts";
import { makeRuleSet } from "./rule-set.ts";
import type { RuleFile, RuleProblem, SigmaRule } from "./rule.ts";
import { openSheet } from "./sheet.ts";
import { entryOf, type YamlNode } from "./yaml-node.ts";

/**
 * One event of a rule's tests. They stand beside the rule: `x.yml` has `x.test.yml` (a list) or `x.test.jsonl` (one a line):
 *
 *   - matches: true                      whether the rule must match, or must not
 *     rule: failed_logon                 id or name; only where the file has several rules
 *     event: { EventID: 4625, … }        fields as the rule calls them, of the rule's own log source
 *     raw: "…"                           the line as it came, for keywords; may be left out
 */
export interface RuleTest {
  readonly matches: boolean;
  readonly rule?: string;
  readonly event: Readonly<Record<string, unknown>>;
  readonly raw?: string;
  /** Offset in the file of tests. */
  readonly at: number;
}

export interface TestedRules {
  /** Rules for which at least one event must match and does, and none fails. */
  readonly passed: readonly SigmaRule[];
  readonly failed: readonly SigmaRule[];
  readonly events: number;
  readonly problems: readonly RuleProblem[];
}

/** Runs the tests that stand beside a file of rules. A rule that fails one is not to be run: it does not do what it says. */
export const testRules = (rules: RuleFile, file: string, text: string): TestedRules => {
  const sheet = openSheet(file, text);
  const tests = file.endsWith(".jsonl") ? readLines(text, sheet) : readList(text, sheet);
  const set = makeRuleSet([{ rules: rules.rules, correlations: [], filters: [], problems: [] }]);
  // what is wrong with the rules themselves is told of them
  if (set.rules.length === 0) return { passed: [], failed: [], events: tests.length, problems: sheet.problems };
  const evaluators = set.rules.map((rule) => {
    const sources = [rule.logsource];
    return set.evaluator({ names: {}, logSources: () => sources });
  });
  const failed = new Set<number>();
  const shown = new Set<number>();
  for (const [place, test] of tests.entries()) {
    const asked = set.rules.flatMap((rule, number) =>
      test.rule === undefined || test.rule === rule.name || test.rule.toLowerCase() === rule.id ? [number] : [],
    );
    if (asked.length === 0 || (test.rule === undefined && asked.length > 1)) {
      sheet.refuse(test.at, "WGL_SIGMA_TEST_FILE");
      continue;
    }
    for (const number of asked) {
      const matched = evaluators[number]?.match(test.event, "", test.raw).includes(number) ?? false;
      const rule = set.rules[number]?.id ?? set.rules[number]?.title ?? "";
      if (matched && test.matches) shown.add(number);
      if (matched === test.matches) continue;
      failed.add(number);
      sheet.refuse(test.at, matched ? "WGL_SIGMA_TEST_FALSE" : "WGL_SIGMA_TEST_MISSED", { rule, event: place + 1 });
    }
  }
  return {
    passed: set.rules.filter((_, number) => shown.has(number) && !failed.has(number)),
    failed: set.rules.filter((_, number) => failed.has(number)),
    events: tests.length,
    problems: sheet.problems,
  };
};

type Sheet = ReturnType<typeof openSheet>;

const readLines = (text: string, sheet: Sheet): readonly RuleTest[] => {
  const tests: RuleTest[] = [];
  let at = 0;
  for (const line of text.split("\n")) {
    if (line.trim() !== "") {
      let value: unknown;
      try {
        value = JSON.parse(line);
      } catch {
        value = undefined;
      }
      const test = testOf(value, at);
      if (test === undefined) sheet.refuse(at, "WGL_SIGMA_TEST_FILE");
      else tests.push(test);
    }
    at += line.length + 1;
  }
  return tests;
};

const readList = (text: string, sheet: Sheet): readonly RuleTest[] => {
  const plain = readPlainYaml(text);
  const { documents, problems } = plain === undefined ? readWholeYaml(text) : { documents: plain, problems: [] };
  for (const { at, reason } of problems) sheet.refuse(at, "WGL_SIGMA_YAML", { reason });
  return documents.flatMap((document) =>
    (document.is === "list" ? document.items : [document]).flatMap((item) => {
      const test = testOf(plainData(item), item.at);
      if (test === undefined) sheet.refuse(entryOf(item, "event")?.at ?? item.at, "WGL_SIGMA_TEST_FILE");
      return test === undefined ? [] : [test];
    }),
  );
};

const testOf = (value: unknown, at: number): RuleTest | undefined => {
  if (!isObject(value)) return undefined;
  const { matches, rule, event, raw } = value;
  if (typeof matches !== "boolean" || !isObject(event)) return undefined;
  if ((rule !== undefined && typeof rule !== "string") || (raw !== undefined && typeof raw !== "string"))
    return undefined;
  return { matches, event, at, ...(rule === undefined ? {} : { rule }), ...(raw === undefined ? {} : { raw }) };
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const plainData = (node: YamlNode): unknown => {
  if (node.is === "scalar") return node.value;
  if (node.is === "list") return node.items.map(plainData);
  const made: Record<string, unknown> = Object.create(null);
  for (const { key, value } of node.entries) made[key] = plainData(value);
  return made;
};
