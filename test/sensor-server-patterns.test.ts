// A STIX pattern that values alone do not decide, asked of what a sensor keeps: over HTTP and over a one-way link.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import type { SensorViewer } from "#community/viewer.ts";
import { ask, codeOf } from "./acts-world.ts";
import { asked, type AskedWorld, openAskedWorld as open } from "./sensor-asked-world.ts";
import { event } from "./sensor-edge-department.ts";

const flow = (n: number, to: string, port: number): string => event(n, to, { src_ip: "10.20.4.31", dest_port: port });
/** A name, then a port, twice; between them what is neither. */
const story = [
  asked(1_000, "c2.evil.example"),
  flow(2_000, "198.51.100.9", 443),
  flow(3_000, "203.0.113.5", 8443),
  asked(4_000, "www.parks.example"),
  asked(5_000, "c2.other.example"),
  flow(6_000, "203.0.113.6", 8443),
  flow(7_000, "203.0.113.7", 8443),
].join("");
const beacon = "([domain-name:value LIKE 'c2.%'] FOLLOWEDBY [network-traffic:dst_port = 8443]) WITHIN 300 SECONDS";
const one = "[network-traffic:dst_ref.value = '203.0.113.6' AND network-traffic:dst_port > 8000]";

const viewerOf = (world: AskedWorld, key: string): SensorViewer => {
  const sensor = world.desk.directory.known.directory.sensors.find((some) => some.key === key) ?? assert.fail();
  return { kind: "sensor", sensor: sensor.id, organisation: sensor.organisation, of: "member" };
};
const foundOf = async (world: AskedWorld, id: string) => {
  const lo = await world.viewer("lo");
  const hunt = await world.acts.huntNamed(lo, id, ask);
  const results = await world.acts.huntResults(lo, id, { limit: 100 }, ask);
  assert.ok(hunt.ok && results.ok);
  return { hunt: hunt.value, results: results.value.results };
};
const flowOf = (text: string): number => (JSON.parse(text) as { flow_id: number }).flow_id;

for (const how of ["run", "carry"] as const)
  test(`a hunt by a pattern is answered from what the sensor kept, records one by one and together (${how})`, async (t) => {
    const world = await open(t);
    writeFileSync(world.log, story);
    await world[how]();
    // nobody fetches over a one-way link: that it was carried a file says that it runs
    const lo = await world.viewer("lo");
    const begun = [];
    for (const pattern of [beacon, one, "[url:value LIKE 'nowhere%']"]) {
      const hunt = await world.acts.hunt(lo, { pattern, purpose: "Case 41", at: "sensors" }, ask);
      assert.ok(hunt.ok, JSON.stringify(hunt));
      begun.push(hunt.value.id);
    }
    await world[how]();
    const [together, single, none] = await Promise.all(begun.map((id) => foundOf(world, id)));
    assert.ok(together && single && none);
    assert.deepEqual(
      together.results.map(({ text, pattern, own, direction, sensor }) => [
        flowOf(text),
        pattern,
        own,
        direction,
        sensor,
      ]),
      [
        [1_000, 1],
        [3_000, 1],
        [5_000, 2],
        [6_000, 2],
      ].map(([id, match]) => [id, { match, records: 2 }, "10.20.4.31", "outbound", "Transport edge"]),
    );
    const { state, found, matches, read, toRead, unread, letGo } = together.hunt;
    assert.deepEqual([state, found, matches, read, toRead, unread, letGo], ["done", 4, 2, 7, 7, 0, 0]);
    // by the value that it names: of all records one is read
    assert.deepEqual(
      [single.results.map(({ text }) => flowOf(text)), single.hunt.read, single.hunt.toRead],
      [[6_000], 1, 1],
    );
    assert.deepEqual([none.hunt.state, none.hunt.found, none.hunt.read], ["done", 0, 7]);
    const [rejected] = await world.sql`select count(*)::int as n from telemetry_rejected`;
    assert.equal(rejected?.["n"], 0);
    // it is a hunt: it makes no finding
    assert.equal((await world.sql`select from hit`).length, 0);
    // handed over it stands in the evidence with its purpose
    assert.ok(
      (await world.leaves()).some(({ subject, data }) => subject === "sensor edge" && data["purpose"] === "Case 41"),
    );
  });

