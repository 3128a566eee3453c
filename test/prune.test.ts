import assert from "node:assert/strict";
import { test } from "node:test";
import { after, day, hour } from "#core/instant.ts";
import { buildExclusions } from "#intel/exclusions.ts";
import { keptMembers } from "#jobs/lists/members.ts";
import { indexSearch } from "#jobs/search/index.ts";
import { MatchMemory } from "#jobs/batches/match-memory.ts";
import { pruneLogs } from "#jobs/prune.ts";
import { streamLive } from "#store/intel.ts";
import { caughtUp } from "./cluster.ts";
import { linesOf, openOutWorld } from "./out-world.ts";

const keeping = { logDays: 30, receiptDays: 730 };
const domain = (name: string) => ({ kind: "domain" as const, value: name });

test("what changed is let go of once its days are over and every reader has it behind; who comes later starts anew", async (t) => {
  const world = await openOutWorld(t);
  const { list, clock, desk, sql } = world;
  const { state } = desk;
  const rows = async (): Promise<number> =>
    (await sql`select count(*)::int as n from intel_change`)[0]?.["n"] as number;
  await list(domain("one.example"), domain("two.example"));
  // a process that read as far as here, and sleeps from now on
  const sleeper = new MatchMemory(
    state,
    (at, each) => streamLive(sql, at, each),
    Buffer.alloc(32, 1),
    buildExclusions([], { allow: [] }),
    { read: async () => undefined, write: async () => {}, about: "test" },
  );
  await sleeper.refresh(clock.now);
  await list(domain("three.example"));
  const before = await rows();
  assert.equal(before, 3);

  const later = after(clock.now, 31 * day);
  // search has read nothing yet: all of it stays, however old
  assert.equal((await pruneLogs(state, keeping, later))["intel_change"], 0);
  await state.act((tx) => tx.queue.moveCursor("join-indicators", { xid: "0", seq: 0 }));
  await caughtUp(sql);
  while ((await indexSearch(state)) !== undefined);
  assert.equal((await pruneLogs(state, keeping, later))["intel_change"], 0, "join-indicators stands at the beginning");
  const [last] =
    await sql`select xid::text as xid, seq from intel_change order by intel_change.xid desc, seq desc limit 1`;
  const [second] =
    await sql`select xid::text as xid, seq from intel_change order by intel_change.xid, seq offset 1 limit 1`;
  await state.act((tx) => tx.queue.moveCursor("join-indicators", second as never));
  assert.equal((await pruneLogs(state, keeping, after(clock.now, 29 * day)))["intel_change"], 0, "not old enough");
  assert.equal((await pruneLogs(state, keeping, later))["intel_change"], 2);
  await state.act((tx) => tx.queue.moveCursor("join-indicators", last as never));
  assert.equal((await pruneLogs(state, keeping, later))["intel_change"], 1);
  assert.equal(await rows(), 0);
  assert.equal((await pruneLogs(state, keeping, later))["intel_change"], 0, "twice changes nothing");

  // the sleeper missed three.example, and is told so
  const news = await state.act((tx) => tx.intel.changes({ xid: "0", seq: 0 }, 10));
  assert.equal(news.lost, true);
  assert.equal((await state.act((tx) => tx.intel.changes(last as never, 10))).lost, undefined);
  await sleeper.refresh(clock.now);
  assert.equal(sleeper.index.lookup(domain("three.example"), 0).length, 1);
  assert.equal((await state.act((tx) => tx.intel.changes(last as never, 10))).ids.length, 0);
});

test("what responses held is let go of with the responses' days; keys and messages with theirs", async (t) => {
  const world = await openOutWorld(t);
  const { list, text, clock, desk, sql, organisation } = world;
  const { state } = desk;
  await list(domain("bad.example"));
  await text("transport", "domains");
  await state.act((tx) => tx.queue.once("somebody", "key", clock.now));
  await state.act((tx) => tx.out.putMembers(keptMembers(BigUint64Array.of(7n), undefined), clock.now));
  const keys = async (): Promise<number> => (await sql`select from idempotency`).length;
  const sets = async (): Promise<number> => (await sql`select from list_members`).length;
  assert.deepEqual([await keys(), await sets()], [1, 2]);

  await sql`insert into webhook (id, party, url, events, algorithm, secret, challenge, made) values (gen_random_uuid(), ${organisation("transport")}, 'https://a.example', '{}', 'v1', '', '', ${new Date(clock.now)})`;
  await sql`insert into webhook_message (id, webhook, event, body, objects, created, next_at, sent)
    select gen_random_uuid(), id, 'recall', '', 0, made, case when n = 1 then made end, case when n = 2 then made end from webhook, generate_series(1, 2) n`;
  const logged = (await sql`select from directory_change`).length;
  assert.deepEqual(await pruneLogs(state, keeping, after(clock.now, 31 * day)), {
    ...{ intel_change: 0, report_change: 0, directory_change: logged - 1 },
    ...{ list_members: 0, idempotency: 1, webhook_message: 1, knowledge_row: 0, sensor_parcel: 0 },
  });
  assert.equal((await sql`select from webhook_message where next_at is not null`).length, 1, "what waits stays");
  assert.equal(await sets(), 2);
  const gone = await pruneLogs(state, keeping, after(clock.now, 731 * day));
  // one set nobody was sent; the other stands in the list's last version, whose response is over
  assert.equal(gone["list_members"], 1);
  assert.deepEqual(linesOf(await text("transport", "domains")), ["bad.example"]);
});

test("the directory's own log keeps its newest row, and who comes with an old place loads again", async (t) => {
  const { desk, sql, clock } = await openOutWorld(t);
  const { state } = desk;
  const [{ v: newest } = {}] = await sql`select max(version)::text as v from directory_change`;
  assert.ok(newest !== undefined);
  await pruneLogs(state, keeping, after(clock.now, 3650 * day));
  assert.equal((await sql`select from directory_change`).length, 1);
  assert.equal(await state.act((tx) => tx.community.changesSince("0")), undefined);
  assert.deepEqual(await state.act((tx) => tx.community.changesSince(String(newest))), {
    changes: [],
    cursor: String(newest),
  });
});

test("a list is made anew when what its source is worth by its record changes", async (t) => {
  const world = await openOutWorld(t);
  const { list, text, sql, clock, send } = world;
  await list({ ...domain("bad.example"), grade: { source: "C", statement: 3 } });
  const first = await send("transport", "domains", "txt");
  assert.deepEqual(linesOf(await text("transport", "domains")), ["bad.example"]);
  clock.now = after(clock.now, 1000);
  const record = (trust: number) => sql`insert into feed_scorecard
      (feed, at, live, alone, right_cases, wrong_cases, confirmed, disputed, false_findings, verdicts, trust)
    values ('list', ${new Date(clock.now)}, 1, 1, 0, 9, 0, 9, 9, 9, ${trust})
    on conflict (feed) do update set trust = excluded.trust`;
  await record(0.01);
  assert.deepEqual(linesOf(await text("transport", "domains")), [], "a source that is always wrong blocks nothing");
  assert.notEqual((await send("transport", "domains", "txt", {}, { etags: [first.etag] })).packed, undefined);
  clock.now = after(clock.now, hour / 60);
  await record(1);
  assert.deepEqual(linesOf(await text("transport", "domains")), ["bad.example"]);
});
