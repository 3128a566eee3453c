import { parseDomain } from "#core/domain.ts";
import type { Observable } from "#core/observable.ts";
import { observableOf } from "#core/recognise.ts";
import { no, type Problem, type Result } from "#core/result.ts";
import { parseUrl, urlParts } from "#core/url.ts";
import { BadBody } from "./bad-body.ts";
import type { Raw, RawReport, ReportedEnd, Row } from "./feed.ts";
import { jsonField, parseJson } from "./json.ts";
import { limits } from "./limits.ts";
import { linesOf, overlong } from "./lines.ts";

/** Fields of a row kept as evidence, and characters of each: a row is shown to a person, not archived. */
export const evidenceFields = 64;
export const evidenceLength = 2000;

/** A row's own fields, the empty ones left out. */
export const evidenceOf = (cells: Iterable<readonly [string, string]>): Readonly<Record<string, string>> => {
  const kept: [string, string][] = [];
  for (const [name, value] of cells) {
    if (value === "" || name === "") continue;
    kept.push([name.slice(0, 120), value.slice(0, evidenceLength).toWellFormed()]);
    if (kept.length === evidenceFields) break;
  }
  return Object.fromEntries(kept);
};

/** What a problem is about, as we write it: "QakBot (v2)" and "qakbot v2" are "qakbot-v2"; "" for words that say nothing. */
export const aboutOf = (text: string): string => {
  const plain = text
    .toLowerCase()
    .replace(/\p{Cc}/gu, " ")
    .trim()
    .replace(/[()[\]{}"',;]+/g, " ")
    .trim()
    .replace(/[\s_]+/g, "-")
    .toWellFormed()
    .slice(0, 64);
  return /^(?:unknown|none|n\/?a|-|\?)?$/.test(plain) ? "" : plain;
};

/** 1 to 65535; anything else is no port. */
export const portOf = (text: string): number | undefined => {
  const number = /^\d{1,5}$/.test(text.trim()) ? Number(text) : 0;
  return number >= 1 && number <= 65_535 ? number : undefined;
};

/** By name or by IANA protocol number. */
export const transportOf = (text: string): RawReport["transport"] => {
  const name = text.trim().toLowerCase();
  return transports[name];
};
const transports: Readonly<Record<string, RawReport["transport"]>> = {
  ...{ tcp: "tcp", udp: "udp", icmp: "icmp", sctp: "sctp" },
  ...{ "6": "tcp", "17": "udp", "1": "icmp", "132": "sctp" },
};

/** The lines of a body that say something, each with its number from 1; those that begin with a mark are comments. */
export function* saidLines(
  bytes: Uint8Array,
  comments: readonly string[],
): Generator<{ readonly line: number; readonly text: string | typeof overlong }, void, undefined> {
  let line = 0;
  for (const text of linesOf(bytes)) {
    line++;
    if (text === overlong || !(text.trim() === "" || comments.some((mark) => text.trimStart().startsWith(mark))))
      yield { line, text };
  }
}

/**
 * Rows of a list with one statement a line: `read` gives the reports of a line, or says what is wrong with it.
 */
export function* reportLines(
  bytes: Uint8Array,
  comments: readonly string[],
  read: (text: string) => Result<readonly Raw[]> & { readonly note?: Problem },
): Generator<Row, void, undefined> {
  for (const { line, text } of saidLines(bytes, comments)) {
    const at = `row ${line}`;
    if (text === overlong) yield { row: line, result: no("WGL_ROW_LONG", { limit: limits.rowBytes }, at) };
    else yield* rowsFrom(line, text, read(text));
  }
}

/** The rows that one statement of a source makes: each report one. */
export function* rowsFrom(
  row: number,
  text: string,
  read: Result<readonly Raw[]> & { readonly note?: Problem },
): Generator<Row, void, undefined> {
  if (!read.ok) {
    yield { row, text, result: { ok: false, problem: { ...read.problem, at: `row ${row}` } } };
    return;
  }
  for (const value of read.value)
    yield { row, text, result: { ok: true, value }, ...(read.note === undefined ? {} : { note: read.note }) };
}

/** JSON objects of a body: a document of one, a list of them, or one a line. `undefined` stands where a line is none. */
export function* jsonObjects(
  bytes: Uint8Array,
): Generator<{ readonly row: number; readonly text: string; readonly object: object | undefined }, void, undefined> {
  const whole = document(bytes);
  if (whole !== undefined) {
    const list: readonly unknown[] = Array.isArray(whole) ? whole : [whole];
    for (const [place, one] of list.entries())
      yield { row: place + 1, text: JSON.stringify(one) ?? "", object: objectOf(one) };
    return;
  }
  for (const { line, text } of saidLines(bytes, [])) {
    if (text === overlong) yield { row: line, text: "", object: undefined };
    else yield { row: line, text, object: objectOf(document(Buffer.from(text))) };
  }
}

const document = (bytes: Uint8Array): unknown => {
  try {
    return parseJson(bytes);
  } catch (error) {
    if (error instanceof BadBody) return undefined;
    throw error;
  }
};

const objectOf = (value: unknown): object | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;

/** A field as text: "" where it is absent or no text or number. */
export const textField = (object: unknown, key: string): string => {
  const value = jsonField(object, key);
  return typeof value === "string" ? value.trim() : typeof value === "number" ? String(value) : "";
};

/** The texts of a field that holds one or a list of them. */
export const textsField = (object: unknown, key: string): readonly string[] => {
  const value = jsonField(object, key);
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((one) => typeof one === "string");
};

/** Evidence of a JSON object: its plain fields by name, inner ones as "location.city". */
export const jsonEvidence = (object: object): Readonly<Record<string, string>> =>
  evidenceOf(plainFields(object, "", 3));

function* plainFields(object: object, prefix: string, depth: number): Generator<readonly [string, string]> {
  for (const [key, value] of Object.entries(object) as [string, unknown][]) {
    if (typeof value === "string") yield [prefix + key, value];
    else if (typeof value === "number" || typeof value === "boolean") yield [prefix + key, String(value)];
    else if (Array.isArray(value) && value.every((one) => typeof one === "string"))
      yield [prefix + key, value.join(", ")];
    else if (typeof value === "object" && value !== null && depth > 1)
      yield* plainFields(value, `${prefix}${key}.`, depth - 1);
  }
}

/** An address, or that there is none. */
export const addressIn = (text: string): Result<Observable> => {
  const read = observableOf(text);
  if (read.ok && (read.value.kind === "ipv4" || read.value.kind === "ipv6")) return read;
  return no("WGL_IP", { value: text });
};

/** A name one can own, from a cell that may hold anything. */
export const nameIn = (text: string): Observable | undefined => {
  if (!/^[\w*.-]+\.[a-z][\w-]*\.?$/i.test(text)) return undefined;
  const read = parseDomain(text);
  return read.ok ? read.value : undefined;
};

/** The name in a URL; undefined where its host is an address, or it is no URL. */
export const nameInUrl = (url: string): Observable | undefined => {
  const read = parseUrl(url);
  return read.ok ? nameIn(urlParts(read.value.value).host) : undefined;
};

/** A side of what was seen, without what is not known; undefined when nothing is. */
export const endOf = (
  end: { readonly [Key in keyof ReportedEnd]: ReportedEnd[Key] | undefined },
): ReportedEnd | undefined => {
  const known = Object.entries(end).filter(([, value]) => value !== undefined && value !== "");
  return known.length === 0 ? undefined : (Object.fromEntries(known) as ReportedEnd);
};
