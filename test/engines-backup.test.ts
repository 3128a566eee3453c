import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import type { Sql } from "postgres";
import { backup, type Manifest, restore } from "#store/backup.ts";
import type { Migration } from "#store/migrate.ts";
import { migrations as ours } from "#store/migrations/index.ts";
import { testDatabase } from "./cluster.ts";

/** Everything a copy of rows can stumble on: circles, a key to itself, generated and identity columns, seeds, triggers. */
const awkward: readonly Migration[] = [
  {
    number: 1,
    name: "awkward",
    sql: `
      create table a_child (n bigint generated always as identity primary key, parent text not null,
        twice bigint generated always as (size * 2) stored, size bigint not null, bytes bytea, at timestamptz, list text[], doc jsonb, real double precision);
      create table b_parent (id text primary key, above text references b_parent deferrable initially deferred, favourite bigint references a_child);
      alter table a_child add foreign key (parent) references b_parent;
      create table "Strange_Name" (n serial primary key, "select" text);
      create table seeded (word text primary key);
      insert into seeded values ('from the migration');
      create table noticed (n bigint generated always as identity, what text);
      create function notice() returns trigger language plpgsql as $$ begin insert into noticed (what) values ('insert'); return null; end $$;
      create trigger notice after insert on b_parent for each statement execute function notice();
      create table parted (at date not null, what text) partition by range (at);
      create table parted_1 partition of parted for values from ('2026-01-01') to ('2027-01-01');
      create table parted_rest partition of parted default;`,
  },
];

const fillAwkward = async (sql: Sql): Promise<void> => {
  await sql.begin(async (tx) => {
    await tx`insert into b_parent values ('child', 'root', null), ('root', null, null)`;
    await tx`insert into a_child (parent, size, bytes, at, list, doc, real)
      select 'root', n, sha256(n::text::bytea), '2026-11-19 08:42:00.123456+00'::timestamptz + n * interval '1 s',
        array['a\\b', E'tab\\there', null, '"q"', '繁體'], jsonb_build_object('line', E'two\\nlines \\\\N', 'n', n), 1 / (n + 2.0)
      from generate_series(1, 3000) n`;
    await tx`update b_parent set favourite = 7 where id = 'root'`;
    await tx`insert into "Strange_Name" ("select") values ('x'), (null), ('')`;
    await tx`insert into seeded values ('added')`;
    await tx`delete from seeded where word <> 'added'`;
    await tx`insert into parted values ('2026-05-05', 'in'), ('2030-01-01', 'rest')`;
  });
};

const names = async (sql: Sql): Promise<readonly string[]> =>
  (
    await sql`select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
      and relname not like 'waglan%' order by 1`
  ).map((row) => row["name"] as string);

/** Every row of every table as text, ordered. */
const contents = async (sql: Sql): Promise<Record<string, readonly string[]>> => {
  const all: Record<string, readonly string[]> = {};
  for (const name of await names(sql))
    all[name] = (await sql`select t::text as row from ${sql(name)} t order by 1`).map((row) => row["row"] as string);
  return all;
};

