// Takes seconds: laws on many made-up inputs.
import assert from "node:assert/strict";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { instant } from "#core/instant.ts";
import type { Observable } from "#core/observable.ts";
import { EdgeIndex } from "#jobs/edge/edge-index.ts";
import { type EdgeEntry, EdgeState } from "#jobs/edge/edge-state.ts";
import { readEdgeConfig } from "#jobs/edge/edge-config.ts";
import { checkKnowledge } from "#jobs/edge/knowledge.ts";
import { makeRoom, sealDue } from "#jobs/edge/parcelling.ts";
import { jsonPieces } from "#jobs/edge/pieces.ts";
import { readRulesAnswer } from "#jobs/edge/rules-answer.ts";
import { readAsksAnswer } from "#jobs/edge/wire.ts";
import type { ParcelContent } from "#jobs/sensors/parcel.ts";
import { readParcel } from "#jobs/sensors/read-parcel.ts";
import { openShelf } from "#segments/shelf.ts";
import { emptyFolder, t0 } from "./sensor-edge-world.ts";

const origin = { sensor: "htd-edge-1", epoch: "00112233" };
const hit = (n: number): ParcelContent => ({
  match: {
    ...{ line: n, weight: "finding", where: "destination", direction: "outbound", time: t0, text: `line ${n}` },
    seen: { kind: "ipv4", value: "198.51.100.7" },
    indicator: { kind: "ipv4", value: "198.51.100.7" },
  },
});
const anEntry = (n: number): fc.Arbitrary<EdgeEntry> =>
  fc.oneof(
    fc.nat(3).map(
      (hits): EdgeEntry => ({
        ...{ kind: "batch", at: instant(t0 + n), received: t0, format: "zeek", lines: n, lagMs: n },
        rejected: n % 2 === 0 ? { WGL_JSON: n } : {},
        out: Array.from({ length: hits }, (_, at) => hit(n * 10 + at)),
        days: [{ day: "2026-11-19", kind: "ipv4", value: "198.51.100.7", why: "source inbound", hits: n + 1 }],
      }),
    ),
    fc.constant<EdgeEntry>({ kind: "lost", at: t0, why: "udp kernel", n }),
    fc.constant<EdgeEntry>({ kind: "found", at: t0, out: [hit(n)], noticed: [`n${n}`], late: 1, hunted: `h${n}` }),
    fc.constant<EdgeEntry>({ kind: "checkpoint", at: t0 }),
  );
const entries = fc.array(fc.nat(1000), { maxLength: 20 }).chain((ns) => fc.tuple(...ns.map(anEntry)));

test("a sensor that goes on from what it saved is the one that never stopped", () => {
  fc.assert(
    fc.property(entries, fc.nat(), (all, cut) => {
      const whole = new EdgeState();
      for (const one of all) whole.apply(one);
      const half = new EdgeState();
      const at = all.length === 0 ? 0 : cut % all.length;
      for (const one of all.slice(0, at)) half.apply(one);
      const again = new EdgeState(JSON.parse([...jsonPieces(half.save())].join("")));
      for (const one of all.slice(at)) again.apply(one);
      assert.deepEqual(again.save(), whole.save());
    }),
  );
});

test("every hit is in just one parcel, whenever the sensor is killed between the parcel and its entry", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(4), fc.boolean()), { minLength: 1, maxLength: 8 }), (rounds) => {
      const shelf = openShelf(emptyFolder());
      const log: EdgeEntry[] = [];
      let state = new EdgeState();
      let n = 0;
      const write = (entry: EdgeEntry): void => {
        log.push(entry);
        state.apply(entry);
      };
      class Killed extends Error {}
      for (const [hits, killed] of rounds) {
        write({ kind: "found", at: t0, out: Array.from({ length: hits }, () => hit(n++)) });
        try {
          sealDue(
            state,
            shelf,
            origin,
            (entry) => {
              if (killed) throw new Killed();
              write(entry);
            },
            t0,
            true,
          );
        } catch (error) {
          if (!(error instanceof Killed)) throw error;
          // a start: the log is what counts, and a parcel it does not know was never sent
          state = new EdgeState();
          for (const entry of log) state.apply(entry);
          for (const one of shelf.parcels.waiting()) if (one.number >= state.number) shelf.parcels.drop(one);
        }
      }
      sealDue(state, shelf, origin, write, t0, true);
      const waiting = shelf.parcels.waiting();
      assert.deepEqual(
        waiting.map(({ number }) => number),
        waiting.map((_, at) => at + 1),
      );
      const lines = waiting.flatMap((one) => {
        const parcel = readParcel(gunzipSync(shelf.parcels.read(one)), t0);
        assert.ok(parcel.whole);
        assert.deepEqual(parcel.refused, []);
        return parcel.content.map(({ said }) => ("match" in said ? said.match.line : -1));
      });
      assert.deepEqual(
        lines,
        Array.from({ length: n }, (_, at) => at),
      );
    }),
    { numRuns: 40 },
  );
});

