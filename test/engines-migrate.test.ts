import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Migration, migrate, pendingMigrations } from "#store/migrate.ts";
import { migrations as ours } from "#store/migrations/index.ts";
import { isGone } from "#store/gone.ts";
import { foreignKeysOf, inDependencyOrder } from "#store/tables.ts";
import { testDatabase } from "./cluster.ts";

const steps: readonly Migration[] = [
  { number: 1, name: "one", sql: "create table one (n integer primary key); insert into one values (1)" },
  { number: 2, name: "two", sql: "create table two (n integer references one); insert into two values (1)" },
  { number: 3, name: "three", sql: "alter table two add column said text not null default 'yes'" },
];

test("migrate() runs each step once, in order, and is idempotent from any start", async (t) => {
  for (const had of [0, 1, 2, 3]) {
    const { sql } = await testDatabase(t, []);
    await migrate(sql, steps.slice(0, had));
    const expected = steps.slice(had).map((step) => step.number);
    assert.deepEqual(
      (await pendingMigrations(sql, steps)).map((step) => step.number),
      expected,
    );
    assert.deepEqual(await migrate(sql, steps), { applied: expected, version: 3 });
    assert.deepEqual(await migrate(sql, steps), { applied: [], version: 3 });
    const [row] = await sql`select said from two`;
    assert.equal(row?.["said"], "yes");
  }
});

test("migrate() refuses a changed step and a step it does not know, and changes nothing", async (t) => {
  const { sql } = await testDatabase(t, steps);
  const changed = steps.map((step) => (step.number === 2 ? { ...step, sql: `${step.sql} ` } : step));
  await assert.rejects(migrate(sql, changed), { code: "WGL_MIGRATION_CHANGED" });
  await assert.rejects(migrate(sql, steps.slice(0, 2)), { code: "WGL_MIGRATION_UNKNOWN" });
  assert.deepEqual(await migrate(sql, steps), { applied: [], version: 3 });
});

test("migrate() keeps no half of a step that fails", async (t) => {
  const { sql } = await testDatabase(t, steps.slice(0, 1));
  const broken = [
    ...steps.slice(0, 1),
    { number: 2, name: "broken", sql: "create table left_over (n int); select 1/0" },
  ];
  await assert.rejects(migrate(sql, broken), /division by zero/);
  const [row] = await sql`select to_regclass('left_over') as there`;
  assert.equal(row?.["there"], null);
  assert.deepEqual((await migrate(sql, steps)).applied, [2, 3]);
});

test("migrate() by two processes at once: one works, one waits, each step runs once", async (t) => {
  const database = await testDatabase(t, []);
  const runs = await Promise.all([1, 2, 3].map(() => migrate(database.connect(), ours)));
  assert.deepEqual(
    runs.flatMap((run) => run.applied).toSorted((a, b) => a - b),
    ours.map((step) => step.number),
  );
});

test("state gives times as milliseconds and bigint as a number, and takes both as numbers", async (t) => {
  const { sql } = await testDatabase(t, []);
  const time = 1_795_000_000_123;
  const [row] = await sql`select ${time}::timestamptz as at, ${[time]}::timestamptz[] as many, 42::bigint as n,
    '2026-11-19T08:42:00.123999Z'::timestamptz as fine, null::timestamptz as absent`;
  assert.deepEqual(
    { ...row },
    { at: time, many: [time], n: 42, fine: Date.UTC(2026, 10, 19, 8, 42, 0, 123), absent: null },
  );
  await assert.rejects(sql`select 9007199254740993::bigint`, { code: "WGL_STATE_NUMBER" });
});

test("isGone() tells a lost server from a refused statement, in queries and in transactions", async (t) => {
  const { sql, connect } = await testDatabase(t, []);
  const victim = connect();
  const pid = async (): Promise<number> => (await victim`select pg_backend_pid() as pid`)[0]?.["pid"] as number;
  await pid();
  const cut = victim.begin(async (tx) => {
    const [row] = await tx`select pg_backend_pid() as pid`;
    await sql`select pg_terminate_backend(${row?.["pid"] as number})`;
    await tx`select 1`;
  });
  await assert.rejects(cut, (error) => isGone(error) && (error as { code?: string }).code === "WGL_STATE_GONE");
  assert.equal(typeof (await pid()), "number");
  await assert.rejects(sql`select 1/0`, (error) => !isGone(error));
});

test("inDependencyOrder() puts every table after those it points to, and names the keys of circles", () => {
  const name = fc.constantFrom("a", "b", "c", "d", "e", "f");
  const key = fc.record({ table: name, to: name }).map((edge) => ({ ...edge, name: "k", definition: "" }));
  fc.assert(
    fc.property(fc.array(key, { maxLength: 12 }), (keys) => {
      const { order, circular } = inDependencyOrder(["a", "b", "c", "d", "e", "f"], keys);
      assert.deepEqual(order.toSorted(), ["a", "b", "c", "d", "e", "f"]);
      for (const key of keys)
        assert.ok(
          key.table === key.to || circular.includes(key) || order.indexOf(key.to) < order.indexOf(key.table),
          `${key.table} → ${key.to}`,
        );
    }),
  );
});

test("inDependencyOrder() finds no circle in our own schema", async (t) => {
  const { sql } = await testDatabase(t);
  const keys = await foreignKeysOf(sql);
  const tables = new Set(keys.flatMap((key) => [key.table, key.to]));
  assert.ok(tables.size > 5);
  assert.deepEqual(inDependencyOrder([...tables], keys).circular, []);
});
