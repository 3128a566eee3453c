import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { attackOf, coverageOf } from "#detect/sigma/attack.ts";
import { decisionOn, loadPack, type PackFile, setOf } from "#detect/sigma/packs.ts";

const folder = new URL("../sample/rules/", import.meta.url);
const sample = (): readonly PackFile[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => /\.(?:yml|jsonl)$/.test(path))
    .map((path) => ({ path, text: readFileSync(new URL(path, folder), "utf8") }));

test("sample/rules has no problem, and every rule has a test that it passes", () => {
  const pack = loadPack("sample", sample());
  assert.deepEqual(pack.problems, []);
  assert.equal(pack.files.length, 12);
  for (const { path, file, tests } of pack.files) {
    assert.equal(file.rules.length, 1, path);
    assert.equal(tests?.tested.passed.length, 1, path);
    assert.ok((tests?.tested.events ?? 0) >= 2, path);
  }
  const set = setOf([pack]);
  assert.equal(set.rules.length, 12);
  assert.equal(set.idle.length, 0);
  assert.deepEqual(set.coverage.techniques.get("T1490"), { rules: 1, levels: { critical: 1 } });
  assert.equal(set.coverage.tactics.get("credential-access")?.rules, 3);
});

const rule = (title: string, more = ""): string =>
  `title: ${title}\nid: ${title}\nlogsource:\n  product: windows\ndetection:\n  a:\n    X: ${title}\n  condition: a\n${more}`;

test("loadPack() reads again only what changed", () => {
  const files = [
    { path: "a.yml", text: rule("one") },
    { path: "b.yml", text: rule("two") },
  ];
  const before = loadPack("p", files);
  const after = loadPack("p", [{ path: "a.yml", text: rule("three") }, files[1] ?? { path: "", text: "" }], before);
  assert.equal(after.files[1], before.files[1]);
  assert.notEqual(after.files[0], before.files[0]);
  assert.deepEqual(
    setOf([after]).rules.map(({ title }) => title),
    ["three", "two"],
  );
});

test("loadPack() runs tests of YAML and of JSON lines, and setOf() leaves out a rule that fails its own", () => {
  const files = [
    { path: "a.yml", text: rule("one") },
    {
      path: "a.test.jsonl",
      text: '{"matches":true,"event":{"X":"ONE"}}\n{"matches":false,"event":{"X":"One"}}\nnonsense\n',
    },
    { path: "b.yml", text: rule("two") },
    { path: "b.test.yml", text: "- matches: true\n  event: {X: other}\n- matches: maybe\n  event: {X: two}\n" },
  ];
  const pack = loadPack("p", files);
  assert.deepEqual(
    pack.problems.map(({ code, file, line, refuses }) => [code, file, line, refuses]),
    [
      ["WGL_SIGMA_TEST_FILE", "a.test.jsonl", 3, true],
      ["WGL_SIGMA_TEST_FALSE", "a.test.jsonl", 2, true],
      ["WGL_SIGMA_TEST_FILE", "b.test.yml", 4, true],
      ["WGL_SIGMA_TEST_MISSED", "b.test.yml", 1, true],
    ],
  );
  const set = setOf([pack]);
  assert.equal(set.rules.length, 0);
  assert.deepEqual(
    set.idle.map(({ why }) => why),
    ["test", "test"],
  );
});

test("decisionOn() takes the closest word: rule before folder before all, a community's before everybody's", () => {
  const pack = loadPack("p", [
    { path: "win/a.yml", text: rule("one") },
    { path: "lnx/b.yml", text: rule("two", "status: deprecated\n") },
  ]);
  const [two, one] = pack.files.flatMap(({ file }) => file.rules);
  assert.ok(one && two);
  const decisions = [
    { rule: "*", runs: false, reason: "start with nothing" },
    { rule: "win/", runs: true, reason: "our estate" },
    { rule: "one", community: "health", runs: false, reason: "their scanner" },
    { rule: "two", runs: true, reason: "still wanted" },
  ];
  assert.equal(decisionOn(one, decisions, "parks")?.reason, "our estate");
  assert.equal(decisionOn(one, decisions, "health")?.reason, "their scanner");
  assert.equal(setOf([pack], { decisions, community: "parks" }).rules.length, 2);
  const health = setOf([pack], { decisions, community: "health" });
  assert.deepEqual(
    health.idle.map(({ rule: idle, why, reason }) => [idle.title, why, reason]),
    [["one", "decided", "their scanner"]],
  );
  // nobody decided: what its author retired does not run
  assert.deepEqual(
    setOf([pack]).idle.map(({ why }) => why),
    ["retired"],
  );
});

test("setOf() takes a rule that two packs have once, and says so", () => {
  const set = setOf([
    loadPack("a", [{ path: "a/x.yml", text: rule("one") }]),
    loadPack("b", [{ path: "b/x.yml", text: rule("one") }]),
  ]);
  assert.equal(set.rules.length, 1);
  assert.deepEqual(
    set.problems.map(({ code, file, params }) => [code, file, params["file"]]),
    [["WGL_SIGMA_DUPLICATE", "b/x.yml", "a/x.yml"]],
  );
});

test("attackOf() tells techniques, tactics, groups and software apart, coverageOf() counts rules without a technique", () => {
  assert.deepEqual(
    attackOf({
      tags: ["attack.t1059.001", "attack.credential_access", "attack.g0016", "attack.s0002", "cve.2021-44228"],
    }),
    { techniques: ["T1059.001"], tactics: ["credential-access"], groups: ["G0016"], software: ["S0002"] },
  );
  assert.equal(
    coverageOf(loadPack("p", [{ path: "a.yml", text: rule("one") }]).files.flatMap(({ file }) => file.rules)).unmapped,
    1,
  );
});
