import { hash } from "node:crypto";
import { no, ok, type Result } from "#core/result.ts";
import type { PackFile } from "#detect/sigma/packs.ts";
import type { SensorRules } from "#jobs/sensors/wire.ts";
import { atOnce, type InTurns } from "./in-turns.ts";
import { isRecord } from "./knowledge.ts";
import { decisionsIn } from "./wire.ts";

/** Where a file stands in the answer. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** An answer as it came, wherever it is: of a large one a part at a time is in memory. */
export interface RulesJson {
  /** Bytes. */
  readonly length: number;
  /** The same memory may be given again with the next part. */
  readonly part: (from: number, to: number) => Uint8Array;
}

/** A file of an answer; `at`: where it stands there, `digest`: of its text, where that was read already. */
export type AnsweredFile = PackFile & { readonly at?: Span; readonly digest?: string };

/** Rules as they were answered. */
export interface AnsweredRules extends SensorRules {
  readonly packs: readonly { readonly name: string; readonly files: readonly AnsweredFile[] }[];
}

/** Of what a word says: enough to tell two texts apart. */
export const digestOf = (text: string): string => hash("sha256", text, "base64url").slice(0, 22);

/** Objects of files stand in an array, in an object, in an array, in the object that is all. */
const depthOfFile = 5;

/**
 * Reads an answer of rules without making of it what is five times its size: of each file the path and a digest are kept, and its
 * text is read from `json` each time it is asked for. Whoever keeps a file copies the text.
 *
 * @returns WGL_SENSOR_ANSWER
 */
export function* readingRules(answer: RulesJson | Uint8Array): InTurns<Result<AnsweredRules>> {
  const json: RulesJson =
    answer instanceof Uint8Array ? { length: answer.length, part: (from, to) => answer.subarray(from, to) } : answer;
  const given = parsed(withoutFiles(json));
  if (!isRecord(given) || typeof given["version"] !== "string" || !Array.isArray(given["packs"])) return unread();
  const packs: { readonly name: string; readonly files: readonly AnsweredFile[] }[] = [];
  const those: readonly unknown[] = given["packs"];
  for (const one of those) {
    if (!isRecord(one) || typeof one["name"] !== "string") return unread();
    const spans: readonly unknown[] = Array.isArray(one["files"]) ? one["files"] : [];
    const files: AnsweredFile[] = [];
    for (const span of spans) {
      const file = isSpan(span) ? fileAt(json, span) : undefined;
      if (file === undefined) return unread();
      if (files.push(file) % filesOfTurn === 0) yield;
    }
    packs.push({ name: one["name"], files });
  }
  const decisions = decisionsIn(given["decisions"]);
  if (!isWhole(decisions)) return unread();
  return ok({ version: given["version"], packs, decisions });
}

/** `readingRules` in one turn. */
export const readRulesAnswer = (answer: RulesJson | Uint8Array): Result<AnsweredRules> => atOnce(readingRules(answer));

/** Some milliseconds. */
const filesOfTurn = 50;

/** A class, for thousands of them: an object with a getter of its own is a kilobyte. */
class FileInAnswer implements AnsweredFile {
  readonly #json: RulesJson;
  readonly path: string;
  readonly at: Span;
  readonly digest: string;

  constructor(json: RulesJson, { from, to }: Span, { path, text }: PackFile) {
    this.#json = json;
    this.path = path;
    this.at = { from, to };
    this.digest = digestOf(text);
  }

  get text(): string {
    return textAt(this.#json, this.at);
  }
}

const fileAt = (json: RulesJson, span: Span): AnsweredFile | undefined => {
  const first = readFile(json, span);
  return first && new FileInAnswer(json, span, first);
};

/** Text of a file by its place in an answer. */
export const textAt = (json: RulesJson, span: Span): string => readFile(json, span)?.text ?? "";

const readFile = (json: RulesJson, { from, to }: Span): PackFile | undefined => {
  const file = parsed(decoder.decode(json.part(from, to)));
  if (!isRecord(file)) return undefined;
  const { path, text } = file;
  return typeof path === "string" && typeof text === "string" ? { path, text } : undefined;
};

const [quote, backslash, openBrace, closeBrace, openBracket, closeBracket] = [34, 92, 123, 125, 91, 93];

/** Bytes looked at at once. */
const bytesAtOnce = 65_536;

/** The same JSON with the place of a file where it stood. */
const withoutFiles = (json: RulesJson): string => {
  const outside = new TextDecoder();
  let text = "";
  let depth = 0;
  /** Where the file began that is open. */
  let from = -1;
  let [quoted, escaped] = [false, false];
  for (let start = 0; start < json.length; start += bytesAtOnce) {
    const bytes = json.part(start, Math.min(json.length, start + bytesAtOnce));
    let copied = 0;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at];
      if (quoted) {
        if (escaped) escaped = false;
        else if (byte === backslash) escaped = true;
        else if (byte === quote) quoted = false;
      } else if (byte === quote) quoted = true;
      else if (byte === openBrace || byte === openBracket) {
        if (++depth !== depthOfFile || byte !== openBrace) continue;
        text += outside.decode(bytes.subarray(copied, at), { stream: true });
        from = start + at;
      } else if (byte === closeBrace || byte === closeBracket) {
        if (depth-- !== depthOfFile || from < 0) continue;
        text += `{"from":${from},"to":${start + at + 1}}`;
        copied = at + 1;
        from = -1;
      }
    }
    if (from < 0) text += outside.decode(bytes.subarray(copied), { stream: true });
  }
  return text + outside.decode();
};

const decoder = new TextDecoder();
const isSpan = (value: unknown): value is Span & Readonly<Record<string, unknown>> =>
  isRecord(value) && typeof value["from"] === "number" && typeof value["to"] === "number";
const isWhole = <T>(values: readonly (T | undefined)[]): values is readonly T[] => !values.includes(undefined);

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const unread = (): Result<never> => no("WGL_SENSOR_ANSWER", { what: "rules" });
