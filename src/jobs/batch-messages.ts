import type { Instant } from "#core/instant.ts";
import type { Problem } from "#core/result.ts";
import type { RuleTexts } from "#jobs/batch-rules.ts";
import type { BatchMatched } from "#jobs/read-batch.ts";

/** A batch to be read in a thread. */
export interface Task {
  readonly kind: "match" | "observe";
  /** gzip. */
  readonly body: Uint8Array;
  readonly format?: string;
  /** Of the sensor. */
  readonly networks: readonly string[];
  readonly received: Instant;
}

export interface ObservedRow {
  readonly time: number;
  readonly kind: string;
  readonly value: string;
  /** Unsigned 64 bits, decimal. */
  readonly fingerprint: string;
  readonly where: string;
  readonly direction: string;
  readonly port: number;
  readonly line: number;
  /** Place among the values of its record, from 0. */
  readonly nth: number;
}

/** A value seen in the batch and what covers it (hunt-keys.ts); each once. */
export interface CoveredRow {
  readonly time: number;
  /** Unsigned 64 bits, decimal. */
  readonly cover: string;
  readonly fingerprint: string;
}

export interface RecordedRow {
  readonly time: number;
  readonly event: string;
  readonly line: number;
  readonly text: string;
  readonly source?: string;
  readonly destination?: string;
}

export interface Unreadable {
  readonly kind: "unreadable";
  readonly problem: Problem;
}
export type Matched = { readonly kind: "matched"; readonly format: string } & BatchMatched;
export interface Observed {
  readonly kind: "observed";
  readonly format: string;
  /** NDJSON of `ObservedRow`, in pieces that are moved between threads and never copied; `rowsOf` reads them one by one. */
  readonly observations: readonly Uint8Array[];
  /** NDJSON of `RecordedRow`. */
  readonly records: readonly Uint8Array[];
  /** NDJSON of `CoveredRow`. */
  readonly covers: readonly Uint8Array[];
}

export type BatchAsk =
  | { readonly kind: "index"; readonly handles: unknown }
  | { readonly kind: "rules"; readonly texts: RuleTexts }
  | { readonly kind: "task"; readonly id: number; readonly task: Task };
export type BatchReply =
  | { readonly id: number; readonly result: Matched | Observed | Unreadable; readonly failed?: undefined }
  | { readonly id: number; readonly failed: string; readonly result?: undefined };
