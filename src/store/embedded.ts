import postgres from "postgres";
import { setTimeout as wait } from "node:timers/promises";
import { resolve } from "node:path";
import { WaglanError } from "#core/result.ts";
import {
  alive,
  diedBefore,
  makeDataDir,
  type Postmaster,
  runningPostmaster,
  startPostmaster,
  stopPostmaster,
  superuser,
} from "./embedded-postmaster.ts";
import type { Tuning } from "./embedded-settings.ts";

/** How to reach the embedded server. `path` is its socket, which moves when the server is restarted: ask again. */
export interface EmbeddedAddress {
  readonly path: string;
  readonly user: string;
  readonly database: string;
}

export interface EmbeddedOptions extends Tuning {
  /**
   * A folder with initdb and postgres to use instead of the npm package's. Before version 16 they leave their working
   * folder while starting: run by root, the data folder must then be one that `nobody` can walk to.
   */
  readonly engineFolder?: string;
  /** True: when another waglan holds the folder, use its server beside it instead of being refused. */
  readonly join?: boolean;
  /** Told of restarts, for the log. */
  readonly onEvent?: (event: EmbeddedEvent) => void;
}

export type EmbeddedEvent =
  | { readonly kind: "started"; readonly pid: number; readonly adopted: boolean }
  | { readonly kind: "died"; readonly pid: number }
  | { readonly kind: "restart-failed"; readonly error: unknown };

/** The embedded server, held by us: while we live it is restarted when it dies. */
export interface Embedded {
  readonly address: () => EmbeddedAddress;
  readonly pid: () => number;
  /** An orphan of a killed waglan was found running and taken over. */
  readonly adopted: boolean;
  /** Another waglan holds it (option `join`); `stop` then leaves it running. */
  readonly joined: boolean;
  readonly stop: () => Promise<void>;
}

/** One holder per cluster: this advisory lock is held by a session for as long as a waglan lives ("WGLN" and 1). */
const holderLock = [0x57_47_4c_4e, 1] as const;

/** A killed holder's session ends within milliseconds; past this the lock is somebody's. */
const patienceForLockMs = 1_000;

/** Milliseconds before the n-th restart of a server that keeps dying: quick once, never a busy loop. */
const restartAfterMs = (attempt: number): number => Math.min(100 * 2 ** attempt, 5_000);

/**
 * Starts PostgreSQL on `dataDir`, or takes over the one a killed waglan left running.
 *
 * The server outlives us on SIGKILL. An advisory lock tells an orphan (free: adopt) from a server in use (held: refuse).
 *
 * @throws WGL_DATA_IN_USE | WGL_DATA_FOLDER | WGL_ENGINE_MISSING | WGL_ENGINE_START | WGL_ENGINE_VERSION
 */
export const startEmbedded = async (dataDir: string, options: EmbeddedOptions = {}): Promise<Embedded> => {
  const folder = resolve(dataDir);
  makeDataDir(folder);
  const orphan = await answering(folder);
  let server = orphan ?? (await startOrFind(folder, options));
  let keeper = await hold(server);
  if (keeper === undefined) {
    if (!options.join) throw new WaglanError("WGL_DATA_IN_USE", { folder });
    return {
      address: () => addressOf(runningPostmaster(folder) ?? server),
      pid: () => server.pid,
      adopted: false,
      joined: true,
      stop: async () => {},
    };
  }
  options.onEvent?.({ kind: "started", pid: server.pid, adopted: orphan !== undefined });

  const stop = new AbortController();
  const supervise = async (): Promise<void> => {
    for (let attempt = 0; ; ) {
      await keeper?.closed;
      if (stop.signal.aborted) return;
      try {
        if (!alive(server.pid)) {
          options.onEvent?.({ kind: "died", pid: server.pid });
          await pause(restartAfterMs(attempt++), stop.signal);
          if (stop.signal.aborted) return;
          server = await startOrFind(folder, options);
          if (stop.signal.aborted) return await stopPostmaster(server);
          options.onEvent?.({ kind: "started", pid: server.pid, adopted: false });
        }
        // a crashed backend takes all sessions with it and leaves the server: hold on again
        keeper = await hold(server);
        if (keeper === undefined) throw new WaglanError("WGL_DATA_IN_USE", { folder });
        attempt = 0;
      } catch (error) {
        options.onEvent?.({ kind: "restart-failed", error });
        await pause(restartAfterMs(attempt++), stop.signal);
      }
    }
  };
  const supervision = supervise();

  return {
    address: () => addressOf(server),
    pid: () => server.pid,
    adopted: orphan !== undefined,
    joined: false,
    stop: async () => {
      stop.abort();
      await stopPostmaster(server);
      await keeper?.release();
      await supervision;
    },
  };
};

const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  wait(milliseconds, undefined, { signal }).catch(() => {});

const addressOf = ({ socketFolder }: Postmaster): EmbeddedAddress => ({
  path: `${socketFolder}/.s.PGSQL.5432`,
  user: superuser,
  database: "postgres",
});

/** The server already running on the folder, once it answers; one that is leaving is waited for. */
const answering = async (folder: string): Promise<Postmaster | undefined> => {
  for (;;) {
    const found = runningPostmaster(folder);
    if (found === undefined) return undefined;
    const sql = session(found);
    try {
      await sql`select 1`;
      return found;
    } catch {
      // starting, recovering or shutting down: its process decides which
      await wait(100);
    } finally {
      await sql.end({ timeout: 1 });
    }
  }
};

/** The processes of a killed server leave when they next look up; one in the middle of a long sort takes a while. */
const patienceForRemainsMs = 15_000;

/**
 * Two starters may race: the loser's PostgreSQL is refused by the winner's pid file, and finds the winner instead. A
 * server that was killed leaves processes that hold its shared memory for a moment, and PostgreSQL refuses to start
 * beside them: then it is tried again.
 */
const startOrFind = async (folder: string, options: EmbeddedOptions): Promise<Postmaster> => {
  const patience = diedBefore(folder) ? patienceForRemainsMs : 0;
  for (let waited = 0; ; waited += 100) {
    try {
      return await startPostmaster(folder, options, options.engineFolder);
    } catch (error) {
      const winner = await answering(folder);
      if (winner !== undefined) return winner;
      if (waited >= patience) throw error;
      await wait(100);
    }
  }
};

interface Keeper {
  /** Settles when the session ends, for whatever reason. */
  readonly closed: Promise<void>;
  readonly release: () => Promise<void>;
}

/** Holds the cluster by a session that lives as long as we do; nothing when another holds it. */
const hold = async (server: Postmaster): Promise<Keeper | undefined> => {
  const closed = Promise.withResolvers<void>();
  const sql = session(server, closed.resolve);
  for (let waited = 0; ; waited += 50) {
    const [row] = await sql<
      { held: boolean }[]
    >`select pg_try_advisory_lock(${holderLock[0]}, ${holderLock[1]}) as held`;
    if (row?.held) return { closed: closed.promise, release: () => sql.end({ timeout: 1 }) };
    if (waited >= patienceForLockMs) break;
    await wait(50);
  }
  await sql.end({ timeout: 1 });
  return undefined;
};

const session = (server: Postmaster, onclose: () => void = () => {}): postgres.Sql =>
  postgres({
    ...addressOf(server),
    max: 1,
    fetch_types: false,
    idle_timeout: 0,
    max_lifetime: null,
    connect_timeout: 10,
    onclose,
    onnotice: () => {},
    connection: { application_name: "waglan holder" },
  });