const folderFor = (t: TestContext): string => {
  const folder = mkdtempSync(join(tmpdir(), "waglan-backup-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

test("restore(backup()) is the same rows, keys, sequences and triggers", async (t) => {
  const from = await testDatabase(t, awkward);
  await fillAwkward(from.sql);
  const folder = folderFor(t);
  const manifest = await backup(from.sql, folder);
  assert.equal(manifest.tables.find((table) => table.name === "a_child")?.rows, 3000);
  const to = await testDatabase(t, awkward);
  await restore(to.sql, folder);
  assert.deepEqual(await contents(to.sql), await contents(from.sql));
  assert.deepEqual((await contents(to.sql))["seeded"], ["(added)"]);
  // sequences go on, keys bind again, triggers fire again
  const [next] = await to.sql`insert into a_child (parent, size) values ('root', 1) returning n`;
  assert.equal(next?.["n"], 3001);
  await assert.rejects(to.sql`insert into a_child (parent, size) values ('nobody', 1)`, { code: "23503" });
  await to.sql`insert into b_parent values ('new', 'root', null)`;
  assert.equal((await contents(to.sql))["noticed"]?.length, ((await contents(from.sql))["noticed"]?.length ?? 0) + 1);
});

test("restore() needs no superuser, only to own the tables", async (t) => {
  const from = await testDatabase(t, awkward);
  await fillAwkward(from.sql);
  const folder = folderFor(t);
  await backup(from.sql, folder);
  const to = await testDatabase(t, awkward);
  const role = `owner_${to.name}`;
  await to.sql.unsafe(`create role ${role}; grant create, usage on schema public to ${role};
    do $$ declare r record; begin
      for r in select oid::regclass as t from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
      loop execute format('alter table %s owner to ${role}', r.t); end loop; end $$`);
  try {
    await restore(beginningAs(to.sql, role), folder);
    assert.deepEqual(await contents(to.sql), await contents(from.sql));
  } finally {
    await to.sql.unsafe(`reassign owned by ${role} to current_user; drop owned by ${role}; drop role ${role}`);
  }
});

/** The client, each of whose transactions begins as `role`. */
const beginningAs = (sql: Sql, role: string): Sql =>
  new Proxy(sql, {
    get: (target, key, self) =>
      key === "begin"
        ? (work: (tx: Sql) => Promise<unknown>) =>
            target.begin(async (tx) => {
              await tx.unsafe(`set local role ${role}`);
              return work(tx as unknown as Sql);
            })
        : (Reflect.get(target, key, self) as unknown),
  });

test("restore() refuses damage, and then the database is as before", async (t) => {
  const from = await testDatabase(t, awkward);
  await fillAwkward(from.sql);
  const to = await testDatabase(t, awkward);
  const before = await contents(to.sql);
  const harms: readonly (readonly [string, (folder: string) => void])[] = [
    ["a value changed", (folder) => edit(folder, (text) => text.replace("two", "too"))],
    ["a row missing", (folder) => edit(folder, (text) => text.slice(text.indexOf("\n") + 1))],
    ["a row twice", (folder) => edit(folder, (text) => text + text.slice(0, text.indexOf("\n") + 1))],
    ["a file cut", (folder) => truncateSync(join(folder, "a_child.copy.gz"), 5000)],
    ["a file gone", (folder) => rmSync(join(folder, "a_child.copy.gz"))],
  ];
  for (const [what, harm] of harms) {
    const folder = folderFor(t);
    await backup(from.sql, folder);
    harm(folder);
    await assert.rejects(restore(to.sql, folder), { code: "WGL_BACKUP_DAMAGED" }, what);
    assert.deepEqual(await contents(to.sql), before, what);
  }
});

const edit = (folder: string, change: (text: string) => string): void => {
  const file = join(folder, "a_child.copy.gz");
  writeFileSync(file, gzipSync(change(gunzipSync(readFileSync(file)).toString())));
};

test("restore() refuses other migrations, rows that are in the way, and what is no backup", async (t) => {
  const from = await testDatabase(t, awkward);
  await fillAwkward(from.sql);
  const folder = folderFor(t);
  await backup(from.sql, folder);
  await assert.rejects(restore((await testDatabase(t)).sql, folder), { code: "WGL_BACKUP_MIGRATIONS" });
  const used = await testDatabase(t, awkward);
  await used.sql`insert into seeded values ('somebody wrote this')`;
  await assert.rejects(restore(used.sql, folder), { code: "WGL_RESTORE_NOT_EMPTY", with: { table: "seeded" } });
  await assert.rejects(backup(from.sql, folder), { code: "WGL_BACKUP_FOLDER" });
  const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")) as Manifest;
  const hostile = { ...manifest, tables: [{ ...manifest.tables[0], name: "../../etc/passwd" }] };
  writeFileSync(join(folder, "manifest.json"), JSON.stringify(hostile));
  await assert.rejects(restore(from.sql, folder), { code: "WGL_BACKUP_MANIFEST" });
  await assert.rejects(restore(from.sql, folderFor(t)), { code: "WGL_BACKUP_MANIFEST" });
});

test("backup() is one instant, though writers go on", async (t) => {
  const { sql, connect } = await testDatabase(t, awkward);
  await fillAwkward(sql);
  const writer = connect();
  let done = false;
  const writing = (async () => {
    while (!done)
      await writer.begin(async (tx) => {
        const [row] = await tx`insert into "Strange_Name" ("select") values ('pair') returning n`;
        await tx`insert into b_parent values (${`pair ${row?.["n"] as number}`}, 'root', null)`;
      });
  })();
  const folder = folderFor(t);
  await backup(sql, folder);
  done = true;
  await writing;
  const text = (name: string): string => gunzipSync(readFileSync(join(folder, `${name}.copy.gz`))).toString();
  const pairs = (text("Strange_Name").match(/\tpair\n/g) ?? []).length;
  assert.equal((text("b_parent").match(/^pair /gm) ?? []).length, pairs);
});

test("restore(backup()) of our own schema, from the newest PostgreSQL to this test's and back", async (t) => {
  const from = await testDatabase(t);
  await from.sql`insert into organisation (id, key, kind, names, languages, shadow, zone, since)
    values ('o1', 'parks', 'member', '{"en":"Parks"}', '{en,zh-Hant}', false, 'Asia/Hong_Kong', now())`;
  const folder = folderFor(t);
  const manifest = await backup(from.sql, folder);
  assert.ok(manifest.tables.every((table) => existsSync(join(folder, table.file))));
  assert.deepEqual(
    manifest.migrations.map((step) => step.number),
    ours.map((step) => step.number),
  );
  const to = await testDatabase(t);
  await restore(to.sql, folder);
  assert.deepEqual(await contents(to.sql), await contents(from.sql));
});
