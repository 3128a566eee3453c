import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import fc from "fast-check";
import type { Sql } from "postgres";
import type { Grade } from "#core/grade.ts";
import { after, day, type Instant, instant, minute } from "#core/instant.ts";
import { paps, tlps } from "#core/marking.ts";
import { severities } from "#core/severity.ts";
import { quietMs } from "#incidents/correlate.ts";
import { findingStates } from "#incidents/state.ts";
import type { LiveClaim } from "#intel/ports.ts";
import { type ClaimedHit, type Community, hitId, recordHits } from "#jobs/findings/record-hits.ts";
import type { State } from "#jobs/ports.ts";
import { stateOf } from "#store/state.ts";
import { testDatabase } from "./cluster.ts";
import { claim, community, emptyDirectory, hit, now, organisation } from "./incident-world.ts";
import { recordSlowly } from "./record-hits-slowly.ts";

const organisations = ["transport", "newcomer"] as const;
const assets = ["10.0.0.1", "10.0.0.2", "tram.example"] as const;
const feeds = ["list", "second", "strict", "shadow"] as const;
const values = ["a.example", "b.example", "c.example", "d.example"] as const;
const around: Community = {
  ...community,
  worth: (_, asset) => (asset === "10.0.0.2" ? "critical" : "normal"),
};

const grade = fc.record({
  source: fc.constantFrom<Grade["source"]>("A", "B", "C", "F"),
  statement: fc.constantFrom<Grade["statement"]>(1, 2, 4, 6),
});
const spoken = fc
  .record({
    feed: fc.constantFrom(...feeds),
    grade,
    tlp: fc.constantFrom(...tlps),
    pap: fc.constantFrom(...paps),
    voice: fc.constantFrom("alert" as const, "alert" as const, "corroborate" as const, "context" as const),
    judged: fc.integer({ min: 0, max: 9 }).map((one) => one === 0),
    age: fc.option(fc.nat(60), { nil: undefined }),
    value: fc.constantFrom(...values),
  })
  .map(
    ({ judged, age, value, ...some }): LiveClaim => ({
      ...claim(value, { ...some, shadow: some.feed === "shadow" }),
      ...(judged ? { judged } : {}),
      ...(age === undefined ? {} : { kind: "domain" as const, lastSeen: after(now, -age * day) }),
    }),
  );
const seen = fc
  .record({
    organisation: fc.constantFrom(...organisations),
    asset: fc.constantFrom(...assets),
    value: fc.constantFrom(...values),
    about: fc.constantFrom("qakbot", "emotet"),
    minute: fc.oneof(fc.nat(90), fc.integer({ min: -4000, max: 4000 })),
    line: fc.nat(3),
    claims: fc.array(spoken, { minLength: 1, maxLength: 3 }),
    many: fc.option(fc.nat(40), { nil: undefined }),
    severity: fc.constantFrom(...severities),
  })
  .map(({ organisation: who, asset, value, about, minute: at, line, claims, many, severity }): ClaimedHit => {
    const one = hit(who, asset, value, { minute: at, line, claims, problem: { type: "infected-system", about } });
    return {
      claims,
      hit: {
        ...one.hit,
        severity,
        ...(many === undefined ? {} : { many: { count: 2 + many, since: after(one.hit.time, -many * minute) } }),
      },
    };
  });

/** What happens in a world: hits come, or a person or time moves a finding. */
type Step =
  | { readonly kind: "hits"; readonly hits: readonly ClaimedHit[]; readonly later: number; readonly batch?: number }
  | { readonly kind: "move"; readonly which: number; readonly set: string; readonly ago: number };
const move = fc.oneof(
  fc.constantFrom("gone", "withdrawn", "fix-claimed", ...findingStates).map((state) => `state = '${state}'`),
  fc.constantFrom(...findingStates).map((state) => `state = 'withdrawn', closed = changed, stood = '${state}'`),
  fc.constantFrom("null", "'hidden'", "'new-member'").map((shadow) => `shadow = ${shadow}`),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("hits" as const),
      hits: fc.array(seen, { minLength: 1, maxLength: 14 }),
      later: fc.oneof(fc.integer({ min: 1, max: 90 }), fc.constant(quietMs / minute + 7)),
      batch: fc.nat(9),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("move" as const), which: fc.nat(2), set: move, ago: fc.nat(3000) }),
  },
);

interface World {
  readonly sql: Sql;
  readonly state: State;
}
const opened = async (t: TestContext): Promise<World> => {
  const { sql } = await testDatabase(t);
  return { sql, state: stateOf(sql) };
};
const emptied = async ({ sql, state }: World): Promise<void> => {
  await sql`truncate finding, finding_instance, finding_source, finding_history, hit, incident, queue, claim, indicator, feed_scorecard, organisation, feed_state cascade`;
  await state.act((tx) =>
    tx.community.put({ ...emptyDirectory, organisations: organisations.map((key) => organisation(key)) }, now),
  );
  for (const id of feeds) await state.act((tx) => tx.intel.feed({ id, liveDays: 9, voice: "alert" }, id === "shadow"));
  // some of what speaks has an age and a source with a record
  await sql`insert into feed_scorecard (feed, at, live, alone, right_cases, wrong_cases, confirmed, disputed, false_findings, verdicts, trust)
    values ('second', now(), 1, 1, 1, 1, 1, 1, 1, 1, 0.5)`;
};

