// Takes seconds: thousands of records, and sensors that are killed.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { day, instant, type Instant, minute } from "#core/instant.ts";
import { Edge } from "#jobs/edge/edge.ts";
import { KeptPattern } from "#jobs/hunt/kept-pattern.ts";
import { huntedPattern } from "#jobs/hunt/pattern-wanted.ts";
import type { ParcelContent } from "#jobs/sensors/parcel.ts";
import type { SensorAsk } from "#jobs/sensors/wire.ts";
import { SegmentLog } from "#segments/log.ts";
import { SegmentPast } from "#segments/past.ts";
import { openShelf } from "#segments/shelf.ts";
import { emptyFolder, fingerprint, secret, t0 } from "./sensor-edge-world.ts";

interface Here {
  readonly edge: Edge;
  readonly log: SegmentLog;
}

/** A sensor over a folder; opened again without being closed it is one that was killed. */
const open = async (folder: string, clock: { now: Instant }): Promise<Here> => {
  const log = new SegmentLog(join(folder, "log"), fingerprint(), clock.now);
  const edge = await Edge.open({
    ...{ sensor: "htd-edge-1", identity: { secret, epoch: "00112233" }, log, shelf: openShelf(folder) },
    ...{ past: new SegmentPast(log, fingerprint()), networks: ["192.0.2.0/24"], program: "0.0.0" },
    limits: { historyBytes: 1e9, historyDays: 90, waitingBytes: 1e9, sentDays: 90 },
    ...{ now: () => clock.now, memory: () => 1, trouble: (wrong) => assert.fail(wrong.message) },
  });
  return { edge, log };
};

const line = (n: number, name: string): string =>
  JSON.stringify({
    timestamp: new Date(t0 + n * 1000).toISOString().replace("Z", "+0000"),
    ...{
      event_type: "dns",
      flow_id: n,
      src_ip: "192.0.2.14",
      src_port: 40_000,
      dest_ip: "203.0.113.53",
      dest_port: 53,
    },
    ...{ proto: "UDP", dns: { type: "query", id: 7, rrname: name, rrtype: "A" } },
  });
const ruleId = "11111111-1111-4111-8111-111111111111";
const rule = `title: odd\nname: odd\nid: ${ruleId}\nstatus: test\nlevel: high\nlogsource: { category: dns }\ndetection:\n  a: { query|endswith: .odd.example }\n  condition: a\n`;
const many = `${rule}---\ntitle: many\nid: 22222222-2222-4222-8222-222222222222\ncorrelation:\n  type: event_count\n  rules: [odd]\n  group-by: [src_ip]\n  timespan: 20m\n  condition: { gte: 50 }\n`;
const rules = (text: string): Uint8Array =>
  Buffer.from(
    JSON.stringify({ version: "r", packs: [{ name: "ours", files: [{ path: "a.yml", text }] }], decisions: [] }),
  );
const ask = (text: string, wanted: string, to: Instant): SensorAsk => ({
  ...{ id: "00000000-0000-4000-8000-000000000001", purpose: "case 41", by: "duty officer", from: instant(0), to },
  what: {
    observables: [],
    rules: {
      ...{ title: "t", decisions: [], wanted: [wanted] },
      packs: [{ name: "hunt", files: [{ path: "a.yml", text }] }],
    },
  },
});

/** So many records in so many segments, every fourth of them odd. */
const filled = async (folder: string, clock: { now: Instant }, records: number): Promise<Here> => {
  const here = await open(folder, clock);
  for (let n = 0; n < records; n += 1000) {
    const lines = Array.from({ length: 1000 }, (_, at) =>
      line(n + at, (n + at) % 4 === 0 ? "a.odd.example" : "b.example"),
    );
    here.edge.take({
      body: Buffer.from(lines.join("\n")),
      format: "suricata-eve",
      received: instant(t0 + (n + 1000) * 1000),
    });
    if (n % 3000 === 0) here.log.roll(clock.now, true);
  }
  return here;
};

