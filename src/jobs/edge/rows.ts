import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { coversOf } from "#jobs/hunt/keys.ts";
import type { PackedRows, Row, RowsAbout, RowSeen } from "./log-port.ts";
import type { Observed, Recorded } from "#jobs/batches/read.ts";
import type { Direction, TelemetryRecord } from "#telemetry/format.ts";
import type { Fingerprint64 } from "#jobs/history/value-fingerprint.ts";
import { ValueNumbers } from "./value-numbers.ts";
import { Words } from "./words.ts";

/** Records packed together: enough to pack well, few enough that one of them is read in a millisecond. */
const recordsAtOnce = 500;
/** UTF-16 units of a block before it is packed, for records that are long. */
const blockUnits = 1_048_576;

/** What a row is inside a block: one line of JSON, its text first. */
type RowLine = readonly [
  text: string,
  line: number,
  time: number,
  event: string,
  source: string | null,
  destination: string | null,
  seen: readonly RowSeen[],
];

/** Rows of a block again, each made when it is asked for: of some hundred records one is in memory at a time. */
export interface BlockRows {
  readonly count: number;
  /** From 0. */
  readonly row: (n: number) => Row | undefined;
}

/** Throws what zlib says of a broken block. */
export const openBlock = (block: Uint8Array): BlockRows => {
  const text = zstdDecompressSync(block);
  const ends: number[] = [];
  for (let at = text.indexOf(newline); at >= 0; at = text.indexOf(newline, at + 1)) ends.push(at);
  return {
    count: ends.length,
    row: (n) => {
      const end = ends[n];
      return end === undefined ? undefined : rowOf(text.toString("utf8", n === 0 ? 0 : (ends[n - 1] ?? 0) + 1, end));
    },
  };
};

const newline = 10;

const rowOf = (line: string): Row => {
  const [text, at, time, event, source, destination, seen] = JSON.parse(line) as RowLine;
  return {
    ...{ text, line: at, time, event, seen },
    ...(source === null ? {} : { source }),
    ...(destination === null ? {} : { destination }),
  };
};

/** All rows of a block, one after the other. Throws as `openBlock` does. */
export function* readBlock(block: Uint8Array): Generator<Row, void, void> {
  const rows = openBlock(block);
  for (let n = 0; n < rows.count; n++) {
    const row = rows.row(n);
    if (row) yield row;
  }
}

/** Whom mail was sent to is nobody's business here: the fingerprint still finds it, the value is a keyed hash. */
export type KeptValue = (value: string, where: Observed["where"]) => string;

/** Packs the records of one batch as they are read, a block at a time. */
export class RowPacker {
  readonly #fingerprint: Fingerprint64;
  readonly #kept: KeptValue;
  readonly #known: (value: bigint) => boolean;
  readonly #blocks: Uint8Array[] = [];
  readonly #counts: number[] = [];
  readonly #times: number[] = [];
  readonly #prints = new Words();
  readonly #records: number[] = [];
  readonly #met = new ValueNumbers();
  readonly #covers = new Map<bigint, readonly bigint[]>();
  #seen: RowSeen[] = [];
  #text = "";
  #held = 0;

  /** @param known fingerprints whose covers need not be told again */
  constructor(fingerprint: Fingerprint64, kept: KeptValue, known: (value: bigint) => boolean) {
    this.#fingerprint = fingerprint;
    this.#kept = kept;
    this.#known = known;
  }

  get count(): number {
    return this.#times.length;
  }

  /** A record with all its values. @param text after the field policy */
  add(record: TelemetryRecord, direction: Direction, line: number, text: string): void {
    for (const one of record.seen) this.#observe(one, one.where, direction, one.port ?? 0);
    this.#record(record, line, text);
  }

  readonly observed = ({ seen, where, direction, port }: Observed): void => this.#observe(seen, where, direction, port);

  /** The record whose values were observed before. */
  readonly recorded = ({ line, text, ...record }: Recorded): void => this.#record(record, line, text);

  end(about: RowsAbout): PackedRows | undefined {
    if (this.#held > 0) this.#cut();
    if (this.#times.length === 0) return undefined;
    return {
      ...{ about, blocks: this.#blocks, counts: this.#counts, covers: this.#covers },
      times: Float64Array.from(this.#times),
      values: this.#prints.all,
      records: Uint32Array.from(this.#records),
    };
  }

  #observe(seen: Observed["seen"], where: Observed["where"], direction: Direction, port: number): void {
    const { lo, hi } = this.#fingerprint.read(seen.kind, seen.value);
    this.#prints.put(lo, hi);
    this.#records.push(this.#times.length);
    const value = this.#kept(seen.value, where);
    this.#seen.push(
      value === seen.value
        ? [seen.kind, value, where, direction, port]
        : [seen.kind, value, where, direction, port, String(printOf(lo, hi))],
    );
    if (this.#met.of(lo, hi) >= 0) return;
    this.#met.add(lo, hi);
    const print = printOf(lo, hi);
    if (this.#known(print)) return;
    const covers = coversOf(seen);
    if (covers.length > 0)
      this.#covers.set(
        print,
        covers.map((cover) => this.#fingerprint.of(cover)),
      );
  }

  #record(
    { time, event, source, destination }: Pick<TelemetryRecord, "time" | "event" | "source" | "destination">,
    line: number,
    text: string,
  ): void {
    const row: RowLine = [text, line, time, event, source ?? null, destination ?? null, this.#seen];
    this.#text += `${JSON.stringify(row)}\n`;
    this.#seen = [];
    this.#times.push(time);
    if (++this.#held >= recordsAtOnce || this.#text.length >= blockUnits) this.#cut();
  }

  #cut(): void {
    this.#blocks.push(zstdCompressSync(this.#text));
    this.#counts.push(this.#held);
    this.#text = "";
    this.#held = 0;
  }
}

const printOf = (lo: number, hi: number): bigint => (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0);

/** What leads to rows that were packed in a run before. */
export const packAgain = (
  about: RowsAbout,
  blocks: readonly Uint8Array[],
  counts: readonly number[],
  fingerprint: Fingerprint64,
): PackedRows => {
  const times: number[] = [];
  const values: bigint[] = [];
  const records: number[] = [];
  const covers = new Map<bigint, readonly bigint[]>();
  for (const block of blocks)
    for (const row of readBlock(block)) {
      for (const [kind, value, , , , said] of row.seen) {
        const print = said === undefined ? fingerprint.of({ kind, value }) : BigInt(said);
        if (said === undefined && !covers.has(print))
          covers.set(
            print,
            coversOf({ kind, value }).map((one) => fingerprint.of(one)),
          );
        values.push(print);
        records.push(times.length);
      }
      times.push(row.time);
    }
  return {
    ...{ about, blocks, counts, covers },
    times: Float64Array.from(times),
    values: BigUint64Array.from(values),
    records: Uint32Array.from(records),
  };
};
