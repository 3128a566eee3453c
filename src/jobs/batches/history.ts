import { directionOf, type Networks } from "#detect/networks.ts";
import { FingerprintCounts } from "#jobs/history/fingerprint-counts.ts";
import type { Constants, PrintedBatch, PrintedRows } from "#jobs/history/rows.ts";
import { coversOf } from "#jobs/hunt/keys.ts";
import type { RecordKeeper } from "./read.ts";
import { cell, RowWriter } from "#jobs/history/row-writer.ts";
import type { Fingerprint64 } from "#jobs/history/value-fingerprint.ts";
import type { KeyedHash } from "#telemetry/field-policy.ts";
import type { TelemetryRecord } from "#telemetry/format.ts";

/**
 * Lays the records of a batch out for history while it is read: every value with its place, every record with its text,
 * how often each value came on a day, and what covers it (hunt/keys.ts), once a day and batch. The same bytes give the same rows
 * in the same order, in whichever pass they were read. The cells stand in the order of `historyColumns`.
 */
export class HistoryOfBatch implements RecordKeeper {
  readonly #organisation: Uint8Array;
  readonly #sensor: Uint8Array;
  readonly #batch: Uint8Array;
  readonly #format: Uint8Array;
  readonly #own: Networks;
  readonly #fingerprint: Fingerprint64;
  readonly #hash: KeyedHash;
  readonly #observations = new RowWriter();
  readonly #records = new RowWriter();
  readonly #covers = new RowWriter();
  readonly #days = new Map<number, FingerprintCounts>();

  /** @param hash what stands for an address that mail was sent to */
  constructor(constants: Constants, format: string, own: Networks, fingerprint: Fingerprint64, hash: KeyedHash) {
    this.#organisation = cell(constants.organisation);
    this.#sensor = cell(constants.sensor);
    this.#batch = cell(constants.batch);
    this.#format = cell(format);
    this.#own = own;
    this.#fingerprint = fingerprint;
    this.#hash = hash;
  }

  /** @param text after the field policy */
  add(record: TelemetryRecord, line: number, text: string): void {
    if (record.seen.length > 0) this.#values(record, line);
    const row = this.#records;
    row.time(record.time);
    row.bytes(this.#organisation);
    row.bytes(this.#sensor);
    row.bytes(this.#format);
    row.text(record.event);
    row.bytes(this.#batch);
    row.number32(line);
    row.text(text);
    row.text(record.source ?? "");
    row.text(record.destination ?? "");
    row.endRow();
  }

  end(): PrintedBatch {
    return {
      observation: this.#observations.end(),
      record: this.#records.end(),
      value_cover: this.#covers.end(),
      observation_day: this.#counted(),
    };
  }

  #counted(): PrintedRows {
    const row = new RowWriter();
    for (const [day, counts] of this.#days)
      counts.each((lo, hi, times) => {
        row.number64(hi, lo);
        row.day(day);
        row.bytes(this.#organisation);
        row.number64(0, times);
        row.endRow();
      });
    return row.end();
  }

  #values(record: TelemetryRecord, line: number): void {
    const direction = directionOf(record, this.#own);
    const counts = this.#countsOf(record.time);
    const row = this.#observations;
    for (const [nth, one] of record.seen.entries()) {
      const { hi, lo } = this.#fingerprint.read(one);
      row.time(record.time);
      row.bytes(this.#organisation);
      row.bytes(this.#sensor);
      row.text(one.kind);
      // Whom mail was sent to is nobody's business here: the fingerprint still finds it, the value is a keyed hash.
      row.text(one.where === "mail-to" ? this.#hash(one.value) : one.value);
      row.number64(hi, lo);
      row.text(one.where);
      row.text(direction);
      row.number16(one.port ?? 0);
      row.bytes(this.#batch);
      row.number32(line);
      row.number16(nth);
      row.endRow();
      if (!counts.add(lo, hi)) continue;
      const cover = this.#covers;
      for (const wider of coversOf(one)) {
        const over = this.#fingerprint.read(wider);
        cover.number64(over.hi, over.lo);
        cover.number64(hi, lo);
        cover.day(this.#month);
        cover.bytes(this.#organisation);
        cover.endRow();
      }
    }
  }

  #day = Number.NaN;
  /** The first day of the month of `#day`; both in days since 1970. */
  #month = 0;
  #counts = new FingerprintCounts();

  /** Counts of the day of a time; records of a batch are mostly of one. */
  #countsOf(time: number): FingerprintCounts {
    const day = Math.floor(time / dayMs);
    if (day === this.#day) return this.#counts;
    const date = new Date(time);
    this.#day = day;
    this.#month = Date.UTC(date.getUTCFullYear(), date.getUTCMonth()) / dayMs;
    this.#counts = this.#days.get(day) ?? new FingerprintCounts();
    this.#days.set(day, this.#counts);
    return this.#counts;
  }
}

const dayMs = 86_400_000;
