import type { Sql, TransactionSql } from "postgres";
import type { Instant } from "#core/instant.ts";
import type { OrganisationId, Tlp } from "#core/marking.ts";
import type { ParcelAnswer, ParcelState } from "#jobs/sensors/parcel.ts";
import type {
  ParcelProblem,
  SensorAsked,
  SensorDay,
  SensorsState,
  SensorStanding,
  SensorViews,
  TakenParcel,
} from "#jobs/sensors/port.ts";
import { isUuid, readProblem, timeOf } from "#store/columns.ts";
import { huntOf } from "#store/hunts.ts";
import { packedBytes } from "#store/packed-bytes.ts";
import { storable } from "#store/storable.ts";

export const sensorsState = (sql: TransactionSql): SensorsState => ({
  pulled: async (sensor, cursor, at) => {
    await sql`insert into sensor_state (sensor, cursor, pulled) values (${sensor}, ${cursor}, ${timeOf(at)})
      on conflict (sensor) do update set cursor = excluded.cursor, pulled = greatest(sensor_state.pulled, excluded.pulled)`;
  },

  putParcel: async ({ made, number, epoch, received, ...parcel }, body) => {
    await sql`insert into sensor_parcel (n, id, sensor, organisation, number, made, received, bytes, counts, refused, hits, whole, body)
      values (${parcel.n}, ${parcel.id}, ${parcel.sensor}, ${parcel.organisation}, ${number ?? null}, ${made === undefined ? null : timeOf(made)}, ${timeOf(received)},
        ${parcel.bytes}, ${sql.json(parcel.counts)}, ${sql.json(parcel.refused)}, ${parcel.hits}, ${parcel.whole}, ${packedBytes(sql, body)})
      on conflict (n) do nothing`;
    if (number === undefined) return;
    // another run of numbers: what was missing of the one before will never come
    await sql`insert into sensor_state (sensor, epoch, parcels, newest) values (${parcel.sensor}, ${epoch ?? ""}, 1, ${number})
      on conflict (sensor) do update set epoch = excluded.epoch,
        parcels = case when sensor_state.epoch = excluded.epoch then sensor_state.parcels else 0 end + 1,
        newest = case when sensor_state.epoch = excluded.epoch then greatest(sensor_state.newest, excluded.newest) else excluded.newest end`;
  },

  forgetParcels: async (before) => (await sql`delete from sensor_parcel where received < ${timeOf(before)}`).count,

  putState: async (sensor, state) => {
    await sql`insert into sensor_state (sensor, at, state) values (${sensor}, ${timeOf(state.at)}, ${sql.json(storable(state) as never)})
      on conflict (sensor) do update set at = excluded.at, state = excluded.state where sensor_state.at is null or sensor_state.at <= excluded.at`;
    const rejected = state.rejected.reduce((sum, { n }) => sum + n, 0);
    const reasons: Record<string, number> = Object.create(null) as Record<string, number>;
    for (const { format, reason, n } of state.rejected)
      reasons[`${format} ${reason}`] = (reasons[`${format} ${reason}`] ?? 0) + n;
    await sql`insert into sensor_day as d (sensor, day, lines, rejected, late, forgotten, lost, reasons)
      values (${sensor}, (${timeOf(state.at)}::timestamptz at time zone 'UTC')::date, ${state.lines}, ${rejected}, ${state.late}, ${state.forgotten}, ${state.lost}, ${sql.json(reasons)})
      on conflict (sensor, day) do update set lines = d.lines + excluded.lines, rejected = d.rejected + excluded.rejected, late = d.late + excluded.late,
        forgotten = d.forgotten + excluded.forgotten, lost = d.lost + excluded.lost,
        reasons = (select coalesce(jsonb_object_agg(key, n), '{}') from (select key, sum(value::bigint) as n
          from (select * from jsonb_each_text(d.reasons) union all select * from jsonb_each_text(excluded.reasons)) both_of group by key order by n desc, key limit 50) r)`;
  },

  countDay: async (sensor, day, { parcels, lies }) => {
    await sql`insert into sensor_day as d (sensor, day, parcels, lies) values (${sensor}, ${day}, ${parcels}, ${lies})
      on conflict (sensor, day) do update set parcels = d.parcels + excluded.parcels, lies = d.lies + excluded.lies`;
  },

  running: async (sensors) =>
    (
      await sql`select sensor from sensor_state where sensor = any(${[...sensors]}) and pulled is not null order by sensor`
    ).map((row) => row["sensor"] as string),

  ask: async (hunt, tlp, sensors) => {
    await sql`update hunt set asked_at = 'sensors', ask_tlp = ${tlp} where id = ${hunt}`;
    await sql`insert into sensor_ask (hunt, sensor) select ${hunt}, s from unnest(${[...sensors]}::text[]) as t (s) on conflict do nothing`;
  },

  asks: async (sensor, limit) => {
    const open = await sql`select h.*, a.given from sensor_ask a join hunt h on h.id = a.hunt
      where a.sensor = ${sensor} and not a.done and h.state in ('waiting', 'running') order by h.at, h.id limit ${limit}`;
    const cancelled = await sql`select h.id from sensor_ask a join hunt h on h.id = a.hunt
      where a.sensor = ${sensor} and not a.done and a.given is not null and h.state = 'cancelled' order by h.at desc, h.id limit 1000`;
    return {
      open: open.map((row) => ({
        ...huntOf(row),
        tlp: row["ask_tlp"] as Tlp,
        ...(row["given"] === null ? {} : { given: row["given"] as Instant }),
      })),
      cancelled: cancelled.map((row) => row["id"] as string),
    };
  },

  given: async (sensor, hunts, at) => {
    await sql`update sensor_ask set given = coalesce(given, ${timeOf(at)}) where sensor = ${sensor} and hunt = any(${[...hunts]}::uuid[])`;
  },

  asked: async (hunt, sensor) => {
    if (!isUuid(hunt)) return undefined;
    const [row] = await sql`select * from sensor_ask where hunt = ${hunt} and sensor = ${sensor} for update`;
    return row && askedRow(row);
  },

  saveAsked: async (hunt, { sensor, page, answered, count, first, last, days, done, problem, looked }) => {
    await sql`update sensor_ask set page = ${page}, answered = ${answered === undefined ? null : timeOf(answered)}, count = ${count},
      first = ${first === undefined ? null : timeOf(first)}, last = ${last === undefined ? null : timeOf(last)}, days = ${sql.json(days)},
      done = ${done}, problem = ${problem === undefined ? null : sql.json(storable(problem) as never)},
      looked = ${looked === undefined ? null : sql.json(storable(looked) as never)} where hunt = ${hunt} and sensor = ${sensor}`;
  },

  allAsked: async (hunt) =>
    isUuid(hunt) ? (await sql`select * from sensor_ask where hunt = ${hunt} order by sensor`).map(askedRow) : [],
});

