import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { fileURLToPath } from "node:url";

/** A line of a measuring program: name, value, unit, goal, tabs between (bench/figure.ts). */
interface Figure {
  readonly program: string;
  readonly name: string;
  readonly value: string;
  readonly unit: string;
  readonly goal: string;
}

// npm run bench [-- NAME… NUMBER…] [--json]: runs every program of this folder that prints figures, one after the other, and
// lays them out with date and machine. Numbers go to the programs, whose heads say what they are. What a program says beside
// its figures goes to standard error.
const folder = fileURLToPath(new URL("./", import.meta.url));
const words = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const numbers = words.filter((word) => /^\d+$/.test(word));
const asked = words.filter((word) => !numbers.includes(word));
const json = process.argv.includes("--json");

const programs = readdirSync(folder)
  .filter((name) => name.endsWith(".ts") && !["run.ts", "figure.ts", "server-cpu.ts"].includes(name))
  .filter((name) => /\bfigure\(|\\t/.test(readFileSync(folder + name, "utf8")))
  .map((name) => name.slice(0, -".ts".length))
  .filter((name) => asked.length === 0 || asked.includes(name))
  .toSorted();

const measure = (program: string): Promise<{ readonly figures: readonly Figure[]; readonly failed: boolean }> =>
  new Promise((resolve, reject) => {
    process.stderr.write(`${program} …\n`);
    const child = spawn(process.execPath, ["-C", "source", "--expose-gc", `bench/${program}.ts`, ...numbers], {
      cwd: fileURLToPath(new URL("../", import.meta.url)),
      stdio: ["ignore", "pipe", "inherit"],
    });
    let said = "";
    child.stdout.on("data", (bytes: Buffer) => {
      said += bytes.toString();
    });
    child.once("error", reject);
    child.once("close", (code) => {
      const lines = said.split("\n").filter((line) => line !== "");
      for (const line of lines.filter((one) => one.split("\t").length < 4)) process.stderr.write(`  ${line}\n`);
      resolve({ figures: lines.flatMap((line) => figureOf(program, line) ?? []), failed: code !== 0 });
    });
  });

const figureOf = (program: string, line: string): Figure | undefined => {
  const [name, value, unit, goal] = line.split("\t");
  if (name === undefined || value === undefined || unit === undefined || goal === undefined) return undefined;
  return { program, name, value, unit, goal };
};

const machine = {
  date: new Date().toISOString().slice(0, 10),
  cpu: cpus()[0]?.model.trim() ?? "unknown",
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  node: process.version,
};

const figures: Figure[] = [];
const failed: string[] = [];
for (const program of programs) {
  const done = await measure(program);
  figures.push(...done.figures);
  if (done.failed) failed.push(program);
}

if (json) process.stdout.write(`${JSON.stringify({ machine, figures, failed })}\n`);
else {
  const { date, cpu, cores, memoryGiB, node } = machine;
  const rows = figures.map((one) => [
    one.name,
    `${one.value} ${one.unit}`.trim(),
    one.goal,
    `npm run bench -- ${[one.program, ...numbers].join(" ")}`,
  ]);
  const table = [["what", "measured", "goal", "command"], ["---", "---", "---", "---"], ...rows];
  process.stdout.write(`${date}, ${cpu}, ${cores} cores, ${memoryGiB} GiB, Node ${node}\n\n`);
  process.stdout.write(table.map((row) => `| ${row.join(" | ")} |\n`).join(""));
}
if (failed.length > 0) process.stderr.write(`failed: ${failed.join(", ")}\n`);
process.exitCode = failed.length > 0 || programs.length === 0 ? 1 : 0;
