import assert from "node:assert/strict";
import { test } from "node:test";
import { judge, reasons } from "#detect/sigma/judge.ts";
import { readRules } from "#detect/sigma/read-rules.ts";
import type { RuleFile } from "#detect/sigma/rule.ts";
import { makeRuleSet } from "#detect/sigma/rule-set.ts";
import type { Placeholders } from "#detect/sigma/placeholders.ts";

type Fields = Readonly<Record<string, unknown>>;

const windows = [{ product: "windows" }];

const read = (detection: string): RuleFile => {
  const file = readRules(
    "x.yml",
    `title: Rule\nid: rule\nlogsource: {product: windows}\ndetection:\n${detection
      .split("\n")
      .map((line) => `  ${line}`)
      .join("\n")}\n`,
  );
  assert.deepEqual(file.problems, [], detection);
  return file;
};

/** Whether a detection holds of a record: by the tree and by the index, which must say the same. */
const holds = (detection: string, fields: Fields, raw?: string, placeholders: Placeholders = {}): boolean => {
  const set = makeRuleSet([read(detection)], { placeholders });
  const [rule] = set.rules;
  assert.ok(rule);
  const plain = judge(rule.detection, { fields, names: {}, ...(raw === undefined ? {} : { raw }) });
  const found = set.evaluator({ names: {}, logSources: () => windows }).match(fields, "", raw);
  assert.deepEqual(found, plain ? [0] : [], `index and tree differ on ${detection} and ${JSON.stringify(fields)}`);
  return plain;
};

/** One item of a map, asked of one value. */
const item = (line: string, value: unknown): boolean => holds(`a:\n  ${line}\ncondition: a`, { X: value });

const table = (rows: readonly (readonly [line: string, yes: readonly unknown[], no: readonly unknown[]])[]): void => {
  for (const [line, yes, no] of rows) {
    for (const value of yes) assert.ok(item(line, value), `${line} must match ${JSON.stringify(value)}`);
    for (const value of no) assert.ok(!item(line, value), `${line} must not match ${JSON.stringify(value)}`);
  }
};

test("values are compared whole and without regard to case; numbers and booleans as they print", () => {
  table([
    ["X: Cmd.exe", ["cmd.EXE"], ["cmd.exe ", "xcmd.exe", "", null, undefined]],
    ["X: 4625", [4625, "4625"], [46250, "04625", null]],
    ["X: 0x1f", [31, "31", "0x1F"], [1, "1f"]],
    ["X: true", [true, "True"], [false, 1]],
    ["X: ''", [""], [" ", null, undefined, 0]],
    ["X: null", [null, undefined], ["", 0, "null"]],
    ["X: 'null'", ["NULL"], [null, undefined]],
    ["X: [a, b]", ["A", "b", ["z", "b"]], ["c", [], ["z"]]],
  ]);
});

test("wildcards and escapes", () => {
  table([
    ["X: 'a*c'", ["ac", "abbbc"], ["acd", "bac"]],
    ["X: 'a?c'", ["abc", "a😀c"], ["ac", "abbc"]],
    ["X: 'a\\*c'", ["a*c"], ["abc"]],
    ["X: '\\\\*\\\\x'", ["\\a\\x"], ["a\\x"]],
    ["X: '*'", ["", "x", 0], [null, undefined]],
    ["X: '*a*b*'", ["ab", "xaybz", "bab"], ["ba", "a"]],
    ["X: '?'", ["a"], ["", "ab"]],
    ["X: '??*'", ["ab", "abc"], ["a"]],
    ["X: 'a*?b'", ["axb", "axyb"], ["ab"]],
    ["X|contains: 'a?c'", ["xxabcx"], ["ac"]],
    ["X|endswith: '?c'", ["abc", "😀c"], ["c"]],
  ]);
});

test("startswith, endswith, contains, all, cased, neq", () => {
  table([
    ["X|startswith: 'C:\\Win'", ["c:\\windows"], ["xc:\\win", ""]],
    ["X|endswith: '\\cmd.exe'", ["C:\\CMD.exe"], ["cmd.exe", "\\cmd.exe.bak"]],
    ["X|contains: ' -Enc '", ["a -enc b"], ["a -encx b"]],
    ["X|contains|all: [a, b]", ["ba", ["a", "b"]], ["a", ["a", "c"]]],
    ["X|cased: Ab", ["Ab"], ["ab", "AB"]],
    ["X|contains|cased: Ab", ["xAbx"], ["xabx"]],
    ["X|neq: a", ["b", null, undefined, 1], ["A"]],
    ["X|neq: [a, b]", ["c"], ["a", "B"]],
    ["X|contains|neq: a", ["b"], ["bab"]],
    ["X|neq: 5", [6, "6"], [5, "5"]],
    ["X|contains: 46", ["x46y", 1465], ["4x6"]],
  ]);
});

