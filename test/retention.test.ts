import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { test } from "node:test";
import fc from "fast-check";
import { day, instant } from "#core/instant.ts";
import { keptActs } from "#jobs/acts/kept.ts";
import type { KeptDays, KeptKind, LegalHold } from "#jobs/history/kept-port.ts";
import { cutOf, type KeepDefaults, pruneKept, spansBefore } from "#jobs/history/prune.ts";
import { ask, openActsWorld } from "./acts-world.ts";
import { emptied, flow, history, keptAsBefore, rowsIn, skip, worldOf } from "./hunt-world.ts";
import { now, o } from "./incident-world.ts";

const today = Math.floor(now / day) * day;
const kept = fc
  .uniqueArray(fc.tuple(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 1, max: 1000 })), {
    selector: ([ago]) => ago,
    minLength: 1,
  })
  .map(
    (days): KeptDays => ({
      ...{ organisation: "harbour", bytesEach: 100 },
      days: days.toSorted(([a], [b]) => b - a).map(([ago, records]) => ({ day: today - ago * day, records })),
    }),
  );

test("cutOf() keeps what is young and what has room, whole days of it, and always today", () => {
  const bound = fc.option(fc.integer({ min: 1, max: 300 }), { nil: undefined });
  fc.assert(
    fc.property(
      kept,
      bound,
      fc.option(fc.integer({ min: 1, max: 40_000_000 }), { nil: undefined }),
      (one, days, bytes) => {
        const limit = { ...(days === undefined ? {} : { days }), ...(bytes === undefined ? {} : { bytes }) };
        const cut = cutOf(one, limit, now);
        assert.equal(cut % day, 0);
        assert.ok(cut <= today);
        if (days === undefined && bytes === undefined) assert.equal(cut, 0);
        if (days !== undefined) assert.ok(cut >= Math.min(today, today - days * day));
        const left = one.days.filter((each) => each.day >= cut);
        const size = left.reduce((sum, { records }) => sum + records * one.bytesEach, 0);
        if (bytes !== undefined) assert.ok(size <= bytes || left.every((each) => each.day === today), "it fits");
        // one more day would not: nothing goes that may stay
        const next = one.days.findLast((each) => each.day < cut);
        if (next !== undefined && bytes !== undefined && (days === undefined || next.day >= today - days * day))
          assert.ok(size + next.records * one.bytesEach > bytes);
      },
    ),
    { numRuns: 300 },
  );
});

test("spansBefore() takes every day before the cut but those under a hold of that organisation", () => {
  const hold = fc
    .tuple(
      fc.constantFrom("harbour", "tram"),
      fc.integer({ min: -10, max: 400 }),
      fc.integer({ min: 0, max: 60 }),
      fc.boolean(),
    )
    .map(([organisation, ago, long, open]) => ({
      ...{ organisation: o(organisation), since: instant(today - ago * day + day / 3) },
      ...(open ? {} : { until: instant(today - ago * day + day / 2 + long * day) }),
    }));
  fc.assert(
    fc.property(kept, fc.integer({ min: 0, max: 400 }), fc.array(hold, { maxLength: 3 }), (one, ago, holds) => {
      const cut = today - ago * day;
      const spans = spansBefore(one, cut, holds);
      const going = new Set(
        one.days.map((each) => each.day).filter((at) => spans.some(({ from, to }) => at >= from && at < to)),
      );
      for (const { day: at } of one.days) {
        const held = holds.some(
          ({ organisation, since, until }) =>
            organisation === o("harbour") && since < at + day && (until === undefined || until > at),
        );
        assert.equal(going.has(at), at < cut && !held, new Date(at).toISOString());
      }
    }),
    { numRuns: 300 },
  );
});

const forEver: KeepDefaults = { record: {}, observation: {}, hit: {} };

/** What is to be read of an organisation, once letting go has ended. */
const left = async (what: Exclude<KeptKind, "hit">): Promise<Readonly<Record<string, readonly number[]>>> => {
  while (await history.forgetting(what)) await wait(20);
  const days = await history.keptDays(what);
  return Object.fromEntries(days.map((one) => [one.organisation, one.days.map((each) => (today - each.day) / day)]));
};

