import { accessSync, constants, existsSync, statfsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Sql } from "postgres";
import { accountFor } from "./embedded-account.ts";
import { findEngine } from "./embedded-engine.ts";
import { clusterOf } from "./embedded-postmaster.ts";
import { type Migration, pendingMigrations } from "./migrate.ts";
import { oldestVersion } from "./open.ts";

/** One thing the doctor looked at. `says` is for people: what was found, or what is wrong and what helps. */
export interface Check {
  readonly check: "engine" | "data folder" | "disk" | "database" | "migrations" | "clock" | "search" | "history";
  readonly ok: boolean;
  readonly says: string;
}

/** Bytes free below which a busy day may fill the disk: PostgreSQL stops, and nothing more is acknowledged. */
const freeAtLeast = 5_000_000_000;

/** Milliseconds two clocks may differ; beyond it members are told wrong times of attack. */
const clockWithinMs = 2_000;

/** What can be known without a running waglan. @param engineFolder as given to `startEmbedded` */
export const examineMachine = (dataDir: string, engineFolder?: string): readonly Check[] => {
  const folder = resolve(dataDir);
  return [
    checked("engine", () => `PostgreSQL is ${findEngine(accountFor(clusterOf(folder)), engineFolder).postgres}`),
    checked("data folder", () => {
      accessSync(nearest(folder), constants.R_OK | constants.W_OK | constants.X_OK);
      return existsSync(folder) ? `${folder} is writable` : `${folder} can be made`;
    }),
    checked("disk", () => {
      const { bavail, bsize } = statfsSync(nearest(folder));
      const free = bavail * bsize;
      const says = `${(free / 1e9).toFixed(1)} GB free below ${folder}, wanted ${freeAtLeast / 1e9}`;
      if (free < freeAtLeast) throw new Error(says);
      return says;
    }),
  ];
};

/**
 * What only the open database and history know.
 *
 * @param now milliseconds since 1970 by this machine's clock, taken just before the call
 */
export const examineState = async (
  sql: Sql,
  migrations: readonly Migration[],
  history: { readonly kind: string; readonly reason: () => string; readonly ready: () => Promise<boolean> },
  now: number,
): Promise<readonly Check[]> => [
  await checkedLater("database", async () => {
    const [row] = await sql<{ version: number }[]>`select current_setting('server_version_num')::int as version`;
    const version = row?.version ?? 0;
    if (version < oldestVersion)
      throw new Error(`PostgreSQL ${version / 10_000} is older than ${oldestVersion / 10_000}`);
    return `PostgreSQL ${Math.floor(version / 10_000)}.${version % 10_000} answers`;
  }),
  await checkedLater("migrations", async () => {
    const pending = await pendingMigrations(sql, migrations);
    if (pending.length > 0) throw new Error(`${pending.length} wait, run "waglan migrate"`);
    return `all ${migrations.length} are applied`;
  }),
  await checkedLater("clock", async () => {
    const [row] = await sql<{ ms: number }[]>`select (extract(epoch from clock_timestamp()) * 1000)::bigint as ms`;
    const off = Math.abs((row?.ms ?? 0) - now);
    if (off > clockWithinMs)
      throw new Error(`the database's clock differs by ${Math.round(off / 1000)} s, wanted 2 at most`);
    return "this machine and the database agree";
  }),
  await checkedLater("search", async () => {
    const [row] = await sql<{ there: boolean }[]>`select to_regclass('search_value_part') is not null as there`;
    return row?.there
      ? "parts of values have an index"
      : "parts of values are found by reading, more slowly: pg_trgm could not be made; have it made and run: create index search_value_part on search_value using gin (terms, value gin_trgm_ops)";
  }),
  await checkedLater("history", async () => {
    if (history.kind === "off") return `off: ${history.reason()}`;
    if (!(await history.ready())) throw new Error(`${history.kind}, and does not answer: ${history.reason()}`);
    return `${history.kind}, and answers`;
  }),
];

const nearest = (folder: string): string => (existsSync(folder) ? folder : nearest(dirname(folder)));

const checked = (check: Check["check"], look: () => string): Check => {
  try {
    return { check, ok: true, says: look() };
  } catch (error) {
    return { check, ok: false, says: error instanceof Error ? error.message : String(error) };
  }
};

const checkedLater = async (check: Check["check"], look: () => Promise<string>): Promise<Check> => {
  try {
    return { check, ok: true, says: await look() };
  } catch (error) {
    return { check, ok: false, says: error instanceof Error ? error.message : String(error) };
  }
};
