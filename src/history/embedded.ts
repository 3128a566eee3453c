import { type ChildProcess, fork } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { open, rm } from "node:fs/promises";
import { Agent } from "node:http";
import { availableParallelism, setPriority, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ClickHouseLogLevel, type ClickHouseClient, createClient } from "@clickhouse/client";
import { WaglanError } from "#core/result.ts";
import type { Order, Report } from "./child.ts";
import type { Place } from "./client-history.ts";

export interface EngineOptions {
  /** Bytes one query may use before it spills or fails; absent: 1,000,000,000. */
  readonly memoryAtMost?: number;
  /** Hunts at once; absent: 2. */
  readonly readLanes?: number;
  /** Told of deaths and restarts, for the log. */
  readonly onEvent?: (event: EngineEvent) => void;
}

export type EngineEvent =
  | { readonly kind: "started"; readonly pid: number }
  | { readonly kind: "died"; readonly pid: number; readonly reason: string }
  | { readonly kind: "restart-failed"; readonly reason: string };

/** A history engine in a child process of ours. */
export interface EmbeddedHistory extends Place {
  readonly kind: "embedded";
  readonly pid: () => number | undefined;
}

/** Opening 100 GB of parts on a slow disk takes tens of seconds; beyond this it is stuck. */
const openWithinMs = 120_000;

/** A hunt is told to stop at once; a merge that will not is cut off, which loses nothing acknowledged. */
const closeWithinMs = 5_000;

const restartAfterMs = (attempt: number): number => Math.min(200 * 2 ** attempt, 10_000);

/**
 * Starts the engine on `folder` and keeps it: a child that dies is started again, with growing pauses.
 *
 * @throws WGL_HISTORY_GONE when it does not open the first time (package absent, unsupported machine, files damaged)
 */
export const startHistoryEngine = async (folder: string, options: EngineOptions = {}): Promise<EmbeddedHistory> => {
  const stop = new AbortController();
  let engine = await launch(folder, options);
  let reason = "";
  let away = false;
  options.onEvent?.({ kind: "started", pid: engine.pid });

  const supervise = async (): Promise<void> => {
    for (;;) {
      const ended = await engine.ended;
      away = true;
      reason = ended;
      await engine.client.close();
      if (stop.signal.aborted) return;
      options.onEvent?.({ kind: "died", pid: engine.pid, reason: ended });
      for (let attempt = 0; away; attempt++) {
        await pause(restartAfterMs(attempt), stop.signal);
        if (stop.signal.aborted) return;
        try {
          engine = await launch(folder, options);
          if (stop.signal.aborted) await engine.close();
          away = false;
          options.onEvent?.({ kind: "started", pid: engine.pid });
        } catch (error) {
          reason = error instanceof Error ? error.message : String(error);
          options.onEvent?.({ kind: "restart-failed", reason });
        }
      }
    }
  };
  const supervision = supervise();

  return {
    kind: "embedded",
    pid: () => (away ? undefined : engine.pid),
    reason: () => (away ? reason : ""),
    client: () => {
      if (away) throw new WaglanError("WGL_HISTORY_GONE", { reason });
      return engine.client;
    },
    lay: async (pieces) => {
      if (away) throw new WaglanError("WGL_HISTORY_GONE", { reason });
      const path = join(engine.home, `${randomUUID()}.blocks`);
      try {
        const file = await open(path, "wx", 0o600);
        try {
          const { bytesWritten } = await file.writev(pieces);
          const wanted = pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
          if (bytesWritten < wanted)
            throw new Error(`only ${bytesWritten} of ${wanted} bytes of rows could be laid out`);
        } finally {
          await file.close();
        }
      } catch (error) {
        await rm(path, { force: true });
        throw error;
      }
      return path;
    },
    close: async () => {
      stop.abort();
      await engine.close();
      await supervision;
    },
  };
};

interface Engine {
  readonly pid: number;
  /** A folder of ours alone, which goes with it. */
  readonly home: string;
  readonly client: ClickHouseClient;
  /** Settles with how the child ended. */
  readonly ended: Promise<string>;
  readonly close: () => Promise<void>;
}