test("encodings: base64, base64offset, wide and its kind, windash", () => {
  const inside = (before: string, text: string | Buffer, after: string): string =>
    Buffer.concat([Buffer.from(before), Buffer.from(text), Buffer.from(after)]).toString("base64");
  table([
    ["X|base64: http", ["aHR0cA=="], ["http"]],
    [
      "X|base64offset|contains: 'http://'",
      [inside("", "http://", "x"), inside("a", "http://", "yz"), inside("ab", "http://", "")],
      [inside("ab", "https://", "")],
    ],
    [
      "X|wide|base64offset|contains: iex",
      [inside("x", Buffer.from("iex", "utf16le"), "y"), inside("", Buffer.from("iex", "utf16le"), "")],
      [inside("x", "iex", "y")],
    ],
    ["X|utf16le: ab", ["a\0b\0"], ["ab"]],
    ["X|utf16be: ab", ["\0a\0b"], ["a\0b\0"]],
    [
      "X|utf16|base64: ab",
      [Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from("ab", "utf16le")]).toString("base64")],
      [],
    ],
    ["X|contains|windash: ' -e '", ["p -e x", "p /e x", "p –e x", "p —e x", "p ―e x"], ["p +e x"]],
    ["X|windash|contains: '/a well-known'", ["-a well-known"], ["-a well/known"]],
    ["X|contains|all|windash: [' -a', ' -b']", ["x /a -b"], ["x /a"]],
  ]);
});

test("re with its flags, cidr, exists, comparisons", () => {
  table([
    ["X|re: 'a.c'", ["xabcx"], ["xAbcx", "a\nc"]],
    ["X|re|i: 'a.c'", ["xABCx"], []],
    ["X|re|s: 'a.c'", ["a\nc"], []],
    ["X|re|m: '^b$'", ["a\nb\nc"], ["ab"]],
    ["X|re|i|m: '^b$'", ["a\nB"], []],
    ["X|re: '^\\d+$'", [12, "12"], ["a12"]],
    ["X|re|i: 'pass|st'", ["paſt"], ["x"]], // U+017F is an "s" without regard to case
    ["X|re: 'net\\s+user'", ["net  user"], ["netuser"]],
    ["X|cidr: 192.0.2.0/24", ["192.0.2.7", "::ffff:192.0.2.7"], ["192.0.3.7", "x", "192.0.2.007"]],
    ["X|cidr: [10.0.0.0/8, 'fe80::/10']", ["10.2.3.4", "FE80::1", ["x", "10.0.0.1"]], ["::1"]],
    ["X|exists: true", ["", null, 0, {}, []], [undefined]],
    ["X|exists: false", [undefined], [null, ""]],
    ["X|lt: 5", [4, "4", "-1", 4.9], [5, "x", "", null, undefined]],
    ["X|lte: 5", [5], [6]],
    ["X|gt: 5", ["6", "1e3"], [5, "0x10"]],
    ["X|gte: -1.5", [-1.5], [-2]],
  ]);
});

test("time modifiers take the time as it is written", () => {
  table([
    [
      "X|hour: 23",
      ["2026-11-22T23:10:00Z", "2026-11-22 23:59", "2026-11-22T23:10:00+08:00"],
      ["2026-11-22T22:10:00Z", "2026-11-22", "x"],
    ],
    ["X|minute: 5", ["2026-11-22T23:05:00Z"], ["2026-11-22T05:00:00Z"]],
    ["X|day: 1", ["2026-11-01"], ["2026-01-11"]],
    ["X|week: 53", ["2026-12-31"], ["2026-12-27"]], // 2026 begins on a Thursday: it has 53 weeks
    ["X|month: 2", ["2026/02/28"], ["2026-03-02"]],
    ["X|year: 2026", [1795305600, "1795305600000"], ["2025-12-31"]],
    ["X|hour|gte: 22", ["2026-11-22T23:10:00Z"], ["2026-11-22T08:10:00Z"]],
    ["X|lt|hour: 6", ["2026-11-22T05:10:00Z"], ["2026-11-22T06:10:00Z"]],
  ]);
});

