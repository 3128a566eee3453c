import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { printInstant } from "#core/instant.ts";
import { type Problem, problem, WaglanError } from "#core/result.ts";
import { behaviours } from "#detect/behaviours.ts";
import type { PackFile } from "#detect/sigma/packs.ts";
import { networks } from "#detect/networks.ts";
import { type ScanCounts, ScanStream } from "#jobs/scan/scan.ts";
import type { ScanHit } from "#jobs/scan/hit.ts";
import { aboutOf } from "#jobs/scan/messages.ts";
import { ScanOverTime } from "#jobs/scan/over-time.ts";
import { openScanRules, type ScanRules } from "#jobs/scan/rules.ts";
import { type ScannedFile, scanInStretches, scanOnThreads, ScanPool } from "#jobs/scan/threads.ts";
import { formats } from "#telemetry/index.ts";
import { printBytes, printNumber } from "#words/number.ts";
import { type Exit, exitOf, exits, Stop } from "./exit.ts";
import { openFactShelf } from "./fact-shelf.ts";
import { type IndicatorSet, readIndicators } from "./indicator-set.ts";
import { type Input, inputsOf, sizeOf, unpacked } from "./input.ts";
import { openProgress } from "./progress.ts";
import { readRuleFiles, tellRuleProblems } from "./rule-files.ts";
import { readScanOptions, type ScanAsked, type ScanWords } from "./scan-options.ts";
import { hitJson, hitLine } from "./scan-print.ts";
import { scanReport } from "./scan-report.ts";
import { sortedRows, Tally, type TallyRow } from "./scan-tables.ts";
import { languageOfEnvironment } from "./talk.ts";
import type { Cli, Verb } from "./verb.ts";

export const scanVerb: Verb = (program, cli) => {
  const command = program
    .command("scan")
    .summary("look for known-bad values, rules and behaviours in logs")
    .description(
      "Looks for known-bad values, Sigma rules and behaviours over time in logs, without a server, on all cores. Each hit " +
        "is a line; the summary goes to standard error. Background (a listed stranger who only knocked) has severity info.\n" +
        "Exit code: 0 nothing, 1 hits, 3 something could not be read and there was no hit.",
    )
    .argument("[path...]", "logs of any known formats: files, folders, .gz, or - for standard input")
    .option("--indicators <path...>", "lists of any known shape, files, folders or archives; .txt: one value a line")
    .option("--rules <path...>", "Sigma rules, correlations and filters: files or folders")
    .option("--behaviours [names]", `what shows over time: all, or some of ${behaviours.map(({ id }) => id).join(",")}`)
    .option("--set <behaviour.setting=number>", "another threshold of a behaviour; again for more", gather, [])
    .option("--warninglists <folder>", "MISP warning lists: what they name is left out, and ranked down over time")
    .option("--format <name>", `auto, or one of ${formats.map(({ id }) => id).join(", ")}`, "auto")
    .option("--networks <cidr...>", "networks that are ours, beside the private ones; they tell inbound from outbound")
    .option("--since <time>", "only hits from this time on; behaviours learn from what came before")
    .option("--report <file>", "write the hits and tables as a page of HTML too")
    .option("--jobs <number>", "threads; as many as there are cores unless told")
    .option("--findings-only", "leave out the background")
    .option("--json", "a hit a line as JSON")
    .addHelpText(
      "after",
      "\n--indicators, --rules and --networks take all that follows up to the next option or --; where that leaves nothing\n" +
        "to scan, the last of them takes one path each time and the others are logs.\n\n" +
        "  waglan scan --indicators bad.txt eve.json\n" +
        "  waglan scan --rules sigma/rules --behaviours --report report.html -- logs/\n" +
        "  zcat conn.*.gz | waglan scan --json --indicators feeds/ -- -",
    );
  command.action(async (paths: readonly string[], words: ScanWords) => {
    cli.end(await run(cli, readScanOptions(paths, words, cli.argv), words));
  });
};

const gather = (value: string, before: readonly string[]): readonly string[] => [...before, value];

