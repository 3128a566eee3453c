import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { Sql } from "postgres";
import { after, day, type Instant, minute } from "#core/instant.ts";
import { quietMs } from "#incidents/correlate.ts";
import { answer } from "#jobs/alerts/answer.ts";
import { decide } from "#jobs/decide.ts";
import type { State } from "#jobs/ports.ts";
import { type ClaimedHit, recordHits } from "#jobs/findings/record-hits.ts";
import { stateOf } from "#store/state.ts";
import { testDatabase } from "./cluster.ts";
import { claim, community, emptyDirectory, hit, idOf, now, o, organisation } from "./incident-world.ts";

interface World {
  readonly sql: Sql;
  readonly state: State;
  readonly connect: () => Sql;
}
const opened = async (t: TestContext): Promise<World> => {
  const { sql, connect } = await testDatabase(t);
  const state = stateOf(sql);
  const organisations = ["transport", "hospital", "newcomer"].map((key) => organisation(key));
  await state.act((tx) => tx.community.put({ ...emptyDirectory, organisations }, now));
  for (const id of ["list", "second", "strict", "shadow"])
    await state.act((tx) => tx.intel.feed({ id, liveDays: 9, voice: "alert" }, id === "shadow"));
  return { sql, state, connect };
};
const record = (state: State, claimed: readonly ClaimedHit[], at: Instant = now, batch?: number) =>
  state.act((tx) => recordHits(tx, claimed, batch, community, at));

/** Findings with all that hangs on them, without numbers the database gives out. */
const findings = async (sql: Sql): Promise<readonly Record<string, unknown>[]> =>
  (
    await sql`select f.organisation, f.asset, f.problem_about as about, f.shadow, f.veiled, f.state, f.severity, f.certainty, f.grade, f.tlp, f.pap, f.hits, f.first_seen, f.last_seen,
        (select count(*)::int from hit h where h.finding = f.n) as kept, (select sum(i.hits)::int from finding_instance i where i.finding = f.n) as instances,
        array(select distinct s.feed from finding_source s where s.finding = f.n order by 1) as feeds, i.id as incident
      from finding f left join incident i on i.n = f.incident order by f.organisation, f.asset, f.problem_about, f.veiled`
  ).map((row) => ({ ...row }));
const only = async (sql: Sql): Promise<Record<string, unknown>> => {
  const [one, ...others] = await findings(sql);
  assert.ok(one && others.length === 0);
  return one;
};

test("recordHits() twice, in two batches, and within one batch twice, is once", async (t) => {
  const { sql, state } = await opened(t);
  const [a, b, c] = [1, 2, 3].map((line) => hit("transport", "10.0.0.1", "bad.example", { line, minute: line }));
  assert.ok(a && b && c);
  const first = await record(state, [a, b, a]);
  assert.deepEqual([first.fresh, first.opened.length], [2, 1]);
  const again = await record(state, [a, b]);
  assert.deepEqual([again.fresh, again.opened.length, again.touched.length], [0, 0, 0]);
  const second = await record(state, [b, c]);
  assert.deepEqual([second.fresh, second.opened.length], [1, 0]);
  const { hits, kept, instances, first_seen, last_seen } = await only(sql);
  assert.deepEqual(
    { hits, kept, instances, first_seen, last_seen },
    { hits: 3, kept: 3, instances: 3, first_seen: a.hit.time, last_seen: c.hit.time },
  );
  const events = await sql`select what from finding_history`;
  assert.deepEqual(
    events.map((row) => row["what"]),
    ["opened"],
  );
});

test("recordHits() of the same and of overlapping hits from many connections at once gives one finding with exact counts", async (t) => {
  const { sql, connect } = await opened(t);
  const all = ["transport", "hospital"].flatMap((member) =>
    ["10.0.0.1", "10.0.0.2"].flatMap((asset) =>
      [1, 2, 3, 4].map((line) => hit(member, asset, "bad.example", { line, minute: line })),
    ),
  );
  const states = [stateOf(connect()), stateOf(connect()), stateOf(connect())];
  await Promise.all(
    Array.from({ length: 12 }, (_, at) => {
      // each takes another part of the whole, in another order
      const some = all.filter((_, place) => (place + at) % 4 !== 0);
      return record(states[at % 3] as State, at % 2 ? some : some.toReversed());
    }),
  );
  const found = await findings(sql);
  assert.deepEqual(
    found.map(({ organisation: of, asset, hits, kept, instances }) => ({ of, asset, hits, kept, instances })),
    ["hospital", "transport"].flatMap((of) =>
      ["10.0.0.1", "10.0.0.2"].map((asset) => ({ of, asset, hits: 4, kept: 4, instances: 4 })),
    ),
  );
  assert.equal(new Set(found.map((one) => one["incident"])).size, 1, "one indicator, one story, whoever came first");
  const [row] =
    await sql`select (select count(*)::int from queue where kind = 'alert') as alerts, (select count(*)::int from incident where state <> 'dismissed' and organisation is null) as incidents,
    (select count(*)::int from finding_history where what = 'opened') as opened`;
  assert.deepEqual({ ...row }, { alerts: 4, incidents: 1, opened: 4 });
});

