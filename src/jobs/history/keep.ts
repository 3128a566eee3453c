import type { Instant } from "#core/instant.ts";
import type { Sensor } from "#community/sensor.ts";
import type { BatchThreads } from "#jobs/batches/threads.ts";
import type { DirectoryMemory } from "#jobs/community/directory-memory.ts";
import type { HeldHistory } from "./held.ts";
import type { Constants, HistoryTable, PrintedBatch, PrintedRows } from "./rows.ts";
import type { State } from "#jobs/ports.ts";
import type { Batch } from "#telemetry/ports.ts";

/** What keeping history needs of history: idempotent inserts under a batch's name. */
export interface Keeper {
  readonly insertPrinted: (table: HistoryTable, batch: string, rows: PrintedRows) => Promise<void>;
}

export interface Keeping {
  readonly state: State;
  readonly threads: BatchThreads;
  readonly directory: DirectoryMemory;
  readonly history: Keeper;
  /** What this process laid out while it matched; absent: every batch is read for history by itself. */
  readonly held?: HeldHistory;
  readonly now: () => Instant;
}

/** Whose rows these are: the name under which history keeps them once is the batch's. */
export const constantsFor = (sensor: Pick<Sensor, "id" | "organisation">, { n }: Pick<Batch, "n">): Constants => ({
  organisation: sensor.organisation,
  sensor: sensor.id,
  batch: `${sensor.id}/${n}`,
});

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
    const rows = sensor && (keeping.held?.take(batch.n) ?? (await readAgain(keeping, sensor, batch)));
    if (sensor && rows) {
      const name = constantsFor(sensor, batch).batch;
      for (const table of ["observation", "record", "value_cover"] as const)
        if (rows[table].rows > 0) await keeping.history.insertPrinted(table, name, rows[table]);
    }
    await tx.telemetry.stored([batch.n], keeping.now());
    return { batches: 1, observations: rows?.observation.rows ?? 0 };
  });

const readAgain = async ({ threads }: Keeping, sensor: Sensor, batch: Batch): Promise<PrintedBatch | undefined> => {
  const read = await threads.observe({
    body: batch.body,
    format: batch.format ?? sensor.format,
    organisation: sensor.organisation,
    networks: sensor.networks,
    received: batch.received,
    keep: constantsFor(sensor, batch),
  });
  return read.kind === "observed" ? read.history : undefined;
};
