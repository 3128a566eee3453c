import type { Instant } from "#core/instant.ts";
import type { Observable } from "#core/observable.ts";
import { problem, type Problem } from "#core/result.ts";
import type { Severity } from "#core/severity.ts";
import { LineMatcher } from "#detect/indicator-match/line-matcher.ts";
import type { RawMatch } from "#detect/indicator-match/match.ts";
import type { Networks } from "#detect/indicator-match/networks.ts";
import { weight } from "#detect/indicator-match/weight.ts";
import type { MatchReader } from "#intel/match-reader.ts";
import type { Direction, Format, Where } from "#telemetry/format.ts";
import { isJsonOverLines, JsonSplitter } from "#telemetry/json-values.ts";
import { LineSplitter, type OnLine, type OnRefused, type Splitter } from "#telemetry/lines.ts";

/** One hit, in the shape and order that `waglan scan --json` prints; `time` in milliseconds since 1970. */
export interface ScanHit {
  readonly detector: "indicator-match";
  readonly observable: Observable;
  readonly indicator: Observable & { readonly sources: readonly string[] };
  readonly where: Where;
  readonly direction: Direction;
  readonly time: Instant;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** "info" for background: see `weight`. */
  readonly severity: Severity;
  readonly attack: readonly string[];
}

/** What the caller knows of an indicator. */
export interface About {
  readonly sources: readonly string[];
  /** Of a finding; absent: "high". Background is "info" whatever stands here. */
  readonly severity?: Severity;
  /** ATT&CK technique ids. */
  readonly attack?: readonly string[];
}

/** Grows while the scan runs, so that a terminal can show how far it is. */
export interface ScanCounts {
  lines: number;
  bytes: number;
  hits: number;
  /** Lines refused, by code. */
  readonly rejected: Record<string, number>;
  /** The first hundred of them, with their line. */
  readonly problems: { readonly line: number; readonly problem: Problem }[];
  /** Absent until the first bytes came, and where nobody knows the format. */
  format?: string;
}

/** One file to scan. */
export interface ScanInput {
  /** As it is to be printed. */
  readonly file: string;
  /** Its bytes, unpacked. */
  readonly chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** In the order they are asked; one alone is taken unasked. */
  readonly formats: readonly Format[];
  readonly index: MatchReader;
  readonly own: Networks;
  readonly about: (indicatorId: number) => About;
}

/** A scan that is under way: read `hits` to drive it, `counts` at any time. */
export interface Scan {
  readonly hits: AsyncGenerator<ScanHit, void, void>;
  readonly counts: ScanCounts;
}

/** Bytes a format is told from; what `Format.accepts` is promised at most. */
const headBytes = 4096;
const problemsKept = 100;

/** The walk without a server: bytes of one file in, hits out, line by line, in constant memory. */
export const scan = (input: ScanInput): Scan => {
  const counts: ScanCounts = {
    lines: 0,
    bytes: 0,
    hits: 0,
    rejected: Object.create(null) as Record<string, number>,
    problems: [],
  };
  return { hits: run(input, counts), counts };
};

async function* run(input: ScanInput, counts: ScanCounts): AsyncGenerator<ScanHit, void, void> {
  let open: Opened | undefined;
  let head: Uint8Array = new Uint8Array(0);
  const found: ScanHit[] = [];
  const refuse: OnRefused = (line, why) => {
    counts.rejected[why.code] = (counts.rejected[why.code] ?? 0) + 1;
    if (counts.problems.length < problemsKept) counts.problems.push({ line, problem: why });
  };
  const begin = (): Opened | undefined => {
    open = opened(input, head);
    if (open) {
      counts.format = open.format;
      return open;
    }
    if (head.length > 0)
      refuse(
        1,
        problem("WGL_FORMAT_UNKNOWN", { file: input.file, formats: input.formats.map((f) => f.id).join(", ") }),
      );
    return undefined;
  };
  const feed = (to: Opened, bytes: Uint8Array): void => {
    to.splitter.push(bytes, to.onLine, refuse);
    counts.lines = to.splitter.lines;
  };
  const opened = ({ formats, index, own }: ScanInput, bytes: Uint8Array): Opened | undefined => {
    const format = formats.length === 1 ? formats[0] : formats.find((one) => one.accepts(bytes.subarray(0, headBytes)));
    if (!format) return undefined;
    const matcher = new LineMatcher(format.open(), index, own);
    const onLine: OnLine = (buffer, start, end, line) => {
      const { matches, problem: why } = matcher.line(buffer, start, end);
      if (why) refuse(line, why);
      for (const match of matches) found.push(hitOf(match, input, line));
    };
    const overLines = isJsonOverLines(bytes.subarray(0, headBytes));
    return { format: format.id, splitter: overLines ? new JsonSplitter() : new LineSplitter(), onLine };
  };

  for await (const chunk of input.chunks) {
    counts.bytes += chunk.length;
    if (open) feed(open, chunk);
    else {
      head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
      if (head.length < headBytes) continue;
      const first = begin();
      if (!first) return;
      feed(first, head);
    }
    counts.hits += found.length;
    yield* found.splice(0);
  }
  if (!open) {
    const only = begin();
    if (!only) return;
    feed(only, head);
  }
  const last: Opened | undefined = open;
  last?.splitter.end(last.onLine, refuse);
  counts.lines = last?.splitter.lines ?? counts.lines;
  counts.hits += found.length;
  yield* found.splice(0);
}

interface Opened {
  readonly format: string;
  readonly splitter: Splitter;
  readonly onLine: OnLine;
}

const hitOf = (match: RawMatch, { file, about }: ScanInput, line: number): ScanHit => {
  const { sources, severity = "high", attack = [] } = about(match.indicatorId);
  return {
    detector: "indicator-match",
    observable: { kind: match.seen.kind, value: match.seen.value },
    indicator: { kind: match.indicator.kind, value: match.indicator.value, sources },
    where: match.where,
    direction: match.direction,
    time: match.time,
    file,
    line,
    severity: weight(match) === "finding" ? severity : "info",
    attack,
  };
};
