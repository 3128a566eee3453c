import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { coversOf } from "#jobs/hunt/keys.ts";
import type { PackedRows, Row, RowsAbout, RowSeen } from "./log-port.ts";
import type { Observed, Recorded } from "#jobs/batches/read.ts";
import type { Fingerprint64 } from "#jobs/history/value-fingerprint.ts";

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

/** Rows of a block again. Throws what zlib says of a broken one. */
export const readBlock = (block: Uint8Array): readonly Row[] =>
  zstdDecompressSync(block)
    .toString()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [text, at, time, event, source, destination, seen] = JSON.parse(line) as RowLine;
      return {
        ...{ text, line: at, time, event, seen },
        ...(source === null ? {} : { source }),
        ...(destination === null ? {} : { destination }),
      };
    });

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
  readonly #values: bigint[] = [];
  readonly #records: number[] = [];
  readonly #prints = new Map<string, bigint>();
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

  readonly observed = ({ seen, where, direction, port }: Observed): void => {
    const print = this.#note(seen);
    const value = this.#kept(seen.value, where);
    const row = [seen.kind, value, where, direction, port] as const;
    this.#seen.push(value === seen.value ? row : [...row, String(print)]);
  };

  /** The record whose values were observed before. */
  readonly recorded = ({ time, event, line, text, source, destination }: Recorded): void => {
    const row: RowLine = [text, line, time, event, source ?? null, destination ?? null, this.#seen];
    this.#text += `${JSON.stringify(row)}\n`;
    this.#seen = [];
    this.#times.push(time);
    if (++this.#held >= recordsAtOnce || this.#text.length >= blockUnits) this.#cut();
  };

  end(about: RowsAbout): PackedRows | undefined {
    if (this.#held > 0) this.#cut();
    if (this.#times.length === 0) return undefined;
    return {
      ...{ about, blocks: this.#blocks, counts: this.#counts, covers: this.#covers },
      times: Float64Array.from(this.#times),
      values: BigUint64Array.from(this.#values),
      records: Uint32Array.from(this.#records),
    };
  }

  #note(seen: Observed["seen"]): bigint {
    const key = `${seen.kind} ${seen.value}`;
    let print = this.#prints.get(key);
    if (print === undefined) {
      print = this.#fingerprint.of(seen);
      this.#prints.set(key, print);
      if (!this.#known(print))
        this.#covers.set(
          print,
          coversOf(seen).map((cover) => this.#fingerprint.of(cover)),
        );
    }
    this.#values.push(print);
    this.#records.push(this.#times.length);
    return print;
  }

  #cut(): void {
    this.#blocks.push(zstdCompressSync(this.#text));
    this.#counts.push(this.#held);
    this.#text = "";
    this.#held = 0;
  }
}

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
