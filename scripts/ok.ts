import { spawn } from "node:child_process";
import { root } from "./import-graph.ts";
import { compileCache } from "./run-tests.ts";

/** One check: its output is shown only when it fails. */
interface Check {
  readonly name: string;
  readonly args: readonly string[];
}

const bin = (name: string, ...args: readonly string[]): readonly string[] => [`node_modules/.bin/${name}`, ...args];

/** The compiler looks again only at files that changed, and at what leans on them: half of the time goes into it otherwise. */
const remembering = (name: string): readonly string[] => [
  ...["--incremental", "--tsBuildInfoFile", `node_modules/.cache/types/${name}.tsbuildinfo`],
];

// npm run ok                     what is to be green before each commit
// npm run ok -- without-tests    the same without the fast tests, where all of them run anyway
const tests: readonly Check[] =
  process.argv[2] === "without-tests"
    ? []
    : [{ name: "fast tests", args: [process.execPath, "-C", "source", "scripts/test.ts", "fast"] }];

/** Two lanes for two cores, each one check after the other; which lane a check goes to is known when one is free. */
const checks: readonly Check[] = [
  ...tests,
  { name: "types", args: bin("tsc", "-p", ".", ...remembering("root")) },
  { name: "lint and layers", args: bin("oxlint", "--type-aware", "--report-unused-disable-directives") },
  { name: "types of the portal", args: bin("tsc", "-p", "web", ...remembering("web")) },
  { name: "dead code", args: bin("knip", "--no-progress") },
  { name: "format", args: bin("biome", "format", "--max-diagnostics=40") },
];

/** Runs a check to its end; standard output and error together, in the order they came. */
const run = ({
  name,
  args,
}: Check): Promise<{ readonly name: string; readonly good: boolean; readonly said: string }> =>
  new Promise((resolve) => {
    const began = performance.now();
    const [program = "", ...rest] = args;
    const child = spawn(program, rest, { cwd: root, env: { ...process.env, ...compileCache, FORCE_COLOR: "0" } });
    let said = "";
    const take = (bytes: Buffer): void => {
      said += bytes.toString();
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.once("error", (error) => resolve({ name, good: false, said: error.message }));
    child.once("close", (code) => {
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      process.stdout.write(`${code === 0 ? "ok    " : "FAILED"}  ${name}  ${seconds} s\n`);
      resolve({ name, good: code === 0, said: shortly(said) });
    });
  });

/** Of a run of tests only those that failed, and the totals. */
const shortly = (said: string): string => {
  const at = said.indexOf("✖ failing tests:");
  return at < 0 ? said : said.slice(at);
};

const waiting = checks.values();
const lane = async (): Promise<Awaited<ReturnType<typeof run>>[]> => {
  const done = [];
  for (const check of waiting) done.push(await run(check));
  return done;
};
const results = (await Promise.all([lane(), lane()])).flat();
for (const { name, good, said } of results) if (!good) process.stdout.write(`\n── ${name} ──\n${said.trimEnd()}\n`);
process.exitCode = results.every(({ good }) => good) ? 0 : 1;
