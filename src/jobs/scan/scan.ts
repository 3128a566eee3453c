import { hash } from "node:crypto";
import type { Instant } from "#core/instant.ts";
import { problem, type Problem } from "#core/result.ts";
import type { Severity } from "#core/severity.ts";
import { type Fact, type Said } from "#detect/behaviour.ts";
import { factOf } from "#detect/fact.ts";
import { LineMatcher } from "#detect/indicator-match/line-matcher.ts";
import { matchRecord, type RawMatch } from "#detect/indicator-match/match.ts";
import { type Networks, ownEnd } from "#detect/networks.ts";
import { weight } from "#detect/indicator-match/weight.ts";
import type { MatchReader } from "#intel/match-reader.ts";
import type { IndicatorHit, RecordHit, RuleHit } from "./hit.ts";
import { type MatchedFields, recordRules, saidOf, type ScanRules } from "./rules.ts";
import { headBytes, headOf, splitterFor } from "#telemetry/cut.ts";
import type { Format, Reader, TelemetryRecord } from "#telemetry/format.ts";
import { LineSplitter, type OnLine, type OnRefused, type Splitter } from "#telemetry/lines.ts";

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

/** A record that a rule matched to which a correlation listens. */
export interface MatchedRecord {
  readonly rule: number;
  readonly time: Instant;
  readonly id: string;
  readonly file: string;
  readonly line: number;
  readonly fields: MatchedFields;
  readonly host?: string;
}

/** What a scan looks for. Without rules and without `overTime` a line is parsed only where something listed stands in it. */
export interface ScanFor {
  readonly index: MatchReader;
  readonly own: Networks;
  readonly about: (indicatorId: number) => About;
  readonly rules?: ScanRules;
  /** What detectors over time are to be told. */
  readonly overTime?: {
    readonly fact: (fact: Fact) => void;
    readonly matched: (matched: MatchedRecord) => void;
  };
  /** Hits of records before it are not told; detectors over time learn from them all the same. */
  readonly since?: Instant;
}

/** One file to scan. */
export interface ScanInput extends ScanFor {
  /** As it is to be printed. */
  readonly file: string;
  /** Its bytes, unpacked. */
  readonly chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** In the order they are asked; one alone is taken unasked. */
  readonly formats: readonly Format[];
  /** When the file was last written: the year of stamps that have none. */
  readonly received?: Instant;
  /** Of a stretch of whole lines from the middle of a file: the lines above that say how it is to be read. */
  readonly heading?: readonly string[];
}

/** A scan that is under way: read `hits` to drive it, `counts` at any time. */
export interface Scan {
  readonly hits: AsyncGenerator<RecordHit, void, void>;
  readonly counts: ScanCounts;
}

/** The walk without a server: bytes of one file in, hits out, line by line, in constant memory. */
export const scan = (input: ScanInput): Scan => {
  const stream = new ScanStream(input);
  return { hits: run(stream, input.chunks), counts: stream.counts };
};

async function* run(stream: ScanStream, chunks: ScanInput["chunks"]): AsyncGenerator<RecordHit, void, void> {
  for await (const chunk of chunks) {
    stream.push(chunk);
    yield* stream.found.splice(0);
  }
  stream.end();
  yield* stream.found.splice(0);
}

const problemsKept = 100;

/** One file on its way through the detectors; what it finds collects in `found`. */
export class ScanStream {
  readonly counts: ScanCounts = {
    lines: 0,
    bytes: 0,
    hits: 0,
    rejected: Object.create(null) as Record<string, number>,
    problems: [],
  };
  readonly found: RecordHit[] = [];
  readonly #input: Omit<ScanInput, "chunks">;
  /** First bytes, until there are enough to tell the format. */
  #head: Uint8Array | undefined = new Uint8Array(0);
  #open: { readonly splitter: Splitter; readonly onLine: OnLine } | undefined;

  constructor(input: Omit<ScanInput, "chunks">) {
    this.#input = input;
  }

  push(chunk: Uint8Array): void {
    this.counts.bytes += chunk.length;
    if (this.#head === undefined) return this.#feed(chunk);
    this.#head = this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk]);
    if (this.#head.length >= headBytes) this.#begin();
  }

  end(): void {
    if (this.#head !== undefined) this.#begin();
    this.#open?.splitter.end(this.#open.onLine, this.#refuse);
    this.#count();
  }

  readonly #refuse: OnRefused = (line, why) => {
    this.counts.rejected[why.code] = (this.counts.rejected[why.code] ?? 0) + 1;
    if (this.counts.problems.length < problemsKept) this.counts.problems.push({ line, problem: why });
  };

  #begin(): void {
    const bytes = this.#head ?? new Uint8Array(0);
    this.#head = undefined;
    if (bytes.length === 0) return;
    const { file, formats, received, heading } = this.#input;
    const first = headOf(bytes);
    const format = formats.length === 1 ? formats[0] : formats.find((one) => one.accepts(first));
    if (!format)
      return this.#refuse(1, problem("WGL_FORMAT_UNKNOWN", { file, formats: formats.map(({ id }) => id).join(", ") }));
    this.counts.format = format.id;
    const reader = format.open(received === undefined ? {} : { received });
    for (const line of heading ?? []) reader.parse(line);
    const { rules, overTime } = this.#input;
    const onLine =
      rules === undefined && overTime === undefined ? this.#byBytes(reader) : this.#byRecord(reader, format);
    this.#open = { splitter: heading === undefined ? splitterFor(bytes, format) : new LineSplitter(), onLine };
    this.#feed(bytes);
  }

  #feed(bytes: Uint8Array): void {
    this.#open?.splitter.push(bytes, this.#open.onLine, this.#refuse);
    this.#count();
  }

