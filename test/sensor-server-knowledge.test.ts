import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Agreement } from "#community/agreement.ts";
import { day, hour, type Instant, instant } from "#core/instant.ts";
import { type Licence, licences, type Tlp, tlps } from "#core/marking.ts";
import { type Observable, observableKey } from "#core/observable.ts";
import { indicatorId } from "#intel/indicator.ts";
import { memberKey } from "#jobs/lists/members.ts";
import type { KnownValue } from "#jobs/sensors/wire.ts";
import { caughtUp } from "./cluster.ts";
import { now, o } from "./incident-world.ts";
import { applied, openSensorWorld, secret, type SensorWorld } from "./sensor-world.ts";

/** Each is a database of its own. */
const rounds = process.env["WAGLAN_LONG"] ? 300 : 8;

const terms = (some: Partial<Agreement>): Agreement => ({
  ...{ party: o("harbour"), tlpMax: "amber", papMax: "red", anonymiseSources: true, acceptsPii: false },
  ...{ purposes: ["detection"], from: 0 as Instant },
  ...some,
});

const bad = (n: number): Observable => ({ kind: "domain", value: `bad${n}.example` });
const mail: Observable = { kind: "email", value: "somebody@bad.example" };

const open = async (t: Parameters<typeof openSensorWorld>[0], agreements: readonly Agreement[] = [terms({})]) => {
  const world = await openSensorWorld(t, { agreements });
  await world.feed("list", "alert");
  await world.feed("support", "corroborate");
  await world.feed("talk", "context");
  await world.feed("young", "alert", true);
  return world;
};

const values = (known: { readonly lines: readonly object[] }): readonly string[] =>
  known.lines.flatMap((line) => ("add" in line ? [observableKey(line.add as Observable)] : [])).toSorted();

test("a sensor is told what may leave to its organisation, and nothing else", async (t) => {
  const world = await open(t);
  await world.claim([
    { feed: "list", observable: bad(1) },
    { feed: "support", observable: bad(2) },
    { feed: "talk", observable: bad(3) },
    { feed: "young", observable: bad(4) },
    { feed: "list", observable: bad(5), tlp: "red" },
    { feed: "list", observable: bad(6), tlp: "amber+strict" },
    { feed: "list", observable: bad(7), licence: "no-redistribution" },
    { feed: "list", observable: bad(8), licence: "non-commercial" },
    { feed: "list", observable: bad(9) },
    { feed: "list", observable: mail },
    // one may go and one may not: it goes with what may
    { feed: "list", observable: bad(10), liveUntil: instant(now + day) },
    { feed: "support", observable: bad(10), tlp: "red", liveUntil: instant(now + 5 * day) },
  ]);
  world.excluded.values = [bad(9)];
  const known = await world.know("harbour");
  assert.ok(known.full);
  const [head, ...rest] = known.lines;
  assert.ok(head && "head" in head);
  assert.deepEqual(head.head.sensor, {
    ...{ key: "edge-harbour", format: "suricata-eve", networks: ["10.20.0.0/16", "192.0.2.0/24"] },
  });
  assert.deepEqual(values(known), [
    "domain:bad1.example",
    "domain:bad10.example",
    "domain:bad2.example",
    "domain:bad8.example",
  ]);
  const ten = rest.find((line) => "add" in line && line.add.value === "bad10.example");
  assert.deepEqual(ten, { add: { ...bad(10), until: now + day } });
  assert.deepEqual(rest.at(-1), { end: { cursor: head.head.cursor, lines: known.lines.length } });
  // tram has the terms of every member: people's addresses are not for it, the rest up to red is its own to see
  assert.ok(!values(await world.know("tram")).includes("email:somebody@bad.example"));

  const [ledger] = await world.sql`select party, query, objects, content_hash, members from release_ledger order by n`;
  assert.deepEqual([ledger?.["party"], ledger?.["objects"]], ["harbour", 4]);
  assert.equal(ledger?.["query"], "/api/v1/sensor/knowledge?sensor=edge-harbour");
  const [leaf] = await world.sql`select subject, data from evidence_leaf where kind = 'release' order by n`;
  assert.equal(leaf?.["subject"], "sensor edge-harbour");
});

test("without an agreement in force, or without the purpose, nothing leaves", async (t) => {
  for (const one of [terms({ purposes: ["statistics"] }), terms({ to: instant(now - 1) })]) {
    const world = await open(t, [one]);
    await world.claim([{ feed: "list", observable: bad(1), tlp: "clear" }]);
    const known = await world.know("harbour");
    assert.deepEqual(values(known), []);
    assert.equal((await world.sql`select from release_ledger`).length, 0);
  }
});

