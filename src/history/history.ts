import type { Past, PastScope } from "#jobs/hunt/past.ts";
import type { PastRecords } from "#jobs/hunt/past-records.ts";
import type { KeptHistory } from "#jobs/history/kept-port.ts";
import type { Merging } from "#jobs/history/merges.ts";
import type { HeadRow, HistoryTable, PrintedRows } from "#jobs/history/rows.ts";

/** Organisations whose rows may be read. Every read takes it; no organisation sees nothing. */
export type HistoryScope = PastScope;

/** Milliseconds since 1970, `from` included and `to` excluded. */
export interface Period {
  readonly from: number;
  readonly to: number;
}

/** Where a step of the history schema is noted down; in state, under the lock of its migrations. */
export interface StepLedger {
  readonly underLock: (
    work: (done: ReadonlyMap<number, string>, note: (step: NotedStep) => Promise<void>) => Promise<void>,
  ) => Promise<void>;
}

export interface NotedStep {
  readonly number: number;
  readonly name: string;
  readonly checksum: string;
}

/**
 * Records, observations and hits over time. While it is away every call throws WGL_HISTORY_GONE and everything else of
 * waglan goes on; off, every call but `ready` and `close` throws WGL_HISTORY_OFF.
 *
 * Inserts are idempotent under their name: the same rows under the same name twice are kept once, so a caller who heard no
 * answer repeats. A name is never used for other rows.
 */
export interface History extends Past, PastRecords, KeptHistory {
  readonly kind: "embedded" | "server" | "off";
  /** Why it is off, or the last reason it was away; "" when all is well. */
  readonly reason: () => string;
  readonly ready: () => Promise<boolean>;
  /** Steps that ran now. Idempotent: a step half done by a killed process is done again. */
  readonly migrate: (ledger: StepLedger) => Promise<readonly number[]>;
  /** Rows printed elsewhere, in the columns of `historyColumns`. */
  readonly insertPrinted: (table: HistoryTable, name: string, rows: PrintedRows) => Promise<void>;
  readonly insertHeads: (name: string, rows: readonly HeadRow[]) => Promise<void>;
  /** Of an engine that nobody else uses. */
  readonly merging?: Merging;
  readonly close: () => Promise<void>;
}
