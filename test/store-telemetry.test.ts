import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test, type TestContext } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import type { Sql } from "postgres";
import { after, day, instant, minute } from "#core/instant.ts";
import { problem } from "#core/result.ts";
import type { State } from "#jobs/ports.ts";
import { RecentBodies } from "#store/recent-bodies.ts";
import { stateOf } from "#store/state.ts";
import type { Batch } from "#telemetry/ports.ts";
import { testDatabase } from "./cluster.ts";
import { emptyDirectory, now, o, organisation } from "./incident-world.ts";

const opened = async (t: TestContext): Promise<{ sql: Sql; state: State; connect: () => Sql }> => {
  const { sql, connect } = await testDatabase(t);
  const state = stateOf(sql);
  const sensor = (id: string) => ({
    id: id as never,
    key: id,
    organisation: o("transport"),
    title: id,
    format: "suricata-eve",
    networks: [],
  });
  await state.act((tx) =>
    tx.community.put(
      { ...emptyDirectory, organisations: [organisation("transport")], sensors: [sensor("s1"), sensor("s2")] },
      now,
    ),
  );
  return { sql, state, connect };
};

const batch = (key: string, text: string = key, sensor: string = "s1"): Omit<Batch, "n"> => ({
  ...{ sensor, key, digest: createHash("sha256").update(text).digest("hex"), received: now, body: gzipSync(text) },
});
const accept = (state: State, one: Omit<Batch, "n">, limit = 100) => state.act((tx) => tx.telemetry.accept(one, limit));
const outcome = { lines: 1, rejected: {}, problems: [] };

test("accept() commits a batch once under (sensor, key): again is a duplicate, another body a conflict, another sensor another batch", async (t) => {
  const { sql, state } = await opened(t);
  const first = await accept(state, batch("k"));
  assert.equal(first.kind, "accepted");
  assert.deepEqual(await accept(state, batch("k")), { kind: "duplicate", n: "n" in first ? first.n : -1 });
  assert.deepEqual(await accept(state, batch("k", "other bytes")), { kind: "conflict" });
  assert.equal((await accept(state, batch("k", "k", "s2"))).kind, "accepted");
  const [row] = await sql`select count(*)::int as n from telemetry_batch`;
  assert.equal(row?.["n"], 2);
});

test("a batch's body is that which came, whoever took it in and whatever its number was before", async (t) => {
  const { sql, state, connect } = await opened(t);
  const other = stateOf(connect());
  const next = async (of: State): Promise<readonly [n: number, text: string]> =>
    of.act(async (tx) => {
      const one = await tx.telemetry.unmatched();
      assert.ok(one);
      return [one.n, gunzipSync(one.body).toString()];
    });
  await accept(state, batch("mine"));
  // remembered by who took it in, read by the other
  assert.deepEqual(
    [await next(state), await next(other)],
    [
      [1, "mine"],
      [1, "mine"],
    ],
  );
  await state.act((tx) => tx.telemetry.matched(1, outcome, now));
  // a database that was put back gives its numbers again
  await accept(state, batch("lost"));
  await sql`delete from telemetry_batch where n = 2`;
  await sql`alter table telemetry_batch alter column n restart with 2`;
  await accept(other, batch("another's"));
  assert.deepEqual(
    [await next(state), await next(other)],
    [
      [2, "another's"],
      [2, "another's"],
    ],
  );
});

test("a body of whatever bytes is kept as they are, and PostgreSQL does not try to compress what comes packed", async (t) => {
  const { sql, state, connect } = await opened(t);
  // every byte, at every place of a group of three, from the middle of a larger buffer; and what would compress well
  const bytes = Uint8Array.from({ length: 9000 }, (_, at) => (at < 4000 ? (at * 7 + (at >> 8)) % 256 : 0)).subarray(
    1,
    -1,
  );
  for (const [at, body] of [bytes, bytes.subarray(1), bytes.subarray(2), new Uint8Array(0)].entries()) {
    const taken = await accept(state, { ...batch(`bytes ${at}`), body });
    assert.equal(taken.kind, "accepted");
    // another process remembers none
    const read = await stateOf(connect()).act((tx) => tx.telemetry.bodyOf("n" in taken ? taken.n : -1));
    assert.deepEqual(Buffer.from(read), Buffer.from(body));
  }
  const [row] =
    await sql`select octet_length(body) as whole, pg_column_size(body) as stored from telemetry_batch where key = 'bytes 0'`;
  assert.deepEqual([row?.["whole"], row?.["stored"]], [bytes.length, bytes.length]);
  const kept = await sql`select attrelid::regclass || '.' || attname as name from pg_attribute
    where attstorage = 'e' and attnum > 0 and attrelid in (select oid from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace)`;
  assert.deepEqual(kept.map((one) => String(one["name"])).sort(), [
    ...["batch_facts.body", "detect_partition.checkpoint", "hunt_cause.checkpoint", "sensor_parcel.body"],
    "telemetry_batch.body",
  ]);
});

