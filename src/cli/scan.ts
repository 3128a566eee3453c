import { cidrRange } from "#core/cidr.ts";
import { printInstant } from "#core/instant.ts";
import { type Problem, problem, WaglanError } from "#core/result.ts";
import { networks, type Networks } from "#detect/indicator-match/networks.ts";
import { type ScanCounts, type ScanHit, scan } from "#jobs/scan.ts";
import type { Format } from "#telemetry/format.ts";
import { formats } from "#telemetry/index.ts";
import { printBytes, printNumber } from "#words/number.ts";
import { badOption, type Exit, exitOf, exits, Stop } from "./exit.ts";
import { type IndicatorSet, readIndicators } from "./indicator-set.ts";
import { type Input, inputsOf, sizeOf, unpacked } from "./input.ts";
import { openProgress } from "./progress.ts";
import type { Cli, Verb } from "./verb.ts";

interface ScanOptions {
  readonly indicators: readonly string[];
  readonly warninglists?: string;
  readonly format: string;
  readonly networks?: readonly string[];
  readonly findingsOnly?: true;
  readonly json?: true;
}

export const scanVerb: Verb = (program, cli) => {
  const command = program
    .command("scan")
    .summary("look for known-bad values in logs")
    .description(
      "Looks for known-bad values in logs, without a server. Each hit is a line; the summary goes to standard error. " +
        "Background (a listed stranger who only knocked) has severity info.\n" +
        "Exit code: 0 nothing, 1 hits, 3 something could not be read and there was no hit.",
    )
    .argument("[path...]", "logs: files, folders, .gz, or - for standard input")
    .requiredOption(
      "--indicators <path...>",
      "lists of any known shape, files, folders or archives; .txt: one value a line",
    )
    .option("--warninglists <folder>", "MISP warning lists: what they name is left out")
    .option("--format <name>", `auto, or one of ${formats.map(({ id }) => id).join(", ")}`, "auto")
    .option("--networks <cidr...>", "networks that are ours, beside the private ones; they tell inbound from outbound")
    .option("--findings-only", "leave out the background")
    .option("--json", "a hit a line as JSON")
    .addHelpText(
      "after",
      "\n--indicators and --networks take all that follows up to the next option or --; where that leaves nothing to scan,\n" +
        "--indicators takes one path each time and the others are logs.\n\n" +
        "  waglan scan --indicators bad.txt eve.json\n  zcat conn.*.gz | waglan scan --json --indicators feeds/ -- -",
    );
  command.action(async (paths: readonly string[], options: ScanOptions) => {
    const given = operandsOf(paths, options, cli.argv);
    cli.end(await run(cli, given.paths, { ...options, indicators: given.indicators, networks: given.networks }));
  });
};

interface Operands {
  readonly paths: readonly string[];
  readonly indicators: readonly string[];
  readonly networks: readonly string[];
}

/** Gives back to PATH what the two greedy options took from it; see the help text. */
const operandsOf = (paths: readonly string[], options: ScanOptions, argv: readonly string[]): Operands => {
  const isNetwork = (text: string): boolean => cidrRange(text).ok;
  const own = options.networks ?? [];
  const firstOther = own.findIndex((text) => !isNetwork(text));
  const ours = firstOther < 0 ? own : own.slice(0, firstOther);
  const all = [...paths, ...(firstOther < 0 ? [] : own.slice(firstOther))];
  if (firstOther === 0) throw badOption("--networks", own[0] ?? "", "a network such as 203.0.113.0/24");
  if (all.length > 0) return { paths: all, indicators: options.indicators, networks: ours };
  const times = argv.filter((arg) => arg === "--indicators" || arg.startsWith("--indicators=")).length;
  const rest = options.indicators.slice(times);
  if (rest.length === 0) throw badOption("PATH", "", "at least one log, or - for standard input");
  return { paths: rest, indicators: options.indicators.slice(0, times), networks: ours };
};

const run = async (cli: Cli, paths: readonly string[], options: ScanOptions): Promise<Exit> => {
  const asked = formatsOf(options.format);
  const own = networks(options.networks);
  const began = cli.io.elapsed();
  const set = await readIndicators(cli, options.indicators, options.warninglists);
  if (set.size === 0) throw new Stop([problem("WGL_SCAN_NOTHING")], exits.input);
  const readMs = cli.io.elapsed() - began;
  const { inputs, problems } = inputsOf(cli.io, paths);
  for (const one of problems) cli.talk.tell(one);
  const sums: Sums = {
    files: 0,
    lines: 0,
    bytes: 0,
    findings: 0,
    background: 0,
    rejected: {},
    unread: problems.length,
    passed: [],
  };
  let world = false;
  const progress = openProgress(cli.io, cli.talk, "scanning", sizeOf(inputs));
  const scanned = cli.io.elapsed();
  for (const input of inputs) {
    const failed = await scanInput(cli, input, set, asked, own, options, sums, progress.read);
    world ||= failed !== undefined && exitOf(failed.code) === exits.world;
  }
  progress.done();
  sayWhatHappened(cli, sums, set, readMs, cli.io.elapsed() - scanned);
  const hits = sums.findings + (options.findingsOnly ? 0 : sums.background);
  if (world) return exits.world;
  if (hits > 0) return exits.findings;
  return sums.unread > 0 || set.bad > 0 ? exits.input : exits.done;
};

