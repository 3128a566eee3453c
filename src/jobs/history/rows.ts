import { printRow, printTime } from "./tab-separated.ts";

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

/** Rows of one table as history's engine reads them: TabSeparated, the columns in this order. */
export const historyColumns = {
  observation: "time organisation sensor kind value fingerprint seen_where direction port batch line nth".split(" "),
  record: "time organisation sensor format event batch line text source destination".split(" "),
  value_cover: "cover fingerprint month organisation".split(" "),
} as const satisfies Readonly<Record<string, readonly string[]>>;
export type HistoryTable = keyof typeof historyColumns;

/** Rows printed already, in pieces of whole lines that are moved between threads and never copied. */
export interface PrintedRows {
  readonly rows: number;
  readonly pieces: readonly Uint8Array[];
}

/** What one batch leaves in history. */
export type PrintedBatch = Readonly<Record<HistoryTable, PrintedRows>>;

export const bytesOf = (batch: PrintedBatch): number =>
  Object.values(batch).reduce((sum, { pieces }) => sum + pieces.reduce((all, piece) => all + piece.byteLength, 0), 0);

export const printObservation = (row: ObservationRow): string =>
  printRow([
    ...[printTime(row.time), row.organisation, row.sensor, row.kind, row.value, row.fingerprint, row.where],
    ...[row.direction, row.port, row.batch, row.line, row.nth ?? 0],
  ]);

export const printRecord = (row: RecordRow): string =>
  printRow([
    ...[printTime(row.time), row.organisation, row.sensor, row.format, row.event, row.batch, row.line, row.text],
    ...[row.source ?? "", row.destination ?? ""],
  ]);

export const printCover = (row: CoverRow): string =>
  printRow([row.cover, row.fingerprint, monthOf(row.time), row.organisation]);

/** "2026-11-01" */
export const monthOf = (time: number): string => `${new Date(time).toISOString().slice(0, 7)}-01`;

/** The cells of a batch that are the same in every row. */
export interface Constants {
  readonly organisation: string;
  readonly sensor: string;
  readonly batch: string;
}
