import assert from "node:assert/strict";
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { instant } from "#core/instant.ts";
import { LearnedRules } from "#jobs/edge/learning-rules.ts";
import type { ParcelAnswer, ParcelRuled } from "#jobs/sensors/parcel.ts";
import type { SensorAsk } from "#jobs/sensors/wire.ts";
import { aCentre, department, event } from "./sensor-edge-department.ts";
import type { TinyCentre } from "./sensor-edge-centre.ts";

const rule = (id: string, ends: string, more = ""): string =>
  `title: Asked for ${ends}\nid: ${id}\nstatus: test\nlevel: high\nlogsource: { category: dns }\ndetection:\n  name: { query|endswith: ${ends} }\n  condition: name\n${more}`;
const one = "11111111-1111-4111-8111-111111111111";
const two = "22222222-2222-4222-8222-222222222222";
const asked = (n: number, name: string): string =>
  event(n, "203.0.113.53", { event_type: "dns", dns: { type: "query", id: 7, rrname: name, rrtype: "A" } });

const ruledIn = (centre: TinyCentre): readonly (ParcelRuled & { readonly flow: number })[] =>
  centre
    .content()
    .flatMap((line) =>
      "ruled" in line ? [{ ...line, flow: (JSON.parse(line.ruled.text) as { flow_id: number }).flow_id }] : [],
    );
const answersIn = (centre: TinyCentre, ask: string): readonly ParcelAnswer[] =>
  centre.content().flatMap((line) => ("answer" in line && line.answer.ask === ask ? [line.answer] : []));
const flowsOf = (answers: readonly ParcelAnswer[]): readonly number[] =>
  answers.flatMap(({ ruled = [] }) => ruled.map(({ text }) => (JSON.parse(text) as { flow_id: number }).flow_id));

const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
const ask = (n: number, text: string, wanted: readonly string[], some: Partial<SensorAsk> = {}): SensorAsk => ({
  ...{ id: id(n), purpose: "case 41", by: "duty officer", from: instant(0), to: instant(Date.now() + 1e6) },
  what: {
    observables: [],
    rules: { title: "a rule", packs: [{ name: "hunt", files: [{ path: "rule.yml", text }] }], decisions: [], wanted },
  },
  ...some,
});

test("a rule that is new or changed is asked of the local past by itself, once, back-dated, and as live records meet it", async () => {
  const centre = await aCentre();
  const here = department(centre);
  writeFileSync(here.log, asked(1, "a.odd.example") + asked(2, "www.parks.example") + asked(3, "b.odd.example"));
  await here.run();
  assert.deepEqual(ruledIn(centre), []);
  const give = (version: string, files: readonly { path: string; text: string }[], decisions: object[] = []): void => {
    centre.rules = { version, packs: [{ name: "ours", files }], decisions: decisions as never };
  };
  give("r1", [{ path: "dns.yml", text: rule(one, ".odd.example") }]);
  await here.run();
  await here.run();
  assert.deepEqual(
    ruledIn(centre).map(({ flow, back }) => [flow, back]),
    [
      [1, true],
      [3, true],
    ],
  );
  // the same as live, but for when it was noticed: the same hit at the centre
  appendFileSync(here.log, asked(1, "a.odd.example"));
  await here.run();
  const again = ruledIn(centre).filter(({ flow }) => flow === 1);
  assert.equal(again.length, 2);
  const { time: _t, text: _x, line: _l, ...past } = again[0]?.ruled ?? assert.fail();
  const { time: _u, text: _y, line: _m, ...live } = again[1]?.ruled ?? assert.fail();
  assert.deepEqual(past, live);
  assert.equal(again[1]?.back, undefined);
  // another rule beside it asks for itself alone; a file that is as it was asks nothing
  give("r2", [
    { path: "dns.yml", text: rule(one, ".odd.example") },
    { path: "more.yml", text: rule(two, ".parks.example") },
  ]);
  await here.run();
  assert.deepEqual(
    ruledIn(centre)
      .slice(3)
      .map(({ flow, ruled }) => [flow, ruled.rule.rule]),
    [[2, two]],
  );
  // turned off and on again, and a filter that is laid over it: each asks again
  const before = ruledIn(centre).length;
  give("r3", [{ path: "dns.yml", text: rule(one, ".odd.example") }], [{ rule: one, runs: false, reason: "" }]);
  await here.run();
  assert.equal(ruledIn(centre).length, before);
  const filter = `title: but for b\nlogsource: { category: dns }\nfilter:\n  rules: [${one}]\n  known: { query|startswith: b. }\n  condition: not known\n`;
  give("r4", [
    { path: "dns.yml", text: rule(one, ".odd.example") },
    { path: "filter.yml", text: filter },
  ]);
  await here.run();
  assert.deepEqual(
    ruledIn(centre)
      .slice(before)
      .map(({ flow }) => flow),
    [1, 1],
  );
  assert.deepEqual(
    [...centre.parcels.values()].flatMap(({ refused }) => refused),
    [],
  );
});