/** Hunts to the end, killed after every few turns; the clock goes on, so that places are written down. */
const huntKilled = async (
  folder: string,
  first: Here,
  clock: { now: Instant },
  every: number,
): Promise<readonly ParcelContent[]> => {
  let here = first;
  for (let turn = 1; turn < 200; turn++) {
    const more = await here.edge.hunt();
    clock.now = instant(clock.now + minute / 4);
    if (!more) return here.edge.state.waiting("hits");
    if (turn % every === 0) here = await open(folder, clock);
  }
  return assert.fail("it never ends");
};

test("what rules find in the past is found once each, however often the sensor is killed on its way", async () => {
  for (const every of [4, 10_000]) {
    const folder = emptyFolder();
    const clock = { now: instant(t0 + day) };
    const here = await filled(folder, clock, 6000);
    assert.equal(here.edge.useRules(rules(rule)), undefined);
    const out = await huntKilled(folder, here, clock, every);
    assert.deepEqual(
      out.map((one) =>
        "ruled" in one && one.back === true ? (JSON.parse(one.ruled.text) as { flow_id: number }).flow_id : -1,
      ),
      Array.from({ length: 1500 }, (_, n) => n * 4).slice(0, 1000),
      `killed every ${every}`,
    );
    // more than are told one by one: the rest is counted, once
    const aside = (await open(folder, clock)).edge.state.waiting("counts");
    assert.equal(
      aside.reduce((sum, one) => sum + ("day" in one ? one.day.hits : 0), 0),
      500,
      `killed every ${every}`,
    );
  }
});

test("an ask by a correlation goes on with what was counted before the sensor was killed", async () => {
  const answers: unknown[] = [];
  for (const every of [7, 10_000]) {
    const folder = emptyFolder();
    const clock = { now: instant(t0 + day) };
    const here = await filled(folder, clock, 6000);
    const asks = { asks: [ask(many, "22222222-2222-4222-8222-222222222222", clock.now)], cancelled: [] };
    assert.equal(here.edge.useAsks(JSON.stringify(asks)), undefined);
    const out = await huntKilled(folder, here, clock, every);
    const said = out.flatMap((one) => ("answer" in one ? [one.answer] : []));
    assert.deepEqual(
      said.map(({ page }) => page),
      said.map((_, at) => at + 1),
    );
    answers.push(
      said.flatMap(({ together = [] }) => together.map(({ rule: of, time, first, value }) => [of, time, first, value])),
    );
    assert.equal(said.at(-1)?.looked?.read, 6000);
  }
  assert.deepEqual(answers[0], answers[1]);
  assert.ok((answers[0] as readonly unknown[]).length > 0);
});

const pattern = (text: string, to: Instant): SensorAsk => ({
  ...ask(rule, ruleId, to),
  what: { observables: [], records: { pattern: text } },
});
const flowsIn = (out: readonly ParcelContent[]): readonly (readonly [match: number, flow: number])[] =>
  out.flatMap((one) =>
    "answer" in one
      ? (one.answer.patterned ?? []).map(
          ({ match, text }) => [match, (JSON.parse(text) as { flow_id: number }).flow_id] as const,
        )
      : [],
  );

test("an ask by a pattern finds what the centre's evaluator finds over all the records, however often the sensor is killed", async () => {
  // every fourth name is odd, a second after each other: five odd ones in a row are 16 seconds
  const odd = "domain-name:value LIKE '%.odd.example'";
  for (const [text, every] of [
    [`[${odd}]`, 3],
    [`([${odd}] REPEATS 5 TIMES) WITHIN 16 SECONDS`, 5],
    [`([domain-name:value = 'b.example'] FOLLOWEDBY [${odd}]) WITHIN 1 SECONDS`, 5],
    [`[${odd}] FOLLOWEDBY [domain-name:value = 'never.example']`, 5],
    ["[domain-name:value = 'a.odd.example' AND domain-name:value != 'c.example']", 2],
  ] as const) {
    const folder = emptyFolder();
    const clock = { now: instant(t0 + day) };
    const here = await filled(folder, clock, 3000);
    const asks = { asks: [pattern(text, clock.now)], cancelled: [] };
    assert.equal(here.edge.useAsks(JSON.stringify(asks)), undefined);
    const out = await huntKilled(folder, here, clock, every);
    const said = out.flatMap((one) => ("answer" in one ? [one.answer] : []));
    assert.deepEqual(
      said.map(({ page }) => page),
      said.map((_, at) => at + 1),
    );
    const hunted = huntedPattern(text);
    assert.ok(hunted.ok);
    const rows = Array.from({ length: 3000 }, (_, n) => ({
      ...{ time: t0 + n * 1000, organisation: "here", sensor: "s", format: "suricata-eve", event: "dns" },
      ...{ text: line(n, n % 4 === 0 ? "a.odd.example" : "b.example"), batch: "1", line: n },
    }));
    const there = new KeptPattern(hunted.value.compiled, false, () => []).read(rows);
    const expected = there.matches.flatMap((records, nth) =>
      records.map((one) => [nth + 1, (JSON.parse(one.text) as { flow_id: number }).flow_id] as const),
    );
    assert.deepEqual(flowsIn(out), expected, text);
    assert.deepEqual([said.at(-1)?.done, said.at(-1)?.looked?.pattern?.matches], [true, there.matches.length]);
    const anchored = hunted.value.anchors !== undefined;
    assert.equal(said.at(-1)?.looked?.read, anchored ? 750 : 3000, text);
  }
});