test("fieldref compares two fields of a record; absent is equal to nothing", () => {
  const asked = (line: string, fields: Fields): boolean => holds(`a:\n  ${line}\ncondition: a`, fields);
  assert.ok(asked("X|fieldref: Y", { X: "Same", Y: "sAME" }));
  assert.ok(!asked("X|fieldref: Y", { X: "a", Y: "b" }));
  assert.ok(!asked("X|fieldref: Y", {}));
  assert.ok(asked("X|fieldref|startswith: Y", { X: "C:\\x", Y: "c:\\" }));
  assert.ok(asked("X|fieldref|endswith: Y", { X: "abc", Y: "BC" }));
  assert.ok(asked("X|fieldref|contains: Y", { X: "abc", Y: "b" }));
  assert.ok(!asked("X|fieldref|cased: Y", { X: "a", Y: "A" }));
  assert.ok(asked("X|fieldref|neq: Y", { X: "a", Y: "b" }));
  assert.ok(asked("X|fieldref|neq: Y", { X: "a" }));
  assert.ok(asked("X|fieldref: Y", { X: 5, Y: ["4", "5"] }));
});

test("keywords are looked for in every value, however deep, and in the raw line", () => {
  const words = "k: [mimikatz, 'se?ret*x']\ncondition: k";
  assert.ok(holds(words, { a: { b: ["x MIMIKATZ y"] } }));
  assert.ok(holds(words, { a: "my secret is x" }));
  assert.ok(!holds(words, { mimikatz: "as a name" }));
  assert.ok(holds(words, {}, "line with Mimikatz"));
  assert.ok(!holds(words, { a: "mimi", b: "katz" }));
  const all = "k:\n  '|all': [one, two]\ncondition: k";
  assert.ok(holds(all, { a: "one", b: "two" }));
  assert.ok(!holds(all, { a: "one" }));
  assert.ok(holds("k:\n  '|re': 'a\\d+'\ncondition: k", { x: ["b", "a12"] }));
  assert.ok(holds("k: [4625]\ncondition: k", { x: 4625 }));
});

test("lists of maps, mixed lists, and maps of several items", () => {
  const detection = "a:\n  - X: 1\n    Y: 2\n  - Z|contains: z\n  - word\ncondition: a";
  assert.ok(holds(detection, { X: 1, Y: 2 }));
  assert.ok(!holds(detection, { X: 1 }));
  assert.ok(holds(detection, { Z: "xzx" }));
  assert.ok(holds(detection, { W: "a word" }));
});

test("conditions: precedence, not on what is absent, of, them, underscore, at least, lists", () => {
  const of = (condition: string, fields: Fields): boolean =>
    holds(`sel_a: {A: 1}\nsel_b: {B: 1}\nsel_c: {C: 1}\n_hidden: {H: 1}\ncondition: ${condition}`, fields);
  assert.ok(of("sel_a or sel_b and sel_c", { A: 1 })); // and binds more than or
  assert.ok(!of("(sel_a or sel_b) and sel_c", { A: 1 }));
  assert.ok(of("not sel_a", {})); // absent is absent: two values, no third
  assert.ok(of("sel_a and not sel_b", { A: 1 }));
  assert.ok(of("NOT sel_b AND sel_a", { A: 1 }));
  assert.ok(of("1 of sel_*", { C: 1 }));
  assert.ok(of("any of sel*", { C: 1 }));
  assert.ok(!of("all of sel_*", { A: 1, B: 1 }));
  assert.ok(of("all of them", { A: 1, B: 1, C: 1 })); // without _hidden
  assert.ok(!of("1 of them", { H: 1 }));
  assert.ok(of("_hidden", { H: 1 }));
  assert.ok(of("1 of _*", { H: 1 }));
  assert.ok(of("2 of sel_*", { A: 1, C: 1 }));
  assert.ok(!of("2 of sel_*", { A: 1 }));
  assert.ok(of("1 of *_b", { B: 1 }));
  assert.ok(of("[sel_a, sel_b]", { B: 1 }));
  assert.ok(of("not not sel_a", { A: 1 }));
  assert.ok(of("not 1 of sel_*", {}));
  assert.ok(of("not (sel_a and sel_b)", { A: 1 }));
  assert.ok(holds("And: {X: 1}\nb: {Y: 1}\ncondition: And and b", { X: 1, Y: 1 })); // a selection's own name comes first
});

test("expand takes values from the place where the rule runs; without them the rule is not run", () => {
  const detection = "a:\n  X|expand: '%Servers%\\\\%sys'\ncondition: a";
  assert.ok(holds(detection, { X: "srv-7%sys" }, undefined, { Servers: ["db", "srv*"] }));
  assert.ok(!holds(detection, { X: "web%sys" }, undefined, { Servers: ["db", "srv*"] }));
  const set = makeRuleSet([read(detection)]);
  assert.equal(set.rules.length, 0);
  assert.deepEqual(
    set.problems.map(({ code, params }) => [code, params["placeholder"]]),
    [["WGL_SIGMA_PLACEHOLDER", "Servers"]],
  );
  assert.ok(holds("a:\n  X: '%Servers%'\ncondition: a", { X: "%servers%" })); // without expand a percent sign is one
});