test("an ask by a rule is answered from the local past within its period, in pages that add up, with how far it is", async () => {
  const centre = await aCentre();
  const here = department(centre);
  const lines = Array.from({ length: 1300 }, (_, n) => asked(n, n % 2 === 0 ? "a.odd.example" : "www.parks.example"));
  writeFileSync(here.log, lines.join(""));
  await here.run();
  const from = instant(Date.parse((JSON.parse(lines[100] ?? "{}") as { timestamp: string }).timestamp));
  const to = instant(Date.parse((JSON.parse(lines[1200] ?? "{}") as { timestamp: string }).timestamp));
  centre.asks = { asks: [ask(1, rule(one, ".odd.example"), [one], { from, to })], cancelled: [] };
  const { status } = await here.run();
  await here.run();
  const answers = answersIn(centre, id(1));
  assert.deepEqual(
    flowsOf(answers),
    Array.from({ length: 550 }, (_, n) => 100 + 2 * n),
  );
  assert.deepEqual(
    answers.map(({ page }) => page),
    answers.map((_, at) => at + 1),
  );
  const last = answers.at(-1);
  assert.deepEqual([last?.count, last?.done, last?.days.reduce((sum, { n }) => sum + n, 0)], [550, true, 550]);
  assert.deepEqual([last?.looked?.read, last?.looked?.toRead], [1100, 1300]);
  assert.deepEqual([last?.first, last?.last], [from, (to as number) - 2]);
  assert.deepEqual(
    status.asks.map(({ values, rule: title, answered }) => [values, title, answered]),
    [[0, "a rule", true]],
  );
});

test("what the field policy took out cannot be asked, and that is said", async () => {
  const centre = await aCentre();
  const here = department(centre);
  const http = { hostname: "shop.example", http_method: "GET", url: "/?token=hunter2", cookie: "sid=hunter2" };
  writeFileSync(here.log, event(1, "203.0.113.9", { event_type: "http", http }));
  await here.run();
  const text = (where: string): string =>
    `title: t\nid: ${one}\nlogsource: { category: proxy }\ndetection:\n  a: { ${where} }\n  condition: a\n`;
  centre.asks = {
    asks: [ask(1, text('c-uri|contains: "hunter2"'), [one]), ask(2, text('cs-host: "shop.example"'), [one])],
    cancelled: [],
  };
  await here.run();
  assert.deepEqual(flowsOf(answersIn(centre, id(1))), []);
  assert.deepEqual(flowsOf(answersIn(centre, id(2))), [1]);
  for (const name of readdirSync(join(here.folder, "data/log")))
    assert.ok(!readFileSync(join(here.folder, "data/log", name)).includes("hunter2"));
});

test("a correlation is asked of the past, over a restart as without one", async () => {
  const centre = await aCentre();
  const here = department(centre);
  const text = `${rule(one, ".odd.example", "name: odd\n")}---\ntitle: Many odd names\nid: ${two}\nlevel: high\ncorrelation:\n  type: event_count\n  rules: [odd]\n  group-by: [src_ip]\n  timespan: 5m\n  condition: { gte: 10 }\n`;
  writeFileSync(here.log, Array.from({ length: 24 }, (_, n) => asked(n, `n${n}.odd.example`)).join(""));
  await here.run();
  centre.asks = { asks: [ask(1, text, [two])], cancelled: [] };
  await here.run();
  const together = answersIn(centre, id(1)).flatMap((answer) => answer.together ?? []);
  assert.deepEqual(
    together.map(({ rule: of, group, value }) => [of, group, value]),
    [[two, [{ name: "src_ip", value: "192.0.2.14" }], 10]],
  );
  assert.equal((JSON.parse(together[0]?.text ?? "{}") as { flow_id: number }).flow_id, 9);
});

test("hostile and broken rules are answered with what is wrong, and stop nothing that is asked after them", async () => {
  const centre = await aCentre();
  const here = department(centre);
  writeFileSync(here.log, asked(1, "a.odd.example") + asked(2, `${"a".repeat(60)}.odd.example`));
  await here.run();
  const regex = (value: string): string => rule(one, "x").replace("query|endswith: x", () => `query|re: '${value}'`);
  centre.asks = {
    asks: [
      ask(1, "title: [", [one]),
      ask(2, regex("(a)\\1"), [one]),
      ask(3, regex("(a+)+$"), [one]),
      ask(4, rule(one, ".odd.example"), ["another rule"]),
      ask(5, `title: &a [${"*a,".repeat(400)}]`, [one]),
      ask(6, rule(one, ".odd.example"), [one]),
    ],
    cancelled: [],
  };
  await here.run();
  const ends = [1, 2, 3, 4, 5, 6].map((n) => answersIn(centre, id(n)).at(-1));
  assert.deepEqual(
    ends.map((answer) => answer?.problem?.code),
    ["WGL_HUNT_RULE", "WGL_HUNT_RULE", undefined, "WGL_RULE_UNKNOWN", "WGL_HUNT_RULE", undefined],
  );
  assert.ok(ends.every((answer) => answer?.done === true));
  assert.deepEqual(flowsOf(answersIn(centre, id(6))), [1, 2]);
  assert.deepEqual(
    [...centre.parcels.values()].flatMap(({ refused }) => refused),
    [],
  );
});

test("rules that are new are taken in by what they speak of, so that most walks through the past read few records", () => {
  const kept = new Map<string, string>();
  const learned = new LearnedRules({
    small: {
      read: (name) => (kept.has(name) ? Buffer.from(kept.get(name) ?? "") : undefined),
      write: (name, pieces) => kept.set(name, [...pieces].map(String).join("")),
    },
  });
  const sources = ["{ category: dns }", "{ product: windows, category: process_creation }", "{ product: zeek }"];
  const files = Array.from({ length: 12 }, (_, n) => ({
    path: `${n}.yml`,
    text: `title: r${n}\nlogsource: ${sources[n % 3]}\ndetection:\n  a: { b: c${n} }\n  condition: a\n`,
  }));
  let told: readonly string[] = [];
  learned.learn(
    { version: "1", packs: [{ name: "ours", files }], decisions: [] },
    () => ({ version: "0", packs: [], decisions: [] }),
    (rules) => (told = rules),
  );
  assert.deepEqual(
    told,
    [0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11].map((n) => `r${n}`),
  );
});
