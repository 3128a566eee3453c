import type { TransactionSql } from "postgres";
import type { Instant } from "#core/instant.ts";
import { timeOf } from "#store/columns.ts";
import { storable } from "#store/storable.ts";
import type { Batch, TelemetryState, WaitingBatch } from "#telemetry/ports.ts";

const waitingRow = (row: Record<string, unknown>): WaitingBatch => ({
  n: row["n"] as number,
  sensor: row["sensor"] as string,
  key: row["key"] as string,
  digest: row["digest"] as string,
  ...(row["format"] === null ? {} : { format: row["format"] as string }),
  received: row["received"] as Instant,
});
const batchRow = (row: Record<string, unknown>): Batch => ({ ...waitingRow(row), body: row["body"] as Uint8Array });

/** Tries of a batch that breaks us. Few: each costs its sensor a turn; a passing trouble of the machine is over by then. */
const strikesAtMost = 5;

export const telemetryState = (sql: TransactionSql): TelemetryState => ({
  accept: async (batch, limit) => {
    const twin = async (): ReturnType<TelemetryState["accept"]> => {
      const [known] =
        await sql`select n, digest from telemetry_batch where sensor = ${batch.sensor} and key = ${batch.key}`;
      return known?.["digest"] === batch.digest ? { kind: "duplicate", n: known["n"] as number } : { kind: "conflict" };
    };
    const [known] = await sql`select from telemetry_batch where sensor = ${batch.sensor} and key = ${batch.key}`;
    if (known) return twin();
    const [waiting] =
      await sql`select count(*)::int as n from (select from telemetry_batch where matched is null limit ${limit}) w`;
    if ((waiting?.["n"] as number) >= limit) return { kind: "busy" };
    const [row] = await sql`insert into telemetry_batch (sensor, key, digest, format, received, body, bytes)
      values (${batch.sensor}, ${batch.key}, ${batch.digest}, ${batch.format ?? null}, ${timeOf(batch.received)}, ${Buffer.from(batch.body.buffer, batch.body.byteOffset, batch.body.byteLength)}, ${batch.body.byteLength})
      on conflict (sensor, key) do nothing returning n`;
    if (row) return { kind: "accepted", n: row["n"] as number };
    return twin();
  },

  unmatched: async () => {
    const [row] = await sql`select n, sensor, key, digest, format, received, body from telemetry_batch
      where matched is null order by attempts, n limit 1 for update skip locked`;
    return row && batchRow(row);
  },

  matched: async (n, outcome, now) => {
    await sql`update telemetry_batch set matched = ${timeOf(now)}, lines = ${outcome.lines}, rejected = ${sql.json(outcome.rejected)} where n = ${n}`;
    if (outcome.problems.length > 0)
      await sql`insert into telemetry_rejected ${sql(outcome.problems.map(({ line, problem }) => ({ batch: n, line, problem: sql.json(storable(problem) as never) })) as never)}`;
  },

  failed: async (n, problem, now) => {
    await sql`update telemetry_batch set matched = ${timeOf(now)}, stored = ${timeOf(now)}, lines = 0, rejected = ${sql.json({ [problem.code]: 1 })} where n = ${n}`;
    await sql`insert into telemetry_rejected (batch, line, problem) values (${n}, 0, ${sql.json(storable(problem) as never)})`;
  },

  strike: async (n, problem, now) => {
    const [row] = await sql`update telemetry_batch set attempts = attempts + 1,
        matched = case when attempts + 1 >= ${strikesAtMost} then ${timeOf(now)}::timestamptz end,
        stored = case when attempts + 1 >= ${strikesAtMost} then ${timeOf(now)}::timestamptz end
      where n = ${n} and matched is null returning matched`;
    if (!row || row["matched"] === null) return;
    await sql`update telemetry_batch set lines = 0, rejected = ${sql.json({ [problem.code]: 1 })} where n = ${n}`;
    await sql`insert into telemetry_rejected (batch, line, problem) values (${n}, 0, ${sql.json(storable(problem) as never)})`;
  },

  unstored: async (limit) =>
    (
      await sql`select n, sensor, key, digest, format, received from telemetry_batch
        where stored is null and matched is not null and kept_with is null order by n limit ${limit} for update skip locked`
    ).map(waitingRow),

  bodyOf: async (n) => {
    const [row] = await sql`select body from telemetry_batch where n = ${n}`;
    return row?.["body"] as Uint8Array;
  },

  group: async (ns) => {
    await sql`update telemetry_batch set kept_with = ${Math.min(...ns)} where n = any(${ns as number[]}::bigint[])`;
  },

  grouped: async (first) => {
    // whoever has the first of a group has all of it
    const [held] = await sql`select n from telemetry_batch
      where stored is null and kept_with = n ${first === undefined ? sql`` : sql`and n = ${first}`} order by n limit 1 for update skip locked`;
    if (!held) return [];
    const rows = await sql`select n, sensor, key, digest, format, received from telemetry_batch
      where stored is null and kept_with = ${held["n"] as number} order by n for update`;
    return rows.map(waitingRow);
  },

  stored: async (ns, now) => {
    await sql`update telemetry_batch set stored = ${timeOf(now)} where n = any(${ns as number[]}::bigint[])`;
  },

  forget: async (before) => {
    const gone = await sql`update telemetry_batch set body = null
      where body is not null and not exists (select from batch_facts where batch = n) and matched < ${timeOf(before)} and stored < ${timeOf(before)}`;
    return gone.count;
  },

  heard: async (sensor, at, events, rejected) => {
    await sql`insert into sensor_heard (sensor, at, events, rejected) values (${sensor}, ${timeOf(at)}, ${events}, ${rejected})
      on conflict (sensor) do update set at = greatest(sensor_heard.at, excluded.at), events = sensor_heard.events + excluded.events, rejected = sensor_heard.rejected + excluded.rejected`;
  },
});
