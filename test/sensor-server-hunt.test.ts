import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import type { HuntNew } from "#api/hunt.ts";
import { day, instant, type Instant } from "#core/instant.ts";
import { makeToken } from "#community/token.ts";
import type { SensorViewer } from "#community/viewer.ts";
import { buildExclusions } from "#intel/exclusions.ts";
import { acts as actsOf } from "#jobs/acts/acts.ts";
import type { Desk } from "#jobs/acts/desk.ts";
import { acceptCarried, carryToSensor, readCarriedParcel } from "#jobs/sensors/carry.ts";
import { type Matching, matchTelemetry } from "#jobs/batches/match-telemetry.ts";
import { type ParcelAnswer, type ParcelContent, parcelFormat, parcelKey, printParcel } from "#jobs/sensors/parcel.ts";
import type { BatchMatch } from "#jobs/batches/read.ts";
import type { SensorFileLine } from "#jobs/sensors/wire.ts";
import { loadPack } from "#detect/sigma/packs.ts";
import { type ActsWorld, ask, openActsWorld } from "./acts-world.ts";
import { openTestHttp } from "./sensor-http.ts";

const rule = (name: string) => ({
  path: `${name}.yml`,
  text: `title: ${name}\nid: 30d73fb2-6bb2-5699-9697-7b51e64bfb1a\nlogsource: { category: dns }\ndetection:\n  name: { query|endswith: .example }\n  condition: name\n`,
});

interface World extends ActsWorld {
  readonly sensor: (key: string) => SensorViewer;
  readonly bring: (key: string, number: number, content: readonly ParcelContent[]) => ReturnType<typeof matchTelemetry>;
  readonly matching: Matching;
}

const open = async (t: TestContext): Promise<World> => {
  const world = await openActsWorld(t);
  const { state, directory, idOf, now } = world.desk;
  const desk: Desk = {
    ...world.desk,
    sensors: {
      ...{ secret: "5e".repeat(32), version: "0.3.0", exclusionsNamed: () => "none" },
      exclusions: () => buildExclusions([], {}),
      rules: () => ({
        folders: [
          { name: "open", tlp: "green", good: loadPack("open", [rule("open")]) },
          { name: "closed", tlp: "red", good: loadPack("closed", [rule("closed")]) },
          { name: "usual", good: loadPack("usual", [rule("usual")]) },
        ],
        texts: {
          decisions: [
            { rule: "30d73fb2-6bb2-5699-9697-7b51e64bfb1a", runs: false, reason: "a reason that stays here" },
            { rule: "closed/", runs: false, reason: "not theirs" },
          ],
        },
      }),
    },
  };
  const known = (key: string) => {
    const found = directory.known.directory.sensors.find((one) => one.key === key);
    if (found === undefined) throw new Error("no sensor");
    return found;
  };
  const matching = {
    ...{ state, directory, secret: "5e".repeat(32), contacted: () => "other" as const, now },
    community: { shadow: () => false, worth: () => "normal" as const, idOf },
  } as unknown as Matching;
  return {
    ...{ ...world, desk, acts: actsOf(desk), matching },
    sensor: (key) => ({ kind: "sensor", sensor: known(key).id, organisation: known(key).organisation, of: "member" }),
    bring: async (key, number, content) => {
      const body = gzipSync(printParcel({ version: 1, number, made: now(), sensor: key }, content));
      const batch = {
        sensor: known(key).id,
        key: parcelKey({ number }),
        digest: String(number),
        received: now(),
        body,
      };
      await state.act((tx) => tx.telemetry.accept({ ...batch, format: parcelFormat }, 100));
      return matchTelemetry(matching);
    },
  };
};

const match = (time: Instant, value = "bad.example"): BatchMatch => ({
  ...{ line: 1, weight: "finding", seen: { kind: "domain", value: `www.${value}` }, where: "dns-query" },
  ...{ indicator: { kind: "domain", value }, direction: "outbound", source: { address: "10.20.4.31" } },
  ...{ destination: { address: "198.51.100.53", port: 53 }, time, text: "a record" },
});

const body: HuntNew = {
  values: ["bad.example", "198.51.100.7", "somebody@bad.example"],
  purpose: "Case 12",
  at: "sensors",
};

