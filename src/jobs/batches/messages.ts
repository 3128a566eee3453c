import type { Instant } from "#core/instant.ts";
import type { Problem } from "#core/result.ts";
import type { RuleTexts } from "./rules.ts";
import type { Constants, HeadRow, PrintedBatch } from "#jobs/history/rows.ts";
import type { SentBatch } from "#jobs/history/slabs.ts";
import type { BatchMatched } from "./read.ts";

/** A batch to be read in a thread. */
export interface Task {
  readonly kind: "match" | "observe";
  /** gzip. Whoever asks gives it away: its memory moves to the thread. */
  readonly body: Uint8Array;
  readonly format?: string;
  /** Whose records they are: hashed fields stand under its own key; absent: under the deployment's. */
  readonly organisation?: string;
  /** Of the sensor. */
  readonly networks: readonly string[];
  /** Of its whole organisation, whose detectors over time look at what all its sensors saw; absent: no facts are gathered. */
  readonly home?: readonly string[];
  readonly received: Instant;
  /** Whose rows of history are to be laid out in the same pass; always there when the task is to observe. */
  readonly keep?: Constants;
  /** Memory to lay them out in; absent: they get their own. */
  readonly slab?: SharedArrayBuffer;
}

export interface Unreadable {
  readonly kind: "unreadable";
  readonly problem: Problem;
}
export type Matched = {
  readonly kind: "matched";
  readonly format: string;
  /** When it was asked for by `keep`. */
  readonly history?: PrintedBatch;
  readonly heads?: readonly HeadRow[];
} & BatchMatched;
export interface Observed {
  readonly kind: "observed";
  readonly history: PrintedBatch;
  readonly heads: readonly HeadRow[];
}

export type BatchAsk =
  | { readonly kind: "index"; readonly handles: unknown }
  | { readonly kind: "rules"; readonly texts: RuleTexts }
  | { readonly kind: "task"; readonly id: number; readonly task: Task };
/** As it goes from thread to thread. */
export type Sent = SentRead<Matched> | SentRead<Observed> | Unreadable;
type SentRead<Read> = Omit<Read, "history"> & { readonly history?: SentBatch };
export type BatchReply =
  | { readonly id: number; readonly result: Sent; readonly failed?: undefined }
  | { readonly id: number; readonly failed: string; readonly result?: undefined };
