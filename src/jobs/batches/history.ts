import type { Observable } from "#core/observable.ts";
import { directionOf, type Networks } from "#detect/networks.ts";
import type { Constants, PrintedBatch } from "#jobs/history/rows.ts";
import { eachCover } from "#jobs/hunt/keys.ts";
import type { RecordKeeper } from "./read.ts";
import { type HistoryTables, openTables } from "#jobs/history/tables.ts";
import type { Fingerprint64 } from "#jobs/history/value-fingerprint.ts";
import type { KeyedHash } from "#telemetry/field-policy.ts";
import type { TelemetryRecord } from "#telemetry/format.ts";

/**
 * Lays the records of a batch out for history while it is read: the values of each in their places, its text, how often each value
 * came on a day, and what covers it (hunt/keys.ts), whenever it gets a row of its day. The same bytes give the same rows in the same order, in
 * whichever pass they were read.
 */
export class HistoryOfBatch implements RecordKeeper {
  readonly #constants: Constants;
  readonly #format: string;
  readonly #own: Networks;
  readonly #fingerprint: Fingerprint64;
  readonly #hash: KeyedHash;
  readonly #tables: HistoryTables;

  /**
   * @param hash what stands for an address that mail was sent to
   * @param tables to be written to, by one batch at a time
   */
  constructor(
    constants: Constants,
    format: string,
    own: Networks,
    fingerprint: Fingerprint64,
    hash: KeyedHash,
    tables: HistoryTables = openTables(),
  ) {
    this.#constants = constants;
    this.#format = format;
    this.#own = own;
    this.#fingerprint = fingerprint;
    this.#hash = hash;
    this.#tables = tables;
    // a batch before that broke off
    for (const { rows } of Object.values(tables)) rows.clear();
    tables.observation_day.days.forget();
  }

  /** @param text after the field policy */
  add(record: TelemetryRecord, line: number, text: string): void {
    if (record.seen.length > 0) this.#values(record, line);
    const { record: table } = this.#tables;
    const { organisation, sensor, batch } = this.#constants;
    const row = table.rows.next();
    table.time.at(row, record.time);
    table.organisation.put(row, organisation);
    table.sensor.put(row, sensor);
    table.format.put(row, this.#format);
    table.event.put(row, record.event);
    table.batch.put(row, batch);
    table.line.put(row, line);
    table.text.add(text);
    table.source.add(record.source ?? "");
    table.destination.add(record.destination ?? "");
  }

  end(): PrintedBatch {
    const { seen, record, value_cover, observation_day } = this.#tables;
    return {
      seen: seen.rows.end(),
      record: record.rows.end(),
      value_cover: value_cover.rows.end(),
      observation_day: observation_day.rows.end(),
    };
  }

  #values(record: TelemetryRecord, line: number): void {
    this.#enter(record.time);
    const { seen: table, observation_day } = this.#tables;
    const { organisation, sensor, batch } = this.#constants;
    const { seen } = record;
    const row = table.rows.next();
    table.time.at(row, record.time);
    table.organisation.put(row, organisation);
    table.sensor.put(row, sensor);
    table.direction.put(row, directionOf(record, this.#own));
    table.shape.put(row, table.shapes.of(seen));
    table.batch.put(row, batch);
    table.line.put(row, line);
    for (const { kind, value, where, port } of seen) {
      const { hi, lo } = this.#fingerprint.read(kind, value);
      table.fingerprint.cells.put(table.fingerprint.next(), hi, lo);
      table.port.cells.put(table.port.next(), port ?? 0);
      table.text.next();
      // Whom mail was sent to is nobody's business here: the fingerprint still finds it, the value is a keyed hash.
      table.text.cells.add(where === "mail-to" ? this.#hash(value) : value);
      if (!observation_day.days.add(hi, lo, this.#day, organisation)) continue;
      this.#hi = hi;
      this.#lo = lo;
      eachCover(kind, value, this.#covered);
    }
    table.fingerprint.end(row);
    table.port.end(row);
    table.text.end(row);
  }

  /** Fingerprint of the value whose covers are told. */
  #hi = 0;
  #lo = 0;

  readonly #covered = (kind: Observable["kind"], value: string): void => {
    const { value_cover: covers } = this.#tables;
    const over = this.#fingerprint.read(kind, value);
    const row = covers.rows.next();
    covers.cover.put(row, over.hi, over.lo);
    covers.fingerprint.put(row, this.#hi, this.#lo);
    covers.month.put(row, this.#month);
    covers.organisation.put(row, this.#constants.organisation);
  };

  #day = Number.NaN;
  /** The first day of the month of `#day`; both in days since 1970. */
  #month = 0;

  /** The day of a time; records of a batch are mostly of one. */
  #enter(time: number): void {
    const day = Math.floor(time / dayMs);
    if (day === this.#day) return;
    const date = new Date(time);
    this.#day = day;
    this.#month = Date.UTC(date.getUTCFullYear(), date.getUTCMonth()) / dayMs;
  }
}

const dayMs = 86_400_000;
