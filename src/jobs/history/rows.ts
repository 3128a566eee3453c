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
  /** Only as it is read for rules: the lines above it by which it is read again (telemetry/heads.ts), where there were such. */
  readonly heading?: readonly string[];
}

/**
 * What stood above records of a batch (telemetry/heads.ts), for each UTC day of which it has some: so that it goes with the
 * last of them.
 */
export interface HeadRow {
  /** Milliseconds of 00:00 UTC. */
  readonly day: number;
  readonly organisation: string;
  readonly batch: string;
  /** In force from here on, until the batch says otherwise. */
  readonly line: number;
  readonly lines: readonly string[];
}

/** Columns of the tables that batches fill, in the order in which they are written (tables.ts). */
export const historyColumns = {
  seen: "time organisation sensor direction shape batch line value.text value.fingerprint value.port".split(" "),
  record: "time organisation sensor format event batch line text source destination".split(" "),
  value_cover: "cover fingerprint month organisation".split(" "),
  observation_day: "fingerprint day organisation count".split(" "),
} as const satisfies Readonly<Record<string, readonly string[]>>;
export type HistoryTable = keyof typeof historyColumns;
export const historyTables = Object.keys(historyColumns) as HistoryTable[];

/** Rows printed already (block-writer.ts), in pieces of whole blocks that are moved between threads and never copied. */
export interface PrintedRows {
  readonly rows: number;
  readonly pieces: readonly Uint8Array[];
}

/** What one batch leaves in history. */
export type PrintedBatch = Readonly<Record<HistoryTable, PrintedRows>>;

export const bytesOf = (batch: PrintedBatch): number =>
  Object.values(batch).reduce((sum, { pieces }) => sum + pieces.reduce((all, piece) => all + piece.byteLength, 0), 0);

/** The cells of a batch that are the same in every row. */
export interface Constants {
  readonly organisation: string;
  readonly sensor: string;
  readonly batch: string;
}