test("what is taken back is dropped in the next answer, and the ledger says who had it", async (t) => {
  const world = await open(t);
  await world.claim([1, 2].map((n) => ({ feed: "list", observable: bad(n) })));
  const first = await world.know("harbour");
  await world.withdraw("list", bad(1));
  const next = await world.know("harbour", first.cursor);
  assert.equal(next.full, false);
  assert.deepEqual(next.lines.slice(1, -1), [{ drop: bad(1) }]);
  const got = await world.state.act((tx) =>
    tx.out.receivedBy([memberKey(indicatorId(secret, bad(1)))], instant(now + 1)),
  );
  assert.deepEqual(
    got.map(({ party, queries }) => [party, queries]),
    [["harbour", ["/api/v1/sensor/knowledge?sensor=edge-harbour"]]],
  );
  // said again as it was: the same content is the same cursor, and nothing needs to be said to who has it
  const again = await world.know("harbour", next.cursor);
  assert.deepEqual([again.cursor, again.lines.length], [next.cursor, 2]);
  const responses = await world.sql`select after, up_to from release_ledger order by n`;
  assert.equal(responses.length, 2);
  assert.equal(responses[1]?.["after"], responses[0]?.["up_to"]);
});

test("a cursor nobody gave, of another organisation or of other terms is answered whole", async (t) => {
  const world = await open(t);
  await world.claim([{ feed: "list", observable: bad(1) }]);
  const tram = await world.know("tram");
  for (const since of ["", "0", tram.cursor, "f".repeat(36)]) {
    const known = await world.know("harbour", since);
    assert.ok(known.full, since);
    assert.deepEqual(values(known), ["domain:bad1.example"]);
  }
});

/** What may happen to what is known, by any source, told to anybody or not. */
type Step =
  | {
      readonly does: "claim";
      readonly n: number;
      readonly feed: number;
      readonly tlp: Tlp;
      readonly licence: Licence;
      readonly hours: number;
    }
  | { readonly does: "withdraw"; readonly n: number; readonly feed: number }
  | { readonly does: "exclude" | "judge"; readonly n: number }
  | { readonly does: "shadow"; readonly feed: number }
  | { readonly does: "wait"; readonly hours: number }
  | { readonly does: "ask" };

const feedNames = ["list", "support", "talk", "young"];
const n = fc.nat(7);
const feed = fc.nat(3);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      does: fc.constant("claim" as const),
      n,
      feed,
      tlp: fc.constantFrom(...tlps),
      licence: fc.constantFrom(...(Object.keys(licences) as Licence[])),
      hours: fc.integer({ min: 1, max: 100 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ does: fc.constant("withdraw" as const), n, feed }) },
  fc.record({ does: fc.constantFrom("exclude" as const, "judge" as const), n }),
  fc.record({ does: fc.constant("shadow" as const), feed }),
  fc.record({ does: fc.constant("wait" as const), hours: fc.integer({ min: 1, max: 40 }) }),
  { weight: 3, arbitrary: fc.constant<Step>({ does: "ask" }) },
);

const doStep = async (world: SensorWorld, one: Step): Promise<void> => {
  switch (one.does) {
    case "claim":
      return world.claim([
        {
          ...{ feed: feedNames[one.feed] ?? "", observable: bad(one.n), tlp: one.tlp, licence: one.licence },
          liveUntil: instant(world.clock.now + one.hours * hour),
        },
      ]);
    case "withdraw":
      return world.withdraw(feedNames[one.feed] ?? "", bad(one.n));
    case "exclude":
      world.excluded.values = world.excluded.values.some(({ value }) => value === bad(one.n).value)
        ? world.excluded.values.filter(({ value }) => value !== bad(one.n).value)
        : [...world.excluded.values, bad(one.n)];
      return;
    case "judge":
      // as jobs/indicators/judge.ts does it: the verdict, and the change feed
      await world.sql.begin(async (tx) => {
        const id = indicatorId(secret, bad(one.n));
        const [known] = await tx`select from indicator where id = ${id}`;
        if (known === undefined) return;
        const gone = await tx`delete from indicator_verdict where indicator = ${id}`;
        if (gone.count === 0)
          await tx`insert into indicator_verdict (indicator, feed, who, reason, at) values (${id}, '', 'test', 'test', now())`;
        await tx`insert into intel_change (feed, ids, at) values ('', ${[id]}::uuid[], now())`;
      });
      return caughtUp(world.sql);
    case "shadow":
      await world.state.act((tx) => tx.intel.setShadow(feedNames[one.feed] ?? "", world.clock.now % 2 === 0));
      return;
    case "wait":
      world.clock.now = instant(world.clock.now + one.hours * hour);
      return;
    case "ask":
  }
};

