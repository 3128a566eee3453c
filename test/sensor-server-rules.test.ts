// A sensor as its command runs it, over HTTP to the acts of the centre.
import assert from "node:assert/strict";
import { appendFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { ask } from "./acts-world.ts";
import { asked, openAskedWorld as open } from "./sensor-asked-world.ts";

const one = "11111111-1111-4111-8111-111111111111";
const two = "22222222-2222-4222-8222-222222222222";
const rule = (id: string, ends: string): string =>
  `title: Asked for ${ends}\nid: ${id}\nstatus: test\nlevel: high\nlogsource: { category: dns }\ndetection:\n  name: { query|endswith: ${ends} }\n  condition: name\n`;

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
