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

/** Two lanes for two cores, each one check after the other. */
const lanes: readonly (readonly Check[])[] = [
  [
    { name: "fast tests", args: [process.execPath, "-C", "source", "scripts/test.ts", "fast"] },
    { name: "types of the portal", args: bin("tsc", "-p", "web", ...remembering("web")) },
    { name: "dead code", args: bin("knip", "--no-progress") },
  ],
  [
    { name: "types", args: bin("tsc", "-p", ".", ...remembering("root")) },
    { name: "lint and layers", args: bin("oxlint", "--type-aware", "--report-unused-disable-directives") },
    { name: "format", args: bin("biome", "format", "--max-diagnostics=40") },
  ],
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

const results = await Promise.all(
  lanes.map(async (lane) => {
    const done = [];
    for (const check of lane) done.push(await run(check));
    return done;
  }),
);
for (const { name, good, said } of results.flat())
  if (!good) process.stdout.write(`\n── ${name} ──\n${said.trimEnd()}\n`);
process.exitCode = results.flat().every(({ good }) => good) ? 0 : 1;
