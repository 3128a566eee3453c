// A sensor as its command runs it, over HTTP to the acts of the centre.
import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { makeToken } from "#community/token.ts";
import { instant } from "#core/instant.ts";
import type { Tlp } from "#core/marking.ts";
import { loadPack } from "#detect/sigma/packs.ts";
import { buildExclusions } from "#intel/exclusions.ts";
import { acts as actsOf } from "#jobs/acts/acts.ts";
import type { Desk } from "#jobs/acts/desk.ts";
import { type Matching, matchTelemetry } from "#jobs/batches/match-telemetry.ts";
import { readEdgeConfig } from "#jobs/edge/edge-config.ts";
import { acceptCarried, carryToSensor, readCarriedParcel } from "#jobs/sensors/carry.ts";
import type { RuleMemory } from "#jobs/rules/memory.ts";
import { spokenRules } from "#jobs/rules/spoken.ts";
import { runSensor } from "#wiring/sensor.ts";
import { type ActsWorld, ask, openActsWorld } from "./acts-world.ts";
import { event } from "./sensor-edge-department.ts";
import { emptyFolder } from "./sensor-edge-world.ts";
import { openTestHttp } from "./sensor-http.ts";

const one = "11111111-1111-4111-8111-111111111111";
const two = "22222222-2222-4222-8222-222222222222";
const rule = (id: string, ends: string): string =>
  `title: Asked for ${ends}\nid: ${id}\nstatus: test\nlevel: high\nlogsource: { category: dns }\ndetection:\n  name: { query|endswith: ${ends} }\n  condition: name\n`;
const asked = (n: number, name: string): string =>
  event(n, "203.0.113.53", { src_ip: "10.20.4.31", event_type: "dns", dns: { type: "query", id: 7, rrname: name } });

interface World extends ActsWorld {
  readonly log: string;
  /** Folders of rules, by name. */
  readonly rules: Map<string, { readonly tlp: Tlp; readonly texts: readonly string[] }>;
  /** The sensor runs once, and what it sent is taken in. */
  readonly run: () => Promise<void>;
  /** The same over a one-way link: a file is carried to it, and its parcels are carried back. */
  readonly carry: () => Promise<void>;
}

const open = async (t: TestContext): Promise<World> => {
  const world = await openActsWorld(t);
  world.clock.now = instant(Date.now());
  const rules: World["rules"] = new Map();
  let version = 0;
  const held = () => {
    const folders = [...rules].map(([name, { tlp, texts }]) => {
      const files = texts.map((text, nth) => ({ path: `${name}-${nth}.yml`, text }));
      return { name, tlp, good: loadPack(name, files) };
    });
    const packs = folders.map(({ good }) => good);
    const texts = folders.map(({ name, good }) => ({ name, files: good.files }));
    return { folders, packs, texts: { version: ++version, packs: texts, decisions: [] } };
  };
  const memory = {
    get packs() {
      return held().packs;
    },
    get texts() {
      return held().texts;
    },
  } as unknown as RuleMemory;
  const { state, directory, idOf, now } = world.desk;
  const secret = "5e".repeat(32);
  const desk: Desk = {
    ...{ ...world.desk, rules: memory },
    sensors: {
      ...{ secret, version: "0.3.0", exclusionsNamed: () => "none", exclusions: () => buildExclusions([], {}) },
      rules: held,
    },
  };
  const matching = {
    ...{ state, directory, secret, contacted: () => "other" as const, now, spoken: spokenRules(held) },
    community: { shadow: () => false, worth: () => "normal" as const, idOf },
  } as unknown as Matching;
  const acts = actsOf(desk);
  const http = await openTestHttp(t, { ...world, desk, acts }, makeToken);
  const folder = emptyFolder();
  writeFileSync(join(folder, "token"), `${await http.tokenOf("edge", "sensor")}\n`);
  const log = join(folder, "eve.json");
  writeFileSync(log, "");
  const takeIn = async (): Promise<void> => {
    world.clock.now = instant(Date.now());
    while ((await matchTelemetry(matching)) !== undefined);
  };
  const runOnce = async (line: Parameters<typeof readEdgeConfig>[1]): Promise<void> => {
    const config = readEdgeConfig(undefined, { sensor: "edge", data: join(folder, "data"), follow: [log], ...line });
    assert.ok(config.ok);
    await runSensor({
      ...{ config: config.value, cwd: folder, program: "0.0.0", once: true, say: () => {} },
      ...{ stop: new AbortController().signal, tell: (wrong) => assert.fail(wrong.message) },
    });
  };
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  return {
    ...{ ...world, desk, acts, log, rules },
    run: async () => {
      await runOnce({ server: http.address, tokenFile: join(folder, "token") });
      await takeIn();
    },
    carry: async () => {
      const sensor = directory.known.directory.sensors.find(({ key }) => key === "edge");
      assert.ok(sensor && desk.sensors);
      const carrying = {
        ...{ state, idOf, ...desk.sensors, views: desk.views, known: () => directory.known },
        sign: (text: string) => sign(null, Buffer.from(text), privateKey).toString("base64"),
        publicKey: publicKey.export({ type: "spki", format: "pem" }) as string,
      };
      const made = await carryToSensor(carrying, sensor, now());
      assert.ok(made);
      const [knowledge, out] = [join(folder, "for-edge.gz"), join(folder, "out")];
      writeFileSync(knowledge, Buffer.concat(made.packed));
      await runOnce({ knowledge, out });
      world.clock.now = instant(Date.now());
      for (const name of readdirSync(out).toSorted()) {
        const read = await readCarriedParcel(readFileSync(join(out, name)), now());
        assert.ok(read.ok);
        assert.ok((await acceptCarried(state, sensor, read.value, 100, now, async () => {})).ok);
      }
      await takeIn();
    },
  };
};

