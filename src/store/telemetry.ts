import type { Sql, TransactionSql } from "postgres";
import type { Instant } from "#core/instant.ts";
import { timeOf } from "#store/columns.ts";
import { packedBytes } from "#store/packed-bytes.ts";
import { storable } from "#store/storable.ts";
import type { TelemetryState, WaitingBatch } from "#telemetry/ports.ts";
import type { RecentBodies } from "./recent-bodies.ts";

const waitingRow = (row: Record<string, unknown>): WaitingBatch => ({
  n: row["n"] as number,
  sensor: row["sensor"] as string,
  key: row["key"] as string,
  digest: row["digest"] as string,
  ...(row["format"] === null ? {} : { format: row["format"] as string }),
  received: row["received"] as Instant,
});

const bodyOf = async (sql: TransactionSql, n: number): Promise<Uint8Array> => {
  const [row] = await sql`select body from telemetry_batch where n = ${n}`;
  return row?.["body"] as Uint8Array;
};

/** Tries of a batch that breaks us. Few: each costs its sensor a turn; a passing trouble of the machine is over by then. */
const strikesAtMost = 5;

/**
 * Takes a batch in, in one statement: whoever waits for the acknowledgement waits for one way to the database and back, and for
 * no transaction of several.
 */
export const acceptBatch =
  (sql: Sql | TransactionSql, bodies: RecentBodies): TelemetryState["accept"] =>
  async (batch, limit) => {
    const { sensor, key, digest, format = null, received, body } = batch;
    const [row] = await sql`
      with twin as (select n, digest from telemetry_batch where sensor = ${sensor} and key = ${key}),
      waiting as (select count(*) as n from (select from telemetry_batch where matched is null limit ${limit}) w),
      put as (insert into telemetry_batch (sensor, key, digest, format, received, body, bytes)
        select ${sensor}, ${key}, ${digest}, ${format}::text, ${timeOf(received)}::timestamptz, ${packedBytes(sql, body)}, ${body.byteLength}::int
        where not exists (select from twin) and (select n from waiting) < ${limit}
        on conflict (sensor, key) do nothing returning n)
      select (select n from put) as put, (select n from twin) as twin, (select digest from twin) as digest,
        (select n from waiting) >= ${limit} as busy`;
    if (row && row["put"] !== null) {
      const n = Number(row["put"]);
      bodies.put(n, digest, body);
      return { kind: "accepted", n };
    }
    if (row && row["twin"] === null && row["busy"] === true) return { kind: "busy" };
    // one that came at the same moment is there by now
    const [known] =
      row && row["twin"] !== null
        ? [{ n: row["twin"] as number, digest: row["digest"] as string }]
        : await sql`select n, digest from telemetry_batch where sensor = ${sensor} and key = ${key}`;
    return known?.["digest"] === digest ? { kind: "duplicate", n: Number(known["n"]) } : { kind: "conflict" };
  };

export const telemetryState = (sql: TransactionSql, bodies: RecentBodies): TelemetryState => ({
  accept: acceptBatch(sql, bodies),

  unmatched: async () => {
    const [row] = await sql`select n, sensor, key, digest, format, received from telemetry_batch
      where matched is null order by attempts, n limit 1 for update skip locked`;
    if (!row) return undefined;
    const batch = waitingRow(row);
    return { ...batch, body: bodies.take(batch.n, batch.digest) ?? (await bodyOf(sql, batch.n)) };
  },

  matched: async (n, outcome, now) => {
    bodies.drop(n);
    await sql`update telemetry_batch set matched = ${timeOf(now)}, lines = ${outcome.lines}, rejected = ${sql.json(outcome.rejected)} where n = ${n}`;
    if (outcome.problems.length > 0)
      await sql`insert into telemetry_rejected ${sql(outcome.problems.map(({ line, problem }) => ({ batch: n, line, problem: sql.json(storable(problem) as never) })) as never)}`;
  },

  failed: async (n, problem, now) => {
    bodies.drop(n);
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

  bodyOf: (n) => bodyOf(sql, n),

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
