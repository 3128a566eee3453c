import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, open, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import type { Sql, TransactionSql } from "postgres";
import { WaglanError } from "#core/result.ts";
import { copyIn } from "./copy-in.ts";
import { copyOut } from "./copy-out.ts";
import { foreignKeysOf, inDependencyOrder, type Table, tablesOf } from "./tables.ts";

/**
 * What a backup folder holds, in its `manifest.json`, which is written last: a folder without one is half a backup.
 * Rows are PostgreSQL's text COPY, one file a table, so that any PostgreSQL from 15 on reads what any other wrote.
 */
export interface Manifest {
  readonly format: "waglan-backup";
  readonly version: 1;
  /** The migrations the rows belong to, in order: numbers and checksums. */
  readonly migrations: readonly { readonly number: number; readonly checksum: string }[];
  /** Of the server the rows came from: transaction ids mean nothing on another. */
  readonly systemIdentifier: string;
  readonly tables: readonly BackedUpTable[];
  readonly sequences: readonly { readonly name: string; readonly last: number }[];
}

export interface BackedUpTable {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: number;
  /** Of the rows before compression. */
  readonly sha256: string;
  readonly file: string;
}

const manifestFile = "manifest.json";

/**
 * Writes all rows of one instant to `folder`, which is made and must be empty. Writers are not held up.
 *
 * @throws WGL_BACKUP_FOLDER | WGL_STATE_GONE
 */
export const backup = async (sql: Sql, folder: string): Promise<Manifest> => {
  await emptyFolder(folder);
  const manifest = await sql.begin("isolation level repeatable read read only", async (tx): Promise<Manifest> => {
    await plainText(tx);
    const tables: BackedUpTable[] = [];
    for (const table of await tablesOf(tx)) tables.push(await copyAway(tx, table, folder));
    const [system] = await tx<{ id: string }[]>`select system_identifier::text as id from pg_control_system()`.catch(
      () => [{ id: "" }], // a managed server may not tell
    );
    return {
      format: "waglan-backup",
      version: 1,
      migrations: await migrationsOf(tx),
      systemIdentifier: system?.id ?? "",
      tables,
      sequences: await sequencesOf(tx),
    };
  });
  const file = await open(join(folder, manifestFile), "wx", 0o600);
  await file.writeFile(`${JSON.stringify(manifest, null, 2)}\n`);
  await file.sync();
  await file.close();
  return manifest;
};

/**
 * Puts the rows of `folder` into a database that has the same migrations and no rows but those its migrations wrote.
 * One transaction: afterwards all is there, checked, or nothing is. Needs to own the tables, and no superuser.
 *
 * @throws WGL_BACKUP_MANIFEST | WGL_BACKUP_MIGRATIONS | WGL_BACKUP_DAMAGED | WGL_RESTORE_NOT_EMPTY | WGL_STATE_GONE
 */