test("a hunt by a rule is handed over, runs over what the sensor kept, and its page shows how far and what", async (t) => {
  const world = await open(t);
  writeFileSync(world.log, asked(1, "a.odd.example") + asked(2, "www.parks.example") + asked(3, "b.odd.example"));
  await world.run();
  const lo = await world.viewer("lo");
  const body = { rule: { text: rule(one, ".odd.example") }, purpose: "Case 41", at: "sensors" } as const;
  const begun = await world.acts.hunt(lo, body, ask);
  assert.ok(begun.ok, JSON.stringify(begun));
  assert.deepEqual(
    begun.value.sensors?.map(({ title, state }) => [title, state]),
    [["Transport edge", "waiting"]],
  );
  await world.run();
  const over = await world.acts.huntNamed(lo, begun.value.id, ask);
  assert.ok(over.ok);
  const { state, found, read, toRead, rule: title, rules, sensors } = over.value;
  assert.deepEqual([state, found, read, toRead, title], ["done", 2, 3, 3, "Asked for .odd.example"]);
  assert.deepEqual(
    rules?.map(({ id, severity, count }) => [id, severity, count]),
    [[one, "high", 2]],
  );
  assert.deepEqual(
    sensors?.map(({ state: how, count, read: looked, toRead: all }) => [how, count, looked, all]),
    [["done", 2, 3, 3]],
  );
  const results = await world.acts.huntResults(lo, begun.value.id, { limit: 10 }, ask);
  assert.ok(results.ok);
  assert.deepEqual(
    results.value.results.map(({ rule: of, own, sensor, direction, weight }) => [
      of?.id,
      own,
      sensor,
      direction,
      weight,
    ]),
    [1, 2].map(() => [one, "10.20.4.31", "Transport edge", "outbound", "finding"]),
  );
  assert.ok((await world.leaves()).some(({ subject }) => subject === "sensor edge"));
  // it is a hunt: it makes no finding, and is answered once
  assert.equal((await world.sql`select from hit`).length, 0);
  await world.run();
  const again = await world.acts.huntNamed(lo, begun.value.id, ask);
  assert.ok(again.ok && again.value.found === 2);
});