test("a hunt is handed to the sensors that may have it, answered page by page, and over when all have answered", async (t) => {
  const world = await open(t);
  const lo = await world.viewer("lo");
  assert.equal(codeOf(await world.acts.hunt(lo, body, ask)), "WGL_HUNT_SENSORS");
  for (const key of ["edge", "gate"])
    assert.ok((await world.acts.sensorKnowledge(world.sensor(key), undefined, ask)).ok);
  const asked = await world.acts.hunt(lo, body, ask);
  assert.ok(asked.ok, JSON.stringify(asked));
  const { id } = asked.value;
  assert.deepEqual(
    asked.value.sensors?.map(({ state }) => state),
    ["waiting", "waiting"],
  );

  const given = await world.acts.sensorAsks(world.sensor("edge"), ask);
  assert.ok(given.ok);
  const [one] = given.value.asks;
  assert.deepEqual([one?.id, one?.purpose, one?.by], [id, "Case 12", "Harbour CERT"]);
  // people's addresses are not for who takes none; nor is the name of who asks
  assert.deepEqual(one?.what.observables.map(({ value }) => value).toSorted(), ["198.51.100.7", "bad.example"]);
  const leaves = await world.leaves();
  assert.equal(leaves.filter(({ subject }) => subject === "sensor edge").length, 1);
  await world.acts.sensorAsks(world.sensor("edge"), ask);
  assert.equal((await world.leaves()).filter(({ subject }) => subject === "sensor edge").length, 1);

  const now = world.clock.now;
  const answer = (page: number, some: Partial<ParcelAnswer> = {}): ParcelContent => ({
    answer: {
      ask: id,
      page,
      count: page,
      days: [{ day: "2026-11-18", n: page }],
      done: false,
      matches: [match(instant(now - day))],
      ...some,
    },
  });
  await world.bring("edge", 1, [answer(1)]);
  await world.bring("edge", 2, [
    answer(1),
    answer(2, { matches: [match(instant(now - 2 * day)), match(instant(now - day), "other.example")], count: 3 }),
  ]);
  // a page that came before, and one that was not asked for, change nothing
  const [second] = await world.sql`select rejected from telemetry_batch order by n desc limit 1`;
  assert.deepEqual(second?.["rejected"], { WGL_PARCEL_ASK: 1 });
  await world.bring("edge", 3, [answer(9)]);
  const [third] = await world.sql`select rejected from telemetry_batch order by n desc limit 1`;
  assert.deepEqual(third?.["rejected"], { WGL_PARCEL_ORDER: 1 });
  const running = await world.acts.huntNamed(lo, id, ask);
  assert.ok(running.ok);
  assert.deepEqual([running.value.state, running.value.found, running.value.cut], ["running", 3, true]);
  const results = await world.acts.huntResults(lo, id, { limit: 10 }, ask);
  assert.ok(results.ok);
  assert.deepEqual(
    results.value.results.map(({ seen, direction, weight, own, sensor }) => [
      seen.value,
      direction,
      weight,
      own,
      sensor,
    ]),
    [1, 2].map(() => ["www.bad.example", "outbound", "finding", "10.20.4.31", "Transport edge"]),
  );
  await world.bring("edge", 4, [answer(3, { done: true, count: 3, matches: [] })]);
  await world.bring("gate", 1, [
    answer(1, { done: true, count: 0, matches: [], problem: { code: "WGL_HISTORY_OFF", message: "no history there" } }),
  ]);
  const over = await world.acts.huntNamed(lo, id, ask);
  assert.ok(over.ok);
  assert.equal(over.value.state, "done");
  assert.deepEqual(over.value.sensors?.map(({ title, state, count }) => [title, state, count]).toSorted(), [
    ["Parks gate", "failed", 0],
    ["Transport edge", "done", 3],
  ]);
});

const codeOf = (result: { readonly ok: boolean; readonly problem?: { readonly code: string } }): string =>
  result.ok ? "" : (result.problem?.code ?? "");

