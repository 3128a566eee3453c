import { problem, type Problem } from "#core/result.ts";
import type { Instant } from "#core/instant.ts";
import type { Observable } from "#core/observable.ts";
import type { End } from "#detect/hit.ts";
import { LineMatcher } from "#detect/indicator-match/line-matcher.ts";
import { matchRecord, type RawMatch } from "#detect/indicator-match/match.ts";
import { directionOf, type Networks } from "#detect/networks.ts";
import { weight } from "#detect/indicator-match/weight.ts";
import type { MatchReader } from "#intel/match-reader.ts";
import { type BatchFacts, type FactsOfBatch, type SaidOfRecord, unsaid } from "./facts.ts";
import { type BatchRuled, type BatchRules, Ruled, type RuledBackground } from "./rules.ts";
import type { RecordRules } from "#jobs/scan/rules.ts";
import { headOf, splitterFor } from "#telemetry/cut.ts";
import { type KeyedHash, policyText } from "#telemetry/field-policy.ts";
import type { Direction, Format, Reader, TelemetryRecord, Where } from "#telemetry/format.ts";

/** A match as it leaves the thread that read the bytes: plain data, nothing the field policy takes out. */
export interface BatchMatch {
  readonly line: number;
  readonly weight: "finding" | "background";
  readonly seen: Observable;
  readonly indicator: Observable;
  readonly where: Where;
  readonly direction: Direction;
  readonly own?: string;
  readonly source?: End;
  readonly destination?: End;
  readonly time: Instant;
  /** The line after the field policy. */
  readonly text: string;
}

export interface BatchRead {
  readonly lines: number;
  readonly rejected: Readonly<Record<string, number>>;
  readonly problems: readonly { readonly line: number; readonly problem: Problem }[];
}

export interface BatchMatched extends BatchRead {
  readonly matches: readonly BatchMatch[];
  readonly ruled: readonly BatchRuled[];
  readonly ruledAside: readonly RuledBackground[];
  /** For detectors over time; absent: nothing they would ask for, or nobody asked. */
  readonly facts?: BatchFacts;
}

/** Rejected lines kept with their reason, a batch. */
const problemsKept = 100;

interface Reading {
  readonly body: Uint8Array;
  readonly format: Format;
  readonly own: Networks;
  readonly hash: KeyedHash;
  /** When the batch came: the year of stamps that have none. */
  readonly received?: Instant;
}

const openFor = ({ format, received }: Reading): Reader => format.open(received === undefined ? {} : { received });

/** Runs `each` over the records of a whole body and counts what it refuses. */
const overLines = (
  { body, format }: Reading,
  each: (buffer: Uint8Array, start: number, end: number, line: number) => Problem | undefined,
): BatchRead => {
  const rejected: Record<string, number> = Object.create(null) as Record<string, number>;
  const problems: { line: number; problem: Problem }[] = [];
  const refuse = (line: number, why: Problem): void => {
    rejected[why.code] = (rejected[why.code] ?? 0) + 1;
    if (problems.length < problemsKept) problems.push({ line, problem: why });
  };
  const splitter = splitterFor(body, format);
  const onLine = (buffer: Uint8Array, start: number, end: number, line: number): void => {
    const why = each(buffer, start, end, line);
    if (why) refuse(line, why);
  };
  splitter.push(body, onLine, refuse);
  splitter.end(onLine, refuse);
  return { lines: splitter.lines, rejected, problems };
};

const end = (address: string | undefined, where: Where, record: TelemetryRecord): End | undefined => {
  if (address === undefined) return undefined;
  const port = record.seen.find((seen) => seen.where === where && seen.value === address)?.port;
  return { address, ...(port === undefined ? {} : { port }) };
};

/** @param text the record after the field policy */
export const plain = (match: RawMatch, line: number, text: string): BatchMatch => {
  const source = end(match.record.source, "source", match.record);
  const destination = end(match.record.destination, "destination", match.record);
  return {
    line,
    weight: weight(match),
    seen: { kind: match.seen.kind, value: match.seen.value },
    indicator: match.indicator,
    where: match.where,
    direction: match.direction,
    ...(match.own === undefined ? {} : { own: match.own }),
    ...(source ? { source } : {}),
    ...(destination ? { destination } : {}),
    time: match.time,
    text,
  };
};

/**
 * Everything listed that a batch shows, and what rules say of its records, with the evidence as it may be kept. Pure: the
 * same bytes give the same matches. Where rules can speak of the format, or facts or history are gathered, every line is
 * parsed, once, for all of them.
 */
export const matchBatch = (
  reading: Reading,
  index: MatchReader,
  rules?: BatchRules,
  facts?: FactsOfBatch,
  keeper?: RecordKeeper,
): BatchMatched => {
  const asked = rules?.of(reading.format);
  return facts || asked || keeper ? byRecord(reading, index, rules, asked, facts, keeper) : byBytes(reading, index);
};