test("the cache of bodies is bounded: who comes first is matched first, and stays", () => {
  const bodies = new RecentBodies(10);
  const lengths = (...of: number[]): unknown => of.map((n) => bodies.take(n, String(n))?.length);
  for (const n of [1, 2, 3, 4]) bodies.put(n, String(n), new Uint8Array(4));
  assert.deepEqual(lengths(1, 2, 4), [4, 4, undefined], "the third filled it");
  assert.deepEqual(lengths(2), [undefined], "a body that was taken is its taker's");
  bodies.put(5, "5", new Uint8Array(40));
  bodies.put(6, "6", new Uint8Array(1));
  assert.deepEqual(lengths(3, 5, 6), [4, 40, undefined]);
  bodies.put(7, "7", new Uint8Array(10));
  bodies.put(7, "8", new Uint8Array(10));
  assert.equal(bodies.take(7, "8")?.length, 10);
  bodies.put(7, "8", new Uint8Array(10));
  assert.equal(bodies.take(7, "7"), undefined);
});

test("bodies whose batches another process took make room", () => {
  const bodies = new RecentBodies(10);
  for (const n of [1, 2]) bodies.put(n, "d", new Uint8Array(5));
  bodies.put(30, "d", new Uint8Array(5));
  assert.equal(bodies.take(30, "d"), undefined, "no room was left");
  bodies.put(31, "d", new Uint8Array(5));
  assert.equal(bodies.take(31, "d")?.length, 5);
  assert.equal(bodies.take(1, "d"), undefined);
});

test("accept() of one key from many connections at once is accepted once", async (t) => {
  const { state, connect } = await opened(t);
  const states = [state, stateOf(connect()), stateOf(connect())];
  const said = await Promise.all(
    Array.from({ length: 15 }, (_, at) => accept(states[at % 3] as State, batch("k", at === 7 ? "changed" : "same"))),
  );
  const kinds = said.map((one) => one.kind);
  assert.equal(kinds.filter((kind) => kind === "accepted").length, 1);
  assert.ok(kinds.every((kind) => kind === "accepted" || kind === "duplicate" || kind === "conflict"));
  assert.equal(new Set(said.flatMap((one) => ("n" in one ? [one.n] : []))).size, 1);
});

test("accept() at the limit keeps nothing and says busy; what is known already is still acknowledged", async (t) => {
  const { sql, state } = await opened(t);
  for (const key of ["a", "b"]) await accept(state, batch(key), 2);
  assert.deepEqual(await accept(state, batch("c"), 2), { kind: "busy" });
  assert.equal((await accept(state, batch("a"), 2)).kind, "duplicate");
  const [row] = await sql`select count(*)::int as n from telemetry_batch`;
  assert.equal(row?.["n"], 2);
  await state.act(async (tx) => tx.telemetry.matched((await tx.telemetry.unmatched())?.n ?? -1, outcome, now));
  assert.equal((await accept(state, batch("c"), 2)).kind, "accepted");
});

test("unmatched() gives the oldest that nobody holds; what dies in the middle is there again, and nothing twice", async (t) => {
  const { state, connect } = await opened(t);
  for (const key of ["a", "b", "c"]) await accept(state, batch(key));
  const other = stateOf(connect());
  await state.act(async (tx) => {
    const mine = await tx.telemetry.unmatched();
    const theirs = await other.act((second) => second.telemetry.unmatched());
    assert.deepEqual([mine?.key, theirs?.key], ["a", "b"]);
    assert.deepEqual(Buffer.from(mine?.body ?? []), batch("a").body);
  });
  await assert.rejects(
    state.act(async (tx) => {
      const mine = await tx.telemetry.unmatched();
      await tx.telemetry.matched(mine?.n ?? -1, outcome, now);
      throw new Error("killed");
    }),
  );
  const taken: string[] = [];
  const take = (from: State): Promise<boolean> =>
    from.act(async (tx) => {
      const mine = await tx.telemetry.unmatched();
      if (!mine) return false;
      taken.push(mine.key);
      await tx.telemetry.matched(mine.n, outcome, now);
      return true;
    });
  while ((await Promise.all([take(state), take(other)])).some(Boolean));
  assert.deepEqual(taken.sort(), ["a", "b", "c"]);
});

