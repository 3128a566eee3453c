import { spawn } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { root } from "./import-graph.ts";

/** Builds web/dist when it is missing or older than what it is made of; tells of it on standard error. */
export const freshPortal = async (): Promise<void> => {
  if (!stale()) return;
  process.stderr.write("building the portal …\n");
  const began = performance.now();
  await build();
  process.stderr.write(`built the portal in ${((performance.now() - began) / 1000).toFixed(1)} s\n`);
};

const made = "web/dist/index.html";

/** The portal's own files, and the folders of `src/` it reads types and sentences from. */
const madeOf = [
  ...["web/src", "web/public", "web/index.html", "web/csp.json", "web/vite.config.ts", "web/package.json"],
  ...["src/api", "src/words", "src/core", "package-lock.json"],
];

const stale = (): boolean =>
  !existsSync(root + made) || madeOf.some((path) => changed(root + path) > statSync(root + made).mtimeMs);

/** When the newest file of a path was written, milliseconds since 1970; folders count, so that a removed file does. */
const changed = (path: string): number => {
  if (!existsSync(path)) return 0;
  const self = statSync(path);
  if (!self.isDirectory()) return self.mtimeMs;
  const inside = readdirSync(path, { withFileTypes: true, recursive: true });
  return Math.max(self.mtimeMs, ...inside.map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs));
};

const build = (): Promise<void> =>
  new Promise((resolve, reject) => {
    const vite = spawn(process.execPath, ["node_modules/vite/bin/vite.js", "build", "web", "--logLevel", "error"], {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
    });
    vite.once("error", reject);
    vite.once("exit", (code, signal) =>
      code === 0 ? resolve() : reject(new Error(`Cannot build the portal, vite ended with ${code ?? signal}`)),
    );
  });
