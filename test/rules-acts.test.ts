import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { tmpdir } from "node:os";
import { test, type TestContext } from "node:test";
import { acts as actsOf } from "#jobs/acts/acts.ts";
import type { Acts } from "#jobs/acts/port.ts";
import { huntedByRule } from "#jobs/hunt/rule-asked.ts";
import { RuleMemory } from "#jobs/rules/memory.ts";
import { tryRule } from "#jobs/rules/try.ts";
import { ruleFolder } from "#wiring/rule-folders.ts";
import { type ActsWorld, ask, openActsWorld } from "./acts-world.ts";

const ruleOf = (id: string, title: string, more = ""): string => `title: ${title}
id: ${id}
status: stable
author: Harbour City CERT
tags: [attack.credential-access, attack.t1003.001]
logsource: { product: windows, category: process_creation }
detection:
  image: { Image|endswith: '\\mimikatz.exe' }
  filter: { User: SYSTEM }
  condition: image and not filter
level: high
${more}`;
const one = "30d73fb2-6bb2-5699-9697-7b51e64bfb1a";
const two = "7f1b1a33-0000-4111-8222-7b51e64bfb1b";

const opened = async (
  t: TestContext,
  folders: Readonly<Record<string, Readonly<Record<string, string>>>>,
): Promise<{ world: ActsWorld; acts: Acts; write: (folder: string, name: string, text: string) => void }> => {
  const world = await openActsWorld(t);
  const root = mkdtempSync(join(tmpdir(), "rules-acts-"));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  let written = 0;
  const write = (folder: string, name: string, text: string): void => {
    const path = join(root, folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    utimesSync(path, 1_000_000 + ++written, 1_000_000 + written);
  };
  for (const [folder, files] of Object.entries(folders))
    for (const [name, text] of Object.entries(files)) write(folder, name, text);
  const names = Object.keys(folders);
  const rules = new RuleMemory(
    world.desk.state,
    names.map((name) => ruleFolder(name, join(root, name), name === "open" ? "green" : undefined)),
  );
  await rules.refresh(world.desk.now());
  const desk = { ...world.desk, rules, ruleTitle: rules.titleOf, ruleTrouble: () => rules.trouble };
  return { world, acts: actsOf(desk), write };
};

test("rules are listed as they stand: running, off with its reason, failing its test, twice there, wrong with a place", async (t) => {
  const { world, acts, write } = await opened(t, {
    site: {
      "proc/dump.yml": ruleOf(one, "Credential dumper"),
      "proc/fails.yml": ruleOf(two, "Fails its test"),
      "proc/fails.test.yml": "- matches: true\n  event: { Image: 'C:\\notepad.exe' }\n",
    },
    open: { "again.yml": ruleOf(one, "The same again") },
  });
  const lo = await world.viewer("lo");
  const page = await acts.rules(lo, { limit: 10 }, ask);
  assert.ok(page.ok);
  assert.deepEqual(
    page.value.rules.map(({ title, standing, voice, folder, tlp, tested }) => [
      title,
      standing,
      voice,
      folder,
      tlp,
      tested,
    ]),
    [
      ["Credential dumper", "running", "quiet", "site", "amber", "none"],
      ["Fails its test", "failing", "quiet", "site", "amber", "failed"],
      ["The same again", "double", "quiet", "open", "green", "none"],
    ],
  );
  assert.deepEqual(page.value.tactics, ["credential-access"]);
  const found = async (asked: object): Promise<readonly string[]> => {
    const some = await acts.rules(lo, { ...asked, limit: 10 }, ask);
    return some.ok ? some.value.rules.map(({ title }) => title) : [some.problem.code];
  };
  assert.deepEqual(await found({ attack: "T1003", standing: "running" }), ["Credential dumper"]);
  assert.deepEqual(await found({ search: "SAME again" }), ["The same again"]);
  assert.deepEqual(await found({ folder: "proc/" }), ["Credential dumper", "Fails its test"]);
  assert.deepEqual(await found({ level: "low" }), []);
  assert.deepEqual(await found({ cursor: "x" }), ["WGL_CURSOR"]);

  // all that is wrong, at once, each with its place
  write(
    "site",
    "bad.yml",
    "title: Bad\nlogsource: { product: windows }\ndetection:\n  a: { X|nosuch: 1 }\n  condition: a and b\n",
  );
  const problems = await acts.ruleProblems(lo, ask);
  assert.ok(problems.ok);
  const told = problems.value.problems.map(({ folder, file, line, code }) => `${folder}/${file}:${line} ${code}`);
  assert.ok(
    told.some((one) => one.startsWith("open/again.yml") && one.endsWith("WGL_SIGMA_DUPLICATE")),
    told.join("\n"),
  );
  assert.ok(
    told.some((one) => one.endsWith("WGL_SIGMA_TEST_MISSED")),
    told.join("\n"),
  );
  assert.ok(told.filter((one) => one.startsWith("site/bad.yml")).length >= 2, told.join("\n"));

  // off, with a reason, for this community; and on again
  const wrong = await acts.doRule(lo, one, { act: "disable" }, ask);
  assert.equal(wrong.ok ? "" : wrong.problem.code, "WGL_ACT_REASON");
  const off = await acts.doRule(lo, one, { act: "disable", reason: "too loud on our backup servers" }, ask);
  assert.ok(off.ok);
  assert.deepEqual(
    [off.value.rule.standing, off.value.rule.decided?.reason, off.value.rule.decided?.who, off.value.acts],
    ["disabled", "too loud on our backup servers", "Lo Wing-yan", ["enable"]],
  );
  const leaf = (await world.leaves()).at(-1);
  assert.deepEqual(
    [leaf?.kind, leaf?.data["act"], leaf?.data["reason"]],
    ["policy", "disable rule", "too loud on our backup servers"],
  );
  const on = await acts.doRule(lo, one, { act: "enable", reason: "backups have a filter now" }, ask);
  assert.ok(on.ok && on.value.rule.standing === "running");
  assert.match(on.value.text, /Credential dumper/);
  assert.equal(on.value.logsource, "windows / process_creation / –");
  // a folder, and all of them
  const whole = await acts.decideRules(lo, { on: "proc/", runs: false, reason: "a drill" }, ask);
  assert.ok(whole.ok);
  assert.equal(whole.value.rules.find(({ file }) => file === "proc/fails.yml")?.standing, "failing");
  assert.deepEqual((await acts.rules(lo, { limit: 9, standing: "disabled" }, ask)).ok, true);
  const all = await acts.decideRules(lo, { on: "*", runs: false, reason: "a drill" }, ask);
  assert.ok(all.ok && all.value.all?.reason === "a drill");
});

test("rules are staff's alone", async (t) => {
  const { world, acts } = await opened(t, { site: { "dump.yml": ruleOf(one, "Credential dumper") } });
  for (const who of ["chan", "head", "green", "abroad"] as const) {
    const viewer = await world.viewer(who);
    for (const result of [
      await acts.rules(viewer, { limit: 10 }, ask),
      await acts.rule(viewer, one, ask),
      await acts.ruleProblems(viewer, ask),
      await acts.tryRule(viewer, { rule: "x" }, ask),
      await acts.doRule(viewer, one, { act: "disable", reason: "x" }, ask),
      await acts.decideRules(viewer, { on: "*", runs: false, reason: "x" }, ask),
    ])
      assert.equal(result.ok ? "ok" : result.problem.code, "WGL_ABSENT", who);
  }
});

test("tryRule() says what a rule matches in lines, and why; and what is wrong with it", () => {
  const event = (Image: string, User = "x"): string =>
    JSON.stringify({
      ...{ EventID: 1, Channel: "Microsoft-Windows-Sysmon/Operational", Computer: "pc1", Image, User },
      UtcTime: "2026-11-19 08:00:00.000",
    });
  const lines = [event("C:\\x\\Mimikatz.exe"), event("C:\\y.exe"), event("C:\\mimikatz.exe", "SYSTEM"), "not a line"];
  const tried = tryRule(ruleOf(one, "Credential dumper"), lines.join("\n"));
  assert.deepEqual(
    [
      tried.format,
      tried.records,
      tried.matches.map(({ line, rule }) => [line, rule]),
      tried.rejected.map(({ line }) => line),
    ],
    ["windows-json", 4, [[1, one]], [4]],
  );
  assert.deepEqual(
    tried.matches[0]?.because.map(({ field, value }) => [field, value]),
    [["Image", "C:\\x\\Mimikatz.exe"]],
  );
  assert.deepEqual(tried.problems, []);
  const bad = tryRule("title: Bad\ndetection: {a: {X|nosuch: 1}, condition: b}\n", "");
  assert.ok(bad.problems.length >= 2);
  assert.equal(bad.records, 0);
});

test("huntedByRule() refuses what is no rule, with its place, and finds rules in force", async (t) => {
  const { world } = await opened(t, {});
  const bad = huntedByRule(
    { text: "title: Bad\nlogsource: {product: windows}\ndetection: {a: {X|no: 1}, condition: a}\n" },
    [],
    [],
  );
  assert.equal(bad.ok ? "" : bad.problem.code, "WGL_HUNT_RULE");
  const none = huntedByRule(
    { text: "title: F\nlogsource: {product: windows}\nfilter: {rules: any, a: {User: x}, condition: a}\n" },
    [],
    [],
  );
  assert.equal(none.ok ? "" : none.problem.code, "WGL_HUNT_RULE_NONE");
  const unknown = huntedByRule({ id: "nobody" }, [], []);
  assert.equal(unknown.ok ? "" : unknown.problem.code, "WGL_RULE_UNKNOWN");
  const good = huntedByRule({ text: ruleOf(one, "Credential dumper") }, [], []);
  assert.ok(good.ok);
  assert.deepEqual(good.value.wanted, [one]);
  assert.ok(world.desk.now() > 0);
});
