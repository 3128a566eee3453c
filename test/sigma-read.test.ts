// Takes seconds: laws on many made-up inputs.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { many, one } from "#detect/sigma/detection.ts";
import { readPieces } from "#detect/sigma/pieces.ts";
import { readPlainYaml } from "#detect/sigma/plain-yaml.ts";
import { readRules } from "#detect/sigma/read-rules.ts";
import { readWholeYaml } from "#detect/sigma/whole-yaml.ts";

const problemsOf = (text: string): readonly string[] =>
  readRules("x.yml", text).problems.map(
    ({ code, line, column, refuses }) =>
      `${code.replace("WGL_SIGMA_", "")} ${line}:${column}${refuses ? "" : " noted"}`,
  );

/** A rule whose detection is given, four spaces in. */
const rule = (detection: string): string =>
  `title: Rule\nlogsource:\n    product: windows\ndetection:\n${detection
    .split("\n")
    .map((line) => `    ${line}`)
    .join("\n")}\n`;

test("readPieces() reads wildcards and escapes as the specification lists them (rules 2.1, Escaping)", () => {
  for (const [text, pieces] of [
    ["plain", ["plain"]],
    ["a\\b", ["a\\b"]], // single backslash before no wildcard
    ["a\\\\b", ["a\\b"]], // or a double one: the same
    ["a\\*b", ["a*b"]],
    ["a\\?b", ["a?b"]],
    ["a\\\\*b", ["a\\", many, "b"]], // a backslash and a wildcard
    ["a\\\\\\*b", ["a\\*b"]], // both plain
    ["a\\\\\\b", ["a\\\\b"]], // three are two
    ["a\\\\\\\\b", ["a\\\\b"]], // four are two
    ["prog?.exe", ["prog", one, ".exe"]],
    ["**", [many]],
    ["", []],
    ["\\", ["\\"]],
  ] as const)
    assert.deepEqual(readPieces(text), pieces, text);
});

test("readRules() tells every problem of a file at once, each with line and column", () => {
  const text = `title: First
level: hihg
date: yesterday
tags:
    - attack.t1059
    - no tag
logsource:
    product: windows
detection:
    selection:
        Image|endswiht: '\\cmd.exe'
        CommandLine|re: 'a(?=b)'
        DestinationIp|cidr: 300.1.2.3/8
    other:
        Size|gt: large
        There|exists: 1
    condition: selection and (other or third
---
logsource:
    service: sshd
detection:
    keywords:
        - null
---
just a text
---
title: Neither
`;
  assert.deepEqual(problemsOf(text), [
    "VALUE 2:8 noted",
    "DATE 3:7 noted",
    "TAG 6:7 noted",
    "MODIFIER 11:9",
    "REGEX 12:25",
    "CIDR 13:29",
    "MODIFIER_VALUE 15:18",
    "MODIFIER_VALUE 16:23",
    "CONDITION_END 17:45",
    "MISSING 19:1", // title
    "KIND 23:11",
    "MISSING 21:1", // condition
    "KIND 25:1",
    "DOCUMENT 27:1",
  ]);
});

test("readRules() says where a condition goes wrong", () => {
  const about = (condition: string): readonly string[] =>
    problemsOf(rule(`a: {X: 1}\nb: {X: 2}\ncondition: ${condition}`));
  assert.deepEqual(about("a and b"), []);
  assert.deepEqual(about("a and"), ["CONDITION_END 7:21"]);
  assert.deepEqual(about("a b"), ["CONDITION_WORD 7:18"]);
  assert.deepEqual(about("a and c"), ["CONDITION_NAME 7:22"]);
  assert.deepEqual(about("1 of c*"), ["CONDITION_NAME 7:21"]);
  assert.deepEqual(about("3 of them"), ["CONDITION_COUNT 7:21"]);
  assert.deepEqual(about("a)"), ["CONDITION_WORD 7:17"]);
  assert.deepEqual(about("not"), ["CONDITION_END 7:19"]);
  assert.deepEqual(about(`${"(".repeat(60)}a${")".repeat(60)}`), ["LARGE 7:67"]);
});

