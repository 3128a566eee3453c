import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { userInfo, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { WaglanError } from "#core/result.ts";
import { type Account, accountFor, reaches } from "./embedded-account.ts";
import { type Engine, findEngine, linkLibraries } from "./embedded-engine.ts";
import { serverArguments, type Tuning } from "./embedded-settings.ts";

/** A running server, ours or an orphan's. */
export interface Postmaster {
  readonly pid: number;
  readonly socketFolder: string;
}

/** The superuser and the database of the embedded cluster. */
export const superuser = "waglan";

/** Longest socket path PostgreSQL takes, with the final zero (sun_path, Linux). */
const socketPathLimit = 107;

/** A started server that is not ready by then is stuck; recovery of 2 GB of WAL takes about a minute on a slow disk. */
const readyWithinMs = 300_000;

export const clusterOf = (dataDir: string): string => join(dataDir, "postgres");
export const logOf = (dataDir: string): string => join(dataDir, "postgres.log");

/**
 * The server that `postmaster.pid` names, when that process lives and is PostgreSQL. A number reused by another program
 * after a reboot is not it.
 */
export const runningPostmaster = (dataDir: string): Postmaster | undefined => {
  const lines = pidFile(dataDir);
  const pid = Number(lines[0]);
  const socketFolder = lines[4];
  if (!Number.isInteger(pid) || pid <= 0 || socketFolder === undefined || socketFolder === "") return undefined;
  return alive(pid) && isPostgres(pid) ? { pid, socketFolder } : undefined;
};

/** The last server on this folder did not stop, it died: its pid file is still there. */
export const diedBefore = (dataDir: string): boolean => pidFile(dataDir).length > 0;

const pidFile = (dataDir: string): readonly string[] => {
  try {
    return readFileSync(join(clusterOf(dataDir), "postmaster.pid"), "utf8").split("\n");
  } catch {
    return [];
  }
};

export const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
};

const isPostgres = (pid: number): boolean => {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").startsWith("postgres");
  } catch {
    return true;
  }
};

/**
 * Makes the cluster when there is none, and starts its server detached: a Ctrl-C in our terminal must reach us, not it.
 *
 * @throws WGL_ENGINE_MISSING | WGL_ENGINE_START | WGL_ENGINE_VERSION | WGL_DATA_FOLDER
 */
export const startPostmaster = async (dataDir: string, tuning: Tuning, engineFolder?: string): Promise<Postmaster> => {
  const cluster = clusterOf(dataDir);
  const account = accountFor(cluster);
  const engine = findEngine(account, engineFolder);
  const socketFolder = privateFolder(dataDir, account);
  const runtime: Runtime = { account, engine, environment: environmentOf(engine, socketFolder) };
  try {
    if (!existsSync(join(cluster, "PG_VERSION"))) makeCluster(dataDir, runtime, tuning.durable ?? true);
    const major = sameMajor(cluster, runtime);
    admitUs(cluster, account);
    return await launch(dataDir, runtime, serverArguments(socketFolder, major, tuning), socketFolder);
  } catch (error) {
    if (runningPostmaster(dataDir) === undefined) rmSync(socketFolder, { recursive: true, force: true });
    throw error;
  }
};

interface Runtime {
  readonly account: Account;
  readonly engine: Engine;
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * A folder of the server's user alone, with a name short enough for a socket; it also holds the library links. Always
 * the same name for the same data, so that clients find a restarted server; a random one when a stranger took the name.
 */
const privateFolder = (dataDir: string, account: Account): string => {
  const { dev, ino } = statSync(dataDir, { bigint: true });
  const name = `waglan-${createHash("sha256").update(`${dev}:${ino}:${dataDir}`).digest("hex").slice(0, 12)}`;
  const short = (base: string): boolean =>
    Buffer.byteLength(join(base, `${name}-XXXXXX/.s.PGSQL.5432.lock`)) < socketPathLimit;
  const base = [tmpdir(), "/tmp", "/var/tmp"].find((base) => short(base) && existsSync(base) && reaches(account, base));
  if (base === undefined)
    throw new WaglanError("WGL_ENGINE_START", { reason: "no short temporary folder for the socket" });
  const folder = join(base, name);
  try {
    mkdirSync(folder, { mode: 0o700 });
    own(folder, account);
    return folder;
  } catch {
    const found = lstatSync(folder, { throwIfNoEntry: false });
    const ours =
      found?.isDirectory() && found.uid === (account.uid ?? process.getuid?.()) && (found.mode & 0o077) === 0;
    if (ours) return folder;
  }
  const random = mkdtempSync(`${folder}-`);
  own(random, account);
  return random;
};

const own = (path: string, { uid, gid }: Account): void => {
  if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid);
};

const environmentOf = (engine: Engine, socketFolder: string): Readonly<Record<string, string>> => {
  const links = join(socketFolder, "lib");
  linkLibraries(engine, links);
  return {
    PATH: "/usr/bin:/bin",
    LC_ALL: "C",
    TZ: "UTC",
    ...(engine.libraries.length > 0 ? { LD_LIBRARY_PATH: [links, ...engine.libraries].join(":") } : {}),
  };
};

/**
 * How the server is told its folder. A child changes its working folder before it changes its user, so that a server
 * running as `nobody` can work inside a folder below a 0700 home: it calls it /proc/self/cwd and never walks the path.
 */
const asSeenFromInside = (folder: string, account: Account): string =>
  reaches(account, folder) ? folder : "/proc/self/cwd";