test("a rule in a folder goes as far as the folder's rules may, with what it leans on and nothing else", async (t) => {
  const world = await open(t);
  writeFileSync(world.log, Array.from({ length: 12 }, (_, n) => asked(n, `n${n}.odd.example`)).join(""));
  const named = rule(one, ".odd.example").replace("\nid:", "\nname: odd\nid:");
  const many = `title: Many\nid: ${two}\nlevel: high\ncorrelation:\n  type: event_count\n  rules: [odd]\n  group-by: [src_ip]\n  timespan: 5m\n  condition: { gte: 10 }\n`;
  world.rules.set("ours", { tlp: "amber", texts: [named, many, rule("33333333-3333-4333-8333-333333333333", ".x")] });
  world.rules.set("closed", { tlp: "red", texts: [rule("44444444-4444-4444-8444-444444444444", ".y")] });
  await world.run();
  const lo = await world.viewer("lo");
  const hunt = (id: string) => world.acts.hunt(lo, { rule: { id }, purpose: "p", at: "sensors" }, ask);
  const refused = await hunt("44444444-4444-4444-8444-444444444444");
  assert.equal(refused.ok ? "" : refused.problem.code, "WGL_HUNT_SENSORS");
  const begun = await hunt(two);
  assert.ok(begun.ok, JSON.stringify(begun));
  const sensor = world.desk.directory.known.directory.sensors.find(({ key }) => key === "edge") ?? assert.fail();
  const given = await world.acts.sensorAsks(
    { kind: "sensor", sensor: sensor.id, organisation: sensor.organisation, of: "member" },
    ask,
  );
  assert.ok(given.ok);
  assert.deepEqual(
    given.value.asks[0]?.what.rules?.packs.map(({ name, files }) => [name, files.map(({ path }) => path)]),
    [["ours", ["ours-0.yml", "ours-1.yml"]]],
  );
  await world.run();
  const results = await world.acts.huntResults(lo, begun.value.id, { limit: 10 }, ask);
  assert.ok(results.ok);
  assert.deepEqual(
    results.value.results.map(({ rule: of }) => [of?.id, of?.count, of?.group]),
    [[two, 10, { src_ip: "10.20.4.31" }]],
  );
  // the folder's terms became narrower meanwhile: the hunt does not wait for the sensor
  const later = await hunt(two);
  assert.ok(later.ok);
  world.rules.set("ours", { tlp: "red", texts: [named, many] });
  await world.run();
  const over = await world.acts.huntNamed(lo, later.value.id, ask);
  assert.ok(over.ok);
  assert.deepEqual([over.value.state, over.value.sensors?.map(({ state }) => state)], ["failed", ["failed"]]);
});

test("over a one-way link a hunt by a rule and a rule that is added go with the file, and what they find comes back", async (t) => {
  const world = await open(t);
  writeFileSync(world.log, asked(1, "a.odd.example") + asked(2, "www.parks.example") + asked(3, "b.odd.example"));
  await world.carry();
  const lo = await world.viewer("lo");
  const body = { rule: { text: rule(one, ".odd.example") }, purpose: "Case 41", at: "sensors" } as const;
  const begun = await world.acts.hunt(lo, body, ask);
  assert.ok(begun.ok, JSON.stringify(begun));
  world.rules.set("ours", { tlp: "amber", texts: [rule(two, ".parks.example")] });
  await world.carry();
  const over = await world.acts.huntNamed(lo, begun.value.id, ask);
  assert.ok(over.ok);
  assert.deepEqual([over.value.state, over.value.found, over.value.read], ["done", 2, 3]);
  const hits = await world.sql`select hunted is not null as back, noticed->>'id' as rule from hit`;
  assert.deepEqual(
    hits.map((row) => [row["back"], row["rule"]]),
    [[true, two]],
  );
});

test("a rule that is added is asked of what the sensor kept by itself: hits as any other, back-dated, counted once", async (t) => {
  const world = await open(t);
  writeFileSync(world.log, asked(1, "a.odd.example") + asked(2, "www.parks.example"));
  await world.run();
  world.rules.set("ours", { tlp: "amber", texts: [rule(one, ".odd.example")] });
  await world.run();
  const hits = () =>
    world.sql`select time, hunted is not null as back, noticed->>'id' as rule, evidence as text from hit`;
  const [hit, ...others] = await hits();
  assert.deepEqual([hit?.["back"], hit?.["rule"], others.length], [true, one, 0]);
  // changed, it is asked again and says the same; what comes now is met live
  world.rules.set("ours", { tlp: "amber", texts: [`${rule(one, ".odd.example")}# said anew\n`] });
  await world.run();
  assert.equal((await hits()).length, 1);
  appendFileSync(world.log, asked(3, "c.odd.example"));
  await world.run();
  assert.deepEqual((await hits()).map((row) => row["back"]).toSorted(), [false, true]);
  const [rejected] = await world.sql`select count(*)::int as n from telemetry_rejected`;
  assert.equal(rejected?.["n"], 0);
});
