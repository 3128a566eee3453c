import { isUtf8 } from "node:buffer";
import type { Command } from "commander";
import { type Problem, problem, type Result, WaglanError } from "#core/result.ts";
import { printNumber } from "#words/number.ts";
import { type Exit, exitOf, exits } from "./exit.ts";
import { type Input, inputsOf, sizeOf, unpacked } from "./input.ts";
import { byteLines, longestJsonLine, tooLong } from "./ndjson-lines.ts";
import { openProgress } from "./progress.ts";
import type { Cli } from "./verb.ts";

/** One line of the input, read. Keys are data: "__proto__" is an own property. */
export type JsonLine = Readonly<Record<string, unknown>>;

/** Where a line stands, for verbs that need more than its value. */
export interface LineAt {
  /** "questions.jsonl:12" */
  readonly at: string;
  /** The line as it was written, for what JSON.parse does not tell (equal keys, digits of a number). */
  readonly text: string;
}

/**
 * What a verb makes of one line: an object that is printed behind the line's `id`, or why the line itself cannot be
 * used, which becomes `{id, problems[]}` and exit code 3. A verdict "invalid" is an answer, not a problem of the line.
 */
export type Answer = (value: JsonLine, line: LineAt) => Answered | Promise<Answered>;
export type Answered = Result<object, Problem | readonly Problem[]>;

/** Levels of JSON a line may nest; STIX and MISP need 12. */
const deepestJson = 128;

/** Problems of lines that are told on standard error as well; the rest is counted. */
const linesTold = 5;

/** Gives a command what every verb over lines takes: paths (standard input when there is none) and --json. */
export const takesLines = (command: Command): Command =>
  command
    .argument("[path...]", "a JSON object a line: files, folders, .gz, or - for standard input", [])
    .option("--json", "an answer a line as JSON; that is what this verb always does");

/**
 * Answers every line of the inputs with one line, in order: `{"id": …, …what answer gave}`. `id` is echoed as it is,
 * null where the line has none. A line that is no JSON object is answered too, with its problem.
 *
 * @returns 0; 3 when a line or a path could not be used; 4 when an input broke off
 */
export const answerLines = async (cli: Cli, paths: readonly string[], answer: Answer): Promise<Exit> => {
  const began = cli.io.elapsed();
  const { inputs, problems } = inputsOf(cli.io, paths.length === 0 ? ["-"] : paths);
  for (const one of problems) cli.talk.tell(one);
  const progress = openProgress(cli.io, cli.talk, "answering", sizeOf(inputs));
  const counts = { lines: 0, refused: 0 };
  let exit: Exit = problems.length > 0 ? exits.input : exits.done;
  for (const input of inputs) {
    try {
      await answerInput(cli, input, answer, progress.read, counts);
    } catch (error) {
      if (!(error instanceof WaglanError) || error.code === "WGL_OUTPUT") throw error;
      cli.talk.tell(problem(error.code, error.with), input.file);
      exit = worse(exit, exitOf(error.code));
    }
  }
  progress.done();
  if (counts.refused > linesTold) cli.talk.say(`and ${counts.refused - linesTold} more lines could not be used`);
  const tookMs = cli.io.elapsed() - began;
  const n = (value: number): string => printNumber("en", value);
  const rate = n(Math.round((counts.lines / Math.max(tookMs, 1)) * 1000));
  cli.talk.say(`${n(counts.lines)} lines, ${n(counts.refused)} of them not used (${rate} lines/s)`);
  return counts.refused > 0 ? worse(exit, exits.input) : exit;
};

const worse = (a: Exit, b: Exit): Exit => (a > b ? a : b);

const answerInput = async (
  cli: Cli,
  input: Input,
  answer: Answer,
  onRead: (bytes: number) => void,
  counts: { lines: number; refused: number },
): Promise<void> => {
  let number = 0;
  for await (const bytes of byteLines(unpacked(input, onRead))) {
    number++;
    counts.lines++;
    const at = `${input.file}:${number}`;
    const line = readLine(bytes, at);
    // Awaited only where there is something to wait for: a promise a line would halve the rate.
    const given = line.ok ? answer(line.value.value, { at, text: line.value.text }) : line;
    const answered = given instanceof Promise ? await given : given;
    const id = line.ok && Object.hasOwn(line.value.value, "id") ? line.value.value["id"] : null;
    if (!answered.ok) {
      const problems = [answered.problem].flat();
      if (++counts.refused <= linesTold) for (const one of problems) cli.talk.tell(one, one.at === at ? undefined : at);
      await cli.talk.json({ id, problems });
    } else await cli.talk.json({ id, ...answered.value });
  }
};

const readLine = (
  bytes: Buffer | typeof tooLong,
  at: string,
): Result<{ readonly value: JsonLine; readonly text: string }> => {
  if (bytes === tooLong) return bad(problem("WGL_ROW_LONG", { limit: longestJsonLine }, at));
  if (deeperThan(bytes, deepestJson)) return bad(problem("WGL_BODY_DEPTH", { limit: deepestJson }, at));
  if (!isUtf8(bytes)) return bad(problem("WGL_ROW_JSON", {}, at));
  const text = bytes.toString("utf8");
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return { ok: true, value: { value: value as JsonLine, text } };
  } catch {
    // told below, as any other line that is no object
  }
  return bad(problem("WGL_ROW_JSON", {}, at));
};

const bad = (why: Problem): Result<never> => ({ ok: false, problem: why });

/** Whether brackets outside strings nest deeper than `most`: JSON.parse and whoever walks the value must not overflow. */
const deeperThan = (bytes: Uint8Array, most: number): boolean => {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (inString) {
      if (byte === 0x5c) at++;
      else if (byte === 0x22) inString = false;
    } else if (byte === 0x22) inString = true;
    else if (byte === 0x5b || byte === 0x7b) {
      if (++depth > most) return true;
    } else if (byte === 0x5d || byte === 0x7d) depth--;
  }
  return false;
};