test("filters are laid over the rules they name, of a log source inside theirs (filters 2.1)", () => {
  const rule = read("a: {X: 1}\ncondition: a");
  const filter = (body: string): RuleFile => {
    const file = readRules("f.yml", `title: F\n${body}`);
    assert.deepEqual(file.problems, []);
    return file;
  };
  const matches = (filters: readonly RuleFile[], fields: Fields): boolean =>
    makeRuleSet([rule, ...filters])
      .evaluator({ names: {}, logSources: () => windows })
      .match(fields, "").length === 1;
  const admin = "filter:\n  rules: [rule]\n  selection: {User|startswith: adm_}\n  condition: not selection\n";
  assert.ok(matches([], { X: 1, User: "adm_x" }));
  assert.ok(!matches([filter(`logsource: {product: windows}\n${admin}`)], { X: 1, User: "adm_x" }));
  assert.ok(matches([filter(`logsource: {product: windows}\n${admin}`)], { X: 1, User: "eve" }));
  assert.ok(matches([filter(`logsource: {product: windows}\n${admin}`)], { X: 1 }));
  assert.ok(matches([filter(`logsource: {product: linux}\n${admin}`)], { X: 1, User: "adm_x" }));
  assert.ok(
    !matches([filter(`logsource: {product: windows}\n${admin.replace("[rule]", "any")}`)], { X: 1, User: "adm_x" }),
  );
  const unknown = makeRuleSet([rule, filter(`logsource: {product: windows}\n${admin.replace("[rule]", "[other]")}`)]);
  assert.deepEqual(
    unknown.problems.map(({ code, refuses }) => [code, refuses]),
    [["WGL_SIGMA_REFERENCE", false]],
  );
});

test("a view's names lead to where a format has the field; the first that is there counts", () => {
  const set = makeRuleSet([read("a: {Image|endswith: '\\x.exe', id.orig_h: 192.0.2.1}\ncondition: a")]);
  const view = {
    names: { Image: ["process.executable", "exe"], "id.orig_h": ["id.orig_h", "source.ip"] },
    logSources: () => windows,
  };
  const evaluator = set.evaluator(view);
  assert.deepEqual(evaluator.match({ process: { executable: "c:\\X.exe" }, "id.orig_h": "192.0.2.1" }, ""), [0]);
  assert.deepEqual(evaluator.match({ exe: "c:\\X.exe", source: { ip: "192.0.2.1" } }, ""), [0]);
  assert.deepEqual(
    evaluator.match({ process: { executable: "c:\\y.exe" }, exe: "c:\\x.exe", "id.orig_h": "192.0.2.1" }, ""),
    [],
  );
});

test("names every object has are no fields, and lists of objects are walked through", () => {
  assert.ok(!holds("a: {constructor|exists: true}\ncondition: a", {}));
  assert.ok(!holds("a: {toString: '*'}\ncondition: a", {}));
  assert.ok(holds("a: {items.name: x}\ncondition: a", { items: [{ name: "y" }, { name: "X" }] }));
  assert.ok(holds("a: {a.b.c: x}\ncondition: a", { "a.b": { c: "x" } }));
});

test("rules are asked of records of their own log source alone", () => {
  const file = readRules(
    "x.yml",
    ["{product: windows}", "{product: windows, category: process_creation}", "{service: sysmon}", "{product: linux}"]
      .map((source, i) => `title: R${i}\nlogsource: ${source}\ndetection:\n  a: {X: 1}\n  condition: a\n`)
      .join("---\n"),
  );
  const set = makeRuleSet([file]);
  const ask = (...sources: readonly object[]): readonly number[] =>
    set.evaluator({ names: {}, logSources: () => sources }).match({ X: 1 }, "");
  assert.deepEqual(ask({ product: "windows", service: "sysmon" }), [0, 2]);
  assert.deepEqual(
    ask({ product: "windows", service: "sysmon" }, { product: "windows", category: "process_creation" }),
    [0, 1, 2],
  );
  assert.deepEqual(ask({ product: "linux" }), [3]);
  assert.deepEqual(ask(), []);
});

test("reasons() names the tests that hold, with what the record has there", () => {
  const [rule] = read(
    "a:\n  Image|endswith: '\\cmd.exe'\n  X: [1, 2]\nb: {Y: 1}\nc: {Z: null}\ncondition: (a or b) and not c",
  ).rules;
  assert.ok(rule);
  const fields = { Image: "C:\\cmd.exe", X: 2, Z: "there" };
  assert.deepEqual(
    reasons(rule.detection, { fields, names: {} }).map(({ field, value }) => [field, value]),
    [
      ["Image", "C:\\cmd.exe"],
      ["X", "2"],
    ],
  );
  assert.deepEqual(reasons(rule.detection, { fields: {}, names: {} }), []);
});
