import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { certaintyOf, certaintyOfWeights, gradeWeight, type Grade } from "#core/grade.ts";
import { after, day } from "#core/instant.ts";
import { tlps } from "#core/marking.ts";
import { usualDecay, weightAt } from "#intel/decay.ts";
import { claimsInForce } from "#intel/force.ts";
import type { LiveClaim } from "#intel/ports.ts";
import { mayBeShown, recordHits } from "#jobs/findings/record-hits.ts";
import { stateOf } from "#store/state.ts";
import { testDatabase } from "./cluster.ts";
import { claim, community, emptyDirectory, hit, idOf, now, organisation } from "./incident-world.ts";

const aged = (days: number, some: Partial<LiveClaim> = {}): LiveClaim =>
  claim("bad.example", { kind: "domain", lastSeen: after(now, -days * day), ...some });
const force = (claims: readonly LiveClaim[], rule = usualDecay): readonly string[] =>
  claimsInForce(claims, mayBeShown, rule, now).map((one) => one.feed);

test("claimsInForce(): a value nobody saw for long makes no finding; a list that names it still, or a stricter rule, decides at once", () => {
  assert.deepEqual(force([aged(0)]), ["list"]);
  // B2 weighs 0.7225; after three half-lives of 30 days 9.03 of 100 is left
  assert.deepEqual(force([aged(85)]), ["list"]);
  assert.deepEqual(force([aged(90)]), []);
  assert.deepEqual(force([aged(90, { listedAt: now })]), ["list"], "the source lists it still");
  assert.deepEqual(force([aged(90), aged(90, { feed: "second" })]), ["list", "second"], "two say more than one");
  assert.deepEqual(force([aged(90), aged(90, { feed: "second", voice: "context" })]), [], "context says nothing");
  assert.deepEqual(force([aged(10)], { ...usualDecay, alertsAt: 60 }), []);
  assert.deepEqual(
    force([aged(10, { trust: 0.3 })], { ...usualDecay, alertsAt: 20 }),
    [],
    "a source that was often wrong",
  );
  assert.deepEqual(force([claim("bad.example")]), ["list"], "of unknown age");
});

test("claimsInForce(): what a hidden source knows changes nothing for those who may not know of it", () => {
  const some = fc.record({
    days: fc.integer({ min: 0, max: 200 }),
    feed: fc.constantFrom("a", "b", "c", "d"),
    tlp: fc.constantFrom(...tlps),
    shadow: fc.boolean(),
    voice: fc.constantFrom("alert", "corroborate", "context"),
  });
  fc.assert(
    fc.property(fc.array(some, { maxLength: 6 }), fc.array(some, { maxLength: 3 }), (open, hidden) => {
      const claims = open.map(({ days, ...rest }) => aged(days, rest as Partial<LiveClaim>)).filter(mayBeShown);
      const beside = hidden.map(({ days, ...rest }) => aged(days, { ...rest, tlp: "red" }));
      const speaks = (all: readonly LiveClaim[]): readonly LiveClaim[] =>
        claimsInForce(all, mayBeShown, usualDecay, now).filter(mayBeShown);
      assert.deepEqual(speaks([...claims, ...beside]), speaks(claims));
    }),
  );
});

test("certainty is that of what is left of each source's word", async (t) => {
  const b2: Grade = { source: "B", statement: 2 };
  assert.equal(certaintyOfWeights([gradeWeight(b2), gradeWeight(b2)]), certaintyOf([b2, b2]));
  // 0.7225 · 2^(-20/30) = 0.455
  const left = weightAt({ feed: "list", grade: b2, lastSeen: after(now, -20 * day) }, "domain", usualDecay, now);
  assert.equal(Math.round(left * 1000), 455);

  const { sql } = await testDatabase(t);
  const state = stateOf(sql);
  const found = await state.act(async (tx) => {
    await tx.community.put({ ...emptyDirectory, organisations: ["transport"].map((key) => organisation(key)) }, now);
    for (const id of ["list", "second"]) await tx.intel.feed({ id, liveDays: 90, voice: "alert" }, false);
    const old = [aged(20)];
    const first = await recordHits(
      tx,
      [hit("transport", "10.0.0.1", "bad.example", { claims: old })],
      undefined,
      community,
      now,
    );
    const more = [...old, aged(0, { feed: "second" })];
    const next = await recordHits(
      tx,
      [hit("transport", "10.0.0.1", "bad.example", { claims: more, line: 2 })],
      undefined,
      community,
      now,
    );
    return [first.touched[0], next.touched[0]];
  });
  assert.deepEqual(
    found.map((one) => [one?.certainty, one?.grade.source]),
    // 1 - 0.545 · 0.2775 = 0.849; the grade shown is the source's own
    [
      ["possible", "B"],
      ["likely", "B"],
    ],
  );
  assert.equal(idOf("indicator", "bad.example").length, 36);
});