/** What the server would list anew, from nothing. */
const contentOf = async (world: SensorWorld): Promise<ReadonlyMap<string, KnownValue>> => {
  const rows =
    await world.sql`select i.kind, i.value, c.live_until, c.tlp, c.licence from claim c join indicator i on i.id = c.indicator join feed_state f using (feed)
    where c.gone_at is null and c.flags = '{}' and f.voice <> 'context' and not f.shadow and c.live_until > ${new Date(world.clock.now)}
      and not exists (select from indicator_verdict v where v.indicator = c.indicator)`;
  const may = rows.filter(
    (row) =>
      ["clear", "green", "amber"].includes(row["tlp"] as string) &&
      licences[row["licence"] as Licence].passOn !== "nobody" &&
      !world.excluded.values.some(({ value }) => value === row["value"]),
  );
  const found = new Map<string, KnownValue>();
  for (const row of may) {
    const { kind, value } = { kind: "domain" as const, value: row["value"] as string };
    const until = Math.max(found.get(`${kind}:${value}`)?.until ?? 0, row["live_until"] as number) as Instant;
    found.set(`${kind}:${value}`, { kind, value, until });
  }
  return found;
};

const sorted = (map: ReadonlyMap<string, KnownValue>) => [...map].toSorted(([a], [b]) => (a < b ? -1 : 1));

test("answers since a cursor add up to what an answer in full says, whatever happens in between", async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 25 }), async (steps) => {
      const world = await open(t);
      let has: ReadonlyMap<string, KnownValue> = new Map();
      let cursor: string | undefined;
      const seen = new Map<string, string>();
      for (const one of [...steps, { does: "ask" } as const]) {
        await doStep(world, one);
        if (one.does !== "ask") continue;
        const [delta, full] = [await world.know("harbour", cursor), await world.know("harbour")];
        assert.equal(delta.full, cursor === undefined);
        has = applied(has, delta);
        cursor = delta.cursor;
        assert.deepEqual(sorted(has), sorted(applied(new Map(), full)));
        assert.deepEqual(sorted(has), sorted(await contentOf(world)));
        // one content, one cursor
        const content = JSON.stringify(sorted(has));
        assert.equal(seen.get(content) ?? cursor, cursor);
        seen.set(content, cursor);
        assert.equal(full.cursor, cursor);
      }
      assert.equal(new Set(seen.values()).size, seen.size);
    }),
    { numRuns: rounds },
  );
});

test("what may not leave changes no byte of any answer", async (t) => {
  const hidden: readonly Partial<Extract<Step, { does: "claim" }>>[] = [
    { feed: 0, tlp: "red", licence: "own" },
    { feed: 1, tlp: "amber+strict", licence: "own" },
    { feed: 2, tlp: "clear", licence: "own" },
    { feed: 3, tlp: "clear", licence: "own" },
    { feed: 1, tlp: "clear", licence: "no-redistribution" },
  ];
  const open_ = fc.record({
    n,
    hours: fc.integer({ min: 1, max: 60 }),
    ask: fc.boolean(),
    more: fc.option(
      fc.record({ which: fc.nat(hidden.length - 1), n, hours: fc.integer({ min: 1, max: 60 }), gone: fc.boolean() }),
    ),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(open_, { minLength: 2, maxLength: 8 }), async (happenings) => {
      const transcripts: string[][] = [];
      for (const all of [false, true]) {
        const world = await open(t);
        const said: string[] = [];
        let cursor: string | undefined;
        for (const one of happenings) {
          // what is hidden is of sources that say nothing else, so that nothing that is open changes with it
          if (all && one.more !== null) {
            const { which, ...more } = one.more;
            const { feed: of = 0, tlp = "red", licence = "own" } = hidden[which] ?? {};
            await doStep(world, { does: "claim", feed: of === 0 ? 1 : of, tlp, licence, n: more.n, hours: more.hours });
            if (more.gone) await doStep(world, { does: "withdraw", feed: of === 0 ? 1 : of, n: more.n });
          }
          await doStep(world, { does: "claim", feed: 0, tlp: "green", licence: "own", n: one.n, hours: one.hours });
          if (!one.ask) continue;
          const known = await world.know("harbour", cursor);
          said.push(known.bytes, (await world.know("harbour")).bytes);
          ({ cursor } = known);
        }
        transcripts.push(said);
      }
      assert.deepEqual(transcripts[1], transcripts[0]);
    }),
    { numRuns: rounds },
  );
});
