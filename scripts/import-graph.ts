import { existsSync, readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout, with a slash at its end. */
export const root: string = fileURLToPath(new URL("../", import.meta.url));

/** What a file names in its imports, as written: value, type, re-export, dynamic, `import("…").T`, `import.meta.resolve`. */
export const importsIn = (text: string): readonly string[] => {
  const names = shapes.flatMap((shape) => [...text.matchAll(shape)].map((found) => found[1] ?? ""));
  return [...new Set(names)];
};

// Statements stand at the line's start, so text inside comments is not taken for one.
const shapes = [
  /^(?:import|export)\s(?:[^;'"`]*?\sfrom\s+)?"([^"\n]+)"/gm,
  /^\}\s+from\s+"([^"\n]+)"/gm,
  /\bimport\(\s*["'`]([^"'`\n]+)["'`]\s*\)/g,
  /\bimport\.meta\.resolve\(\s*["'`]([^"'`\n]+)["'`]\s*\)/g,
];

/** Every TypeScript file below `folders`, relative to the checkout, sorted. */
export const filesBelow = (folders: readonly string[], home: string = root): readonly string[] =>
  folders
    .filter((folder) => existsSync(home + folder))
    .flatMap((folder) => readdirSync(home + folder, { withFileTypes: true, recursive: true }))
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => posix.join(posix.relative(home, entry.parentPath), entry.name))
    .filter((file) => !/(?:^|\/)(?:node_modules|dist)\//.test(file))
    .toSorted();

/** `src/core/ip.ts` → the files it imports; names that are no file of ours are in `outside`. */
export interface Imports {
  readonly inside: readonly string[];
  /** Packages, and `node:` modules. */
  readonly outside: readonly string[];
  /** Written as a path or `#…`, and not there. */
  readonly missing: readonly string[];
}

export const importGraph = (files: readonly string[], home: string = root): ReadonlyMap<string, Imports> =>
  new Map(files.map((file) => [file, sorted(file, importsIn(readFileSync(home + file, "utf8")), home)]));

const sorted = (file: string, names: readonly string[], home: string): Imports => {
  const [inside, outside, missing]: [string[], string[], string[]] = [[], [], []];
  for (const name of names) {
    const path = pathOf(file, name);
    if (path === undefined) outside.push(name);
    else if (existsSync(home + path)) inside.push(path);
    else missing.push(name);
  }
  return { inside, outside, missing };
};

const pathOf = (file: string, name: string): string | undefined => {
  if (name.startsWith(".")) return posix.join(posix.dirname(file), name);
  if (name.startsWith("#sample/")) return name.slice(1);
  if (name.startsWith("#")) return `src/${name.slice(1)}`;
  if (/^@(?:api|words)\//.test(name)) return `src/${name.slice(1)}`;
  return undefined;
};

/** Files that import each other in a circle, each group once (Tarjan); type-only imports count. */
export const circles = (graph: ReadonlyMap<string, Imports>): readonly (readonly string[])[] => {
  const found: string[][] = [];
  const order = new Map<string, { readonly index: number; low: number; open: boolean }>();
  const stack: string[] = [];
  const visit = (file: string): { readonly index: number; low: number; open: boolean } => {
    const self = { index: order.size, low: order.size, open: true };
    order.set(file, self);
    stack.push(file);
    for (const next of graph.get(file)?.inside ?? []) {
      const seen = order.get(next);
      if (seen === undefined) self.low = Math.min(self.low, visit(next).low);
      else if (seen.open) self.low = Math.min(self.low, seen.index);
    }
    if (self.low === self.index) {
      const group = stack.splice(stack.indexOf(file));
      for (const one of group) {
        const entry = order.get(one);
        if (entry) entry.open = false;
      }
      if (group.length > 1 || (graph.get(file)?.inside.includes(file) ?? false)) found.push(group.toSorted());
    }
    return self;
  };
  for (const file of graph.keys()) if (!order.has(file)) visit(file);
  return found;
};

/** Everything `file` leans on, itself included. */
export const reach = (file: string, graph: ReadonlyMap<string, Imports>): ReadonlySet<string> => {
  const seen = new Set<string>();
  const waiting = [file];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    waiting.push(...(graph.get(next)?.inside ?? []));
  }
  return seen;
};