const run = async (cli: Cli, asked: ScanAsked, words: ScanWords): Promise<Exit> => {
  const began = cli.io.elapsed();
  const set = await readIndicators(cli, asked.indicators, words.warninglists);
  if (set.size === 0 && asked.indicators.length > 0) throw new Stop([problem("WGL_SCAN_NOTHING")], exits.input);
  const ruleFiles = asked.rules.length > 0 ? await readRuleFiles(cli, asked.rules) : undefined;
  const rules = ruleFiles && openScanRules(ruleFiles.files);
  if (rules) tellRuleProblems(cli, rules.problems);
  if (rules && rules.set.rules.length === 0) throw new Stop([problem("WGL_SCAN_RULES")], exits.input);
  const readMs = cli.io.elapsed() - began;
  const { inputs, problems, links } = inputsOf(cli.io, asked.paths);
  for (const one of problems) cli.talk.tell(one);
  const shelf = openFactShelf();
  const overTime = new ScanOverTime({
    behaviours: asked.behaviours,
    around: {
      own: networks(asked.networks),
      harmless: (observable) => set.exclusions?.excluded(observable) !== undefined,
      origin: (asked.behaviours.length > 0 ? await cli.abilities.origins() : undefined) ?? (() => ({})),
    },
    wishes: asked.wishes,
    shelf,
    ...(rules ? { rules } : {}),
    ...(asked.since === undefined ? {} : { since: asked.since }),
  });
  const teller = new Teller(cli, words);
  const sums = new Sums(problems.length);
  const progress = openProgress(cli.io, cli.talk, "scanning", sizeOf(inputs));
  const scanned = cli.io.elapsed();
  try {
    for await (const { input, ...file } of scanAll(
      cli,
      inputs,
      asked,
      set,
      ruleFiles?.files,
      rules,
      overTime,
      progress.read,
    )) {
      for (const hit of file.hits) await teller.tell(hit);
      sums.add(cli, input, file);
    }
    for (const hit of overTime.end()) await teller.tell(hit);
  } finally {
    shelf.close();
  }
  progress.done();
  if (words.report !== undefined) writeReport(cli, words.report, teller, sums);
  sayWhatHappened(cli, { sums, links, set, rules, overTime, teller, readMs, tookMs: cli.io.elapsed() - scanned });
  if (!words.json) tellTables(cli, teller.tally);
  const hits = teller.findings + (words.findingsOnly ? 0 : teller.background);
  if (sums.world) return exits.world;
  if (hits > 0) return exits.findings;
  return sums.unread > 0 || set.bad > 0 || (ruleFiles?.bad ?? 0) > 0 ? exits.input : exits.done;
};

/** Below it a thread costs more than it saves. */
const worthThreads = 33_554_432;

/** Files in their order, each with what it gave; on threads where there is enough to do. */
async function* scanAll(
  cli: Cli,
  inputs: readonly Input[],
  asked: ScanAsked,
  set: IndicatorSet,
  ruleFiles: readonly PackFile[] | undefined,
  rules: ScanRules | undefined,
  overTime: ScanOverTime,
  onRead: (bytes: number) => void,
): AsyncGenerator<ScannedFile & { readonly input: Input }, void, void> {
  const wants = asked.behaviours.length > 0 || (rules !== undefined && rules.plans.length > 0);
  const jobs = asked.jobs ?? ((sizeOf(inputs) ?? Infinity) < worthThreads ? 1 : availableParallelism());
  const files = inputs.map((input) => ({
    file: input.file,
    chunks: unpacked(input, onRead),
    ...(input.written === undefined ? {} : { received: input.written }),
  }));
  const large = inputs.map(({ size = 0 }) => jobs > 1 && size >= worthThreads);
  if (jobs > 1 && (inputs.length > 1 || large.includes(true))) {
    const data = {
      ...{ index: set.index.handles(), about: set.about, networks: asked.networks, overTime: wants },
      formats: asked.formats.map(({ id }) => id),
      ...(ruleFiles ? { rules: ruleFiles } : {}),
      ...(asked.since === undefined ? {} : { since: asked.since }),
    };
    const pool = new ScanPool(data, jobs);
    try {
      // large files one after another on all threads, those between them each on one
      for (let at = 0; at < files.length; ) {
        let end = at;
        while (end < files.length && large[end] !== true) end++;
        for await (const file of scanOnThreads(files.slice(at, end), pool, overTime))
          yield { ...file, input: inputs[at++] as Input };
        const [one, input] = [files[end], inputs[end]];
        at = end + 1;
        if (one === undefined || input === undefined) break;
        for await (const file of scanInStretches(one, asked.formats, pool, overTime)) yield { ...file, input };
      }
    } finally {
      await pool.close();
    }
    return;
  }
  for (const [at, { chunks, ...file }] of files.entries()) {
    const input = inputs[at] as Input;
    const stream = new ScanStream({
      ...file,
      ...{ formats: asked.formats, index: set.index, own: networks(asked.networks), about: aboutOf(set.about) },
      ...(rules ? { rules } : {}),
      ...(wants ? { overTime } : {}),
      ...(asked.since === undefined ? {} : { since: asked.since }),
    });
    let failed: unknown;
    try {
      for await (const chunk of chunks) {
        stream.push(chunk);
        if (stream.found.length > 0)
          yield { input, file: input.file, hits: stream.found.splice(0), counts: nothingYet, more: true };
      }
    } catch (error) {
      failed = error;
    }
    stream.end();
    const ended = { input, file: input.file, hits: stream.found.splice(0), counts: stream.counts };
    yield failed === undefined ? ended : { ...ended, failed };
  }
}

