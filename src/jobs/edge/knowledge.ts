import { type ObservableKind, observableKinds } from "#core/observable.ts";
import { instant } from "#core/instant.ts";
import { no, ok, type Problem, type Result } from "#core/result.ts";
import { matchKey } from "#intel/match-key.ts";
import { warninglistTypes } from "#feeds/warninglist.ts";
import { reaches } from "#intel/list-reach.ts";
import {
  allowType,
  type KnowledgeHead,
  type KnowledgeLine,
  knowledgeVersion,
  type KnownList,
  type KnownValue,
} from "#jobs/sensors/wire.ts";

/** Bytes of one line: the longest URL, and room. */
const longestLine = 131_072;

/** @returns WGL_SENSOR_KNOWLEDGE */
export const readKnowledgeLine = (text: string, line: number): Result<KnowledgeLine> => {
  const at = `line ${line}`;
  const wrong = (what: string): Result<never> => no("WGL_SENSOR_KNOWLEDGE", { what }, at);
  if (text.length > longestLine) return wrong("a line that is too long");
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    return wrong("a line that is no JSON");
  }
  if (!isRecord(given)) return wrong("a line that is no object");
  const { head, add, drop, end, list, entries, unlist } = given;
  if (isRecord(add)) {
    const value = valueIn(add);
    return value === undefined ? wrong("an addition") : ok({ add: value });
  }
  if (isRecord(drop)) {
    const value = valueIn(drop);
    return value === undefined ? wrong("a removal") : ok({ drop: { kind: value.kind, value: value.value } });
  }
  if (isRecord(list)) {
    const read = listIn(list);
    return read === undefined ? wrong("a list") : ok({ list: read });
  }
  if (entries !== undefined) return isTexts(entries) ? ok({ entries }) : wrong("entries of a list");
  if (typeof unlist === "string") return ok({ unlist });
  if (isRecord(end)) {
    const { cursor, lines } = end;
    return typeof cursor === "string" && typeof lines === "number" ? ok({ end: { cursor, lines } }) : wrong("the end");
  }
  if (isRecord(head)) {
    const read = headIn(head);
    return read === undefined ? wrong("the head") : ok({ head: read });
  }
  return wrong("a line that is neither head, add, drop nor end");
};

const headIn = (head: Readonly<Record<string, unknown>>): KnowledgeHead | undefined => {
  const { version, cursor, full, sensor, policy } = head;
  if (version !== knowledgeVersion || typeof cursor !== "string" || typeof full !== "boolean" || !isRecord(sensor))
    return undefined;
  const { key, format, networks } = sensor;
  if (typeof key !== "string" || typeof format !== "string" || !isTexts(networks)) return undefined;
  const hash = isRecord(policy) ? policy["hash"] : undefined;
  if (typeof hash !== "string" || !/^[0-9a-f]{32,128}$/.test(hash)) return undefined;
  return { version, cursor, full, sensor: { key, format, networks }, policy: { hash } };
};

const valueIn = ({ kind, value, until }: Readonly<Record<string, unknown>>): KnownValue | undefined => {
  if (typeof value !== "string" || !isKind(kind) || !(until === undefined || isTime(until))) return undefined;
  // only what can be matched at all
  if (matchKey({ kind, value }) === undefined) return undefined;
  return until === undefined ? { kind, value } : { kind, value, until: instant(until) };
};

const listIn = ({ id, type, reach, kinds: of }: Readonly<Record<string, unknown>>): KnownList | undefined => {
  const known = ([...warninglistTypes, allowType] as const).find((one) => one === type);
  const far = reaches.find((one) => one === reach);
  if (typeof id !== "string" || id === "" || known === undefined || far === undefined || !isTexts(of)) return undefined;
  return { id, type: known, reach: far, kinds: of.filter(isKind) };
};

const kinds: ReadonlySet<unknown> = new Set(observableKinds);
const isKind = (kind: unknown): kind is ObservableKind => kinds.has(kind);
const isTime = (value: unknown): value is number =>
  typeof value === "number" && Number.isFinite(value) && value >= 0 && value <= 253_402_300_799_999;
const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.length <= 10_000 && value.every((one) => typeof one === "string");
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What a whole stream says of itself. */
export interface KnowledgeSum {
  readonly head: KnowledgeHead;
  /** As the end says it: where the next question begins. */
  readonly cursor: string;
  readonly adds: number;
  readonly drops: number;
  /** Lines of lists. */
  readonly lists: number;
  /** Lines that could not be read and were passed over. */
  readonly refused: readonly Problem[];
  readonly refusedCount: number;
}

/** Lines refused that are kept with their reason. */
const refusedKept = 20;

/**
 * Goes through a stream before any of it is used: it must begin with its head, end with its end, and count right. A single
 * value that cannot be read (of a kind that this version does not know) is counted and passed over.
 *
 * @returns WGL_SENSOR_KNOWLEDGE, WGL_SENSOR_BROKEN
 */
export const checkKnowledge = async (
  lines: AsyncIterable<string> | Iterable<string>,
): Promise<Result<KnowledgeSum>> => {
  let head: KnowledgeHead | undefined;
  let end: { readonly cursor: string; readonly lines: number } | undefined;
  let [count, adds, drops, lists, refusedCount] = [0, 0, 0, 0, 0];
  const refused: Problem[] = [];
  for await (const text of lines) {
    count++;
    if (end !== undefined) return no("WGL_SENSOR_BROKEN", { lines: count });
    const read = readKnowledgeLine(text, count);
    if (count === 1) {
      if (!read.ok) return read;
      if (!("head" in read.value)) return no("WGL_SENSOR_KNOWLEDGE", { what: "a stream without a head" }, "line 1");
      ({ head } = read.value);
      continue;
    }
    if (!read.ok) {
      refusedCount++;
      if (refused.length < refusedKept) refused.push(read.problem);
    } else if ("head" in read.value) return no("WGL_SENSOR_KNOWLEDGE", { what: "a second head" }, `line ${count}`);
    else if ("end" in read.value) ({ end } = read.value);
    else if ("add" in read.value) adds++;
    else if ("drop" in read.value) drops++;
    else lists++;
  }
  if (head === undefined || end?.lines !== count) return no("WGL_SENSOR_BROKEN", { lines: count });
  return ok({ head, cursor: end.cursor, adds, drops, lists, refused, refusedCount });
};