test("where there is no room counts are let go, oldest first, and hits never", () => {
  const shelf = openShelf(emptyFolder());
  const state = new EdgeState();
  const write = (entry: EdgeEntry): void => state.apply(entry);
  for (let n = 0; n < 6; n++) {
    const day: ParcelContent = {
      day: { day: "2026-11-19", kind: "domain", value: `${"x".repeat(9 + n)}.example`, why: "a", hits: 1 },
    };
    write({ kind: "found", at: t0, out: n % 2 === 0 ? [day] : [hit(n)] });
    sealDue(state, shelf, origin, write, t0, true);
  }
  const before = shelf.parcels.waiting();
  const emptied = makeRoom(shelf, origin, 0, t0);
  assert.deepEqual(
    emptied.map(({ number }) => number),
    [1, 3, 5],
  );
  const after = shelf.parcels.waiting();
  assert.deepEqual(
    after.map(({ number }) => number),
    before.map(({ number }) => number),
  );
  assert.deepEqual(
    after.map(({ cut }) => cut),
    [true, false, true, false, true, false],
  );
  for (const one of after) assert.ok(readParcel(gunzipSync(shelf.parcels.read(one)), t0).whole);
  assert.deepEqual(makeRoom(shelf, origin, 0, t0), []);
});

const value = fc.constantFrom<Observable>(
  { kind: "ipv4", value: "198.51.100.7" },
  { kind: "cidr", value: "198.51.100.0/24" },
  { kind: "domain", value: "bad.example" },
  { kind: "domain", value: "a.bad.example" },
  { kind: "endpoint", value: "bad.example:443" },
);
type Step = {
  readonly add?: Observable;
  readonly until?: number;
  readonly drop?: Observable;
  readonly whole?: readonly Observable[];
};
const step: fc.Arbitrary<Step> = fc.oneof(
  fc
    .tuple(value, fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }))
    .map(([add, until]) => (until === undefined ? { add } : { add, until })),
  value.map((drop) => ({ drop })),
  fc.uniqueArray(value, { selector: ({ value: text }) => text, maxLength: 4 }).map((whole) => ({ whole })),
);

test("an index that is never built twice lists what a map would", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const index = new EdgeIndex(Buffer.from("secret"));
      const model = new Map<string, number>();
      const key = (one: Observable): string => `${one.kind} ${one.value}`;
      for (const { add, until, drop, whole } of steps) {
        if (add) {
          const fresh = index.add(until === undefined ? add : { ...add, until: instant(until * 1000) });
          assert.equal(fresh, !model.has(key(add)));
          model.set(key(add), until ?? Number.POSITIVE_INFINITY);
        }
        if (drop) assert.equal(index.drop(drop), model.delete(key(drop)));
        if (whole) {
          index.beginWhole();
          for (const one of whole) index.add(one);
          index.endWhole();
          model.clear();
          for (const one of whole) model.set(key(one), Number.POSITIVE_INFINITY);
        }
        assert.equal(index.size, model.size);
        for (const [one, end] of model) {
          const [kind = "", text = ""] = one.split(" ");
          const observable = { kind, value: text } as Observable;
          assert.equal(index.lives(observable, instant(10_000)), end * 1000 > 10_000);
        }
      }
      assert.equal(index.lives({ kind: "domain", value: "other.example" }, t0), false);
    }),
  );
});

const head = (more: object = {}) => ({
  head: {
    version: 1,
    cursor: "7",
    full: true,
    sensor: { key: "k", format: "zeek", networks: [] },
    policy: { hash: "ab".repeat(32) },
    ...more,
  },
});
const stream = (...lines: readonly unknown[]): readonly string[] =>
  lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line)));

