import { createHash } from "node:crypto";
import type { Sql, TransactionSql } from "postgres";
import { WaglanError } from "#core/result.ts";

/** One forward step of the schema. A published text never changes and a number is never reused. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  /** Statements, run in one transaction together with the note that they ran. */
  readonly sql: string;
}

/** What a migration run did. */
export interface Migrated {
  readonly applied: readonly number[];
  /** The highest step the database has now; 0 when none. */
  readonly version: number;
}

/** Every schema change of both engines happens under this transaction lock ("WGLN" and 2): the second process waits. */
export const migrationLock = [0x57_47_4c_4e, 2] as const;

export const checksum = (text: string): string => createHash("sha256").update(text).digest("hex");

/**
 * Brings the database to the last of `migrations`, each in its own transaction; what ran before is compared, not run.
 *
 * @param migrations in order of their numbers
 * @throws WGL_MIGRATION_CHANGED | WGL_MIGRATION_UNKNOWN
 */
export const migrate = async (sql: Sql, migrations: readonly Migration[]): Promise<Migrated> => {
  const applied: number[] = [];
  for (;;) {
    const number = await sql.begin((tx) => nextStep(tx, migrations));
    if (number === undefined) return { applied, version: migrations.at(-1)?.number ?? 0 };
    applied.push(number);
  }
};

/** Locks, compares, and runs the first step that is missing; nothing when none is. */
const nextStep = async (tx: TransactionSql, migrations: readonly Migration[]): Promise<number | undefined> => {
  await tx`select pg_advisory_xact_lock(${migrationLock[0]}, ${migrationLock[1]})`;
  // xid: rows that a migration itself wrote are known by it, so that a restore may replace them
  await tx`create table if not exists waglan_migration (
    number integer primary key, name text not null, checksum text not null, at timestamptz not null default now(),
    xid bigint not null default (pg_current_xact_id()::text::numeric % 4294967296)::bigint)`;
  const done = await tx<{ number: number; checksum: string }[]>`select number, checksum from waglan_migration`;
  const known = new Map(migrations.map((migration) => [migration.number, migration]));
  for (const row of done) {
    const migration = known.get(row.number);
    if (migration === undefined)
      throw new WaglanError("WGL_MIGRATION_UNKNOWN", { number: row.number, known: migrations.at(-1)?.number ?? 0 });
    if (checksum(migration.sql) !== row.checksum)
      throw new WaglanError("WGL_MIGRATION_CHANGED", { number: row.number, name: migration.name });
  }
  const ran = new Set(done.map((row) => row.number));
  const next = migrations.find((migration) => !ran.has(migration.number));
  if (next === undefined) return undefined;
  await tx.unsafe(next.sql).simple();
  await tx`insert into waglan_migration (number, name, checksum)
    values (${next.number}, ${next.name}, ${checksum(next.sql)})`;
  return next.number;
};

/** Steps of `migrations` that the database has not had; an empty database lacks all. */
export const pendingMigrations = async (sql: Sql, migrations: readonly Migration[]): Promise<readonly Migration[]> => {
  const [row] = await sql<{ there: boolean }[]>`select to_regclass('waglan_migration') is not null as there`;
  if (!row?.there) return migrations;
  const done = await sql<{ number: number }[]>`select number from waglan_migration`;
  const ran = new Set(done.map((row) => row.number));
  return migrations.filter((migration) => !ran.has(migration.number));
};