test("nothing leaves but what the pattern is true of, and nobody but who may ask sees it", async (t) => {
  const world = await open(t);
  const secret = event(8_000, "203.0.113.9", {
    ...{ src_ip: "10.20.4.31", event_type: "http" },
    http: { hostname: "shop.example", http_method: "GET", url: "/?token=hunter2", cookie: "sid=hunter2" },
  });
  writeFileSync(world.log, story + secret);
  await world.run();
  const chan = await world.viewer("chan");
  const hunt = await world.acts.hunt(
    chan,
    {
      pattern: "[url:value LIKE '%hunter2%'] OR [network-traffic:dst_ref.value LIKE '%hop.example']",
      purpose: "p",
      at: "sensors",
    },
    ask,
  );
  assert.ok(hunt.ok, JSON.stringify(hunt));
  // its own people's words go to its own sensors, and to no other's
  const gate = await world.acts.sensorAsks(viewerOf(world, "gate"), ask);
  assert.ok(gate.ok && gate.value.asks.length === 0);
  await world.run();
  const results = await world.acts.huntResults(chan, hunt.value.id, { limit: 10 }, ask);
  assert.ok(results.ok);
  assert.deepEqual(
    results.value.results.map(({ text }) => [flowOf(text), text.includes("hunter2")]),
    [[8_000, false]],
  );
  const bodies = await world.sql`select body from sensor_parcel`;
  const { gunzipSync } = await import("node:zlib");
  const sent = bodies.map((row) => gunzipSync(row["body"] as Buffer).toString()).join("");
  assert.ok(sent.includes("shop.example") && !sent.includes("hunter2"));
  for (const other of ["c2.evil.example", "198.51.100.9", "www.parks.example"]) assert.ok(!sent.includes(other), other);
  const green = await world.viewer("green");
  assert.equal(codeOf(await world.acts.huntNamed(green, hunt.value.id, ask)), "WGL_ABSENT");
  assert.ok(readFileSync(world.log, "utf8").includes("hunter2"));
});

test("a pattern that asks of people's mail goes to no organisation that takes none, and one that cannot be read to nobody", async (t) => {
  const world = await open(t);
  writeFileSync(world.log, story);
  await world.run();
  const lo = await world.viewer("lo");
  const hunt = (pattern: string) => world.acts.hunt(lo, { pattern, purpose: "p", at: "sensors" }, ask);
  assert.equal(codeOf(await hunt("[email-addr:value LIKE '%@evil.example']")), "WGL_HUNT_SENSORS");
  assert.equal(codeOf(await hunt("[file:size > 5]")), "WGL_HUNT_PATTERN");
  assert.equal(codeOf(await hunt("[domain-name:value LIKE 'c2.%'] FOLLOWEDBY")), "WGL_STIX_PATTERN");
  // an OR of values is a hunt for values as before
  const values = await hunt("[domain-name:value = 'c2.evil.example' OR ipv4-addr:value = '203.0.113.7']");
  assert.ok(values.ok);
  const given = await world.acts.sensorAsks(viewerOf(world, "edge"), ask);
  assert.ok(given.ok);
  assert.deepEqual(
    given.value.asks.map(({ what }) => [what.observables.length, what.records]),
    [[2, undefined]],
  );
  await world.run();
  assert.equal((await foundOf(world, values.value.id)).hunt.found, 2);
});

test("called off, it is taken back from the sensor", async (t) => {
  const world = await open(t);
  writeFileSync(world.log, story);
  await world.run();
  const lo = await world.viewer("lo");
  const hunt = await world.acts.hunt(lo, { pattern: beacon, purpose: "p", at: "sensors" }, ask);
  assert.ok(hunt.ok);
  const given = await world.acts.sensorAsks(viewerOf(world, "edge"), ask);
  assert.deepEqual(given.ok && given.value.asks.map(({ what }) => what), [
    { observables: [], records: { pattern: beacon } },
  ]);
  assert.ok((await world.acts.cancelHunt(lo, hunt.value.id, ask)).ok);
  await world.run();
  const { hunt: over, results } = await foundOf(world, hunt.value.id);
  assert.deepEqual([over.state, results.length], ["cancelled", 0]);
});