test("a pattern that is called off ends, and one that is none is answered with what is wrong with it", async () => {
  const folder = emptyFolder();
  const clock = { now: instant(t0 + day) };
  const { edge } = await filled(folder, clock, 3000);
  const one = pattern("[domain-name:value LIKE '%.odd.example']", clock.now);
  edge.useAsks(JSON.stringify({ asks: [one], cancelled: [] }));
  for (let turn = 0; turn < 3; turn++) await edge.hunt();
  const before = flowsIn(edge.state.waiting("hits")).length;
  assert.ok(edge.hunting === 1 && before > 0 && before < 750);
  edge.useAsks(JSON.stringify({ asks: [], cancelled: [one.id] }));
  while (await edge.hunt());
  assert.deepEqual([edge.state.hunts, flowsIn(edge.state.waiting("hits")).length], [[], before]);
  const wrong = { ...pattern("[file:size > 5]", clock.now), id: "00000000-0000-4000-8000-000000000002" };
  edge.useAsks(JSON.stringify({ asks: [wrong], cancelled: [] }));
  while (await edge.hunt());
  const last = edge.state.waiting("hits").at(-1);
  assert.ok(last !== undefined && "answer" in last);
  assert.deepEqual([last.answer.done, last.answer.problem?.code], [true, "WGL_HUNT_PATTERN"]);
});

test("an ask that is called off ends, whatever was found by then; what was learned goes on", async () => {
  const folder = emptyFolder();
  const clock = { now: instant(t0 + day) };
  const { edge } = await filled(folder, clock, 6000);
  const one = ask(rule, ruleId, clock.now);
  edge.useAsks(JSON.stringify({ asks: [one], cancelled: [] }));
  for (let turn = 0; turn < 3; turn++) await edge.hunt();
  assert.ok(edge.hunting === 1 && edge.state.waiting("hits").length > 0);
  edge.useAsks(JSON.stringify({ asks: [], cancelled: [one.id] }));
  const before = edge.state.waiting("hits").length;
  edge.useRules(rules(rule));
  while (await edge.hunt());
  const after = edge.state.waiting("hits").slice(before);
  assert.ok(after.length === 1000 && after.every((said) => "ruled" in said));
  assert.deepEqual(edge.state.hunts, []);
});

test("a turn of a hunt is short, whatever there is to be looked at", async () => {
  const folder = emptyFolder();
  const clock = { now: instant(t0 + day) };
  const { edge } = await filled(folder, clock, 6000);
  edge.useRules(rules(rule));
  const took: number[] = [];
  for (let more = true; more; ) {
    const began = process.cpuUsage();
    more = await edge.hunt();
    const { user, system } = process.cpuUsage(began);
    took.push((user + system) / 1000);
  }
  assert.ok(took.length >= 12, `${took.length} turns`);
  // of our own processor: a bound far above what it takes, and far below what it would take to read all at once
  const median = took.toSorted((a, b) => a - b)[took.length >> 1] ?? 0;
  assert.ok(median < 100, `${took.join(" ")} ms`);
});
