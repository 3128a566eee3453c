import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { Sql } from "postgres";
import type { Directory } from "#community/directory.ts";
import { after, day, minute } from "#core/instant.ts";
import { DirectoryMemory } from "#jobs/community/directory-memory.ts";
import type { State } from "#jobs/ports.ts";
import { type Alerting, raiseAlerts } from "#jobs/alerts/raise.ts";
import { recordHits } from "#jobs/findings/record-hits.ts";
import { stateOf } from "#store/state.ts";
import { testDatabase } from "./cluster.ts";
import { claim, community, emptyDirectory, hit, idOf, now, o, organisation } from "./incident-world.ts";

const directory: Directory = {
  ...emptyDirectory,
  organisations: ["transport", "hospital"].map((key) => organisation(key)),
  people: ["transport", "hospital"].map((key) => ({
    ...{ id: `p-${key}` as never, key: `p-${key}`, name: `Chan of ${key}`, language: "en" as const },
    channels: [{ kind: "email", address: `chan@${key}.example`, proven: true } as never],
    organisations: [{ organisation: o(key), role: "security-contact" as const }],
  })),
};
interface World {
  readonly sql: Sql;
  readonly state: State;
  readonly alerting: Alerting;
  readonly connect: () => Sql;
}
const opened = async (t: TestContext): Promise<World> => {
  const { sql, connect } = await testDatabase(t);
  const state = stateOf(sql);
  await state.act((tx) => tx.community.put(directory, now));
  await state.act((tx) => tx.intel.feed({ id: "list", liveDays: 9, voice: "alert" }, false));
  const memory = new DirectoryMemory(state);
  await memory.refresh();
  return { sql, state, connect, alerting: alertingOf(state, memory) };
};
const alertingOf = (state: State, memory: DirectoryMemory): Alerting => ({
  ...{ state, directory: memory, titleOf: (feed) => feed, portal: "https://waglan.example", idOf, now: () => now },
  ...{ from: { name: "CERT", address: "cert@cert.example" }, answerKey: Buffer.alloc(32, 7) },
});

test("an alert is one version, one mail a person, one leaf and one event, in the transaction that takes its job", async (t) => {
  const { sql, state, alerting } = await opened(t);
  await state.act((tx) => recordHits(tx, [hit("transport", "10.0.0.1", "bad.example")], undefined, community, now));
  const dying: State = {
    ...state,
    act: (work) =>
      state.act(async (tx) => {
        await work(tx);
        throw new Error("killed");
      }),
  };
  await assert.rejects(raiseAlerts({ ...alerting, state: dying }), /killed/);
  const counts = async (): Promise<unknown> => ({
    ...(
      await sql`select (select count(*)::int from alert) as alerts, (select count(*)::int from outbox) as mails, (select count(*)::int from evidence_leaf where kind = 'alert') as leaves,
        (select count(*)::int from finding_history where what = 'told') as told, (select count(*)::int from queue) as jobs`
    )[0],
  });
  assert.deepEqual(await counts(), { alerts: 0, mails: 0, leaves: 0, told: 0, jobs: 1 });
  assert.equal(await raiseAlerts(alerting), 1);
  assert.equal(await raiseAlerts(alerting), undefined);
  const done = { alerts: 1, mails: 1, leaves: 1, told: 1, jobs: 0 };
  assert.deepEqual(await counts(), done);
  // seen again: counts move, nobody is told again
  await state.act((tx) =>
    recordHits(tx, [hit("transport", "10.0.0.1", "bad.example", { line: 2 })], undefined, community, now),
  );
  await state.act(async (tx) =>
    tx.queue.put("alert", (await sql`select id from finding`)[0]?.["id"] as string, {}, now),
  );
  assert.equal(await raiseAlerts(alerting), 0);
  assert.deepEqual(await counts(), done);
  const [latest] = await sql`select id, finding from alert`;
  const [byId, byFinding] = await state.act(async (tx) => [
    await tx.alerts.byId(latest?.["id"] as string),
    await tx.alerts.latest(latest?.["finding"] as number),
  ]);
  assert.deepEqual(byId, byFinding);
  for (const id of ["", "x", idOf("alert", "absent")])
    assert.equal(await state.act((tx) => tx.alerts.byId(id)), undefined);
});

test("references are no numbers in a row: they say nothing of other members' alerts, and a taken one is passed over", async (t) => {
  const { sql, state, alerting } = await opened(t);
  const tell = async (member: string, asset: string, world: World): Promise<string> => {
    await world.state.act((tx) => recordHits(tx, [hit(member, asset, "bad.example")], undefined, community, now));
    await raiseAlerts(world.alerting);
    const [row] = await world.sql`select ref from alert a join finding f on f.n = a.finding where f.asset = ${asset}`;
    return row?.["ref"] as string;
  };
  const here: World = { sql, state, alerting, connect: () => sql };
  const alone = await tell("transport", "10.0.0.1", here);
  assert.match(alone, /^WG-2026-[0-9A-HJKMNP-TV-Z]{6}$/);
  const there = await opened(t);
  for (const asset of ["10.0.0.7", "10.0.0.8", "10.0.0.9"]) await tell("hospital", asset, there);
  assert.equal(await tell("transport", "10.0.0.1", there), alone, "the same whatever else was told");
  // the same first choice for two findings
  const clumsy = (kind: string, key: string): string => idOf(kind, key.endsWith(" reference 0") ? "always" : key);
  const two = await opened(t);
  const refs = [];
  for (const asset of ["10.0.0.1", "10.0.0.2"])
    refs.push(await tell("transport", asset, { ...two, alerting: { ...two.alerting, idOf: clumsy } }));
  assert.notEqual(refs[0], refs[1]);
});