const nothingYet: ScanCounts = { lines: 0, bytes: 0, hits: 0, rejected: {}, problems: [] };

/** Tells hits as they come, and counts them. */
class Teller {
  findings = 0;
  background = 0;
  readonly tally = new Tally();
  /** The first of them, for the report. */
  readonly kept: ScanHit[] = [];
  readonly #cli: Cli;
  readonly #words: ScanWords;

  constructor(cli: Cli, words: ScanWords) {
    this.#cli = cli;
    this.#words = words;
  }

  async tell(hit: ScanHit): Promise<void> {
    if (hit.severity === "info") {
      this.background++;
      if (this.#words.findingsOnly) return;
    } else this.findings++;
    this.tally.add(hit);
    if (this.#words.report !== undefined && this.kept.length < reportAtMost && hit.severity !== "info")
      this.kept.push(hit);
    const { talk, io } = this.#cli;
    await (this.#words.json ? talk.json(hitJson(hit)) : talk.line(hitLine(languageOfEnvironment(io.env), hit)));
  }
}

/** Hits that a page can hold; the tables count all. */
const reportAtMost = 5000;

class Sums {
  files = 0;
  lines = 0;
  bytes = 0;
  /** Inputs that could not be read, or of which most lines were wrong. */
  unread: number;
  world = false;
  readonly rejected: Record<string, number> = {};
  /** Files met in folders that no format accepts. */
  readonly passed: string[] = [];

  constructor(unread: number) {
    this.unread = unread;
  }

  add(cli: Cli, input: Input, { counts, failed, more }: ScannedFile): void {
    if (more) return;
    const why = failed === undefined ? undefined : toldFailure(cli, input.file, failed);
    this.world ||= why !== undefined && exitOf(why.code) === exits.world;
    this.lines += counts.lines;
    this.bytes += counts.bytes;
    if (counts.rejected["WGL_FORMAT_UNKNOWN"] !== undefined && !input.named) {
      this.passed.push(input.file);
      return;
    }
    this.files++;
    if (tellRejects(cli, input.file, counts) || why !== undefined) this.unread++;
    for (const [code, count] of Object.entries(counts.rejected))
      this.rejected[code] = (this.rejected[code] ?? 0) + count;
  }
}

const toldFailure = (cli: Cli, file: string, error: unknown): Problem => {
  if (!(error instanceof WaglanError) || error.code === "WGL_OUTPUT") throw error;
  const why = problem(error.code, error.with);
  cli.talk.tell(why, file);
  return why;
};

/** Lines told of each file; the rest is counted. */
const linesShown = 5;

/** @returns true when more lines were wrong than right: the file is not what we take it for */
const tellRejects = (cli: Cli, file: string, counts: ScanCounts): boolean => {
  const rejected = Object.values(counts.rejected).reduce((sum, count) => sum + count, 0);
  for (const { line, problem: why } of counts.problems.slice(0, linesShown))
    cli.talk.tell(why, counts.format === undefined ? file : `${file}:${line}`);
  if (rejected > linesShown) cli.talk.say(`${file}: and ${rejected - linesShown} more lines could not be read`);
  return rejected > 0 && rejected * 2 >= counts.lines;
};

const writeReport = (cli: Cli, file: string, teller: Teller, sums: Sums): void => {
  const page = scanReport({
    language: languageOfEnvironment(cli.io.env),
    made: cli.io.now(),
    ...{ tally: teller.tally, hits: teller.kept, findings: teller.findings, background: teller.background },
    ...{ files: sums.files, lines: sums.lines },
  });
  try {
    writeFileSync(resolve(cli.io.cwd, file), page, { mode: 0o600 });
  } catch (error) {
    throw new WaglanError("WGL_OUTPUT", { code: (error as NodeJS.ErrnoException).code ?? String(error) });
  }
};

/** Rows of each table that a terminal shows. */
const rowsShown = 20;

const tellTables = (cli: Cli, tally: Tally): void => {
  for (const [title, table] of [
    ["rule", tally.rules],
    ["host", tally.hosts],
    ["tactic", tally.tactics],
  ] as const) {
    const rows = sortedRows(table);
    if (rows.length === 0) continue;
    cli.talk.say(`\n${title.padEnd(44)}  severity   hits  hosts  first`);
    for (const row of rows.slice(0, rowsShown)) cli.talk.say(tableLine(row));
    if (rows.length > rowsShown) cli.talk.say(`and ${rows.length - rowsShown} more`);
  }
};

const tableLine = (row: TallyRow): string => {
  const name = row.title === "" ? row.name : row.title;
  return [
    (name.length > 44 ? `${name.slice(0, 43)}…` : name).padEnd(44),
    row.severity.padEnd(8),
    String(row.hits).padStart(6),
    String(row.hosts.size).padStart(5),
    printInstant(row.first as Parameters<typeof printInstant>[0]),
  ].join("  ");
};

/** Names of what was passed over that the summary gives. */
const passedShown = 5;

const someOf = (names: readonly string[]): string =>
  names.slice(0, passedShown).join(", ") + (names.length > passedShown ? ", …" : "");

interface Happened {
  readonly sums: Sums;
  /** To folders, not followed. */
  readonly links: readonly string[];
  readonly set: IndicatorSet;
  readonly rules: ScanRules | undefined;
  readonly overTime: ScanOverTime;
  readonly teller: Teller;
  readonly readMs: number;
  readonly tookMs: number;
}

const sayWhatHappened = (cli: Cli, happened: Happened): void => {
  const { sums, links, set, rules, overTime, teller, readMs, tookMs } = happened;
  const n = (value: number): string => printNumber("en", value);
  const rate = tookMs > 0 ? Math.round((sums.lines / tookMs) * 1000) : 0;
  const left = set.excluded > 0 ? `, ${n(set.excluded)} left out by warning lists` : "";
  const read = [
    ...(set.size > 0 || set.excluded > 0 ? [`${n(set.size)} indicators${left}`] : []),
    ...(rules ? [`${n(rules.set.rules.length)} rules`, `${n(rules.plans.length)} correlations`] : []),
  ];
  if (read.length > 0) cli.talk.say(`${read.join(", ")}, read in ${(readMs / 1000).toFixed(1)} s`);
  const passed =
    sums.passed.length === 0 ? "" : `, ${n(sums.passed.length)} other files passed over (${someOf(sums.passed)})`;
  cli.talk.say(
    `${n(sums.files)} files, ${n(sums.lines)} lines, ${printBytes("en", sums.bytes)} in ${(tookMs / 1000).toFixed(1)} s (${n(rate)} lines/s)${passed}`,
  );
  if (links.length > 0)
    cli.talk.say(`links to folders, not followed (name one to have it read): ${n(links.length)} (${someOf(links)})`);
  const codes = Object.entries(sums.rejected).map(([code, count]) => `${code} ${n(count)}`);
  if (codes.length > 0) cli.talk.say(`lines not read: ${codes.join(", ")}`);
  if (sums.unread > 0) cli.talk.say(`could not be read: ${n(sums.unread)}`);
  const { facts, twice, ungrouped, forgotten } = overTime.counts;
  if (facts > 0 && twice > 0) cli.talk.say(`records that had come before: ${n(twice)}`);
  if (ungrouped > 0) cli.talk.say(`records that a correlation could not group: ${n(ungrouped)}`);
  if (forgotten > 0) cli.talk.say(`forgotten for want of room: ${n(forgotten)}`);
  cli.talk.say(`hits: ${n(teller.findings)} to look at, ${n(teller.background)} background`);
};