  #count(): void {
    this.counts.lines = this.#open?.splitter.lines ?? 0;
  }

  /** Nothing but listed values is looked for. */
  #byBytes(reader: Reader): OnLine {
    const matcher = new LineMatcher(reader, this.#input.index, this.#input.own);
    return (buffer, start, end, line) => {
      const { matches, problem: why } = matcher.line(buffer, start, end);
      if (why) this.#refuse(line, why);
      for (const match of matches) this.#tell(this.#indicatorHit(match, line));
    };
  }

  /** Every line is parsed, once. */
  #byRecord(reader: Reader, format: Format): OnLine {
    const { rules, overTime, index, own } = this.#input;
    const asked = rules && format.rules && recordRules(rules, format.rules);
    const text = new TextDecoder();
    return (buffer, start, end, line) => {
      const raw = text.decode(buffer.subarray(start, end));
      const read = reader.parse(raw);
      if (read === undefined) return;
      if (!read.ok) return this.#refuse(line, read.problem);
      const record = read.value;
      const said: Said[] = [];
      let id: string | undefined;
      const idOf = (): string => (id ??= hash("sha1", raw, "base64url"));
      for (const match of matchRecord(record, index, own)) {
        const hit = this.#indicatorHit(match, line);
        if (hit.severity !== "info") said.push(saidByList(hit));
        this.#tell(hit);
      }
      for (const rule of rules && asked ? asked.match(record.fields, record.event, raw) : []) {
        const words = (rules as ScanRules).words(rule);
        if ((rules as ScanRules).speaks(rule)) {
          said.push(saidOf(words));
          this.#tell(this.#ruleHit(words, record, line));
        }
        const fields = overTime && asked?.fieldsFor(rule, record);
        if (fields)
          overTime.matched({
            ...{ rule, time: record.time, id: idOf(), file: this.#input.file, line, fields },
            ...hostOf(record, own),
          });
      }
      if (overTime && tells(record, said))
        overTime.fact(factOf(record, { id: idOf(), sensor: this.#input.file, from: this.#input.file, line, said }));
    };
  }

  #tell(hit: RecordHit): void {
    if (this.#input.since !== undefined && hit.time < this.#input.since) return;
    this.counts.hits++;
    this.found.push(hit);
  }

  #ruleHit(words: ReturnType<ScanRules["words"]>, record: TelemetryRecord, line: number): RuleHit {
    const { rule, title, severity, tactics, attack } = words;
    return {
      ...{ detector: "sigma", rule, title, time: record.time, file: this.#input.file, line, severity, attack, tactics },
      ...hostOf(record, this.#input.own),
    };
  }

  #indicatorHit(match: RawMatch, line: number): IndicatorHit {
    const { sources, severity = "high", attack = [] } = this.#input.about(match.indicatorId);
    return {
      detector: "indicator-match",
      observable: { kind: match.seen.kind, value: match.seen.value },
      indicator: { kind: match.indicator.kind, value: match.indicator.value, sources },
      where: match.where,
      direction: match.direction,
      time: match.time,
      file: this.#input.file,
      line,
      severity: weight(match) === "finding" ? severity : "info",
      attack,
      ...hostOf(match.record, this.#input.own),
    };
  }
}

/** Whether a detector over time could learn anything from the record. */
const tells = (record: TelemetryRecord, said: readonly Said[]): boolean =>
  said.length > 0 ||
  record.session !== undefined ||
  record.http !== undefined ||
  record.dns !== undefined ||
  record.process !== undefined ||
  record.file !== undefined ||
  (record.source !== undefined && record.destination !== undefined);

const saidByList = (hit: IndicatorHit): Said => ({
  id: `indicator-match ${hit.indicator.value}`,
  title: hit.indicator.value,
  severity: hit.severity,
  tactics: ["command-and-control"],
  attack: hit.attack,
});

/** The machine concerned, by its name or by its address. */
const hostOf = (record: TelemetryRecord, own: Networks): { host?: string } => {
  const host = record.host?.toLowerCase() ?? ownEnd(record, own);
  return host === undefined ? {} : { host };
};