export const restore = async (sql: Sql, folder: string): Promise<Manifest> => {
  const manifest = await readManifest(folder);
  await sql.begin(async (tx) => {
    await plainText(tx);
    const wanted = await migrationsOf(tx);
    const texts = (steps: Manifest["migrations"]): string => steps.map((step) => step.checksum).join();
    if (texts(wanted) !== texts(manifest.migrations))
      throw new WaglanError("WGL_BACKUP_MIGRATIONS", {
        found: manifest.migrations.at(-1)?.number ?? 0,
        wanted: wanted.at(-1)?.number ?? 0,
      });
    const tables = new Map((await tablesOf(tx)).map((table) => [table.name, table]));
    const { order, circular } = inDependencyOrder([...tables.keys()], await foreignKeysOf(tx));
    // triggers would write a second time what the backup holds; an owner may switch his own off, in this transaction
    const triggers = await tx<{ table: string; name: string; state: string }[]>`
      select c.relname as table, t.tgname as name, t.tgenabled as state from pg_trigger t join pg_class c on c.oid = t.tgrelid
      where c.relnamespace = 'public'::regnamespace and not t.tgisinternal and t.tgenabled <> 'D' and t.tgparentid = 0`;
    for (const { table, name } of triggers) await tx`alter table ${tx(table)} disable trigger ${tx(name)}`;
    for (const { table, name } of circular) await tx`alter table ${tx(table)} drop constraint ${tx(name)}`;
    for (const table of order.toReversed()) await removeSeeds(tx, table);
    const backedUp = new Map(manifest.tables.map((table) => [table.name, table]));
    const stranger = manifest.tables.find((table) => !tables.has(table.name));
    if (stranger !== undefined) throw damaged(stranger.name, "the database has no such table");
    for (const name of order) {
      const from = backedUp.get(name);
      if (from !== undefined) await copyBack(tx, from, folder);
    }
    for (const { name, last } of manifest.sequences)
      await tx`select setval(${`public.${quoted(name)}`}::regclass, ${last}, true)`;
    // keys that were to be checked at the commit are checked now: a table with checks open cannot be altered
    await tx`set constraints all immediate`;
    for (const { table, name, definition } of circular)
      await tx`alter table ${tx(table)} add constraint ${tx(name)} ${tx.unsafe(definition)}`;
    for (const { table, name, state } of triggers) {
      const how = state === "A" ? "enable always" : state === "R" ? "enable replica" : "enable";
      await tx`alter table ${tx(table)} ${tx.unsafe(how)} trigger ${tx(name)}`;
    }
    for (const { name, rows } of manifest.tables) {
      const [row] = await tx<{ rows: number }[]>`select count(*) as rows from ${tx(name)}`;
      if (row?.rows !== rows) throw damaged(name, `it has ${row?.rows ?? 0} rows afterwards, wanted ${rows}`);
    }
  });
  await sql`analyze`;
  return manifest;
};

/** Times, numbers and bytes in forms that any settings read back alike. */
const plainText = async (tx: TransactionSql): Promise<void> => {
  await tx`set local timezone = 'UTC'`;
  await tx`set local datestyle = 'ISO'`;
  await tx`set local intervalstyle = 'postgres'`;
  await tx`set local extra_float_digits = 1`;
  await tx`set local bytea_output = 'hex'`;
  await tx`set local client_encoding = 'UTF8'`;
};

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const listed = (columns: readonly string[]): string => columns.map(quoted).join(", ");

const copyAway = async (tx: TransactionSql, table: Table, folder: string): Promise<BackedUpTable> => {
  const { name, columns, key } = table;
  const order = key.length > 0 ? ` order by ${listed(key)}` : "";
  const file = `${name}.copy.gz`;
  const seen = measuring();
  await pipeline(
    copyOut(tx, `copy (select ${listed(columns)} from public.${quoted(name)}${order}) to stdout`),
    seen.through,
    createGzip({ level: 6 }),
    createWriteStream(join(folder, file), { mode: 0o600, flush: true }),
  );
  return { name, columns, file, ...seen.result() };
};

const copyBack = async (tx: TransactionSql, from: BackedUpTable, folder: string): Promise<void> => {
  const seen = measuring();
  const statement = `copy public.${quoted(from.name)} (${listed(from.columns)}) from stdin`;
  try {
    await copyIn(tx, statement, (sink) =>
      pipeline(createReadStream(join(folder, from.file)), createGunzip(), seen.through, sink),
    );
  } catch (cause) {
    if (cause instanceof WaglanError) throw cause;
    throw damaged(from.name, cause instanceof Error ? cause.message : String(cause), cause);
  }
  const found = seen.result();
  if (found.rows !== from.rows) throw damaged(from.name, `its file has ${found.rows} rows, wanted ${from.rows}`);
  if (found.sha256 !== from.sha256) throw damaged(from.name, "its file has another checksum than the manifest");
};

const damaged = (table: string, reason: string, cause?: unknown): WaglanError =>
  new WaglanError("WGL_BACKUP_DAMAGED", { table, reason }, { cause });