export const sensorViews = (sql: Sql): SensorViews => ({
  sensorStandings: async (sensors, since) => {
    const asked = [...sensors];
    const [states, days] = await Promise.all([
      sql`select * from sensor_state where sensor = any(${asked})`,
      sql`select *, day::text as on_day from sensor_day where sensor = any(${asked}) and day >= (${timeOf(since)}::timestamptz at time zone 'UTC')::date order by sensor, day`,
    ]);
    const byDay = Map.groupBy(days, (row) => row["sensor"] as string);
    return new Map(
      states.map((row): [string, SensorStanding] => {
        const sensor = row["sensor"] as string;
        return [
          sensor,
          {
            ...{ sensor, parcels: Number(row["parcels"]), newest: Number(row["newest"]) },
            ...(row["state"] === null ? {} : { state: row["state"] as ParcelState }),
            ...(row["pulled"] === null ? {} : { pulled: row["pulled"] as Instant }),
            ...(row["cursor"] === null ? {} : { cursor: row["cursor"] as string }),
            days: (byDay.get(sensor) ?? []).map(dayRow),
          },
        ];
      }),
    );
  },

  parcels: async (sensors, before, limit) =>
    (
      await sql`select n, id, sensor, organisation, number, made, received, bytes, counts, refused, hits, whole from sensor_parcel
        where sensor = any(${[...sensors]}) and ${before === undefined ? sql`true` : sql`(received, id) < (${timeOf(before.received)}, ${before.id})`} order by received desc, id desc limit ${limit}`
    ).map(parcelRow),

  parcel: async (sensors, id) => {
    const [row] = await sql`select * from sensor_parcel where id = ${id} and sensor = any(${[...sensors]})`;
    if (row === undefined) return undefined;
    const refused =
      await sql`select line, problem from telemetry_rejected where batch = ${row["n"] as number} order by line`;
    return {
      ...parcelRow(row),
      ...(row["body"] === null ? {} : { body: row["body"] as Uint8Array }),
      problems: refused.map(
        ({ line, problem }): ParcelProblem => ({ line: line as number, problem: readProblem(problem) }),
      ),
    };
  },

  askedSensors: async (hunts) => {
    const rows =
      await sql`select * from sensor_ask where hunt = any(${hunts.filter(isUuid)}::uuid[]) order by hunt, sensor`;
    return new Map(
      [...Map.groupBy(rows, (row) => row["hunt"] as string)].map(([hunt, all]) => [hunt, all.map(askedRow)]),
    );
  },
});

const askedRow = (row: Record<string, unknown>): SensorAsked => ({
  sensor: row["sensor"] as string,
  ...(row["given"] === null ? {} : { given: row["given"] as Instant }),
  ...(row["answered"] === null ? {} : { answered: row["answered"] as Instant }),
  ...{ page: row["page"] as number, count: Number(row["count"]), done: row["done"] as boolean },
  ...(row["first"] === null ? {} : { first: row["first"] as Instant }),
  ...(row["last"] === null ? {} : { last: row["last"] as Instant }),
  days: row["days"] as ParcelAnswer["days"],
  ...(row["problem"] === null ? {} : { problem: row["problem"] as NonNullable<ParcelAnswer["problem"]> }),
  ...(row["looked"] === null ? {} : { looked: row["looked"] as NonNullable<ParcelAnswer["looked"]> }),
});

const dayRow = (row: Record<string, unknown>): SensorDay => ({
  day: row["on_day"] as string,
  ...{ lines: Number(row["lines"]), rejected: Number(row["rejected"]), late: Number(row["late"]) },
  ...{ forgotten: Number(row["forgotten"]), lost: Number(row["lost"]) },
  ...{ parcels: Number(row["parcels"]), lies: Number(row["lies"]) },
  reasons: row["reasons"] as Readonly<Record<string, number>>,
});

const parcelRow = (row: Record<string, unknown>): TakenParcel => ({
  n: Number(row["n"]),
  id: row["id"] as string,
  sensor: row["sensor"] as string,
  organisation: row["organisation"] as OrganisationId,
  ...(row["number"] === null ? {} : { number: Number(row["number"]) }),
  ...(row["made"] === null ? {} : { made: row["made"] as Instant }),
  received: row["received"] as Instant,
  bytes: row["bytes"] as number,
  counts: row["counts"] as Readonly<Record<string, number>>,
  refused: row["refused"] as Readonly<Record<string, number>>,
  hits: row["hits"] as number,
  whole: row["whole"] as boolean,
});
