import type { Instant } from "#core/instant.ts";
import type { Observable } from "#core/observable.ts";
import type { Behaviour } from "#detect/behaviour.ts";
import { directionOf, networks } from "#detect/networks.ts";
import type { MatchReader } from "#intel/match-reader.ts";
import { FactsOfBatch } from "#jobs/batches/facts.ts";
import type { EdgeRules } from "./edge-rules.ts";
import { fieldHash } from "#jobs/batches/field-hash.ts";
import type { PackedRows } from "./log-port.ts";
import { type KeptValue, RowPacker } from "./rows.ts";
import type { ParcelContent, ParcelDay } from "#jobs/sensors/parcel.ts";
import { type BatchMatch, type BatchMatched, formatOf, matchBatch, type RecordKeeper } from "#jobs/batches/read.ts";
import type { Fingerprint64 } from "#jobs/history/value-fingerprint.ts";
import { type Head, HeadFollower } from "#telemetry/heads.ts";
import { formats } from "#telemetry/index.ts";

/** Log that came in together, unpacked. */
export interface EdgeBatch {
  readonly body: Uint8Array;
  /** Absent: told from its bytes. */
  readonly format?: string;
  readonly received: Instant;
  /** Lines that stand before the body and were read before: they tell the columns of the others. */
  readonly header?: string;
}

/** What a batch is read with. */
export interface EdgeReading {
  readonly sensor: string;
  readonly index: MatchReader;
  /** Whether a listed value is listed still. */
  readonly lives: (observable: Observable, at: Instant) => boolean;
  readonly rules: Pick<EdgeRules, "rules" | "viewOf" | "widen">;
  readonly behaviours: readonly Behaviour[];
  readonly networks: readonly string[];
  /** Key of what stands for hashed fields, as the centre told it. */
  readonly fieldKey: string;
  /** Of this sensor alone: what its history is kept under. */
  readonly secret: string;
  readonly fingerprint: Fingerprint64;
  /** Values whose covers the history knows. */
  readonly known: (value: bigint) => boolean;
}

/** What became of a batch. */
export interface EdgeRead {
  /** "": nobody knows it. */
  readonly format: string;
  readonly lines: number;
  readonly rejected: Readonly<Record<string, number>>;
  readonly out: readonly ParcelContent[];
  readonly days: readonly ParcelDay[];
  readonly rows?: PackedRows;
  readonly facts?: Uint8Array;
  /** Of its records, by their sensor's clock (batch-facts.ts). */
  readonly newest?: Instant;
}

/** Sightings of one listed value by one of our machines in one batch that are told one by one; the others are counted by day. */
const keptOfValue = 100;

/**
 * Reads a batch as the centre would (`read-batch.ts`): what is listed, what rules say, what detectors over time will ask, and
 * the records as they are kept here. Pure. Nothing in it is what the field policy takes out.
 */
export const readEdgeBatch = (batch: EdgeBatch, reading: EdgeReading): EdgeRead => {
  const { body, received } = batch;
  const format = formatOf(formats, batch.format, body);
  if ("problem" in format) return { format: "", lines: 0, rejected: { [format.problem.code]: 1 }, out: [], days: [] };
  const own = networks(reading.networks);
  const hash = fieldHash(reading.fieldKey);
  const input = { body, format, own, hash, received };
  const asked = { ...input, format: reading.rules.viewOf(format) };
  const here = fieldHash(reading.secret);
  const kept: KeptValue = (value, where) => (where === "mail-to" ? here(value) : value);
  // one pass for all who ask, as in jobs/batches/history.ts (ADR 0016)
  const read = (): { readonly matched: BatchMatched; readonly packer: RowPacker; readonly heads: readonly Head[] } => {
    const packer = new RowPacker(reading.fingerprint, kept, reading.known);
    const facts = new FactsOfBatch(reading.behaviours, own, format, hash);
    const follower = format.heading && new HeadFollower(format.heading);
    const keeper: RecordKeeper = {
      add: (record, line, text) => packer.add(record, directionOf(record, own), line, text),
      ...(follower && { passed: (text, line) => follower.passed(text, line) }),
    };
    const matched = matchBatch(asked, reading.index, reading.rules.rules, facts, keeper);
    return { matched, packer, heads: follower?.heads ?? [] };
  };
  let { matched, packer, heads } = read();
  if (reading.rules.widen()) ({ matched, packer, heads } = read());
  const rows = packer.end({
    ...{ sensor: reading.sensor, format: format.id, received },
    ...(batch.header === undefined ? {} : { header: batch.header }),
    ...(heads.length === 0 ? {} : { heads }),
  });
  return {
    ...{ format: format.id, lines: matched.lines, rejected: matched.rejected },
    ...toldOf(matched, (match) => reading.lives(match.indicator, received)),
    ...(rows === undefined ? {} : { rows }),
    ...(matched.facts === undefined ? {} : { facts: matched.facts.body, newest: matched.facts.newest }),
  };
};

/** What of it is told line by line, and what is counted by day. */
export const toldOf = (
  { matches, ruled, ruledAside }: Pick<BatchMatched, "matches" | "ruled" | "ruledAside">,
  lives: (match: BatchMatch) => boolean,
): Pick<EdgeRead, "out" | "days"> => {
  const out: ParcelContent[] = [];
  const days = new Map<string, { -readonly [K in keyof ParcelDay]: ParcelDay[K] }>();
  const count = (time: Instant, kind: ParcelDay["kind"], value: string, why: string, hits = 1): void => {
    const day = new Date(time).toISOString().slice(0, 10);
    const key = JSON.stringify([day, kind, value, why]);
    const known = days.get(key);
    if (known) known.hits += hits;
    else days.set(key, { day, kind, value, why, hits });
  };
  const told = new Map<string, number>();
  for (const match of matches) {
    const { indicator, time } = match;
    if (!lives(match)) continue;
    if (match.weight === "background") {
      count(time, indicator.kind, indicator.value, `${match.where} ${match.direction}`);
      continue;
    }
    const key = `${indicator.kind} ${indicator.value} ${match.where} ${match.own ?? ""}`;
    const before = told.get(key) ?? 0;
    told.set(key, before + 1);
    if (before < keptOfValue) out.push({ match });
    else count(time, indicator.kind, indicator.value, "beyond");
  }
  for (const one of ruled) out.push({ ruled: one });
  for (const { rule, day, why, hits } of ruledAside) {
    const key = JSON.stringify([day, "rule", rule, why]);
    const known = days.get(key);
    if (known) known.hits += hits;
    else days.set(key, { day, kind: "rule", value: rule, why, hits });
  }
  return { out, days: [...days.values()] };
};
