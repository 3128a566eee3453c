import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { after, hour, type Instant } from "#core/instant.ts";
import { casesAtLeast, suggestedLetter, trustOf } from "#intel/scorecard.ts";
import type { ClaimRow, Turn } from "#intel/ports.ts";
import { judgeIndicator } from "#jobs/indicators/judge.ts";
import { recordHits } from "#jobs/findings/record-hits.ts";
import { countScorecards } from "#jobs/indicators/scorecard.ts";
import { stateOf } from "#store/state.ts";
import { testDatabase } from "./cluster.ts";
import { claim, community, emptyDirectory, hit, idOf, now, organisation } from "./incident-world.ts";

test("trustOf(): nothing is concluded of few cases; it rises with every right case and falls with every wrong one", () => {
  assert.equal(trustOf({ right: 0, wrong: casesAtLeast - 1 }), undefined);
  assert.equal(trustOf({ right: 100, wrong: 0 }), 1);
  assert.equal(trustOf({ right: 0, wrong: 100 }), 0.3);
  // (10 + 1) ÷ (20 + 2) = 0.5; 0.5 ÷ 0.9 = 0.556
  assert.equal(trustOf({ right: 10, wrong: 10 }), 0.55);
  assert.deepEqual(
    [
      [99, 1],
      [90, 10],
      [70, 30],
      [50, 50],
      [1, 99],
      [3, 2],
    ].map(([right = 0, wrong = 0]) => suggestedLetter({ right, wrong })),
    ["A", "B", "C", "D", "E", undefined],
  );
  const cases = fc.integer({ min: 10, max: 500 });
  fc.assert(
    fc.property(cases, cases, (right, wrong) => {
      const [trust, better, worse] = [
        [right, wrong],
        [right + 1, wrong],
        [right, wrong + 1],
      ].map(([r = 0, w = 0]) => trustOf({ right: r, wrong: w }) ?? Number.NaN);
      assert.ok(
        (worse ?? 0) <= (trust ?? 0) && (trust ?? 0) <= (better ?? 0) && (trust ?? 0) >= 0.3 && (trust ?? 0) <= 1,
      );
    }),
  );
});

const row = (value: string, seenAt: Instant): ClaimRow => ({
  ...{ id: idOf("indicator", value), observable: { kind: "domain", value }, parts: [""], seenAt },
  ...{ grade: { source: "B", statement: 2 }, labels: [], flags: [], tlp: "green", pap: "clear", licence: "own" },
});
const turn = (feed: string, at: Instant): Turn => ({
  ...{ feed, at, state: "healthy", file: "", bytes: 1, rows: 1, accepted: 1, rejected: {} },
  ...{ added: 0, changed: 0, delisted: 0, tookMs: 1 },
});
const organisations = ["transport", "hospital", "school", "bank", "port", "shop"];

test("a scorecard counts what only this source has, how early it is, and how often people agreed with it", async (t) => {
  const { sql } = await testDatabase(t);
  const state = stateOf(sql);
  const hours = (n: number): Instant => after(now, n * hour);
  await state.act(async (tx) => {
    await tx.community.put({ ...emptyDirectory, organisations: organisations.map((key) => organisation(key)) }, now);
    for (const id of ["early", "late", "third"]) {
      await tx.intel.feed({ id, liveDays: 9, voice: "alert" }, false);
      await tx.intel.merge(id, [row("known.example", now)], now);
      await tx.intel.turn(turn(id, now), [], {});
    }
    // x and y: three and five hours earlier; z is its own; known stood in every first list and says nothing
    await tx.intel.merge(
      "early",
      [row("x.example", hours(1)), row("y.example", hours(1)), row("z.example", hours(1))],
      now,
    );
    await tx.intel.merge("late", [row("x.example", hours(4)), row("y.example", hours(6))], now);
    await tx.intel.delist("third", "", [idOf("indicator", "known.example")], now);
    const hits = organisations.map((key) =>
      hit(key, "10.0.0.1", "x.example", { claims: [claim("x.example", { feed: "early" })] }),
    );
    await recordHits(tx, hits, undefined, community, now);
  });
  assert.equal(await countScorecards(state, now), 3);
  const card = async (feed: string) => state.act((tx) => tx.care.scorecard(feed));
  const early = await card("early");
  assert.deepEqual(early?.card, {
    ...{ feed: "early", live: 4, alone: 1, leadHours: 4 },
    ...{ confirmed: 0, disputed: 0, falseFindings: 0, benign: 0, duplicates: 0, verdicts: 0, right: 0, wrong: 0 },
  });
  assert.deepEqual(early?.overlaps, [{ feed: "early", other: "late", shared: 3, leadHours: 4 }]);
  assert.deepEqual([(await card("late"))?.card.leadHours, (await card("third"))?.card.live], [-4, 0]);

  // four of six agree: one value that was right, told only since five or more organisations decided
  await sql`update finding set state = 'acknowledged' where organisation in ('transport', 'hospital', 'school', 'bank')`;
  await countScorecards(state, now);
  assert.deepEqual([(await card("early"))?.card.confirmed, (await card("early"))?.card.right], [4, 0]);
  await sql`update finding set state = 'acknowledged' where organisation = 'port'`;
  await sql`update finding set state = 'not-ours' where organisation = 'shop'`;
  await countScorecards(state, now);
  const agreed = (await card("early"))?.card;
  assert.deepEqual([agreed?.confirmed, agreed?.disputed, agreed?.right, agreed?.wrong], [5, 1, 1, 0]);

  // staff judges a value: it counts against everybody who said so, whatever members said
  const judging = { indicator: idOf("indicator", "x.example"), who: "Lo", reason: "a shared host" };
  await judgeIndicator(state, { ...judging, verdict: "false" }, () => false, now);
  await countScorecards(state, now);
  const judged = await Promise.all(["early", "late", "third"].map(async (id) => (await card(id))?.card));
  assert.deepEqual(
    judged.map((one) => [one?.verdicts, one?.right, one?.wrong]),
    [
      [1, 0, 1],
      [1, 0, 1],
      [0, 0, 0],
    ],
  );
  await judgeIndicator(state, { ...judging, verdict: "restored" }, () => false, now);
  await countScorecards(state, now);
  assert.deepEqual([(await card("early"))?.card.verdicts, (await card("early"))?.card.right], [0, 1]);
});

test("a source that was often wrong weighs less from the next count on", async (t) => {
  const { sql } = await testDatabase(t);
  const state = stateOf(sql);
  const values = Array.from({ length: casesAtLeast }, (_, at) => `w${at}.example`);
  await state.act(async (tx) => {
    await tx.intel.feed({ id: "list", liveDays: 9, voice: "alert" }, false);
    await tx.intel.merge(
      "list",
      [...values, "rest.example"].map((value) => ({ ...row(value, now), liveUntil: after(now, 240 * hour) })),
      now,
    );
  });
  const trust = async (): Promise<number | undefined> =>
    (await state.act((tx) => tx.intel.liveClaims([idOf("indicator", "rest.example")], now)))[0]?.trust;
  for (const value of values)
    await judgeIndicator(
      state,
      { indicator: idOf("indicator", value), verdict: "false", who: "Lo", reason: "a test" },
      () => false,
      now,
    );
  assert.equal(await trust(), undefined);
  await countScorecards(state, now);
  assert.equal(await trust(), 0.3);
});
