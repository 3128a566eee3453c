import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { minute } from "#core/instant.ts";
import { quietMs } from "#incidents/correlate.ts";
import { type ClaimedHit, recordHits } from "#jobs/findings/record-hits.ts";
import { stateOf } from "#store/state.ts";
import { testDatabase } from "./cluster.ts";
import { claim, community, emptyDirectory, hit, idOf, now, organisation } from "./incident-world.ts";

const organisations = ["transport", "hospital", "library"] as const;
const assets = ["10.0.0.1", "10.0.0.2", "ws-3"] as const;
const values = ["a.example", "b.example"] as const;
const hours = 60;

/** A hit of a list or of a rule, over two weeks, with gaps that are near a story's silence and beyond it. */
const seen = fc
  .record({
    organisation: fc.constantFrom(...organisations),
    asset: fc.constantFrom(...assets),
    value: fc.constantFrom(...values),
    about: fc.constantFrom("qakbot", "emotet"),
    hour: fc.oneof(fc.nat(14 * 24), fc.constantFrom(0, 23, 24, 25, 47, 48, 49, 72)),
    kind: fc.constantFrom("list", "list", "red", "rule"),
    account: fc.option(fc.constantFrom("alice", "bob"), { nil: undefined }),
    tactics: fc.subarray(["execution", "discovery", "impact"]),
  })
  .map(({ organisation: of, asset, value, about, hour, kind, account, tactics }): ClaimedHit => {
    const list = claim(value, kind === "red" ? { feed: "red", tlp: "red" } : {});
    const one = hit(of, asset, value, {
      minute: hour * hours,
      claims: [list],
      problem: { type: "infected-system", about },
    });
    if (kind !== "rule") return one;
    const { indicator: _indicator, ...rest } = one.hit;
    return {
      claims: [claim(`rule ${of}`, { feed: "rule:x", indicator: idOf("detector", of), labels: [] })],
      hit: {
        ...rest,
        ...{ id: `${rest.id.slice(0, 28)}${tactics.length}${account?.length ?? 0}ab`, detector: "sigma" },
        problem: { type: "system-compromise", about: "" },
        noticed: { id: "x", title: "X", tactics },
        ...(account === undefined ? {} : { entities: [{ kind: "account" as const, value: account }] }),
      },
    };
  });
const plan = fc.record({
  hits: fc.uniqueArray(seen, { minLength: 2, maxLength: 14, selector: ({ hit: one }) => one.id }),
  keys: fc.array(fc.nat(), { minLength: 14, maxLength: 14 }),
  cuts: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 14, maxLength: 14 }),
});

test("the same hits make the same incidents, by id, members, chain and risk, in any order and batches", async (t) => {
  const { sql } = await testDatabase(t);
  const state = stateOf(sql);
  await state.act((tx) =>
    tx.community.put({ ...emptyDirectory, organisations: organisations.map((key) => organisation(key)) }, now),
  );
  for (const id of ["list", "red", "rule:x"])
    await state.act((tx) => tx.intel.feed({ id, liveDays: 9, voice: "alert" }, false));
  const play = async (hits: readonly ClaimedHit[], cuts: readonly number[]): Promise<readonly unknown[]> => {
    await sql`truncate finding, hit, incident, queue, finding_history cascade`;
    for (let at = 0, n = 0; at < hits.length; n++) {
      const size = cuts[n] ?? 1;
      await state.act((tx) => recordHits(tx, hits.slice(at, at + size), n, community, now));
      at += size;
    }
    return sql`select i.id, i.organisation, i.problem_type, i.problem_about, i.severity, i.first_seen, i.last_seen, i.anchor, i.risk,
        array(select f.id from finding f where f.incident = i.n or f.part = i.n order by f.id) as findings,
        array(select a.name || ' ' || min(a.first_seen) || ' ' || max(a.last_seen) || ' ' || sum(a.hits) from finding f join finding_attack a on a.finding = f.n
          where f.incident = i.n or f.part = i.n group by a.name order by a.name) as chain,
        array(select t.key || ' ' || t.first_seen || ' ' || t.last_seen from incident_tie t where t.incident = i.n order by 1) as ties
      from incident i order by i.id`;
  };
  let [stories, joined] = [0, 0];
  await fc.assert(
    fc.asyncProperty(plan, async ({ hits, keys, cuts }) => {
      const once = await play(hits, [hits.length]);
      const shuffled = hits
        .map((one, at) => ({ one, key: keys[at] ?? 0 }))
        .sort((a, b) => a.key - b.key)
        .map(({ one }) => one);
      assert.deepEqual(await play(shuffled, cuts), once);
      stories += once.length;
      joined += (once as readonly { findings: readonly string[] }[]).filter(
        ({ findings }) => findings.length > 1,
      ).length;
    }),
    { numRuns: process.env["WAGLAN_LONG"] ? 400 : 25, seed: 20_261_122, endOnFailure: true },
  );
  t.diagnostic(`${stories} stories, ${joined} of several findings`);
  assert.ok(joined > 40);
});

