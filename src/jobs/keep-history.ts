import type { Instant } from "#core/instant.ts";
import type { CoveredRow, ObservedRow, RecordedRow } from "#jobs/batch-messages.ts";
import type { BatchThreads } from "#jobs/batch-threads.ts";
import type { DirectoryMemory } from "#jobs/directory-memory.ts";
import type { CoverRow, ObservationRow, RecordRow } from "#jobs/history-rows.ts";
import { rowsOf } from "#jobs/ndjson.ts";
import type { State } from "#jobs/ports.ts";

/** What keeping history needs of history: idempotent inserts under a batch's name. */
export interface Keeper {
  readonly insertObservations: (batch: string, rows: Iterable<ObservationRow>) => Promise<number>;
  readonly insertRecords: (batch: string, rows: Iterable<RecordRow>) => Promise<number>;
  readonly insertCovers: (batch: string, rows: Iterable<CoverRow>) => Promise<number>;
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
        received: batch.received,
      });
      if (read.kind === "observed") {
        const name = `${sensor.id}/${batch.n}`;
        const about = { organisation: sensor.organisation, sensor: sensor.id, batch: name };
        const seen = function* (): Generator<ObservationRow> {
          for (const row of rowsOf<ObservedRow>(read.observations))
            yield { ...row, ...about, fingerprint: BigInt(row.fingerprint) };
        };
        const records = function* (): Generator<RecordRow> {
          for (const row of rowsOf<RecordedRow>(read.records)) yield { ...row, ...about, format: read.format };
        };
        observations = await keeping.history.insertObservations(name, seen());
        await keeping.history.insertRecords(name, records());
        const covers = function* (): Generator<CoverRow> {
          for (const { time, cover, fingerprint } of rowsOf<CoveredRow>(read.covers))
            yield {
              ...{ time, organisation: sensor.organisation },
              ...{ cover: BigInt(cover), fingerprint: BigInt(fingerprint) },
            };
        };
        await keeping.history.insertCovers(name, covers());
      }
    }
    await tx.telemetry.stored([batch.n], keeping.now());
    return { batches: 1, observations };
  });
