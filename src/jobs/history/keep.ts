import type { Instant } from "#core/instant.ts";
import type { Sensor } from "#community/sensor.ts";
import type { BatchThreads } from "#jobs/batches/threads.ts";
import type { DirectoryMemory } from "#jobs/community/directory-memory.ts";
import type { HeldBatch, HeldHistory } from "./held.ts";
import { bytesOf, type Constants, type HeadRow, type HistoryTable, type PrintedRows } from "./rows.ts";
import type { State } from "#jobs/ports.ts";
import type { Batch, TelemetryState, WaitingBatch } from "#telemetry/ports.ts";

/** What keeping history needs of history: inserts that are kept once under their name. */
export interface Keeper {
  readonly insertPrinted: (table: HistoryTable, name: string, rows: PrintedRows) => Promise<void>;
  readonly insertHeads: (name: string, rows: readonly HeadRow[]) => Promise<void>;
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

/** Whose rows these are. */
export const constantsFor = (sensor: Pick<Sensor, "id" | "organisation">, { n }: Pick<Batch, "n">): Constants => ({
  organisation: sensor.organisation,
  sensor: sensor.id,
  batch: `${sensor.id}/${n}`,
});

/** Batches put into history at once: each insert costs the engine as much as some ten thousand rows of it. */
const batchesAtOnce = 256;
/**
 * Bytes of rows of a group, but that its last batch may go beyond: what is worth an insert at once. Of 40,000 events each, inserts
 * cost a tenth more than of 90,000, and leave twice as many parts to be joined.
 */
export const bytesAtOnce = 96 << 20;

/** What one turn put into history. */
export interface Kept {
  readonly batches: number;
  readonly records: number;
  /** The group was half as large as one may be at least: more comes than is kept at ease. */
  readonly much: boolean;
  /** There is another full group, or this one was left by another process: the next turn need not wait for company. */
  readonly more: boolean;
}

/** A batch of a group, with what it leaves in history. */
interface LaidOut {
  readonly batch: WaitingBatch;
  /** Absent: its sensor is gone, or it cannot be read any more. */
  readonly held?: HeldBatch;
}

/**
 * Puts what waits into history, several batches at once. Which ones go together is committed before their rows go out: a
 * process that dies between the inserts, or before it says that all are in, leaves a group that the next one sends again as it
 * was, under the same name, which history keeps once.
 *
 * @returns undefined when nothing waits
 */
export const keepHistory = async (keeping: Keeping): Promise<Kept | undefined> => {
  const { group, much, more } = await keeping.state.act(async (tx) => {
    const left = await tx.telemetry.grouped();
    if (left.length > 0)
      return { group: await layOut(keeping, tx.telemetry, left, Number.POSITIVE_INFINITY), much: false, more: true };
    const waiting = await tx.telemetry.unstored(batchesAtOnce);
    const laid = await layOut(keeping, tx.telemetry, waiting, bytesAtOnce);
    if (laid.length > 0) await tx.telemetry.group(laid.map(({ batch }) => batch.n));
    const bytes = sizeOf(laid);
    const all = waiting.length === batchesAtOnce;
    return {
      ...{ group: laid, much: all || bytes >= bytesAtOnce / 2 },
      more: all || (bytes >= bytesAtOnce && waiting.length >= 2 * laid.length),
    };
  });
  const [first] = group;
  if (first === undefined) return undefined;
  const kept = await keeping.state.act(async (tx) => {
    const batches = await tx.telemetry.grouped(first.batch.n);
    // another process was quicker
    if (batches.length === 0) return { batches: 0, records: 0, much, more };
    const records = await insertGroup(keeping.history, group);
    await tx.telemetry.stored(
      batches.map(({ n }) => n),
      keeping.now(),
    );
    return { batches: batches.length, records, much, more };
  });
  // only now: an insert that failed may still be reading its rows
  for (const { held } of group) held?.letGo();
  return kept;
};

const sizeOf = (group: readonly LaidOut[]): number =>
  group.reduce((sum, { held }) => sum + (held ? bytesOf(held.rows) : 0), 0);

const layOut = async (
  keeping: Keeping,
  telemetry: Pick<TelemetryState, "bodyOf">,
  waiting: readonly WaitingBatch[],
  bytes: number,
): Promise<readonly LaidOut[]> => {
  const laid: LaidOut[] = [];
  let room = bytes;
  for (const batch of waiting) {
    if (room <= 0) break;
    const sensor = keeping.directory.known.sensor(batch.sensor);
    const held = keeping.held?.take(batch.n) ?? (sensor && (await readAgain(keeping, telemetry, sensor, batch)));
    laid.push({ batch, ...(sensor && held ? { held } : {}) });
    if (held) room -= bytesOf(held.rows);
  }
  return laid;
};

/** Where a value was seen is found by its days: they come last, and lead to what is there. */
const tables = ["seen", "record", "value_cover", "observation_day"] as const;

const insertGroup = async (history: Keeper, group: readonly LaidOut[]): Promise<number> => {
  const name = nameOf(group);
  // before the records: whoever reads one finds what it is read by
  const heads = group.flatMap(({ held }) => held?.heads ?? []);
  if (heads.length > 0) await history.insertHeads(name, heads);
  let records = 0;
  for (const table of tables) {
    const parts = group.flatMap(({ held }) => held?.rows[table] ?? []);
    const rows = parts.reduce((sum, part) => sum + part.rows, 0);
    if (table === "record") records = rows;
    if (rows > 0) await history.insertPrinted(table, name, { rows, pieces: parts.flatMap(({ pieces }) => pieces) });
  }
  return records;
};

/** Under which history keeps a group once: a state that was put back to an earlier day gives its numbers again. */
const nameOf = ([first]: readonly LaidOut[]): string =>
  first === undefined ? "" : `${first.batch.n}/${first.batch.digest}`;

const readAgain = async (
  { threads }: Keeping,
  telemetry: Pick<TelemetryState, "bodyOf">,
  sensor: Sensor,
  batch: WaitingBatch,
): Promise<HeldBatch | undefined> => {
  const read = await threads.observe({
    body: await telemetry.bodyOf(batch.n),
    format: batch.format ?? sensor.format,
    organisation: sensor.organisation,
    networks: sensor.networks,
    received: batch.received,
    keep: constantsFor(sensor, batch),
  });
  return read.kind === "observed" ? { rows: read.history, heads: read.heads, letGo: read.letGo } : undefined;
};
