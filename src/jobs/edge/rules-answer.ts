import { no, ok, type Result } from "#core/result.ts";
import type { PackFile } from "#detect/sigma/packs.ts";
import type { SensorRules } from "#jobs/sensors/wire.ts";
import { isRecord } from "./knowledge.ts";
import { decisionsIn } from "./wire.ts";

/** Where a file stands in the answer. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** Objects of files stand in an array, in an object, in an array, in the object that is all. */
const depthOfFile = 5;

/**
 * Reads an answer of rules without making of it what is five times its size: of each file the path is kept, and its text is
 * read from `json` each time it is asked for. Whoever keeps a file copies the text, else all of `json` stays with it.
 *
 * @returns WGL_SENSOR_ANSWER
 */
export const readRulesAnswer = (json: Uint8Array): Result<SensorRules> => {
  const given = parsed(withoutFiles(json));
  if (!isRecord(given) || typeof given["version"] !== "string" || !Array.isArray(given["packs"])) return unread();
  const packs = given["packs"].map((one: unknown): SensorRules["packs"][number] | undefined => {
    if (!isRecord(one) || typeof one["name"] !== "string") return undefined;
    const spans: readonly unknown[] = Array.isArray(one["files"]) ? one["files"] : [];
    const files = spans.map((span) => (isSpan(span) ? fileAt(json, span) : undefined));
    return isWhole(files) ? { name: one["name"], files } : undefined;
  });
  const decisions = decisionsIn(given["decisions"]);
  if (!isWhole(packs) || !isWhole(decisions)) return unread();
  return ok({ version: given["version"], packs, decisions });
};

const fileAt = (json: Uint8Array, span: Span): PackFile | undefined => {
  const first = readFile(json, span);
  if (first === undefined) return undefined;
  return {
    path: first.path,
    get text() {
      return readFile(json, span)?.text ?? "";
    },
  };
};

const readFile = (json: Uint8Array, { from, to }: Span): PackFile | undefined => {
  const file = parsed(decoder.decode(json.subarray(from, to)));
  if (!isRecord(file)) return undefined;
  const { path, text } = file;
  return typeof path === "string" && typeof text === "string" ? { path, text } : undefined;
};

const [quote, backslash, openBrace, closeBrace, openBracket, closeBracket] = [34, 92, 123, 125, 91, 93];

/** The same JSON with the place of a file where it stood. */
const withoutFiles = (json: Uint8Array): string => {
  let text = "";
  let depth = 0;
  let copied = 0;
  let from = -1;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at];
    if (byte === quote) at = endOfText(json, at);
    else if (byte === openBrace || byte === openBracket) {
      if (++depth === depthOfFile && byte === openBrace) from = at;
    } else if (byte === closeBrace || byte === closeBracket) {
      if (depth-- !== depthOfFile || from < 0) continue;
      text += `${decoder.decode(json.subarray(copied, from))}{"from":${from},"to":${at + 1}}`;
      copied = at + 1;
      from = -1;
    }
  }
  return text + decoder.decode(json.subarray(copied));
};

/** @param at of the quote that begins it */
const endOfText = (json: Uint8Array, at: number): number => {
  let end = at + 1;
  while (end < json.length && json[end] !== quote) end += json[end] === backslash ? 2 : 1;
  return end;
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