test("silence ends a story: what comes a millisecond after it is a new one; what lies between two makes them one", async (t) => {
  const { sql } = await testDatabase(t);
  const state = stateOf(sql);
  await state.act((tx) => tx.community.put({ ...emptyDirectory, organisations: [organisation("transport")] }, now));
  await state.act((tx) => tx.intel.feed({ id: "list", liveDays: 9, voice: "alert" }, false));
  const on = (about: string, value: string, minutes: number): ClaimedHit =>
    hit("transport", "10.0.0.1", value, { minute: minutes, problem: { type: "infected-system", about } });
  const record = (...hits: ClaimedHit[]) => state.act((tx) => recordHits(tx, hits, undefined, community, now));
  const count = async (): Promise<number> =>
    (await sql`select count(*)::int as n from incident where organisation is null`)[0]?.["n"] as number;
  const quiet = quietMs / minute;
  await record(on("one", "a.example", 0), on("two", "b.example", quiet));
  assert.equal(await count(), 1);
  await record(on("three", "c.example", 3 * quiet));
  assert.equal(await count(), 2);
  const [before] = await sql`select id from incident where organisation is null order by anchor_at limit 1`;
  // between the two
  await record(on("four", "d.example", 2 * quiet));
  assert.equal(await count(), 1);
  const [left] = await sql`select id from incident where organisation is null`;
  assert.equal(left?.["id"], before?.["id"], "the earliest finding names it");
  assert.equal(
    (await sql`select count(*)::int as n from incident_alias`)[0]?.["n"],
    2,
    "whole and part: the other's name leads here",
  );
});

test("a whole ties organisations by what both met; a part ties nothing that its organisation may not know of", async (t) => {
  const { sql } = await testDatabase(t);
  const state = stateOf(sql);
  await state.act((tx) =>
    tx.community.put({ ...emptyDirectory, organisations: organisations.map((key) => organisation(key)) }, now),
  );
  for (const id of ["list", "red"]) await state.act((tx) => tx.intel.feed({ id, liveDays: 9, voice: "alert" }, false));
  const red = claim("c.example", { feed: "red", tlp: "red" });
  await state.act((tx) =>
    recordHits(
      tx,
      [
        hit("transport", "10.0.0.1", "a.example"),
        hit("transport", "10.0.0.2", "b.example", { problem: { type: "infected-system", about: "emotet" } }),
        // hidden, and on both hosts: the whole is one, the parts stay two
        hit("transport", "10.0.0.1", "c.example", { claims: [red] }),
        hit("transport", "10.0.0.2", "c.example", { claims: [red] }),
        hit("hospital", "10.9.9.9", "a.example"),
      ],
      undefined,
      community,
      now,
    ),
  );
  const shape =
    await sql`select coalesce(organisation, 'whole') as of, array(select f.organisation || ' ' || f.asset || case when f.veiled then ' veiled' else '' end
      from finding f where f.incident = i.n or f.part = i.n order by 1) as findings from incident i order by 1, 2`;
  assert.deepEqual(
    shape.map((row) => `${row["of"]}: ${(row["findings"] as string[]).join(", ")}`),
    [
      "hospital: hospital 10.9.9.9",
      "transport: transport 10.0.0.1",
      "transport: transport 10.0.0.2",
      "whole: hospital 10.9.9.9, transport 10.0.0.1, transport 10.0.0.1 veiled, transport 10.0.0.2, transport 10.0.0.2 veiled",
    ],
  );
  // a community that ties by nothing has a story for each
  await sql`truncate finding, hit, incident, queue, finding_history cascade`;
  await state.act((tx) =>
    recordHits(
      tx,
      [hit("transport", "10.0.0.1", "a.example"), hit("hospital", "10.9.9.9", "a.example")],
      undefined,
      { ...community, across: { problems: new Set(["phishing"]), tlp: "red" } },
      now,
    ),
  );
  assert.equal((await sql`select count(*)::int as n from incident where organisation is null`)[0]?.["n"], 2);
});