test("a hunt that is called off is taken back from the sensors, and what comes after is not kept", async (t) => {
  const world = await open(t);
  const chan = await world.viewer("chan");
  await world.acts.sensorKnowledge(world.sensor("edge"), undefined, ask);
  await world.acts.sensorKnowledge(world.sensor("gate"), undefined, ask);
  const asked = await world.acts.hunt(chan, body, ask);
  assert.ok(asked.ok);
  // a member's own people ask their own sensors alone, in their own name and for whatever they want
  const gate = await world.acts.sensorAsks(world.sensor("gate"), ask);
  assert.ok(gate.ok && gate.value.asks.length === 0);
  const edge = await world.acts.sensorAsks(world.sensor("edge"), ask);
  assert.ok(edge.ok);
  assert.deepEqual([edge.value.asks[0]?.by, edge.value.asks[0]?.what.observables.length], ["Chan Hoi-ki", 3]);
  assert.ok((await world.acts.cancelHunt(chan, asked.value.id, ask)).ok);
  const after = await world.acts.sensorAsks(world.sensor("edge"), ask);
  assert.deepEqual(after.ok && after.value, { asks: [], cancelled: [asked.value.id] });
  await world.bring("edge", 1, [
    { answer: { ask: asked.value.id, page: 1, count: 1, days: [], done: false, matches: [match(world.clock.now)] } },
  ]);
  assert.equal((await world.sql`select from hunt_result`).length, 0);
  assert.equal(codeOf(await world.acts.hunt(chan, { ...body, tlp: "red" }, ask)), "");
});

test("rules go to whom their folder's TLP lets have them, with what was decided of them and no reasons", async (t) => {
  const world = await open(t);
  const given = await world.acts.sensorRules(world.sensor("edge"), undefined, ask);
  assert.ok(given.ok && given.value.rules);
  assert.deepEqual(
    given.value.rules.packs.map(({ name }) => name),
    ["open", "usual"],
  );
  assert.deepEqual(given.value.rules.decisions, [
    { rule: "30d73fb2-6bb2-5699-9697-7b51e64bfb1a", runs: false, reason: "" },
  ]);
  assert.equal((await world.sql`select from release_ledger where query like '/api/v1/sensor/rules%'`).length, 1);
  const again = await world.acts.sensorRules(world.sensor("edge"), given.value.version, ask);
  assert.deepEqual(again.ok && again.value, { version: given.value.version });
  assert.equal((await world.sql`select from release_ledger`).length, 1);
});

test("people read what left their own organisation, whole and line by line; others see nothing of it", async (t) => {
  const world = await open(t);
  await world.bring("edge", 1, [
    { match: match(world.clock.now) },
    { match: { ...match(world.clock.now), where: "elsewhere" as never } },
  ]);
  const [chan, green, lo] = [await world.viewer("chan"), await world.viewer("green"), await world.viewer("lo")];
  const page = await world.acts.parcels(chan, { limit: 10 }, ask);
  assert.ok(page.ok);
  const [parcel] = page.value.parcels;
  assert.ok(parcel);
  assert.deepEqual(
    [parcel.number, parcel.counts, parcel.refused, parcel.whole],
    [1, { match: 1 }, { WGL_PARCEL_FIELD: 1 }, true],
  );
  const content = await world.acts.parcel(chan, parcel.id, { from: 1, limit: 3 }, ask);
  assert.ok(content.ok);
  assert.deepEqual(
    content.value.lines.map(({ kind, refused }) => [kind, refused !== undefined]),
    [
      ["parcel", false],
      ["match", false],
      ["match", true],
    ],
  );
  assert.equal(content.value.next, 4);
  const whole = await world.acts.parcelBody(chan, parcel.id, ask);
  assert.ok(whole.ok);
  const [sent] = await world.sql`select body from sensor_parcel`;
  assert.deepEqual(gunzipSync(whole.value.packed), gunzipSync(sent?.["body"] as Buffer));
  assert.deepEqual((await world.acts.parcels(green, { limit: 10 }, ask)).ok, true);
  for (const result of [
    await world.acts.parcel(green, parcel.id, { from: 1, limit: 3 }, ask),
    await world.acts.parcelBody(green, parcel.id, ask),
  ])
    assert.equal(codeOf(result), "WGL_ABSENT");
  const others = await world.acts.parcels(green, { limit: 10 }, ask);
  assert.deepEqual(others.ok && others.value.parcels, []);
  const all = await world.acts.sensorsInside(lo, ask);
  assert.deepEqual(all.ok && all.value.sensors.map(({ key, conditions }) => [key, conditions]), [["edge", ["lying"]]]);
  const status = await world.acts.status(chan, ask);
  const alarm = status.ok && status.value.alarms.find(({ about }) => about === "sensor");
  assert.ok(alarm && alarm.state === "quarantined", JSON.stringify(status));
});

