import type { Instant } from "#core/instant.ts";
import type { Problem } from "#core/result.ts";
import type { EdgeEntry } from "./edge-state.ts";
import type { Observed } from "#jobs/batches/read.ts";
import type { Head } from "#telemetry/heads.ts";

/** A place in a sensor's log: the byte behind what was read, in one of its segments. */
export interface LogPlace {
  readonly segment: number;
  readonly offset: number;
}

/** Where records came from, the same for all of a batch. */
export interface RowsAbout {
  readonly sensor: string;
  readonly format: string;
  readonly received: Instant;
  /** Lines that tell the columns of those that follow (Zeek, IIS). */
  readonly header?: string;
  /** What stood above its records, by their `line`; absent: nothing (kept before it was noted: not known). */
  readonly heads?: readonly Head[];
}

/** A value of a record, as history keeps it: nothing the field policy takes out. */
export type RowSeen = readonly [
  kind: Observed["seen"]["kind"],
  value: string,
  where: Observed["where"],
  direction: Observed["direction"],
  port: number,
  /** Fingerprint, decimal, of a value that is kept otherwise than it was seen. */
  print?: string,
];

/** A record as it is kept. */
export interface Row {
  /** In its batch, from 1. */
  readonly line: number;
  readonly time: number;
  readonly event: string;
  readonly text: string;
  readonly source?: string;
  readonly destination?: string;
  readonly seen: readonly RowSeen[];
}

/** Records of a batch on their way into the log: packed, and what leads to them. */
export interface PackedRows {
  readonly about: RowsAbout;
  readonly blocks: readonly Uint8Array[];
  /** Records in each block. */
  readonly counts: readonly number[];
  /** Of each record, milliseconds since 1970. */
  readonly times: Float64Array;
  /** Fingerprints of values and the number of the record in the batch, side by side. */
  readonly values: BigUint64Array;
  readonly records: Uint32Array;
  /** What covers a value (`coversOf`), by the value's fingerprint; values met before may be absent. */
  readonly covers: ReadonlyMap<bigint, readonly bigint[]>;
}

/** What a sensor wrote down at once: all of it is there after a kill, or none. */
export interface LogEntry {
  readonly entry: EdgeEntry;
  /** Of a batch: what detectors over time ask of it (facts-pack.ts). */
  readonly facts?: Uint8Array;
  /** Of a batch with records: where the first of them stands. */
  readonly first?: number;
  readonly from: LogPlace;
  readonly to: LogPlace;
}

/**
 * A sensor's log: what it took, found and sent, in order, and the records of its local history. Defined by
 * `test/sensor-edge-log.test.ts`. Everything throws WGL_SENSOR_DISK when the disk does not do what it is asked; then nothing
 * was written.
 */
export interface EdgeLog {
  /** Behind the last entry. */
  readonly end: LogPlace;
  /** Where the next batch's records will stand: segment, and the number of the first one in it. */
  readonly next: { readonly segment: number; readonly record: number };
  /** Written and synced when it returns. */
  readonly append: (entry: EdgeEntry, rows?: PackedRows, facts?: Uint8Array) => LogPlace;
  /** Entries behind `from`, oldest first; of a place that is gone, all that are left. */
  readonly entries: (from: LogPlace | undefined) => Iterable<LogEntry>;
  /** Ends the segment under way where it is long or old enough. @returns whether it did */
  readonly roll: (now: Instant, all?: boolean) => boolean;
  /** Lets old segments go, none at or behind `keep`. @returns segments let go */
  readonly prune: (now: Instant, keep: LogPlace, limits: { readonly bytes: number; readonly days: number }) => number;
  /** Text of a line of the batch whose first record is `first`; undefined: it is gone. */
  readonly textAt: (segment: number, first: number, line: number) => string | undefined;
  readonly bytes: number;
  readonly segments: number;
  /** What was found broken since this was last asked: torn tails, segments that cannot be read. */
  readonly troubles: () => readonly Problem[];
  readonly close: () => void;
}