const launch = async (folder: string, options: EngineOptions): Promise<Engine> => {
  // a folder of ours alone, with a name short enough for a socket
  const home = mkdtempSync(join(tmpdir().length < 60 ? tmpdir() : "/tmp", "waglan-history-"));
  const socket = join(home, "http");
  const password = randomBytes(24).toString("base64url");
  const child = fork(fileURLToPath(import.meta.resolve("#history/child.ts")), {
    // `-C source` decides which files `#…` means; a fork without it would run the built ones
    execArgv: process.execArgv.filter((argument, index, all) => isCondition(argument) || isCondition(all[index - 1])),
    env: { ...process.env, UV_THREADPOOL_SIZE: "8", MALLOC_ARENA_MAX: "2" },
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  stepBehind(child);
  const ended = endOf(child, home);
  try {
    child.send({ kind: "open", folder, socket, password, ...limitsOf(options) } satisfies Order);
    const report = await firstReport(child, ended);
    if (report.kind === "failed") throw new WaglanError("WGL_HISTORY_GONE", { reason: report.reason });
  } catch (error) {
    child.kill("SIGKILL");
    await ended;
    throw error instanceof WaglanError
      ? error
      : new WaglanError("WGL_HISTORY_GONE", { reason: String(error) }, { cause: error });
  }
  const client = createClient({
    url: "http://history",
    username: "default",
    password,
    application: "waglan",
    // node:http's agents pass `socketPath` to every connection; its types have it on requests only
    http_agent: new Agent({ keepAlive: true, socketPath: socket } as ConstructorParameters<typeof Agent>[0]),
    set_basic_auth_header: true,
    use_multipart_params_auto: true,
    request_timeout: 600_000,
    max_open_connections: 20,
    log: { level: ClickHouseLogLevel.OFF },
  });
  const close = async (): Promise<void> => {
    await client.close();
    if (child.connected) child.send({ kind: "close" } satisfies Order);
    const timer = setTimeout(() => child.kill("SIGKILL"), closeWithinMs);
    await ended;
    clearTimeout(timer);
  };
  return { pid: child.pid ?? 0, home, client, ended, close };
};

/** What is kept and looked up goes behind what comes in: an acknowledgement waits for neither. */
const stepBehind = ({ pid }: ChildProcess): void => {
  try {
    if (pid !== undefined) setPriority(pid, behindLive);
  } catch {
    // a container may forbid it: then all are alike
  }
};
const behindLive = 10;

const isCondition = (argument: string | undefined): boolean =>
  argument !== undefined && /^(?:-C|--conditions)(?:=|$)/.test(argument);

const endOf = async (child: ChildProcess, home: string): Promise<string> => {
  let said = "";
  child.stderr?.on("data", (text: Buffer) => {
    said = `${said}${text.toString()}`.slice(-500);
  });
  const how = await new Promise<string>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("exit", (code, signal) => resolve(`its process ended with ${signal ?? code}`));
  });
  rmSync(home, { recursive: true, force: true });
  return said.trim() === "" ? how : `${how}: ${said.trim()}`;
};

const firstReport = async (child: ChildProcess, ended: Promise<string>): Promise<Report> => {
  const failed = (reason: string): Report => ({ kind: "failed", reason });
  const late = new AbortController();
  try {
    return await Promise.race([
      once(child, "message", { signal: late.signal }).then(([report]) => report as Report),
      ended.then(failed),
      wait(openWithinMs, failed("it did not open"), { signal: late.signal }),
    ]);
  } finally {
    late.abort();
  }
};

/** Small at rest, and no query may take the machine: it spills to disk, then fails. */
const limitsOf = ({ memoryAtMost = 1_000_000_000, readLanes = 2 }: EngineOptions) => ({
  readLanes,
  limits: {
    max_memory_usage: String(memoryAtMost),
    max_bytes_before_external_group_by: String(Math.floor(memoryAtMost / 2)),
    max_bytes_before_external_sort: String(Math.floor(memoryAtMost / 2)),
    max_threads: String(Math.min(2, availableParallelism())),
    max_insert_threads: "1",
  },
  engineArguments: [
    "--background_pool_size=2",
    "--background_schedule_pool_size=2",
    "--background_common_pool_size=2",
    "--background_fetches_pool_size=1",
    "--background_move_pool_size=1",
    "--mark_cache_size=33554432",
    "--index_mark_cache_size=8388608",
    "--uncompressed_cache_size=0",
    `--max_server_memory_usage=${Math.floor(memoryAtMost * 1.5)}`,
  ],
});

const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  wait(milliseconds, undefined, { signal }).catch(() => {});