test("worse or back again is the next version of the same reference; answers come in the order they were given", async (t) => {
  const { sql, state, alerting } = await opened(t);
  const weak = claim("bad.example", { grade: { source: "D", statement: 4 } }); // 0.16: unknown, so high starts as medium
  await state.act((tx) =>
    recordHits(tx, [hit("transport", "10.0.0.1", "bad.example", { claims: [weak] })], undefined, community, now),
  );
  await raiseAlerts(alerting);
  const sure = claim("bad.example", { feed: "second", grade: { source: "A", statement: 1 } });
  await state.act((tx) => tx.intel.feed({ id: "second", liveDays: 9, voice: "alert" }, false));
  await state.act((tx) =>
    recordHits(
      tx,
      [hit("transport", "10.0.0.1", "bad.example", { line: 2, claims: [sure] })],
      undefined,
      community,
      now,
    ),
  );
  assert.equal(await raiseAlerts({ ...alerting, now: () => after(now, minute) }), 1);
  const rows = await sql`select ref, version, severity from alert order by version`;
  const [first] = rows;
  assert.deepEqual(
    rows.map((row) => ({ ...row })),
    [
      { ref: first?.["ref"], version: 1, severity: "medium" },
      { ref: `${first?.["ref"] as string}.2`, version: 2, severity: "high" },
    ],
  );
  const [finding] = await sql`select n, id from finding`;
  const n = finding?.["n"] as number;
  await state.act(async (tx) => {
    await tx.incidents.answer({ finding: n, who: "Chan", answer: "acknowledged", at: after(now, day) });
    await tx.incidents.answer({ finding: n, who: "Lee", answer: "fixed", note: "wiped \0", at: after(now, 2 * day) });
  });
  assert.deepEqual(
    (await state.act((tx) => tx.alerts.answers(n))).map(({ who, answer, note }) => ({ who, answer, note })),
    [
      { who: "Chan", answer: "acknowledged", note: undefined },
      { who: "Lee", answer: "fixed", note: "wiped \ufffd" },
    ],
  );
});

test("alerts raised and hits recorded at the same moment never wait for each other in a circle, and each finding is told once", async (t) => {
  const { sql, alerting, connect } = await opened(t);
  const [one, two, three] = [stateOf(connect()), stateOf(connect()), stateOf(connect())];
  const assets = Array.from({ length: 12 }, (_, at) => `10.0.1.${at}`);
  const recording = async (state: State, from: number): Promise<void> => {
    for (let round = 0; round < 6; round++) {
      const weak = claim("bad.example", { grade: { source: "D", statement: 4 } });
      const sure = claim("bad.example", { feed: "second", grade: { source: "A", statement: 1 } });
      const some = assets.map((asset, at) =>
        hit("transport", asset, "bad.example", { line: 1 + from + round, claims: [round + at > 8 ? sure : weak] }),
      );
      await state.act((tx) => recordHits(tx, some, undefined, community, now));
    }
  };
  await one.act((tx) => tx.intel.feed({ id: "second", liveDays: 9, voice: "alert" }, false));
  let busy = true;
  const raising = async (state: State): Promise<void> => {
    while (busy) await raiseAlerts({ ...alerting, state });
  };
  const raisers = [raising(three), raising(stateOf(connect()))];
  await Promise.all([recording(one, 0), recording(two, 100)]);
  busy = false;
  await Promise.all(raisers);
  while ((await raiseAlerts(alerting)) !== undefined);
  const [row] =
    await sql`select count(*)::int as findings, min(hits)::int as hits, (select count(*)::int from alert where version = 1) as told, (select count(*)::int from queue) as jobs,
    (select deadlocks::int from pg_stat_database where datname = current_database()) as deadlocks from finding`;
  assert.deepEqual({ ...row }, { findings: 12, hits: 12, told: 12, jobs: 0, deadlocks: 0 });
});

test("the owner's proven webhook hears of the alert once, thin, and nobody else's does", async (t) => {
  const { sql, state, alerting } = await opened(t);
  for (const [key, party, proven] of [
    ["a", "transport", true],
    ["b", "transport", false],
    ["c", "hospital", true],
  ] as const) {
    const webhook = { id: idOf("webhook", key), party: o(party), url: `https://${key}.example/`, made: now };
    const rest = { events: ["alert" as const], algorithm: "v1" as const, secret: "s", challenge: "c" };
    await state.act((tx) => tx.out.putWebhook({ ...webhook, ...rest }));
    if (proven) await sql`update webhook set proven = ${new Date(now)} where id = ${webhook.id}`;
  }
  await state.act((tx) => recordHits(tx, [hit("transport", "10.0.0.1", "bad.example")], undefined, community, now));
  assert.equal(await raiseAlerts(alerting), 1);
  assert.equal(await raiseAlerts(alerting), undefined);
  const [message, ...others] = await sql`select m.body, w.id from webhook_message m join webhook w on w.id = m.webhook`;
  assert.equal(others.length, 0);
  assert.equal(message?.["id"], idOf("webhook", "a"));
  const [finding] = await sql`select id from finding`;
  const { type, data } = JSON.parse(message?.["body"] as string) as { type: string; data: Record<string, unknown> };
  assert.equal(type, "alert");
  // a finding is AMBER+STRICT: where to look, and no more
  assert.deepEqual(data, {
    tlp: "amber+strict",
    ids: [finding?.["id"]],
    link: `https://waglan.example/findings/${finding?.["id"]}`,
  });
});