test("readRules() keeps what it can use of a rule whose head is odd, and says so", () => {
  const { rules, problems } = readRules(
    "x.yml",
    `${rule("a: {X: 1}\ncondition: a")}status: brandnew\ncustom: anything\n`,
  );
  assert.equal(rules.length, 1);
  assert.equal(rules[0]?.status, undefined);
  assert.deepEqual(
    problems.map(({ code, refuses }) => [code, refuses]),
    [["WGL_SIGMA_VALUE", false]],
  );
});

test("readRules() reads a correlation with all that specification 2.1 and its peers know", () => {
  const { correlations, problems } = readRules(
    "x.yml",
    `title: Many
correlation:
    type: value_count
    rules: [failed, 11111111-1111-4111-8111-111111111111]
    group-by: [who]
    timespan: 15m
    window: session
    gap: 30s
    aliases:
        who: {failed: TargetUserName, other: user}
    generate: true
    condition: {gte: 5, lt: 100, field: [IpAddress, Port]}
level: high
`,
  );
  assert.deepEqual(problems, []);
  const [found] = correlations;
  assert.ok(found);
  assert.deepEqual(
    { ...found, aliases: { who: { ...found.aliases["who"] } } },
    {
      kind: "correlation",
      title: "Many",
      level: "high",
      references: [],
      tags: [],
      falsepositives: [],
      fields: [],
      related: [],
      scope: [],
      place: { file: "x.yml", line: 1, column: 1 },
      type: "value_count",
      rules: ["failed", "11111111-1111-4111-8111-111111111111"],
      groupBy: ["who"],
      timespanMs: 900_000,
      window: "session",
      gapMs: 30_000,
      thresholds: [
        { op: "gte", value: 5 },
        { op: "lt", value: 100 },
      ],
      valueFields: ["IpAddress", "Port"],
      aliases: { who: { failed: "TargetUserName", other: "user" } },
      generate: true,
    },
  );
});

test("readRules() refuses a correlation that lacks what its type needs", () => {
  const about = (body: string): readonly string[] => problemsOf(`title: C\ncorrelation:\n  rules: [a]\n${body}`);
  assert.deepEqual(about("  type: event_count\n  timespan: 5m\n"), ["MISSING 2:1"]);
  assert.deepEqual(about("  type: value_sum\n  timespan: 5m\n  condition: {gt: 3}\n"), ["MISSING 6:3"]);
  assert.deepEqual(about("  type: temporal\n  timespan: 5 minutes\n"), ["TIMESPAN 5:13"]);
  assert.deepEqual(about("  type: temporal\n  timespan: 5m\n  condition: a and b\n"), ["CONDITION_NAME 6:20"]);
  assert.deepEqual(about("  type: temporal\n  timespan: 5m\n  grup-by: [x]\n"), ["KEY 6:3 noted"]);
  assert.deepEqual(about("  type: sometimes\n  timespan: 5m\n"), ["VALUE 4:9 noted", "MISSING 4:3"]);
});

test("readRules() converts count and near of before specification 2.0", () => {
  const counted = readRules(
    "x.yml",
    rule(
      "selection: {EventID: 4625}\ntimeframe: 24h\ncondition: selection | count(TargetUserName) by IpAddress, Workstation > 10",
    ),
  );
  assert.deepEqual(counted.problems, []);
  assert.deepEqual(
    counted.correlations.map(({ type, rules, groupBy, timespanMs, thresholds, valueFields }) => [
      type,
      rules,
      groupBy,
      timespanMs,
      thresholds,
      valueFields,
    ]),
    [
      [
        "value_count",
        ["Rule/1"],
        ["IpAddress", "Workstation"],
        86_400_000,
        [{ op: "gt", value: 10 }],
        ["TargetUserName"],
      ],
    ],
  );
  assert.deepEqual(
    counted.rules.map(({ name, alone }) => [name, alone]),
    [["Rule/1", false]],
  );
  const near = readRules(
    "x.yml",
    rule("a: {X: 1}\nb: {X: 2}\nc: {X: 3}\ntimeframe: 30s\ncondition: a | near b and not c"),
  );
  assert.deepEqual(near.problems, []);
  assert.equal(near.rules.length, 3);
  assert.deepEqual(near.correlations[0]?.together, {
    is: "and",
    of: [
      { is: "rule", rule: "Rule/1" },
      {
        is: "and",
        of: [
          { is: "rule", rule: "Rule/2" },
          { is: "not", of: { is: "rule", rule: "Rule/3" } },
        ],
      },
    ],
  });
  assert.deepEqual(problemsOf(rule("a: {X: 1}\ncondition: a | max(b) > 3")), ["AGGREGATION 6:18"]);
});

