import { randomBytes } from "node:crypto";
import { Gauge, type Registry } from "prom-client";
import type { Problem } from "#core/result.ts";
import { WaglanError } from "#core/result.ts";
import type { DirectoryMemory } from "#jobs/community/directory-memory.ts";
import type { ExclusionMemory } from "#jobs/indicators/exclusion-memory.ts";
import type { Loop } from "#jobs/loops.ts";
import { type Partitioning, Partitions } from "#jobs/partitions/partitions.ts";
import { PartitionThread } from "#jobs/partitions/thread-host.ts";
import type { PartitionStanding } from "#jobs/partitions/port.ts";
import type { State } from "#jobs/ports.ts";
import { readAddressTables } from "#store/address-data.ts";

/** Detectors over time of this process: the loops that run them, and what lets go of them. */
export interface RunningPartitions {
  readonly loops: (wake: (loop: string) => void, failed: (loop: string, error: unknown) => void) => readonly Loop[];
  readonly close: () => Promise<void>;
}

export const openPartitions = (
  world: Omit<Partitioning, "thread" | "holder" | "exclusions" | "trouble"> & {
    readonly secret: string;
    readonly exclusions: ExclusionMemory;
  },
): RunningPartitions => {
  const { secret, exclusions, ...rest } = world;
  let untold: Problem[] = [];
  const partitions = new Partitions({
    ...rest,
    thread: new PartitionThread(secret, readAddressTables),
    holder: randomBytes(12).toString("base64url"),
    exclusions: () => exclusions.inForce,
    trouble: (why) => untold.push(why),
  });
  return {
    loops: (wake, failed) => [
      {
        name: "detectors",
        restMs: 500,
        turn: async () => {
          const { more, opened } = await partitions.turn();
          if (opened > 0) wake("alert");
          const told = untold;
          untold = [];
          for (const { code, with: params = {} } of told) failed("detectors", new WaglanError(code, params));
          return more;
        },
      },
      // apart, so that a long look at much does not lose the lease
      { name: "detector-leases", restMs: 4000, turn: () => partitions.renew().then(() => false) },
    ],
    close: () => partitions.close(),
  };
};

/** A gauge with a value for each organisation, or for several reasons each. */
interface Measured {
  readonly name: string;
  readonly help: string;
  readonly of: (one: PartitionStanding, now: number) => number | Readonly<Record<string, number>>;
}

const measured: readonly Measured[] = [
  {
    name: "waglan_detector_lag_seconds",
    help: "How long the oldest facts wait that no detector over time has read",
    of: ({ freshSince }, now) => (freshSince === undefined ? 0 : Math.max(0, now - freshSince) / 1000),
  },
  {
    name: "waglan_detector_waiting_batches",
    help: "Batches whose facts no detector over time has read",
    of: ({ fresh }) => fresh,
  },
  {
    name: "waglan_detector_kept_bytes",
    help: "Bytes of facts that no checkpoint is past",
    of: ({ bytes }) => bytes,
  },
  {
    name: "waglan_detector_checkpoint_bytes",
    help: "Bytes of the checkpoint of detectors over time",
    of: ({ checkpointBytes }) => checkpointBytes,
  },
  {
    name: "waglan_detector_facts_total",
    help: "Facts that detectors over time read",
    of: ({ counts }) => counts.facts ?? 0,
  },
  {
    name: "waglan_detector_hits_total",
    help: "What behaviours and correlations said",
    of: ({ counts }) => counts.hits ?? 0,
  },
  {
    name: "waglan_detector_left_total",
    help: "Facts that came too late, twice or from the future, and things forgotten for want of room, by reason",
    of: ({ counts: { late = 0, twice = 0, future = 0, forgotten = 0 } }) => ({ late, twice, future, forgotten }),
  },
];

/** What partitions have to do and did, by organisation; read when somebody asks. */
export const measurePartitions = (
  state: State,
  directory: DirectoryMemory,
  metrics: Registry,
  now: () => number,
): void => {
  let read: Promise<readonly PartitionStanding[]> | undefined;
  const standing = (): Promise<readonly PartitionStanding[]> => {
    // one look serves all gauges of a scrape
    read ??= state
      .act((tx) => tx.partitions.standing())
      .finally(() => setTimeout(() => (read = undefined), 500).unref());
    return read;
  };
  for (const { name, help, of } of measured)
    new Gauge({
      ...{ name, help, labelNames: ["organisation", "reason"], registers: [metrics] },
      async collect() {
        this.reset();
        for (const one of await standing()) {
          const organisation = directory.known.organisation(one.organisation)?.key ?? one.organisation;
          const value = of(one, now());
          if (typeof value === "number") this.set({ organisation }, value);
          else for (const [reason, count] of Object.entries(value)) this.set({ organisation, reason }, count);
        }
      },
    });
};