interface Sums {
  files: number;
  lines: number;
  bytes: number;
  findings: number;
  background: number;
  readonly rejected: Record<string, number>;
  /** Inputs that could not be read, or of which most lines were wrong. */
  unread: number;
  /** Files met in folders that no format accepts. */
  readonly passed: string[];
}

/** @returns why the file could not be read to its end */
const scanInput = async (
  cli: Cli,
  input: Input,
  set: IndicatorSet,
  asked: readonly Format[],
  own: Networks,
  options: ScanOptions,
  sums: Sums,
  onRead: (bytes: number) => void,
): Promise<Problem | undefined> => {
  const { file } = input;
  const { hits, counts } = scan({
    file,
    chunks: unpacked(input, onRead),
    formats: asked,
    index: set.index,
    own,
    about: set.about,
  });
  let failed: Problem | undefined;
  try {
    for await (const hit of hits) {
      if (hit.severity === "info") {
        sums.background++;
        if (options.findingsOnly) continue;
      } else sums.findings++;
      await (options.json ? cli.talk.json({ ...hit, time: printInstant(hit.time) }) : cli.talk.line(hitLine(hit)));
    }
  } catch (error) {
    if (!(error instanceof WaglanError) || error.code === "WGL_OUTPUT") throw error;
    failed = problem(error.code, error.with);
    cli.talk.tell(failed, file);
  }
  sums.lines += counts.lines;
  sums.bytes += counts.bytes;
  if (counts.rejected["WGL_FORMAT_UNKNOWN"] !== undefined && !input.named) {
    sums.passed.push(file);
    return failed;
  }
  sums.files++;
  if (tellRejects(cli, file, counts) || failed !== undefined) sums.unread++;
  for (const [code, count] of Object.entries(counts.rejected)) sums.rejected[code] = (sums.rejected[code] ?? 0) + count;
  return failed;
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

/** "eve.json:412  high  2026-11-19T08:42:00.000Z  outbound destination  ipv4 198.51.100.7  (bad.txt)" */
const hitLine = (hit: ScanHit): string => {
  const { observable: seen, indicator } = hit;
  const listed =
    seen.kind === indicator.kind && seen.value === indicator.value ? "" : ` is in ${indicator.kind} ${indicator.value}`;
  return [
    `${hit.file}:${hit.line}`,
    hit.severity,
    printInstant(hit.time),
    `${hit.direction} ${hit.where}`,
    `${seen.kind} ${seen.value}${listed}`,
    `(${indicator.sources.join(", ")})`,
  ].join("  ");
};

const formatsOf = (name: string): readonly Format[] => {
  if (name === "auto") return formats;
  const found = formats.find(({ id }) => id === name);
  if (found === undefined)
    throw badOption("--format", name, `auto or one of ${formats.map(({ id }) => id).join(", ")}`);
  return [found];
};

/** Names of files passed over that the summary gives. */
const passedShown = 5;

const sayWhatHappened = (cli: Cli, sums: Sums, set: IndicatorSet, readMs: number, tookMs: number): void => {
  const n = (value: number): string => printNumber("en", value);
  const rate = tookMs > 0 ? Math.round((sums.lines / tookMs) * 1000) : 0;
  const left = set.excluded > 0 ? `, ${n(set.excluded)} left out by warning lists` : "";
  cli.talk.say(`${n(set.size)} indicators${left}, read in ${(readMs / 1000).toFixed(1)} s`);
  const some = sums.passed.slice(0, passedShown).join(", ");
  const more = sums.passed.length > passedShown ? ", …" : "";
  const passed = some === "" ? "" : `, ${n(sums.passed.length)} other files passed over (${some}${more})`;
  cli.talk.say(
    `${n(sums.files)} files, ${n(sums.lines)} lines, ${printBytes("en", sums.bytes)} in ${(tookMs / 1000).toFixed(1)} s (${n(rate)} lines/s)${passed}`,
  );
  const codes = Object.entries(sums.rejected).map(([code, count]) => `${code} ${n(count)}`);
  if (codes.length > 0) cli.talk.say(`lines not read: ${codes.join(", ")}`);
  if (sums.unread > 0) cli.talk.say(`could not be read: ${n(sums.unread)}`);
  cli.talk.say(`hits: ${n(sums.findings)} to look at, ${n(sums.background)} background`);
};
