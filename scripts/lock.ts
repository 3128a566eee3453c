import { readFileSync, writeFileSync } from "node:fs";

interface Entry {
  readonly version?: string;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}
interface Lock {
  readonly packages: Readonly<Record<string, Entry>>;
}

/** No platform has this name, so npm never fetches what carries it. */
const nowhere: readonly string[] = ["none"];

/**
 * A lock in which every optional dependency of every package has an entry. The registry lacks some other-platform
 * packages (chDB's, bindings of oxlint, Biome and knip); npm leaves them out when it writes the lock, and `npm ci` then
 * stops with EUSAGE because lock and manifests disagree. An entry with the version, `optional` and an `os` that never
 * fits makes them agree, and installs nothing.
 */
export const completed = (lock: Lock): { readonly lock: Lock; readonly added: readonly string[] } => {
  const added: Record<string, Entry> = {};
  for (const [path, entry] of Object.entries(lock.packages))
    for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
      if (found(lock.packages, path, name)) continue;
      added[`node_modules/${name}`] = { version: exact(name, range), optional: true, os: nowhere };
    }
  const packages = Object.fromEntries(
    Object.entries({ ...lock.packages, ...added }).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
  );
  return { lock: { ...lock, packages }, added: Object.keys(added).toSorted() };
};

/** As Node looks for it: in the package's own node_modules, then in each one above, at last at the root. */
const found = (packages: Lock["packages"], from: string, name: string): boolean => {
  for (let at = from; at !== ""; at = at.slice(0, Math.max(0, at.lastIndexOf("/node_modules/"))))
    if (packages[`${at}/node_modules/${name}`] !== undefined) return true;
  return packages[`node_modules/${name}`] !== undefined;
};

/** Platform packages are pinned by those that name them; a range takes its lowest version, which is never fetched. */
const exact = (name: string, range: string): string => {
  const version = /\d+\.\d+\.\d+(?:-[\w.-]+)?/.exec(range)?.[0];
  if (version === undefined) throw new Error(`Cannot complete the lock, ${name} is wanted as "${range}"`);
  return version;
};

if (process.argv[1] === import.meta.filename) {
  const file = new URL("../package-lock.json", import.meta.url);
  const { lock, added } = completed(JSON.parse(readFileSync(file, "utf8")) as Lock);
  if (added.length > 0) writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  process.stdout.write(
    `${added.length} entries added to package-lock.json\n${added.map((path) => `  ${path}\n`).join("")}`,
  );
}
