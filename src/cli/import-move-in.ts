import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type Instant, parseInstant } from "#core/instant.ts";
import { type Problem, problem } from "#core/result.ts";
import type { Comparison } from "#jobs/move-in/compare.ts";
import type { ContactSystem } from "#jobs/move-in/contacts.ts";
import type { MoveInRun } from "#jobs/move-in/port.ts";
import type { Telling } from "#jobs/move-in/run.ts";
import type { MoveInFile, Opened } from "./abilities.ts";
import { badOption, type Exit, exits, Stop } from "./exit.ts";
import { type Input, inputsOf, sizeOf, unpacked } from "./input.ts";
import { openProgress, type Progress } from "./progress.ts";
import { type SettingsOptions, settingsOf } from "./settings.ts";
import { printTable } from "./table.ts";
import type { Cli } from "./verb.ts";
import { withOpened } from "./with-opened.ts";

export interface MoveInOptions extends SettingsOptions {
  readonly fromMisp?: true;
  readonly fromIntelmq?: true;
  readonly fromContacts?: true;
  readonly fromTuency?: true;
  readonly fromN6Auth?: true;
  readonly fromOpencti?: true;
  readonly compare?: true;
  readonly runs?: true;
  readonly keyFile?: string;
  readonly since?: string;
  readonly until?: string;
  readonly dryRun?: true;
  readonly json?: true;
}

/** What is imported, by its option; exactly one is said. */
export const moveInWays = [
  ...(["fromMisp", "fromIntelmq", "fromContacts", "fromTuency", "fromN6Auth"] as const),
  ...(["fromOpencti", "compare", "runs"] as const),
] as const;
type Way = (typeof moveInWays)[number];

/** Runs one way of moving in to its end. */
export const runMoveIn = (cli: Cli, way: Way, paths: readonly string[], options: MoveInOptions): Promise<Exit> => {
  const config = settingsOf(cli.io, options);
  if (way === "runs") return withOpened(cli, config, (opened) => showRuns(cli, opened, options));
  if (paths.length === 0) throw badOption("PATH", "", "a file, folder or address");
  if (way === "fromMisp" && isAddress(paths[0]))
    return withOpened(cli, config, (opened) => remote(cli, opened, paths, options));
  if (options.keyFile !== undefined)
    throw badOption("--key-file", options.keyFile, "only with --from-misp and an address");
  const { inputs, problems } = inputsOf(cli.io, paths);
  for (const one of problems) cli.talk.tell(one);
  for (const { file } of inputs)
    if (file === "-" && way !== "fromIntelmq" && way !== "compare")
      throw badOption("PATH", "-", "a file, which is read twice");
  const period = { ...timeOf("--since", options.since, "since"), ...timeOf("--until", options.until, "until") };
  return withOpened(cli, config, async (opened) => {
    const progress = openProgress(cli.io, cli.talk, way === "compare" ? "comparing" : "moving in", sizeOf(inputs));
    const files = inputs.map((input) => fileOf(input, progress));
    const bad = new Bad(cli);
    if (way === "compare") await compare(cli, opened, files, period, options, bad);
    else for (const run of await takeIn(way, opened, files, options, bad.telling)) await showRun(cli, run, options);
    progress.done();
    return problems.length > 0 || bad.any ? exits.input : exits.done;
  });
};

const isAddress = (path: string | undefined): path is string => /^https?:\/\//i.test(path ?? "");

const fileOf = (input: Input, progress: Progress): MoveInFile => ({
  file: input.file,
  chunks: () => unpacked(input, progress.read),
});

const timeOf = <const K extends string>(
  option: string,
  text: string | undefined,
  key: K,
): { readonly [P in K]?: Instant } => {
  if (text === undefined) return {};
  const read = parseInstant(text);
  if (!read.ok) throw badOption(option, text, "a date or time such as 2026-01-31T08:00Z");
  return { [key]: read.value } as { readonly [P in K]?: Instant };
};

/** Problems as they come; each makes the exit code 3, but for the notes among them that took nothing away. */
class Bad {
  any = false;
  readonly telling: Telling;
  readonly told: (problem: Problem) => void;
  constructor(cli: Cli) {
    this.told = (one) => {
      this.any = true;
      cli.talk.tell(one);
    };
    this.telling = { problem: this.told, reached: () => {} };
  }
}

