import type { Instant } from "#core/instant.ts";
import type { Problem } from "#core/result.ts";

/** An acknowledged batch: one row, whole, until it is matched and stored. */
export interface Batch {
  readonly n: number;
  readonly sensor: string;
  readonly key: string;
  /** sha-256 of the body as it was sent, hexadecimal: the same key with another digest is a conflict. */
  readonly digest: string;
  /** Format id the sender named; absent: told from the bytes. */
  readonly format?: string;
  readonly received: Instant;
  /** gzip. */
  readonly body: Uint8Array;
}

/** A batch without its bytes. */
export type WaitingBatch = Omit<Batch, "body">;

export interface BatchOutcome {
  readonly lines: number;
  readonly rejected: Readonly<Record<string, number>>;
  /** At most a hundred, each with its line. */
  readonly problems: readonly { readonly line: number; readonly problem: Problem }[];
}

/** What telemetry needs from state; defined by `test/store-telemetry.test.ts`. */
export interface TelemetryState {
  /**
   * Commits the body under (sensor, key). `waiting` counts unmatched batches up to `limit`: at the limit nothing is
   * written and the sender is asked to come back.
   */
  readonly accept: (
    batch: Omit<Batch, "n">,
    limit: number,
  ) => Promise<
    { readonly kind: "accepted" | "duplicate"; readonly n: number } | { readonly kind: "busy" | "conflict" }
  >;
  /** The oldest batch nobody has matched, held until the transaction ends. */
  readonly unmatched: () => Promise<Batch | undefined>;
  readonly matched: (n: number, outcome: BatchOutcome, now: Instant) => Promise<void>;
  /** A batch that cannot be read at all: counted with its reason, not tried again. */
  readonly failed: (n: number, problem: Problem, now: Instant) => Promise<void>;
  /** Matching this batch broke us: it goes behind the others, and after a few times it is put aside with `problem`. */
  readonly strike: (n: number, problem: Problem, now: Instant) => Promise<void>;
  /**
   * The oldest that were matched, are not in history yet and of no group, held until the transaction ends: a slow history
   * never stands in the way of a match.
   */
  readonly unstored: (limit: number) => Promise<readonly WaitingBatch[]>;
  readonly bodyOf: (n: number) => Promise<Uint8Array>;
  /** From now on these go into history together or not at all, under the number of the first. */
  readonly group: (ns: readonly number[]) => Promise<void>;
  /**
   * All batches of a group that is not in history yet, in order, held until the transaction ends; none when another holds it.
   *
   * @param first its number; absent: of the oldest group that nobody holds
   */
  readonly grouped: (first?: number) => Promise<readonly WaitingBatch[]>;
  readonly stored: (ns: readonly number[], now: Instant) => Promise<void>;
  /** Bodies both matched and stored are let go, but for those whose facts no checkpoint is past: evidence is read from them. */
  readonly forget: (before: Instant) => Promise<number>;
  readonly heard: (sensor: string, at: Instant, events: number, rejected: number) => Promise<void>;
}