test("an answer given while hits are being recorded is not written over", async (t) => {
  const { sql, state, connect } = await opened(t);
  await record(state, [hit("transport", "10.0.0.1", "bad.example")]);
  const [row] = await sql`select id from finding`;
  const recorded = Promise.withResolvers<void>();
  const commit = Promise.withResolvers<void>();
  const recording = stateOf(connect()).act(async (tx) => {
    await recordHits(tx, [hit("transport", "10.0.0.1", "bad.example", { line: 2 })], undefined, community, now);
    recorded.resolve();
    await commit.promise;
  });
  await recorded.promise;
  const answering = answer(
    state,
    { finding: row?.["id"] as string, who: "Chan", answer: "acknowledged", mayAnswer: () => true },
    now,
  );
  commit.resolve();
  await recording;
  assert.ok((await answering).ok);
  assert.deepEqual(
    { state: (await only(sql))["state"], hits: (await only(sql))["hits"] },
    { state: "acknowledged", hits: 2 },
  );
  // and the other way round: the answer is under way when the hits come
  const said = Promise.withResolvers<void>();
  const done = Promise.withResolvers<void>();
  const deciding = stateOf(connect()).act(async (tx) => {
    const finding = await tx.incidents.findingById(row?.["id"] as string);
    await tx.incidents.setState(finding?.n ?? 0, "fix-claimed", now);
    said.resolve();
    await done.promise;
  });
  await said.promise;
  const late = record(state, [hit("transport", "10.0.0.1", "bad.example", { line: 3 })]);
  done.resolve();
  await Promise.all([deciding, late]);
  assert.deepEqual(
    { state: (await only(sql))["state"], hits: (await only(sql))["hits"] },
    { state: "fix-claimed", hits: 3 },
  );
});

test("hits that no shown claim speaks for stay apart from the finding the organisation reads, until a person lets them speak", async (t) => {
  const { sql, state } = await opened(t);
  const hidden = (line: number) =>
    hit("transport", "10.0.0.1", "secret.example", {
      line,
      claims: [claim("secret.example", { feed: "strict", tlp: "amber+strict", pap: "red" })],
    });
  const shadowed = hit("transport", "10.0.0.1", "young.example", {
    line: 7,
    claims: [claim("young.example", { feed: "shadow", shadow: true })],
  });
  await record(state, [hidden(1), shadowed]);
  assert.deepEqual(
    (await findings(sql)).map(({ shadow, veiled, hits }) => ({ shadow, veiled, hits })),
    [{ shadow: "hidden", veiled: true, hits: 2 }],
  );
  await record(state, [hit("transport", "10.0.0.1", "bad.example"), hidden(2)]);
  const [open, veiled] = await findings(sql);
  assert.deepEqual([open?.["hits"], open?.["shadow"], open?.["feeds"], open?.["pap"]], [1, null, ["list"], "clear"]);
  assert.deepEqual([veiled?.["hits"], veiled?.["shadow"]], [3, "hidden"]);
  // the feed comes out of shadow: it speaks for hits from now on, not for what others hide
  await state.act((tx) => tx.intel.setShadow("shadow", false));
  await record(state, [hidden(3)]);
  assert.equal((await findings(sql))[1]?.["shadow"], "hidden");
  const [row] = await sql`select id from finding where veiled`;
  const released = await decide(
    state,
    { finding: row?.["id"] as string, act: "release", who: "Wong", maySee: () => true },
    now,
  );
  assert.ok(released.ok);
  await record(state, [hidden(4)]);
  const [, spoken] = await findings(sql);
  assert.deepEqual([spoken?.["shadow"], spoken?.["hits"], spoken?.["tlp"]], [null, 5, "amber+strict"]);
  // a veiled hit never stands in the way of the same hit once a shown claim speaks for it
  const same = hidden(1);
  await record(state, [{ hit: same.hit, claims: [claim("secret.example")] }]);
  assert.equal((await findings(sql))[0]?.["hits"], 2);
});

test("PAP and TLP of earlier claims bind, whichever batch brought them", async (t) => {
  const { sql, state } = await opened(t);
  await record(state, [
    hit("transport", "10.0.0.1", "a.example", { claims: [claim("a.example", { pap: "red", tlp: "amber" })] }),
  ]);
  await record(state, [
    hit("transport", "10.0.0.1", "b.example", { claims: [claim("b.example", { feed: "second", tlp: "clear" })] }),
  ]);
  const { pap, tlp, certainty } = await only(sql);
  assert.deepEqual({ pap, tlp, certainty }, { pap: "red", tlp: "amber+strict", certainty: "almost-certain" }); // two B2: 1 − 0.28² = 0.92
});

