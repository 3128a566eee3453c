import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, type TestContext } from "node:test";
import postgres, { type Sql } from "postgres";
import { startEmbedded } from "#store/embedded.ts";
import { naming } from "#store/gone.ts";
import { checksum, type Migration, migrate } from "#store/migrate.ts";
import { migrations as ours } from "#store/migrations/index.ts";
import { stateSettings } from "#store/open.ts";

/** How tests reach the server: a socket of our own cluster, or a URL. */
type Server = { readonly path: string; readonly user: string } | { readonly url: string };

/** A database of one test: state as `openState` gives it, gone when the test ends. */
export interface TestDatabase {
  readonly sql: Sql;
  readonly name: string;
  /** One more client on the same database, ended with the test. */
  readonly connect: () => Sql;
}

/**
 * A fresh database with all migrations applied, cloned from a template (about 60 ms).
 *
 * The server is, first that is set: WAGLAN_TEST_DATABASE_URL (a superuser's URL; CI runs on Debian's PostgreSQL 15),
 * WAGLAN_TEST_CLUSTER (the cluster of the whole run, set by the runner), else a cluster started for this file.
 */
export const testDatabase = async (t: TestContext, migrations: readonly Migration[] = ours): Promise<TestDatabase> => {
  const server = await serverOfRun();
  const template = await templateOf(server, migrations);
  const name = `test_${randomBytes(8).toString("hex")}`;
  await asAdmin(server, async (admin) => {
    await admin.unsafe(`create database ${name} template ${template}`);
  });
  const opened: Sql[] = [];
  const connect = (): Sql => {
    const sql = client(server, name);
    opened.push(sql);
    return sql;
  };
  t.after(async () => {
    await Promise.all(opened.map((sql) => sql.end({ timeout: 1 })));
    await asAdmin(server, async (admin) => {
      await admin.unsafe(`drop database ${name} with (force)`);
    });
  });
  return { sql: connect(), name, connect };
};

/**
 * Waits until change feeds tell everything that was committed before. They read below the oldest open transaction, and
 * that one may be of another test: `xmin` is one for the whole cluster.
 */
export const caughtUp = async (sql: Sql): Promise<void> => {
  const [now] = await sql`select pg_current_xact_id()::text as xid`;
  for (;;) {
    const [past] = await sql`select pg_snapshot_xmin(pg_current_snapshot()) > ${now?.["xid"] as string}::xid8 as past`;
    if (past?.["past"] === true) return;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
};

/** Starts the cluster of a whole run; give `env` to the test processes. It is not durable, and quicker for it. */
export const startTestCluster = async (): Promise<{
  readonly env: { readonly WAGLAN_TEST_CLUSTER: string };
  readonly stop: () => Promise<void>;
}> => {
  const folder = mkdtempSync(join(tmpdir(), "waglan-test-"));
  const embedded = await startEmbedded(folder, { durable: false });
  const { path, user } = embedded.address();
  return {
    env: { WAGLAN_TEST_CLUSTER: JSON.stringify({ path, user }) },
    stop: async () => {
      await embedded.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

let own: Promise<Awaited<ReturnType<typeof startTestCluster>>> | undefined;
const serverOfRun = async (): Promise<Server> => {
  const url = process.env["WAGLAN_TEST_DATABASE_URL"];
  if (url !== undefined) return { url };
  own ??= process.env["WAGLAN_TEST_CLUSTER"] === undefined ? startTestCluster() : undefined;
  return JSON.parse((await own)?.env.WAGLAN_TEST_CLUSTER ?? process.env["WAGLAN_TEST_CLUSTER"] ?? "") as Server;
};

// inside a test `after` would mean that test alone; the runner's script is no test and stops its cluster itself
if (process.argv[1]?.endsWith(".test.ts")) after(async () => (await own)?.stop());

const client = (server: Server, database: string, max: number = 10): Sql => {
  const settings = stateSettings({ applicationName: "waglan test", max });
  const raw =
    "url" in server ? postgres(server.url, { ...settings, database }) : postgres({ ...settings, ...server, database });
  return naming(raw as unknown as Sql);
};

const asAdmin = async (server: Server, work: (admin: Sql) => Promise<void>): Promise<void> => {
  const admin = client(server, "postgres", 1);
  try {
    await work(admin);
  } finally {
    await admin.end({ timeout: 1 });
  }
};

/** The migrated template of these migrations, made by whichever test process comes first. */
const templateOf = async (server: Server, migrations: readonly Migration[]): Promise<string> => {
  const texts = migrations.map((migration) => checksum(migration.sql)).join();
  const name = `waglan_template_${createHash("sha256").update(texts).digest("hex").slice(0, 16)}`;
  await asAdmin(server, async (admin) => {
    await admin`select pg_advisory_lock(hashtextextended(${name}, 0))`;
    const there = await admin`select from pg_database where datname = ${name}`;
    if (there.length > 0) return;
    const fresh = `${name}_${randomBytes(4).toString("hex")}`;
    await admin.unsafe(`create database ${fresh} template template0 encoding 'UTF8'`);
    const sql = client(server, fresh, 1);
    try {
      await migrate(sql, migrations);
    } finally {
      await sql.end({ timeout: 1 });
    }
    // a rename is what makes it complete: a process killed before leaves nothing that looks like a template
    await admin.unsafe(`alter database ${fresh} rename to ${name}`);
  });
  return name;
};
