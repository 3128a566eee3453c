import { directionOf, type Networks } from "#detect/networks.ts";
import { FingerprintSet } from "#jobs/history/fingerprint-set.ts";
import { type Constants, monthOf, type PrintedBatch } from "#jobs/history/rows.ts";
import { coversOf } from "#jobs/hunt/keys.ts";
import type { RecordKeeper } from "./read.ts";
import { cell, RowWriter } from "#jobs/history/row-writer.ts";
import { printTime } from "#jobs/history/tab-separated.ts";
import type { Fingerprint64 } from "#jobs/history/value-fingerprint.ts";
import type { KeyedHash } from "#telemetry/field-policy.ts";
import type { TelemetryRecord } from "#telemetry/format.ts";

/**
 * Lays the records of a batch out for history while it is read: every value with its place, every record with its text,
 * and what covers each value (hunt-keys.ts), once a month and batch. The same bytes give the same rows in the same
 * order, in whichever pass they were read. The rows are those of `printObservation`, `printRecord` and `printCover`
 * (history-rows.ts; a test holds them to each other).
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
  readonly #covered = new Map<string, FingerprintSet>();

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
    const time = printTime(record.time);
    if (record.seen.length > 0) this.#values(record, time, line);
    const row = this.#records;
    row.text(time);
    row.bytes(this.#organisation);
    row.bytes(this.#sensor);
    row.bytes(this.#format);
    row.text(record.event);
    row.bytes(this.#batch);
    row.number(line);
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
    };
  }

  #values(record: TelemetryRecord, time: string, line: number): void {
    const direction = directionOf(record, this.#own);
    const month = this.#month(record.time);
    const covered = this.#coveredIn(month);
    const row = this.#observations;
    for (const [nth, one] of record.seen.entries()) {
      const { hi, lo } = this.#fingerprint.read(one);
      row.text(time);
      row.bytes(this.#organisation);
      row.bytes(this.#sensor);
      row.text(one.kind);
      // Whom mail was sent to is nobody's business here: the fingerprint still finds it, the value is a keyed hash.
      row.text(one.where === "mail-to" ? this.#hash(one.value) : one.value);
      row.number64(hi, lo);
      row.text(one.where);
      row.text(direction);
      row.number(one.port ?? 0);
      row.bytes(this.#batch);
      row.number(line);
      row.number(nth);
      row.endRow();
      if (!covered.add(lo, hi)) continue;
      const cover = this.#covers;
      for (const wider of coversOf(one)) {
        const over = this.#fingerprint.read(wider);
        cover.number64(over.hi, over.lo);
        cover.number64(hi, lo);
        cover.text(month);
        cover.bytes(this.#organisation);
        cover.endRow();
      }
    }
  }

  #monthOfDay = "";
  #day = -1;

  #month(time: number): string {
    const day = Math.floor(time / 86_400_000);
    if (day !== this.#day) {
      this.#day = day;
      this.#monthOfDay = monthOf(time);
    }
    return this.#monthOfDay;
  }

  #coveredIn(month: string): FingerprintSet {
    const known = this.#covered.get(month);
    if (known) return known;
    const fresh = new FingerprintSet();
    this.#covered.set(month, fresh);
    return fresh;
  }
}