test("values as long and as hostile as telemetry brings them are recorded", async (t) => {
  const { sql, state } = await opened(t);
  const noise = Array.from({ length: 8000 }, (_, at) => idOf("noise", String(at))[at % 36] ?? "x").join("");
  const long = hit("transport", "10.0.0.1", "bad.example");
  const value = `http://bad.example/${noise}`;
  const hostile: ClaimedHit = {
    ...long,
    hit: {
      ...long.hit,
      ...{ asset: value, observable: { kind: "url", value }, source: { address: "\0\ud800" } },
      evidence: { file: "a\0b", line: 1, text: 'raw \0 and \ud800 {"x"}' },
    },
  };
  await record(state, [hostile]);
  await record(state, [hostile]);
  assert.equal((await only(sql))["hits"], 1);
  await state.act((tx) =>
    tx.incidents.background([
      { organisation: o("transport"), day: "2026-11-21", kind: "url", value, why: "x", hits: 2 },
    ]),
  );
  await state.act((tx) =>
    tx.incidents.background([
      { organisation: o("transport"), day: "2026-11-21", kind: "url", value, why: "x", hits: 3 },
    ]),
  );
  const [row] = await sql`select (select hits from background) as hits, (select evidence from hit) as text`;
  assert.deepEqual({ ...row }, { hits: 5, text: 'raw \ufffd and \ufffd {"x"}' });
});

test("background() counts exactly under writers that meet in opposite orders", async (t) => {
  const { sql, connect } = await opened(t);
  const rows = Array.from({ length: 30 }, (_, at) => ({
    organisation: o("transport"),
    day: "2026-11-21",
    kind: "ipv4",
    value: `192.0.2.${at}`,
    why: "scan",
    hits: 1,
  }));
  const states = [stateOf(connect()), stateOf(connect())];
  await Promise.all(
    Array.from({ length: 16 }, (_, at) =>
      (states[at % 2] as State).act((tx) => tx.incidents.background(at % 2 ? rows : rows.toReversed())),
    ),
  );
  const [row] = await sql`select min(hits) as least, max(hits) as most, count(*)::int as n from background`;
  assert.deepEqual({ ...row }, { least: 16, most: 16, n: 30 });
});

test("quiet() takes told findings whose sensor still speaks; awake() those whose rest is over, once", async (t) => {
  const { sql, state } = await opened(t);
  const sensors = [
    {
      ...{
        id: "s1" as never,
        key: "s1",
        organisation: o("transport"),
        title: "edge",
        format: "suricata-eve",
        networks: [],
      },
    },
  ];
  await state.act((tx) => tx.community.put({ ...emptyDirectory, sensors }, now));
  await record(state, [hit("transport", "10.0.0.1", "bad.example"), hit("hospital", "10.0.0.2", "bad.example")]);
  for (const { n } of await sql`select n from finding`)
    await state.act((tx) => tx.incidents.setState(n as number, "notified", now));
  const quiet = (): Promise<string[]> =>
    state.act(async (tx) => (await tx.incidents.quiet(after(now, day))).map((one) => one.organisation));
  assert.deepEqual(await quiet(), [], "a silent sensor proves nothing");
  await state.act((tx) => tx.telemetry.heard("s1", after(now, 2 * day), 1, 0));
  assert.deepEqual(await quiet(), ["transport"]);
  const [row] = await sql`select n from finding where organisation = 'transport'`;
  await state.act((tx) => tx.incidents.snooze(row?.["n"] as number, after(now, minute)));
  const awake = (at: Instant): Promise<number> => state.act(async (tx) => (await tx.incidents.awake(at)).length);
  assert.deepEqual(
    [await awake(now), await awake(after(now, minute)), await awake(after(now, minute))],
    [0, 1, 0],
    "the instant itself is awake",
  );
});

test("findingById() answers for no id at all, and a reopened finding opens a story of its own when it was quiet", async (t) => {
  const { sql, state } = await opened(t);
  for (const id of ["", "x", "'; --", idOf("finding", "absent"), idOf("a", "b").toUpperCase()])
    assert.equal(await state.act((tx) => tx.incidents.findingById(id)), undefined);
  await record(state, [hit("transport", "10.0.0.1", "bad.example")]);
  const [row] = await sql`select n, id from finding`;
  await state.act((tx) => tx.incidents.setState(row?.["n"] as number, "gone", after(now, minute), { closed: true }));
  const later = (3 * quietMs) / minute;
  const again = await record(
    state,
    [hit("transport", "10.0.0.1", "bad.example", { minute: later })],
    after(now, 3 * quietMs),
  );
  assert.deepEqual([again.opened.length, again.opened[0]?.id, again.opened[0]?.state], [1, row?.["id"], "reopened"]);
  const [closed] = await sql`select closed, (select count(*)::int from finding) as n from finding`;
  assert.deepEqual({ ...closed }, { closed: null, n: 1 });
});