test("knowledge that broke off, or does not count right, is not used; a value that nobody can read is counted", async () => {
  const add = { add: { kind: "ipv4", value: "198.51.100.7" } };
  const whole = stream(
    head(),
    add,
    { add: { kind: "quantum", value: "x" } },
    { drop: { kind: "domain", value: "bad.example" } },
    { end: { cursor: "7", lines: 5 } },
  );
  const read = await checkKnowledge(whole);
  assert.ok(read.ok);
  assert.deepEqual([read.value.adds, read.value.drops, read.value.refusedCount], [1, 1, 1]);
  for (let cut = 0; cut < whole.length; cut++) {
    const broken = await checkKnowledge(whole.slice(0, cut));
    assert.ok(!broken.ok && broken.problem.code === "WGL_SENSOR_BROKEN", `cut at ${cut}`);
  }
  for (const bad of [
    stream(add, { end: { cursor: "7", lines: 2 } }),
    stream(head({ version: 2 }), { end: { cursor: "7", lines: 2 } }),
    stream(head({ policy: {} }), { end: { cursor: "7", lines: 2 } }),
    stream(head(), head(), { end: { cursor: "7", lines: 3 } }),
  ]) {
    const wrong = await checkKnowledge(bad);
    assert.ok(!wrong.ok && wrong.problem.code === "WGL_SENSOR_KNOWLEDGE");
  }
  const after = await checkKnowledge([...whole, JSON.stringify(add)]);
  assert.ok(!after.ok && after.problem.code === "WGL_SENSOR_BROKEN");
});

test("answers of the centre that are no answers are refused whole", () => {
  for (const text of ["", "[]", "{}", '{"version":"1"}', '{"version":"1","packs":[{"name":"a","files":[{"path":1}]}]}'])
    assert.equal(readRulesAnswer(Buffer.from(text)).ok, false, text);
  assert.ok(readRulesAnswer(Buffer.from('{"version":"1","packs":[],"decisions":[]}')).ok);
  for (const text of [
    "",
    "{}",
    '{"asks":[{}]}',
    '{"asks":[{"id":"a","purpose":"p","by":"b","from":0,"to":1,"what":{"observables":[{"kind":"ipv4","value":"nothing"}]}}]}',
  ])
    assert.equal(readAsksAnswer(text).ok, false, text);
});

test("a sensor's configuration tells all that is wrong with it, each at its place", () => {
  const read = readEdgeConfig(
    "server: not a url\nnetworks: [10.0.0.0/8, nonsense]\nkeep:\n  historyDays: 0\nsurprise: 1\n",
    {},
  );
  assert.ok(!read.ok);
  assert.deepEqual(
    read.problem.map(({ code }) => code),
    ["WGL_CONFIG_KEY", "WGL_CONFIG_VALUE", "WGL_CONFIG_VALUE", "WGL_CONFIG_VALUE", "WGL_SENSOR_KEY"],
  );
  const alone = readEdgeConfig("sensor: htd-edge-1\n", {});
  assert.ok(!alone.ok && alone.problem[0]?.code === "WGL_SENSOR_LINE");
  const whole = readEdgeConfig(
    "sensor: htd-edge-1\nserver: https://cert.example\ntokenFile: token\ninputs:\n  syslog:\n    - listen: udp://127.0.0.1:0\n  files:\n    - path: /var/log/eve.json\n",
    { follow: ["/var/log/zeek/*.log"], networks: ["192.0.2.0/24"] },
  );
  assert.ok(whole.ok);
  assert.deepEqual(
    whole.value.inputs.files.map(({ path, sensor }) => [path, sensor]),
    [
      ["/var/log/eve.json", "htd-edge-1"],
      ["/var/log/zeek/*.log", "htd-edge-1"],
    ],
  );
  assert.equal(whole.value.inputs.syslog[0]?.senders[0]?.sensor, "htd-edge-1");
});

test("JSON in pieces is the JSON of the whole", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (one) => {
      assert.equal([...jsonPieces(one)].join(""), JSON.stringify(one));
    }),
  );
  const wide = { a: Array.from({ length: 5000 }, (_, n) => ({ n, t: `t${n}`, l: [n, [n]] })), b: undefined };
  assert.equal([...jsonPieces(wide)].join(""), JSON.stringify(wide));
});