/** Counts and hashes what passes. Text COPY escapes newlines inside values: each newline ends a row. */
const measuring = (): {
  readonly through: Transform;
  readonly result: () => { readonly rows: number; readonly sha256: string };
} => {
  const hash = createHash("sha256");
  let rows = 0;
  const through = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      hash.update(chunk);
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) rows++;
      done(null, chunk);
    },
  });
  return { through, result: () => ({ rows, sha256: hash.digest("hex") }) };
};

/**
 * Empties a table of rows that a migration wrote and the backup brings again.
 *
 * @throws WGL_RESTORE_NOT_EMPTY when it has others
 */
const removeSeeds = async (tx: TransactionSql, table: string): Promise<void> => {
  const [row] = await tx<{ own: boolean; any: boolean }[]>`
    select exists (select from ${tx(table)}) as any,
      exists (select from ${tx(table)} t where t.xmin::text::bigint not in (select xid from waglan_migration)) as own`;
  if (row?.own) throw new WaglanError("WGL_RESTORE_NOT_EMPTY", { table });
  if (row?.any) await tx`delete from ${tx(table)}`;
};

const migrationsOf = async (tx: TransactionSql): Promise<Manifest["migrations"]> => {
  const [there] = await tx<{ is: boolean }[]>`select to_regclass('waglan_migration') is not null as is`;
  if (!there?.is) return [];
  const rows = await tx<{ number: number; checksum: string }[]>`
    select number, checksum from waglan_migration order by number`;
  return rows.map(({ number, checksum }) => ({ number, checksum }));
};

const sequencesOf = async (tx: TransactionSql): Promise<Manifest["sequences"]> =>
  (
    await tx<{ name: string; last: number }[]>`
      select sequencename as name, last_value as last from pg_sequences
      where schemaname = 'public' and last_value is not null order by sequencename`
  ).map(({ name, last }) => ({ name, last }));

const emptyFolder = async (folder: string): Promise<void> => {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    if ((await readdir(folder)).length === 0) return;
  } catch (cause) {
    throw new WaglanError("WGL_BACKUP_FOLDER", { folder, reason: "it cannot be made or read" }, { cause });
  }
  throw new WaglanError("WGL_BACKUP_FOLDER", { folder, reason: "it is not empty" });
};

const readManifest = async (folder: string): Promise<Manifest> => {
  const wrong = (reason: string, cause?: unknown): WaglanError =>
    new WaglanError("WGL_BACKUP_MANIFEST", { folder, reason }, { cause });
  let read: unknown;
  try {
    read = JSON.parse(await readFile(join(folder, manifestFile), "utf8"));
  } catch (cause) {
    throw wrong("it has no readable manifest.json", cause);
  }
  if (!isManifest(read)) throw wrong("its manifest.json is not of format waglan-backup 1");
  return read;
};

/** Names become file names and statements: they are checked, not trusted. */
const isManifest = (read: unknown): read is Manifest => {
  const manifest = read as Partial<Manifest> | null;
  const name = (text: unknown): boolean => typeof text === "string" && /^[A-Za-z_][A-Za-z0-9_]*$/.test(text);
  return (
    manifest !== null &&
    manifest.format === "waglan-backup" &&
    manifest.version === 1 &&
    Array.isArray(manifest.migrations) &&
    manifest.migrations.every((step) => Number.isInteger(step?.number) && typeof step.checksum === "string") &&
    Array.isArray(manifest.tables) &&
    manifest.tables.every(
      (table) =>
        name(table?.name) &&
        table.file === `${table.name}.copy.gz` &&
        Number.isInteger(table.rows) &&
        typeof table.sha256 === "string" &&
        Array.isArray(table.columns) &&
        table.columns.every(name),
    ) &&
    Array.isArray(manifest.sequences) &&
    manifest.sequences.every((sequence) => name(sequence?.name) && Number.isSafeInteger(sequence.last))
  );
};
