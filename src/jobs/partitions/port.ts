import type { Instant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import type { Problem } from "#core/result.ts";
import type { Severity } from "#core/severity.ts";

/** What was said of a batch's records where the sources are known, for its facts. */
export interface SaidOfBatch {
  /** Ids of rules whose word on this batch the organisation may read; others that matched speak to staff alone. */
  readonly open: readonly string[];
  readonly listed: readonly {
    readonly line: number;
    readonly value: string;
    readonly severity: Severity;
    readonly attack: readonly string[];
    readonly hidden?: true;
  }[];
}

/** The facts of one batch as they wait to be read. */
export interface FactsRow {
  readonly batch: number;
  readonly organisation: OrganisationId;
  /** Sensor id. */
  readonly sensor: string;
  readonly received: Instant;
  /** Where the batch ends by its sensor's clock (batch-facts.ts). */
  readonly newest: Instant;
  readonly facts: number;
  readonly body: Uint8Array;
  readonly said: SaidOfBatch;
}

/** A row in its order of reading, from 1 for each organisation. */
export interface TakenRow extends FactsRow {
  readonly taken: number;
}

/** A partition that this process holds, as it was when it took it. */
export interface Held {
  readonly organisation: OrganisationId;
  readonly fence: number;
  readonly taken: number;
  readonly checkpointed: number;
  readonly checkpoint?: Uint8Array;
  /** What the checkpoint was written by; another one is not read. */
  readonly version: string;
  /** The hour that our clock struck last. */
  readonly struck: Instant;
}

export type Claim = Pick<Held, "organisation" | "fence">;

/** Of a partition since it began; shown, so that nobody takes silence for peace. */
export interface PartitionCounts {
  readonly facts: number;
  readonly hits: number;
  /** Facts that came after their moment was over, and could not be looked at. */
  readonly late: number;
  readonly twice: number;
  /** Facts that said a time after they had come: looked at as if it had been then. */
  readonly future: number;
  /** What detectors let go because there was too much to remember. */
  readonly forgotten: number;
  /** Facts that wait until nothing older can come. */
  readonly waiting: number;
}

/** How a sensor's clock stands. */
export interface SensorClock {
  readonly sensor: string;
  readonly at: Instant;
  /** By how much its clock is behind ours; negative: ahead. */
  readonly behindMs: number;
  /** What is added to its times; 0: they are taken as they are. */
  readonly correctedMs: number;
  readonly facts: number;
  readonly late: number;
  readonly future: number;
  /** It delivers so late that it is looked at by itself. */
  readonly alone: boolean;
}

/** A partition, for people. */
export interface PartitionStanding {
  readonly organisation: OrganisationId;
  readonly holder?: string;
  /** Batches whose facts nobody has read. */
  readonly fresh: number;
  /** When the oldest of them came. */
  readonly freshSince?: Instant;
  /** Batches read that no checkpoint is past. */
  readonly kept: number;
  readonly bytes: number;
  readonly counts: Partial<PartitionCounts>;
  /** Until when everything was looked at, by the records' time. */
  readonly through?: Instant;
  readonly checkpointAt?: Instant;
  readonly checkpointBytes: number;
  readonly problem?: Problem;
}

/** A batch as evidence is read from it; `body` is absent when it was let go. */
export interface EvidenceBatch {
  readonly n: number;
  readonly key: string;
  readonly sensor: string;
  readonly format?: string;
  readonly received: Instant;
  readonly body?: Uint8Array;
}

/** What partitions need from state; defined by `test/partitions.test.ts`. */
export interface PartitionsState {
  /** In the transaction that matches the batch; makes the organisation's partition where there is none. */
  readonly keep: (facts: FactsRow, now: Instant) => Promise<void>;
  /**
   * Takes partitions over that nobody holds and that have something to do: facts nobody read, facts behind no checkpoint,
   * or an hour before `hour` that did not strike. By the database's clock.
   */
  readonly lease: (holder: string, leaseMs: number, hour: Instant, limit: number) => Promise<readonly Held[]>;
  /** Those that are still ours, their lease begun anew. */
  readonly renew: (holder: string, claims: readonly Claim[], leaseMs: number) => Promise<ReadonlySet<OrganisationId>>;
  /** Lets go, so that others may take it over at once. */
  readonly release: (holder: string, claims: readonly Claim[]) => Promise<void>;
  /** Locks the partition until the transaction ends. @returns false: it is not ours any more, and nothing may be written */
  readonly holds: (holder: string, claim: Claim) => Promise<boolean>;
  /** Rows nobody read yet, in the order of batches; at most `limit`. */
  readonly fresh: (organisation: OrganisationId, limit: number) => Promise<readonly FactsRow[]>;
  /** Rows read behind `after`, in their order; at most `limit`. */
  readonly again: (organisation: OrganisationId, after: number, limit: number) => Promise<readonly TakenRow[]>;
  /** These are read now, in this order, from `first` on. */
  readonly took: (organisation: OrganisationId, batches: readonly number[], first: number) => Promise<void>;
  readonly note: (
    organisation: OrganisationId,
    counts: PartitionCounts,
    through: Instant | undefined,
    problem: Problem | undefined,
  ) => Promise<void>;
  /** Rows up to `taken` are let go. */
  readonly checkpoint: (
    organisation: OrganisationId,
    saved: {
      readonly taken: number;
      readonly body: Uint8Array;
      readonly version: string;
      readonly struck: Instant;
      readonly tookMs: number;
    },
    now: Instant,
  ) => Promise<void>;
  readonly clocks: (clocks: readonly SensorClock[]) => Promise<void>;
  readonly sensorClocks: () => Promise<ReadonlyMap<string, SensorClock>>;
  readonly standing: () => Promise<readonly PartitionStanding[]>;
  readonly evidence: (batches: readonly number[]) => Promise<readonly EvidenceBatch[]>;
}
