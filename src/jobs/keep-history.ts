import type { Instant } from "#core/instant.ts";
import type { BatchThreads } from "#jobs/batch-threads.ts";
import type { DirectoryMemory } from "#jobs/directory-memory.ts";
import type { State } from "#jobs/ports.ts";

/** What keeping history needs of history: idempotent inserts under a batch's name. */
export interface Keeper {
  readonly insertObservations: (batch: string, rows: Iterable<KeptObservation>) => Promise<number>;
  readonly insertRecords: (batch: string, rows: Iterable<KeptRecord>) => Promise<number>;
}

export interface KeptObservation {
  readonly time: number;
  readonly organisation: string;
  readonly sensor: string;
  readonly kind: string;
  readonly value: string;
  readonly fingerprint: bigint;
  readonly where: string;
  readonly direction: string;
  readonly port: number;
  readonly batch: string;
  readonly line: number;
}

export interface KeptRecord {
  readonly time: number;
  readonly organisation: string;
  readonly sensor: string;
  readonly format: string;
  readonly event: string;
  readonly batch: string;
  readonly line: number;
  readonly text: string;
}

export interface Keeping {
  readonly state: State;
  readonly threads: BatchThreads;
  readonly directory: DirectoryMemory;
  readonly history: Keeper;
  readonly now: () => Instant;
}

/**
 * Lays one batch into history. A batch is in history when its row says so; a process that dies between the two inserts it
 * again under the same name, which history keeps once.
 *
 * @returns rows kept; undefined when nothing waits
 */
export const keepHistory = (keeping: Keeping): Promise<{ batches: number; observations: number } | undefined> =>
  keeping.state.act(async (tx) => {
    const [batch] = await tx.telemetry.unstored(1);
    if (!batch) return undefined;
    const sensor = keeping.directory.known.sensor(batch.sensor);
    let observations = 0;
    if (sensor) {
      const read = await keeping.threads.observe({
        body: batch.body,
        format: batch.format ?? sensor.format,
        networks: sensor.networks,
      });
      if (read.kind === "observed") {
        const name = `${sensor.id}/${batch.n}`;
        const about = { organisation: sensor.organisation, sensor: sensor.id, batch: name };
        observations = await keeping.history.insertObservations(
          name,
          read.observations.map((row) => ({ ...row, ...about })),
        );
        await keeping.history.insertRecords(
          name,
          read.records.map((row) => ({ ...row, ...about, format: read.format })),
        );
      }
    }
    await tx.telemetry.stored([batch.n], keeping.now());
    return { batches: 1, observations };
  });
