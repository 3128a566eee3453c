import { loadavg } from "node:os";
import { readRules } from "#detect/sigma/read-rules.ts";
import { makeRuleSet, type RuleSet } from "#detect/sigma/rule-set.ts";
import { eventLines, flatWindows, inTruth, ruleTexts, sigmaHq, withoutCorpora } from "../test/sigma-corpora.ts";
import { figure } from "./figure.ts";

// Sigma: SigmaHQ's 3,780 rules are loaded, those for Windows (2,856) judge OTRF's 26,966 events and EVTX-ATTACK-SAMPLES'
// 3,329, JSON.parse included. CPU seconds of this process, the best of several short runs: another process on the machine
// only ever makes a run slower. Events come with their line, as live ones do. "First sight": programs are ready, and nothing is remembered of any value.
const cpu = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const spent = (work: () => void): number => {
  const start = cpu();
  work();
  return cpu() - start;
};
const best = (runs: number, work: () => number): number => Math.min(...Array.from({ length: runs }, work));

if (withoutCorpora !== false) {
  process.stderr.write(`sigma: ${withoutCorpora}, nothing measured\n`);
  process.exit();
}

const texts = ruleTexts(sigmaHq);
const load = (): RuleSet => makeRuleSet(texts.map(({ path, text }) => readRules(path, text)));
const cold = spent(() => void load());
const warm = best(3, () => spent(() => void load()));
figure("Sigma: load SigmaHQ's 3,780 rules, first time in a process", cold, "CPU-s", "≤ 1.5");
figure("Sigma: load them again (hot reload without a cache)", warm, "CPU-s", "≤ 1.5");

const read = texts.filter(({ path }) => inTruth(path)).map(({ path, text }) => readRules(path, text));
const view = { ...flatWindows, verbatim: true } as const;
const windows = (): RuleSet =>
  makeRuleSet(read, { runs: (rule) => rule.kind !== "correlation" && rule.logsource.product === "windows" });

for (const [name, title, goal, rounds] of [
  ["otrf", "OTRF", "≥ 80,000", 10],
  ["evtx-attack-samples", "EVTX samples", "≥ 25,000", 10],
] as const) {
  const lines = eventLines(name);
  const fields = lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  let again = Infinity;
  let tried = 0;
  const build: number[] = [];
  const first = best(rounds, () => {
    const evaluator = windows().evaluator(view);
    build.push(spent(() => fields.forEach((one) => evaluator.prepare(flatWindows.logSources(one, "")))));
    const pass = (): void => {
      for (const line of lines) evaluator.match(JSON.parse(line) as Readonly<Record<string, unknown>>, "", line);
    };
    const once = spent(pass);
    again = Math.min(again, spent(pass));
    tried = evaluator.programs().reduce((sum, program) => sum + program.tried, 0) / lines.length / 2;
    return once;
  });
  const parsing = best(3, () => spent(() => lines.forEach((line) => void JSON.parse(line))));
  figure(
    `Sigma: ${title}, JSON.parse alone (control: what the machine gives now)`,
    Math.round(lines.length / parsing),
    "events/CPU-s",
    "–",
  );
  figure(`Sigma: ${title}, all Windows rules, at first sight`, Math.round(lines.length / first), "events/CPU-s", goal);
  figure(`Sigma: ${title}, values seen before`, Math.round(lines.length / again), "events/CPU-s", goal);
  figure(`Sigma: ${title}, rules tried for an event`, tried, "rules", "–");
  figure(`Sigma: ${title}, programs of its log sources built`, Math.min(...build), "CPU-s", "–");
}
process.stderr.write(`sigma: load average ${loadavg()[0]?.toFixed(1)}\n`);
