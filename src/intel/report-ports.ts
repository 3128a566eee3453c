import type { Instant } from "#core/instant.ts";
import type { Report } from "./report.ts";
import type { ChangeCursor } from "./ports.ts";

/** A report with what its feed is now. */
export interface StoredReport extends Report {
  readonly voice: "alert" | "corroborate" | "context";
  /** Its feed is in shadow. */
  readonly shadow: boolean;
}

/** What reports need from state; defined by `test/reports-store.test.ts`. */
export interface ReportState {
  /** Notes rows as counted until then; those among them that were not, in any order. */
  readonly fresh: (feed: string, digests: readonly string[], until: Instant) => Promise<ReadonlySet<string>>;
  /** Held until the transaction ends. */
  readonly known: (ids: readonly string[]) => Promise<readonly Report[]>;
  /**
   * Writes reports whole (no id twice) and one change: `fresh` is how many sightings each got. A report that was over
   * lives again.
   */
  readonly save: (
    feed: string,
    reports: readonly (Report & { readonly fresh: number })[],
    now: Instant,
  ) => Promise<void>;
  /** Reports said since, each with its new sightings, summed. */
  readonly changes: (
    since: ChangeCursor | undefined,
    limit: number,
  ) => Promise<{ readonly fresh: ReadonlyMap<string, number>; readonly cursor: ChangeCursor; readonly more: boolean }>;
  readonly reports: (ids: readonly string[]) => Promise<readonly StoredReport[]>;
  /** Living reports of any feed about the same assets, types and abouts as these. */
  readonly beside: (ids: readonly string[], now: Instant) => Promise<readonly StoredReport[]>;
  /** Ids of living reports with a value in a network or under a name: for a new asset. */
  readonly within: (
    asset: { readonly kind: "network" | "domain" | "email-domain"; readonly value: string },
    now: Instant,
  ) => Promise<readonly string[]>;
  /**
   * Reports whose life ended, and whose feed had a good turn after that: marks them over and names them, at most `limit`.
   * A silent feed ends nothing.
   */
  readonly end: (now: Instant, limit: number) => Promise<readonly string[]>;
  /** Lets digests go whose time is over, at most `limit`. */
  readonly forget: (now: Instant, limit: number) => Promise<number>;
}