test("what is too old or too large goes in both engines, by organisation, with evidence; what is under a hold stays", {
  skip,
}, async (t) => {
  const world = await worldOf(t);
  await emptied();
  const { state, sql } = world;
  const dayAgo = (days: number): object => flow("45.155.205.5", days * 24 * 60);
  await world.learn([{ kind: "ipv4", value: "45.155.205.5" }]);
  await world.bring(0, [200, 150, 100, 1].map(dayAgo));
  await world.matchAll();
  await world.keepAll();
  // an older waglan kept these: a row a value
  await keptAsBefore();
  await world.bring(1, [200, 100, 1].map(dayAgo));
  await world.matchAll();
  await world.keepAll();
  // what goes already is not counted again: a turn in which the engine still masks rows passes it over
  const settled = async (): Promise<void> => {
    for (const what of ["record", "observation"] as const) while (await history.forgetting(what)) await wait(20);
  };
  const prune = async (defaults: KeepDefaults) => {
    await settled();
    return pruneKept({ state, history, defaults }, now);
  };
  assert.deepEqual(
    (await prune(forEver))?.map(({ records }) => records),
    [0, 0, 0],
  );
  assert.deepEqual(await left("record"), { harbour: [200, 150, 100, 1], tram: [200, 100, 1] });

  const hold: LegalHold = {
    ...{ id: "00000000-0000-4000-8000-000000000001", organisation: o("tram"), since: instant(today - 210 * day) },
    ...{ until: instant(today - 190 * day), who: "lo", reason: "a court asks", at: now },
  };
  await state.act(async (tx) => {
    await tx.prune.putHold(hold);
    await tx.prune.putLimit({
      organisation: o("harbour"),
      what: "record",
      days: 120,
      who: "lo",
      reason: "a law",
      at: now,
    });
  });
  const defaults: KeepDefaults = { record: { days: 180 }, observation: { days: 120 }, hit: { days: 120 } };
  const gone = await prune(defaults);
  assert.deepEqual(
    gone?.map(({ what, records, organisations }) => [what, records, organisations]),
    [
      // 200 and 150 of harbour, which has 120 days; 200 of tram is held, though it is past 180
      ["record", 2, 1],
      // three values a record
      ["observation", gone?.[1]?.records, 1],
      ["hit", 2, 1],
    ],
  );
  assert.deepEqual(await left("record"), { harbour: [100, 1], tram: [200, 100, 1] });
  assert.deepEqual(await left("observation"), { harbour: [100, 1], tram: [200, 100, 1] });
  assert.deepEqual(
    [await rowsIn("observation"), await rowsIn("seen")],
    [4, 3],
    "two values a record, and a row a record",
  );
  const evidence =
    await sql`select f.organisation, h.evidence = '' as gone, count(*)::int as n from hit h join finding f on f.n = h.finding group by 1, 2 order by 1, 2`;
  assert.deepEqual(
    evidence.map((row) => [row["organisation"], row["gone"], row["n"]]),
    [
      ["harbour", false, 2],
      ["harbour", true, 2],
      ["tram", false, 3],
    ],
  );
  const leaves = await sql`select data from evidence_leaf where data->>'act' = 'forget' order by n`;
  assert.deepEqual(
    leaves.map((row) => [row["data"]["what"], row["data"]["organisation"], row["data"]["records"]]),
    [
      ["record", "harbour", 2],
      ["observation", "harbour", gone?.[1]?.records],
      ["hit", "harbour", 2],
    ],
  );
  // again: nothing more goes, and nothing more is said
  assert.deepEqual(
    (await prune(defaults))?.map(({ records }) => records),
    [0, 0, 0],
  );
  assert.equal((await sql`select count(*)::int as n from evidence_leaf where data->>'act' = 'forget'`)[0]?.["n"], 3);
  // the hold ends, and what it held goes
  await state.act((tx) => tx.prune.endHold(hold.id, "lo", "the court is done", now));
  await prune(defaults);
  assert.deepEqual(await left("record"), { harbour: [100, 1], tram: [100, 1] });
  // by size: of one record's bytes only the newest day stays
  const [bytes] = await history.keptDays("record");
  await prune({ ...forEver, record: { bytes: Math.ceil((bytes?.bytesEach ?? 0) * 1.5) } });
  assert.deepEqual(
    await left("record"),
    { harbour: [1], tram: [1] },
    "bound by bound: days of its own, bytes as configured",
  );
  // a hunt over what is left finds what is left, and makes no hit of what has lost its line
  await sql`delete from deployment where key = 'reader:hunt'`;
  await sql`delete from hunted_indicator`;
  const before = (await sql`select count(*)::int as n from hit`)[0]?.["n"] as number;
  await world.huntAll();
  assert.equal((await sql`select count(*)::int as n from hit`)[0]?.["n"], before);
});

