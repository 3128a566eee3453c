import { problem, type Problem } from "#core/result.ts";
import type { Instant } from "#core/instant.ts";
import type { Observable } from "#core/observable.ts";
import type { End } from "#detect/hit.ts";
import { LineMatcher } from "#detect/indicator-match/line-matcher.ts";
import type { RawMatch } from "#detect/indicator-match/match.ts";
import { directionOf, type Networks } from "#detect/indicator-match/networks.ts";
import { weight } from "#detect/indicator-match/weight.ts";
import type { MatchReader } from "#intel/match-reader.ts";
import { type KeyedHash, policyText } from "#telemetry/field-policy.ts";
import type { Direction, Format, TelemetryRecord, Where } from "#telemetry/format.ts";
import { isJsonOverLines, JsonSplitter } from "#telemetry/json-values.ts";
import { LineSplitter, type Splitter } from "#telemetry/lines.ts";

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
}

/** Rejected lines kept with their reason, a batch. */
const problemsKept = 100;

interface Reading {
  readonly body: Uint8Array;
  readonly format: Format;
  readonly own: Networks;
  readonly hash: KeyedHash;
}

/** Runs `each` over the lines of a whole body and counts what it refuses. */
const overLines = (
  body: Uint8Array,
  each: (buffer: Uint8Array, start: number, end: number, line: number) => Problem | undefined,
): BatchRead => {
  const rejected: Record<string, number> = Object.create(null) as Record<string, number>;
  const problems: { line: number; problem: Problem }[] = [];
  const refuse = (line: number, why: Problem): void => {
    rejected[why.code] = (rejected[why.code] ?? 0) + 1;
    if (problems.length < problemsKept) problems.push({ line, problem: why });
  };
  const splitter: Splitter = isJsonOverLines(body.subarray(0, 4096)) ? new JsonSplitter() : new LineSplitter();
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

const plain = (match: RawMatch, line: number, text: string): BatchMatch => {
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

/** Everything listed that a batch shows, with the evidence as it may be kept. Pure: the same bytes give the same matches. */
export const matchBatch = (reading: Reading, index: MatchReader): BatchMatched => {
  const matcher = new LineMatcher(reading.format.open(), index, reading.own);
  const matches: BatchMatch[] = [];
  const text = new TextDecoder();
  const read = overLines(reading.body, (buffer, start, stop, line) => {
    const result = matcher.line(buffer, start, stop);
    if (result.matches.length > 0) {
      const { record } = result.matches[0] as RawMatch;
      const kept = policyText(
        text.decode(buffer.subarray(start, stop)),
        record.fields,
        reading.format.policy,
        reading.hash,
        record.event,
      );
      for (const match of result.matches) matches.push(plain(match, line, kept));
    }
    return result.problem;
  });
  return { ...read, matches };
};

/** One typed value of one record, for history. */
export interface Observed {
  readonly time: Instant;
  readonly seen: Observable;
  readonly where: Where;
  readonly direction: Direction;
  readonly port: number;
  readonly line: number;
}

export interface Recorded {
  readonly time: Instant;
  readonly event: string;
  readonly line: number;
  readonly text: string;
}

/** Every record and every value of a batch, for history. Lines that cannot be read were counted when they were matched. */
export const observeBatch = (
  reading: Reading,
  observed: (one: Observed) => void,
  recorded: (one: Recorded) => void,
): BatchRead => {
  const reader = reading.format.open();
  const text = new TextDecoder();
  return overLines(reading.body, (buffer, start, stop, line) => {
    const raw = text.decode(buffer.subarray(start, stop));
    const read = reader.parse(raw);
    if (read === undefined) return undefined;
    if (!read.ok) return read.problem;
    const record = read.value;
    const direction = directionOf(record, reading.own);
    for (const seen of record.seen)
      observed({
        time: record.time,
        seen: { kind: seen.kind, value: seen.value },
        where: seen.where,
        direction,
        port: seen.port ?? 0,
        line,
      });
    recorded({
      time: record.time,
      event: record.event,
      line,
      text: policyText(raw, record.fields, reading.format.policy, reading.hash, record.event),
    });
    return undefined;
  });
};

/** The format of a batch: the one named, else the first that its bytes look like. */
export const formatOf = (
  formats: readonly Format[],
  named: string | undefined,
  head: Uint8Array,
): Format | { readonly problem: Problem } =>
  formats.find((format) => (named === undefined ? format.accepts(head.subarray(0, 4096)) : format.id === named)) ?? {
    problem: problem("WGL_FORMAT_UNKNOWN", {
      file: named ?? "batch",
      formats: formats.map((format) => format.id).join(", "),
    }),
  };