const takeIn = async (
  way: Exclude<Way, "compare" | "runs">,
  { moveIn }: Opened,
  files: readonly MoveInFile[],
  options: MoveInOptions,
  telling: Telling,
): Promise<readonly MoveInRun[]> => {
  if (files.length === 0) return [];
  const system = Object.hasOwn(systems, way) ? systems[way as keyof typeof systems] : undefined;
  if (system !== undefined) return [await moveIn.contacts(files, options.dryRun === true, telling, system)];
  if (options.dryRun) throw badOption("--dry-run", "", "only with --from-contacts, --from-tuency, --from-n6-auth");
  if (way === "fromMisp") {
    const json = files.filter(({ file }) => /\.json(?:\.gz)?$/i.test(file));
    return json.length === 0 ? [] : [await moveIn.misp({ files: json }, telling)];
  }
  const runs: MoveInRun[] = [];
  for (const file of files)
    runs.push(await (way === "fromIntelmq" ? moveIn.intelmq(file, telling) : moveIn.opencti(file, telling)));
  return runs;
};

/** Whose contacts become the directory. */
const systems = { fromContacts: "contacts", fromTuency: "tuency", fromN6Auth: "n6" } as const satisfies Partial<
  Record<Way, ContactSystem>
>;

const remote = async (cli: Cli, opened: Opened, paths: readonly string[], options: MoveInOptions): Promise<Exit> => {
  const key = options.keyFile === undefined ? undefined : keyIn(cli, options.keyFile);
  const bad = new Bad(cli);
  const began = cli.io.elapsed();
  const telling: Telling = {
    problem: bad.told,
    reached: (rows) => {
      const rate = (rows / Math.max(1, cli.io.elapsed() - began)) * 1000;
      cli.talk.progress(`moving in ${rows} events, ${rate.toFixed(1)}/s`);
    },
  };
  for (const url of paths) {
    if (!isAddress(url) || !URL.canParse(url)) throw badOption("PATH", url, "an address, as the others are");
    await showRun(cli, await opened.moveIn.misp({ url, ...(key === undefined ? {} : { key }) }, telling), options);
  }
  cli.talk.settle();
  return bad.any ? exits.input : exits.done;
};

const keyIn = (cli: Cli, file: string): string => {
  let key: string;
  try {
    key = readFileSync(resolve(cli.io.cwd, file), "utf8").trim();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new Stop([problem("WGL_INPUT_PATH", { path: file, code })], exits.usage);
  }
  if (!/^[\x21-\x7e]{1,512}$/.test(key)) throw badOption("--key-file", file, "a file that holds one key");
  return key;
};

const showRun = async (cli: Cli, run: MoveInRun, options: MoveInOptions): Promise<void> => {
  if (options.json) return cli.talk.json(rowOf(run));
  const counts = Object.entries(run.counts).map(([word, count]) => `${count} ${word}`);
  return cli.talk.line(`${run.place}: ${counts.join(", ") || "nothing"}`);
};

const rowOf = ({ n, source, place, began, ended, rows, counts, refused }: MoveInRun): object => ({
  ...{ run: n, source, place, began: new Date(began).toISOString() },
  ...(ended === undefined ? {} : { ended: new Date(ended).toISOString() }),
  ...{ rows, counts, problems: refused },
});

const showRuns = async (cli: Cli, opened: Opened, options: MoveInOptions): Promise<Exit> => {
  const runs = (await opened.moveIn.runs()).map(rowOf);
  const flat = runs.map((one) => ({
    ...one,
    counts:
      "counts" in one ? Object.entries(one.counts as object).map(([word, count]) => `${String(count)} ${word}`) : [],
  }));
  await printTable(cli, options.json ? runs : flat, options.json === true);
  return exits.done;
};

const compare = async (
  cli: Cli,
  { moveIn }: Opened,
  files: readonly MoveInFile[],
  period: { readonly since?: Instant; readonly until?: Instant },
  options: MoveInOptions,
  bad: Bad,
): Promise<void> => {
  for (const file of files) {
    const { since, until, rows, read } = await moveIn.compare(file, period, bad.told);
    const times = `${new Date(since).toISOString()} to ${new Date(until).toISOString()}`;
    cli.talk.say(
      `${file.file}: ${times}, ${read.taken} notifications, ${read.outside} outside the time, ${read.refused} that could not be read`,
    );
    await printTable(cli, options.json ? rows : rows.map(plainRow), options.json === true);
  }
};

const plainRow = ({ organisation, type, verdict, theirs, ours, reasons }: Comparison): object => ({
  organisation,
  problem: type,
  "told by": verdict === "only-them" ? "them" : verdict === "only-us" ? "us" : "both",
  theirs: theirs.notifications,
  events: theirs.events,
  findings: ours.findings,
  told: ours.told,
  shadow: words(ours.shadow),
  why: words(reasons),
});

const words = (counts: Readonly<Record<string, number>>): readonly string[] =>
  Object.entries(counts).map(([word, count]) => `${word} ${count}`);
