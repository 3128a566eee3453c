import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { filesBelow, importGraph, reach, root } from "./import-graph.ts";

/**
 * Runs test files, each in a process of its own, two at a time (an engine and its test share the two cores of a small
 * machine). One database cluster serves the run, started only when a file needs it and none is named in the environment.
 * The last lines printed are the runner's totals. With WAGLAN_TEST_SEED (a whole number) laws draw the same cases each time.
 *
 * @returns the runner's exit code
 */
export const runTests = async (files: readonly string[], flags: readonly string[] = []): Promise<number> => {
  if (files.length === 0) throw new Error("Cannot run tests, no file was chosen");
  const cluster = needsCluster(files) ? await (await import("../test/cluster.ts")).startTestCluster() : undefined;
  const folder = mkdtempSync(join(tmpdir(), "waglan-tap-"));
  const tap = join(folder, "run.tap");
  try {
    const code = await run(
      [
        "-C",
        "source",
        ...(process.env["WAGLAN_TEST_SEED"] === undefined ? [] : ["--import", join(root, "scripts/test-seed.ts")]),
        "--test",
        `--test-concurrency=${Math.min(2, availableParallelism())}`,
        "--test-reporter=spec",
        "--test-reporter-destination=stdout",
        "--test-reporter=tap",
        `--test-reporter-destination=${tap}`,
        ...flags,
        ...files,
      ],
      { ...process.env, ...compileCache, ...cluster?.env },
    );
    process.stdout.write(`\n${totals(readFileSync(tap, "utf8"))}\n`);
    return code;
  } finally {
    await cluster?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Compiled sources are kept between processes: half a CPU-second less for each. */
export const compileCache = { NODE_COMPILE_CACHE: join(root, "node_modules/.cache/waglan") } as const;

const needsCluster = (files: readonly string[]): boolean => {
  if (process.env["WAGLAN_TEST_DATABASE_URL"] ?? process.env["WAGLAN_TEST_CLUSTER"]) return false;
  const graph = importGraph(filesBelow(["src", "test", "sample"]));
  return files.some((file) => reach(file, graph).has("test/cluster.ts"));
};

/** The last lines of the runner's TAP: `# tests 12`, `# pass 12`, `# fail 0` … */
const totals = (tap: string): string =>
  tap
    .split("\n")
    .filter((line) => /^# (?:tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) /.test(line))
    .slice(-8)
    .join("\n");

const run = (args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, env, stdio: "inherit" });
    const stop = (signal: NodeJS.Signals): void => void child.kill(signal);
    const signals = ["SIGINT", "SIGTERM"] as const;
    for (const signal of signals) process.on(signal, stop);
    child.once("error", reject);
    child.once("exit", (code) => {
      for (const signal of signals) process.off(signal, stop);
      resolve(code ?? 1);
    });
  });