const byRecord = (
  reading: Reading,
  index: MatchReader,
  rules: BatchRules | undefined,
  asked: RecordRules | undefined,
  facts: FactsOfBatch | undefined,
  keeper: RecordKeeper | undefined,
): BatchMatched => {
  const reader = openFor(reading);
  const matches: BatchMatch[] = [];
  const ruled = new Ruled();
  const decoder = new TextDecoder();
  const read = overLines(reading, (buffer, start, stop, line) => {
    const raw = decoder.decode(buffer.subarray(start, stop));
    const parsed = reader.parse(raw);
    if (parsed === undefined) {
      keeper?.passed?.(raw, line);
      return undefined;
    }
    if (!parsed.ok) return parsed.problem;
    const record = parsed.value;
    let text: string | undefined;
    const kept = (): string => (text ??= keptText(raw, record, reading));
    let listed = false;
    for (const match of matchRecord(record, index, reading.own)) {
      const one = plain(match, line, kept());
      matches.push(one);
      listed ||= one.weight === "finding";
    }
    const matched = rules && asked ? asked.match(record.fields, record.event, raw) : [];
    for (const number of matched) {
      const rule = rules?.spoken(number);
      if (rule) ruled.add(rule, record, reading.own, line, kept);
    }
    keeper?.add(record, line, kept());
    facts?.add(record, raw, line, saidOfRecord(matched, listed, record, rules, asked));
    return undefined;
  });
  const gathered = facts?.end();
  return {
    ...{ ...read, matches, ruled: ruled.hits, ruledAside: ruled.background() },
    ...(gathered ? { facts: gathered } : {}),
  };
};

const saidOfRecord = (
  matched: readonly number[],
  listed: boolean,
  record: TelemetryRecord,
  rules: BatchRules | undefined,
  asked: RecordRules | undefined,
): SaidOfRecord =>
  matched.length === 0 && !listed
    ? unsaid
    : {
        listed,
        rules: matched.flatMap((number) => rules?.spoken(number) ?? []),
        matched: matched.flatMap((number) => {
          const fields = asked?.fieldsFor(number, record);
          return rules && fields ? { rule: rules.words(number).rule, fields } : [];
        }),
      };

const byBytes = (reading: Reading, index: MatchReader): BatchMatched => {
  const matcher = new LineMatcher(openFor(reading), index, reading.own);
  const matches: BatchMatch[] = [];
  const text = new TextDecoder();
  const read = overLines(reading, (buffer, start, stop, line) => {
    const result = matcher.line(buffer, start, stop);
    if (result.matches.length > 0) {
      const { record } = result.matches[0] as RawMatch;
      const kept = keptText(text.decode(buffer.subarray(start, stop)), record, reading);
      for (const match of result.matches) matches.push(plain(match, line, kept));
    }
    return result.problem;
  });
  return { ...read, matches, ruled: [], ruledAside: [] };
};

/** Is handed every record of a batch, with its line after the field policy. */
export interface RecordKeeper {
  readonly add: (record: TelemetryRecord, line: number, text: string) => void;
  /** A line that is no record: a head, a remark, a blank one. */
  readonly passed?: (text: string, line: number) => void;
}

/** One typed value of one record, for history. */
export interface Observed {
  readonly time: Instant;
  readonly seen: Observable;
  readonly where: Where;
  readonly direction: Direction;
  readonly port: number;
  readonly line: number;
  readonly nth: number;
}

export interface Recorded {
  readonly time: Instant;
  readonly event: string;
  readonly line: number;
  readonly text: string;
  readonly source?: string;
  readonly destination?: string;
}

/** Tells records as rows: every value in its place, and the record whole. */
const observing = (
  own: Networks,
  observed: (one: Observed) => void,
  recorded: (one: Recorded) => void,
): RecordKeeper => ({
  add: (record, line, text) => {
    const { time, event, source, destination } = record;
    const direction = directionOf(record, own);
    record.seen.forEach(({ kind, value, where, port = 0 }, nth) =>
      observed({ time, seen: { kind, value }, where, direction, port, line, nth }),
    );
    recorded({
      ...{ time, event, line, text },
      ...(source === undefined ? {} : { source }),
      ...(destination === undefined ? {} : { destination }),
    });
  },
});

/** Every record and every value of a batch. @param passed as `RecordKeeper` has it */
export const observeBatch = (
  reading: Reading,
  observed: (one: Observed) => void,
  recorded: (one: Recorded) => void,
  passed?: RecordKeeper["passed"],
): BatchRead =>
  keepBatch(reading, { ...observing(reading.own, observed, recorded), ...(passed === undefined ? {} : { passed }) });

/** Hands a batch to its keeper. Lines that cannot be read were counted when they were matched. */
export const keepBatch = (reading: Reading, keeper: RecordKeeper): BatchRead => {
  const reader = openFor(reading);
  const text = new TextDecoder();
  return overLines(reading, (buffer, start, stop, line) => {
    const raw = text.decode(buffer.subarray(start, stop));
    const read = reader.parse(raw);
    if (read === undefined) {
      keeper.passed?.(raw, line);
      return undefined;
    }
    if (!read.ok) return read.problem;
    keeper.add(read.value, line, keptText(raw, read.value, reading));
    return undefined;
  });
};

/** A record's line after the field policy. */
const keptText = (raw: string, { fields, event }: TelemetryRecord, { format, hash }: Reading): string =>
  policyText(raw, fields, format.policy, hash, event);

/** The format of a batch: the one named, else the first that its bytes look like. */
export const formatOf = (
  formats: readonly Format[],
  named: string | undefined,
  head: Uint8Array,
): Format | { readonly problem: Problem } =>
  formats.find((format) => (named === undefined ? format.accepts(headOf(head)) : format.id === named)) ?? {
    problem: problem("WGL_FORMAT_UNKNOWN", {
      file: named ?? "batch",
      formats: formats.map((format) => format.id).join(", "),
    }),
  };
