/** One typed value seen in one record, as history keeps it. The same row in the same batch comes from the same bytes. */
export interface ObservationRow {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly organisation: string;
  readonly sensor: string;
  readonly kind: string;
  readonly value: string;
  /** Keyed 64-bit fingerprint of kind and value, unsigned. */
  readonly fingerprint: bigint;
  readonly where: string;
  readonly direction: string;
  /** 0 when the record has none. */
  readonly port: number;
  /** The batch the record came in, and its line there from 1: together they name the record. */
  readonly batch: string;
  readonly line: number;
  /** Place among the values of its record, from 0; absent: not known. */
  readonly nth?: number;
}

/** A value was seen that something wider covers: its fingerprint, and that of the network, parent name or page. */
export interface CoverRow {
  readonly cover: bigint;
  readonly fingerprint: bigint;
  /** Milliseconds since 1970, any time of the month. */
  readonly time: number;
  readonly organisation: string;
}

/** One line of telemetry, whole, after the field policy. */
export interface RecordRow {
  readonly time: number;
  readonly organisation: string;
  readonly sensor: string;
  readonly format: string;
  readonly event: string;
  readonly batch: string;
  readonly line: number;
  readonly text: string;
  /** Canonical addresses of its two ends, who began it first; absent or "" where it names none. */
  readonly source?: string;
  readonly destination?: string;
}