test("over a one-way link the same leaves and the same comes back, once", async (t) => {
  const world = await open(t);
  const { state, views, directory, idOf, sensors, now } = world.desk;
  const sensor = directory.known.directory.sensors.find(({ key }) => key === "edge");
  assert.ok(sensor && sensors);
  const made = await carryToSensor(
    {
      ...{ state, views, idOf, ...sensors, known: () => directory.known },
      ...{ sign: (text: string) => `signed ${text}`, publicKey: "a key" },
    },
    sensor,
    now(),
  );
  assert.ok(made);
  const text = gunzipSync(Buffer.concat(made.packed)).toString();
  const lines = text
    .trimEnd()
    .split("\n")
    .map((one) => JSON.parse(one) as SensorFileLine);
  assert.deepEqual(
    lines.map((one) => Object.keys(one)[0]),
    ["file", "rules", "asks", "head", "end"],
  );
  const [head] = lines;
  const { createHash } = await import("node:crypto");
  const sha256 = createHash("sha256")
    .update(text.slice(text.indexOf("\n") + 1))
    .digest("hex");
  assert.ok(head && "file" in head);
  assert.deepEqual([head.file.sha256, head.file.signature], [sha256, `signed ${sha256}`]);

  const parcel = printParcel({ version: 1, number: 7, made: now(), sensor: "edge" }, [{ match: match(now()) }]);
  const read = await readCarriedParcel(gzipSync(parcel), now());
  assert.ok(read.ok);
  const take = () => acceptCarried(state, sensor, read.value, 100, now, async () => {});
  assert.deepEqual(await take(), { ok: true, value: "accepted" });
  assert.deepEqual(await take(), { ok: true, value: "duplicate" });
  const other = await readCarriedParcel(Buffer.from(parcel.replace("a record", "another")), now());
  assert.ok(other.ok);
  assert.equal(codeOf(await acceptCarried(state, sensor, other.value, 100, now, async () => {})), "WGL_SENSOR_FILE");
  for (const broken of [gzipSync(parcel).subarray(0, 60), Buffer.from(parcel.slice(0, -20)), Buffer.from("no parcel")])
    assert.equal(codeOf(await readCarriedParcel(broken, now())), "WGL_SENSOR_FILE");
  assert.equal((await world.bring("edge", 1, []))?.lines, 3);
});

test("over HTTP a sensor is answered as it must be, and nobody else is", async (t) => {
  const world = await open(t);
  const { call, tokenOf } = await openTestHttp(t, world, makeToken);
  const edge = await tokenOf("edge", "sensor");
  const full = await call("/api/v1/sensor/knowledge", edge, { "accept-encoding": "gzip" });
  assert.equal(full.status, 200);
  assert.equal(full.headers.get("content-type"), "application/x-ndjson");
  const lines = (await full.text())
    .trimEnd()
    .split("\n")
    .map((one) => JSON.parse(one) as { head?: { cursor: string } });
  const cursor = lines[0]?.head?.cursor ?? "";
  const next = await call(`/api/v1/sensor/knowledge?since=${cursor}`, edge);
  assert.equal((await next.text()).split("\n").length, 3);
  const rules = await call("/api/v1/sensor/rules", edge);
  const etag = rules.headers.get("etag") ?? "";
  assert.equal(((await rules.json()) as { packs: object[] }).packs.length, 2);
  assert.equal((await call("/api/v1/sensor/rules", edge, { "if-none-match": etag })).status, 304);
  assert.deepEqual(await (await call("/api/v1/sensor/asks", edge)).json(), { asks: [], cancelled: [] });
  for (const path of ["knowledge", "rules", "asks", "parcels", "inside"]) {
    assert.equal((await call(`/api/v1/sensor/${path}`, "")).status, 401, path);
    if (path === "parcels" || path === "inside")
      assert.equal((await call(`/api/v1/sensor/${path}`, edge)).status, 403, path);
    else assert.equal((await call(`/api/v1/sensor/${path}`, await tokenOf("edge", "party"))).status, 403, path);
  }
});