/** initdb into a folder beside, then a rename: two starters cannot make half a cluster each. */
const makeCluster = (dataDir: string, { account, engine, environment }: Runtime, durable: boolean): void => {
  const fresh = mkdtempSync(join(dataDir, "postgres.new-"));
  try {
    chmodSync(fresh, 0o700);
    own(fresh, account);
    const options = { ...account, cwd: fresh, env: environment, encoding: "utf8" } as const;
    const version = spawnSync(engine.postgres, ["--version"], options).stdout ?? "";
    const builtin = majorIn(version) >= 17;
    // code point order everywhere: an index made here means the same under any other C library or ICU
    const locale = builtin
      ? ["--locale-provider=builtin", "--locale=C", "--builtin-locale=C.UTF-8"]
      : ["--locale-provider=libc", "--locale=C.UTF-8"];
    const made = spawnSync(
      engine.initdb,
      ["-D", asSeenFromInside(fresh, account), "-U", superuser, "-A", "peer", "-E", "UTF8", "-k"].concat(
        ["--no-instructions"],
        locale,
        durable ? [] : ["--no-sync"],
      ),
      options,
    );
    if (made.status !== 0)
      throw new WaglanError("WGL_ENGINE_START", { reason: lastLines(made.stderr ?? String(made.error)) });
    renameSync(fresh, clusterOf(dataDir));
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    if (!existsSync(join(clusterOf(dataDir), "PG_VERSION"))) throw error;
  }
};

const majorIn = (version: string): number => Number(/(\d+)(?:\.|devel|beta|rc|\s|$)/.exec(version)?.[1] ?? Number.NaN);

const sameMajor = (cluster: string, { engine, account, environment }: Runtime): number => {
  const found = Number(readFileSync(join(cluster, "PG_VERSION"), "utf8"));
  const printed = spawnSync(engine.postgres, ["--version"], {
    ...account,
    env: environment,
    cwd: cluster,
    encoding: "utf8",
  });
  const wanted = majorIn(printed.stdout ?? "");
  if (Number.isNaN(wanted)) {
    const reason = lastLines(printed.stderr ?? String(printed.error));
    throw new WaglanError("WGL_ENGINE_START", { reason }, { cause: printed.error });
  }
  if (found !== wanted) throw new WaglanError("WGL_ENGINE_VERSION", { found, wanted, folder: cluster });
  return wanted;
};

/**
 * Who may connect over the socket: we and root, told apart by the kernel. The folder is 0700, and another program that
 * happens to run as `nobody` is still refused.
 */
const admitUs = (cluster: string, account: Account): void => {
  const us = new Set(["root", userInfo().username]);
  const files = {
    "pg_hba.conf": "local all all peer map=waglan\n",
    "pg_ident.conf": [...us].map((name) => `waglan "${name}" ${superuser}\n`).join(""),
  };
  for (const [name, text] of Object.entries(files)) {
    const path = join(cluster, name);
    if (existsSync(path) && readFileSync(path, "utf8") === text) continue;
    writeFileSync(path, text, { mode: 0o600 });
    own(path, account);
  }
};

const launch = async (
  dataDir: string,
  { account, engine, environment }: Runtime,
  settings: readonly string[],
  socketFolder: string,
): Promise<Postmaster> => {
  const cluster = clusterOf(dataDir);
  const log = openLog(dataDir);
  const child = spawn(engine.postgres, ["-D", asSeenFromInside(cluster, account), ...settings], {
    ...account,
    cwd: cluster,
    env: environment,
    detached: true,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  child.unref();
  let ended = "";
  child.on("error", (error) => (ended = error.message));
  child.on("exit", (code, signal) => (ended = `it ended with ${signal ?? code}: ${lastLines(tailOf(logOf(dataDir)))}`));
  for (let waited = 0; waited < readyWithinMs; waited += 10) {
    await wait(10);
    if (ended !== "" || child.pid === undefined) break;
    const lines = pidFile(dataDir);
    if (Number(lines[0]) === child.pid && lines[7]?.trim() === "ready") return { pid: child.pid, socketFolder };
  }
  throw new WaglanError("WGL_ENGINE_START", { reason: ended === "" ? "it did not become ready" : ended });
};

/** Past this the log is set aside at the next start, and the one set aside before is dropped. */
const logAtMost = 10_000_000;

const openLog = (dataDir: string): number => {
  const path = logOf(dataDir);
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > logAtMost) renameSync(path, `${path}.1`);
  return openSync(path, "a", 0o600);
};

const tailOf = (path: string): string => {
  try {
    return readFileSync(path).subarray(-2000).toString();
  } catch {
    return ""; // the folder was removed under us
  }
};

const lastLines = (text: string): string => text.trim().split("\n").slice(-3).join("; ");

/**
 * Fast shutdown: open transactions are rolled back, a checkpoint is written. After `patienceMs` the server is told to
 * leave without a checkpoint; the next start recovers.
 */
export const stopPostmaster = async ({ pid, socketFolder }: Postmaster, patienceMs: number = 30_000): Promise<void> => {
  for (const [signal, patience] of [
    ["SIGINT", patienceMs],
    ["SIGQUIT", 5_000],
    ["SIGKILL", 2_000],
  ] as const) {
    try {
      process.kill(pid, signal);
    } catch {
      break;
    }
    for (let waited = 0; waited < patience && alive(pid); waited += 10) await wait(10);
    if (!alive(pid)) break;
  }
  rmSync(socketFolder, { recursive: true, force: true });
};

/** The folder of our data, ours alone; the server inside needs no right to walk here. */
export const makeDataDir = (dataDir: string): void => {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new WaglanError("WGL_DATA_FOLDER", { folder: dataDir, reason: "it cannot be made" }, { cause });
  }
};