test("a member reads what is kept of its own, staff of all; only staff says for how long, with evidence", async (t) => {
  const world = await openActsWorld(t);
  const acts = keptActs({ ...world.desk, kept: { ...forEver, record: { days: 180 } } });
  const [transport, parks] = [world.id("organisation", "transport"), world.id("organisation", "parks")];
  await world.desk.state.act((tx) =>
    tx.prune.putCounts(
      "record",
      [transport, parks].map((organisation, at) => ({
        ...{ organisation, what: "record", records: 10 + at, bytes: 1000, at: world.desk.now() },
        ...{ since: instant(world.desk.now() - 20 * day), until: world.desk.now() },
      })),
    ),
  );
  const [lo, chan, green] = [await world.viewer("lo"), await world.viewer("chan"), await world.viewer("green")];
  const read = async (viewer: typeof lo) => {
    const found = await acts.kept(viewer, ask);
    assert.ok(found.ok);
    return found.value;
  };
  assert.deepEqual(
    (await read(lo)).kept.map((row) => [row.organisation.id, row.records, row.days, row.own]).toSorted(),
    [
      [parks, 11, 180, false],
      [transport, 10, 180, false],
    ].toSorted(),
  );
  assert.deepEqual(
    (await read(chan)).kept.map((row) => row.organisation.id),
    [transport],
  );
  const limit = { what: "record", days: 30, reason: "a law" } as const;
  for (const viewer of [chan, green]) {
    const refused = await acts.keepFor(viewer, transport, limit, ask);
    assert.ok(!refused.ok && refused.problem.code === "WGL_ABSENT");
    const held = await acts.hold(viewer, transport, { since: "2026-01-01", reason: "x" }, ask);
    assert.ok(!held.ok && held.problem.code === "WGL_ABSENT");
  }
  assert.ok((await acts.keepFor(lo, transport, limit, ask)).ok);
  const held = await acts.hold(lo, parks, { since: "2026-01-01T00:00:00Z", reason: "a court" }, ask);
  assert.ok(held.ok);
  const [hold] = held.value.holds;
  assert.deepEqual([hold?.organisation.id, hold?.reason], [parks, "a court"]);
  assert.deepEqual((await read(chan)).holds, [], "another's hold is nothing of theirs");
  assert.equal((await read(chan)).kept[0]?.days, 30);
  const backwards = await acts.hold(
    lo,
    parks,
    { since: "2026-01-02T00:00:00Z", until: "2026-01-01T00:00:00Z", reason: "x" },
    ask,
  );
  assert.ok(!backwards.ok && backwards.problem.code === "WGL_HUNT_PERIOD");
  assert.ok((await acts.endHold(lo, hold?.id ?? "", { reason: "over" }, ask)).ok);
  const again = await acts.endHold(lo, hold?.id ?? "", { reason: "over" }, ask);
  assert.ok(!again.ok && again.problem.code === "WGL_ABSENT");
  const acted = (await world.leaves()).map((leaf) => leaf.data["act"]);
  for (const act of ["limit kept", "hold", "end hold"]) assert.ok(acted.includes(act), act);
  // back to what is configured
  assert.ok((await acts.keepFor(lo, transport, { what: "record", reason: "done" }, ask)).ok);
  assert.equal((await read(chan)).kept[0]?.own, false);
});