test("readRules() unfolds action global, repeat and reset", () => {
  const { rules, problems } = readRules(
    "x.yml",
    `action: global
title: Shared
detection:
    a: {X: 1}
    condition: a or b
---
logsource: {service: one}
detection:
    b: {Y: 1}
---
action: repeat
logsource: {service: two}
---
action: reset
---
title: Own
logsource: {service: three}
detection:
    c: {Z: 1}
    condition: c
`,
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(
    rules.map(({ title, logsource }) => [title, logsource.service]),
    [
      ["Shared", "one"],
      ["Shared", "two"],
      ["Own", "three"],
    ],
  );
  assert.deepEqual(rules[0]?.detection, rules[1]?.detection);
});

test("readRules() never throws: not on depth, aliases, size, other files", () => {
  const bomb = `a: &a [x, x, x, x, x, x, x, x, x]\n${[..."bcdefghi"].map((name, i) => `${name}: &${name} [${Array.from({ length: 9 }, () => `*${"abcdefgh"[i]}`).join(", ")}]`).join("\n")}\n`;
  for (const [text, code] of [
    ["[".repeat(200_000), undefined],
    [`${"a: ".repeat(3)}b`, "WGL_SIGMA_YAML"],
    [bomb, "WGL_SIGMA_YAML"],
    ["", "WGL_SIGMA_EMPTY"],
    ["\u0000\u0001", undefined],
    ["x".repeat((4 << 20) + 1), "WGL_SIGMA_LARGE"],
    ["title: a\ntitle: b\n", "WGL_SIGMA_YAML"],
    ["- 1\n- 2\n", "WGL_SIGMA_KIND"],
  ] as const) {
    const { problems, rules } = readRules("x.yml", text);
    assert.equal(rules.length, 0);
    assert.ok(problems.length > 0, text.slice(0, 20));
    if (code !== undefined) assert.equal(problems[0]?.code, code, text.slice(0, 20));
  }
});

test("law: readPlainYaml() gives what readWholeYaml() gives, or nothing", () => {
  const line = fc.tuple(
    fc.constantFrom("", "  ", "    ", "- ", "  - ", "    - "),
    fc.constantFrom("a:", "b: ", "'|all':", "x|re: ", "title: ", "- ", "", "# c", "---"),
    fc.constantFrom(
      "",
      " 'it''s'",
      ' "q\\\\ \\n"',
      " plain text",
      " 0x1f",
      " 1.50",
      " null",
      " |",
      " yes # no",
      " C:\\x\\*",
      " a: b",
      " [1]",
      " &a x",
      " 'open",
      " -",
      " !t x",
      "  ~",
      " http://x/#y",
      " 'a' b",
    ),
  );
  let read = 0;
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
      const text = `${lines.map((parts) => parts.join("")).join("\n")}\n`;
      const plain = readPlainYaml(text);
      if (plain === undefined) return;
      read++;
      assert.deepEqual({ documents: plain, problems: [] }, readWholeYaml(text), JSON.stringify(text));
    }),
    { numRuns: 3000, seed: 2026 },
  );
  assert.ok(read > 300, `only ${read} texts were plain`);
});
