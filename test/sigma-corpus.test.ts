import assert from "node:assert/strict";
import { test } from "node:test";
import { judge } from "#detect/sigma/judge.ts";
import { readPlainYaml } from "#detect/sigma/plain-yaml.ts";
import { readRules } from "#detect/sigma/read-rules.ts";
import { makeRuleSet, type RuleSet } from "#detect/sigma/rule-set.ts";
import { applies } from "#detect/sigma/evaluator.ts";
import { readWholeYaml } from "#detect/sigma/whole-yaml.ts";
import {
  correlationExamples,
  eventLines,
  eventSets,
  flatWindows,
  inTruth,
  retiredRules,
  ruleTexts,
  sigmaHq,
  truthOf,
  withoutCorpora,
  withoutTruth,
} from "./sigma-corpora.ts";

// SigmaHQ/sigma 8eaafff1 (DRL 1.1), OTRF Security-Datasets (MIT), EVTX-ATTACK-SAMPLES (GPL-3): read in place.
const skip = withoutCorpora;

test("every one of SigmaHQ's 3,780 rules is read, without a problem", { skip }, () => {
  const files = ruleTexts(sigmaHq);
  assert.equal(files.length, 3780);
  let rules = 0;
  for (const { path, text } of files) {
    const read = readRules(path, text);
    assert.deepEqual(read.problems, []);
    rules += read.rules.length;
  }
  assert.equal(rules, 3780);
});

test("readPlainYaml() reads 99 of 100 of them, and as readWholeYaml() does", { skip }, () => {
  const files = [...ruleTexts(sigmaHq), ...ruleTexts(retiredRules)];
  assert.ok(files.length > 4000);
  let plain = 0;
  for (const { path, text } of files) {
    const read = readPlainYaml(text);
    if (read === undefined) continue;
    plain++;
    assert.deepEqual({ documents: read, problems: [] }, readWholeYaml(text), path);
  }
  assert.ok(plain > files.length * 0.99, `${plain} of ${files.length}`);
});

test("the correlation examples are read, and the 54 rules of the old pipe become correlations", { skip }, () => {
  const examples = readRules("correlation-examples.yml", correlationExamples());
  assert.deepEqual(examples.problems, []);
  assert.deepEqual([examples.rules.length, examples.correlations.length], [3, 5]);
  const piped = ruleTexts(retiredRules).filter(
    ({ path, text }) => path.startsWith("unsupported/") && /^\s+condition:.*\|/m.test(text),
  );
  assert.equal(piped.length, 54);
  for (const { path, text } of piped) {
    const read = readRules(path, text);
    assert.deepEqual(read.problems, [], path);
    assert.equal(read.correlations.length, 1, path);
    const called = read.rules.map(({ name }) => name);
    for (const rule of read.correlations[0]?.rules ?? []) assert.ok(called.includes(rule), `${path}: ${rule}`);
  }
});

/** The rules that the truth knows, those for Windows. */
const windowsRules = (): RuleSet =>
  makeRuleSet(
    ruleTexts(sigmaHq)
      .filter(({ path }) => inTruth(path))
      .map(({ path, text }) => readRules(path, text)),
    { runs: (rule) => rule.kind !== "correlation" && rule.logsource.product === "windows" },
  );

test("every hit that two independent engines agree on is found, and none that neither of them has", { skip }, () => {
  const set = windowsRules();
  assert.ok(set.rules.length > 2800);
  const unknown = withoutTruth();
  const wanted = { "sigmahq-regression": 200, otrf: 324, "evtx-attack-samples": 786 };
  for (const name of eventSets) {
    const truth = truthOf(name);
    const evaluator = set.evaluator(flatWindows);
    // with its line, as live events come, an event is read another way
    const withLine = set.evaluator({ ...flatWindows, verbatim: true });
    const found = new Set<string>();
    for (const line of eventLines(name)) {
      const fields = JSON.parse(line) as Readonly<Record<string, unknown>>;
      const matches = evaluator.match(fields, "");
      assert.deepEqual(withLine.match(fields, "", line), matches, `${name}: ${line}`);
      for (const number of matches) found.add(`${set.rules[number]?.id} ${String(fields["wg_id"])}`);
    }
    const agreed = Object.entries(truth.hits).flatMap(([rule, events]) => events.map((event) => `${rule} ${event}`));
    assert.equal(agreed.length, wanted[name]);
    assert.deepEqual(
      agreed.filter((hit) => !found.has(hit)),
      [],
      `${name}: missed`,
    );
    const known = new Set([...agreed, ...truth.contested.map(({ rule, event }) => `${rule} ${event}`)]);
    assert.deepEqual(
      [...found].filter((hit) => !known.has(hit) && !unknown.has(hit.slice(0, hit.indexOf(" ")))),
      [],
      `${name}: in neither engine`,
    );
  }
});

test("the index says of real events what each rule's tree says", { skip }, () => {
  const set = windowsRules();
  let judged = 0;
  let matched = 0;
  for (const name of eventSets) {
    const lines = eventLines(name);
    // a prime step goes through all kinds of events
    const step = name === "otrf" ? 211 : name === "evtx-attack-samples" ? 29 : 3;
    const evaluator = set.evaluator(flatWindows);
    for (let i = 0; i < lines.length; i += step) {
      const fields = JSON.parse(lines[i] ?? "{}") as Readonly<Record<string, unknown>>;
      const sources = flatWindows.logSources(fields, "");
      const subject = { fields, names: {} };
      const wanted = set.rules.flatMap((rule, number) =>
        sources.some((source) => applies(rule.logsource, source)) && judge(rule.detection, subject) ? [number] : [],
      );
      judged++;
      matched += wanted.length;
      assert.deepEqual(evaluator.match(fields, ""), wanted, `${name} line ${i + 1}`);
    }
  }
  assert.ok(judged > 280 && matched > 90, `${judged} events, ${matched} matches`);
});