test("unstored() waits until a batch is matched, so that a slow history never stands in the way of a match", async (t) => {
  const { state } = await opened(t);
  await accept(state, batch("a"));
  assert.deepEqual(await state.act((tx) => tx.telemetry.unstored(9)), []);
  await state.act(async (tx) => tx.telemetry.matched((await tx.telemetry.unmatched())?.n ?? -1, outcome, now));
  const [waiting] = await state.act((tx) => tx.telemetry.unstored(9));
  assert.equal(waiting?.key, "a");
  await state.act((tx) => tx.telemetry.stored([waiting?.n ?? -1], now));
  assert.deepEqual(await state.act((tx) => tx.telemetry.unstored(9)), []);
});

test("matched() keeps rejected lines with their reason, failed() a batch that cannot be read; hostile values included", async (t) => {
  const { sql, state } = await opened(t);
  const problem = { code: "WGL_TIME", message: "Cannot read", with: { value: "\0\ud800" } } as const;
  await accept(state, batch("a"));
  await accept(state, batch("b"));
  const take = () => state.act((tx) => tx.telemetry.unmatched());
  const a = (await take())?.n ?? -1;
  await state.act((tx) =>
    tx.telemetry.matched(
      a,
      {
        lines: 9,
        rejected: { WGL_TIME: 2 },
        problems: [
          { line: 4, problem },
          { line: 8, problem },
        ],
      },
      now,
    ),
  );
  const b = (await take())?.n ?? -1;
  await state.act((tx) => tx.telemetry.failed(b, problem, now));
  assert.equal(await take(), undefined, "not tried again");
  const rows =
    await sql`select batch, line, problem->'with'->>'value' as value from telemetry_rejected order by batch, line`;
  assert.deepEqual(
    rows.map((row) => ({ ...row })),
    [
      { batch: a, line: 4, value: "\ufffd\ufffd" },
      { batch: a, line: 8, value: "\ufffd\ufffd" },
      { batch: b, line: 0, value: "\ufffd\ufffd" },
    ],
  );
  assert.deepEqual(
    (await state.act((tx) => tx.telemetry.unstored(9))).map((one) => one.n),
    [a],
    "what cannot be read is not for history",
  );
});

test("forget() lets bodies go that were matched and stored before, and nothing else; the batch stays known", async (t) => {
  const { state } = await opened(t);
  for (const key of ["a", "b"]) await accept(state, batch(key));
  const a = (await state.act((tx) => tx.telemetry.unmatched()))?.n ?? -1;
  await state.act((tx) => tx.telemetry.matched(a, outcome, now));
  assert.equal(await state.act((tx) => tx.telemetry.forget(after(now, day))), 0, "not in history yet");
  await state.act((tx) => tx.telemetry.stored([a], now));
  assert.equal(await state.act((tx) => tx.telemetry.forget(now)), 0, "the instant itself is kept");
  assert.equal(await state.act((tx) => tx.telemetry.forget(after(now, 1))), 1);
  assert.equal((await accept(state, batch("a"))).kind, "duplicate");
  assert.equal((await state.act((tx) => tx.telemetry.unmatched()))?.key, "b");
});

test("heard() adds up, and never goes back in time", async (t) => {
  const { sql, state } = await opened(t);
  await state.act((tx) => tx.telemetry.heard("s1", after(now, minute), 5, 1));
  await state.act((tx) => tx.telemetry.heard("s1", now, 7, 2));
  const [row] = await sql`select at, events, rejected from sensor_heard`;
  assert.deepEqual({ ...row }, { at: after(now, minute), events: 12, rejected: 3 });
});

test("strike: a batch that breaks us goes behind the others, and after five times it is put aside with its reason", async (t) => {
  const { sql } = await testDatabase(t);
  const state = stateOf(sql);
  await sql`insert into organisation (id, key, kind, names, languages, shadow, zone, since) values ('o', 'o', 'member', '{}', '{en}', false, 'UTC', now())`;
  await sql`insert into sensor (id, key, organisation, title, format) values ('s', 's', 'o', 'S', 'zeek')`;
  const at = instant(Date.parse("2026-11-21T08:00:00Z"));
  for (const key of ["bad", "good"])
    await state.act((tx) =>
      tx.telemetry.accept({ sensor: "s", key, digest: key, received: at, body: Buffer.from(key) }, 10),
    );
  const first = await state.act((tx) => tx.telemetry.unmatched());
  assert.equal(first?.key, "bad");
  const strike = (): Promise<void> =>
    state.act((tx) => tx.telemetry.strike(first.n, problem("WGL_BATCH_OURS", {}), at));
  await strike();
  assert.equal((await state.act((tx) => tx.telemetry.unmatched()))?.key, "good");
  for (let n = 0; n < 3; n++) await strike();
  assert.equal((await sql`select from telemetry_batch where matched is null`).length, 2);
  await strike();
  const [row] = await sql`select matched is not null as matched, rejected from telemetry_batch where key = 'bad'`;
  assert.deepEqual({ ...row }, { matched: true, rejected: { WGL_BATCH_OURS: 1 } });
});