/** All of it, by the names that are the same in every store: never by numbers that it gives out. */
const whole = async ({ sql }: World): Promise<Record<string, readonly unknown[]>> => {
  const [row] = await sql`select
    (select coalesce(json_agg(x order by x.id), '[]') from (select (to_jsonb(f) - 'n') || jsonb_build_object('incident', i.id, 'part', p.id) as all, f.id
       from finding f left join incident i on i.n = f.incident left join incident p on p.n = f.part) x) as findings,
    (select coalesce(json_agg(x order by x.id), '[]') from (select a.id, i.id as now from incident_alias a join incident i on i.n = a.incident) x) as aliases,
    (select coalesce(json_agg(x order by x.id, x.key), '[]') from (select i.id, t.key, t.first_seen, t.last_seen from incident_tie t join incident i on i.n = t.incident) x) as ties,
    (select coalesce(json_agg(x order by x.id, x.kind, x.key), '[]') from (select f.id, e.kind, e.key, e.value, e.first_seen, e.last_seen, e.hits from finding_entity e join finding f on f.n = e.finding) x) as entities,
    (select coalesce(json_agg(x order by x.id), '[]') from (select to_jsonb(i) - 'n' as all, i.id from incident i) x) as incidents,
    (select coalesce(json_agg(x order by x.id), '[]') from (select to_jsonb(h) || jsonb_build_object('finding', f.id) as all, h.id from hit h join finding f on f.n = h.finding) x) as hits,
    (select coalesce(json_agg(x order by x.id, x.key), '[]') from (select to_jsonb(s) || jsonb_build_object('finding', f.id) as all, f.id, s.key from finding_instance s join finding f on f.n = s.finding) x) as instances,
    (select coalesce(json_agg(x order by x.id, x.feed, x.indicator), '[]') from (select to_jsonb(s) || jsonb_build_object('finding', f.id) as all, f.id, s.feed, s.indicator
       from finding_source s join finding f on f.n = s.finding) x) as sources,
    (select coalesce(json_agg(x.all order by x.n), '[]') from (select (to_jsonb(h) - 'n') || jsonb_build_object('finding', f.id) as all, h.n from finding_history h join finding f on f.n = h.finding) x) as history,
    (select coalesce(json_agg(x.all order by x.n), '[]') from (select to_jsonb(q) - 'n' as all, q.n from queue q) x) as queue`;
  return { ...row };
};

const told = (recorded: Awaited<ReturnType<typeof recordHits>>) => ({
  fresh: recorded.fresh,
  // numbers are the store's own
  opened: recorded.opened.map((finding) => ({ ...finding, n: 0, incident: 0, part: 0 })),
  touched: recorded.touched.map((finding) => ({ ...finding, n: 0, incident: 0, part: 0 })),
});

test("recordHits() makes of any world what recording one finding after the other makes of it", async (t) => {
  const [quick, slow] = [await opened(t), await opened(t)];
  const covered = { absorbed: 0, reopened: 0, veiled: 0, restored: 0, worse: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 8 }), async (steps) => {
      await Promise.all([emptied(quick), emptied(slow)]);
      let at: Instant = now;
      for (const one of steps) {
        if (one.kind === "move") {
          // every third, beginning somewhere
          const moved = `update finding f set ${one.set}, changed = '${new Date(after(at, -one.ago * minute)).toISOString()}'
            from (select n, row_number() over (order by id) as place from finding) p where p.n = f.n and (p.place + ${one.which}) % 3 = 0`;
          for (const { sql } of [quick, slow]) await sql.unsafe(moved);
          continue;
        }
        at = after(at, one.later * minute);
        // what came a story's silence later happened then
        const hits = one.hits.map(
          ({ hit: each, claims }): ClaimedHit => ({
            claims,
            hit: one.later > 90 ? { ...each, id: hitId([each.id, at]), time: instant(each.time + at - now) } : each,
          }),
        );
        const [by, other] = [
          await quick.state.act((tx) => recordHits(tx, hits, one.batch, around, at)),
          await slow.sql.begin((tx) => recordSlowly(tx, hits, one.batch, around, at)),
        ];
        assert.deepEqual(told(by), told(other));
      }
      const [a, b] = [await whole(quick), await whole(slow)];
      assert.deepEqual(a, b);
      const text = JSON.stringify(a);
      if ((a["aliases"]?.length ?? 0) > 0) covered.absorbed++;
      if (text.includes('"what":"reopened"')) covered.reopened++;
      if (text.includes('"veiled":true')) covered.veiled++;
      if (text.includes("reweigh")) covered.restored++;
      if (text.includes('"what":"severity"')) covered.worse++;
    }),
    // one seed, so that what is covered below always is
    { numRuns: 25, seed: 20_261_121 },
  );
  t.diagnostic(JSON.stringify(covered));
  for (const [what, worlds] of Object.entries(covered))
    assert.ok(worlds > 0, `no world in which something was ${what}`);
});
