import type { TransactionSql } from "postgres";
import type { Instant } from "#core/instant.ts";
import type { OrganisationId, Tlp } from "#core/marking.ts";
import type { Problem } from "#core/result.ts";
import type { RsitType } from "#core/rsit.ts";
import type { Severity } from "#core/severity.ts";
import type { MoveInCounts, MoveInRun, MoveInSource, MoveInState } from "#jobs/move-in/port.ts";
import { isUuid, timeOf } from "#store/columns.ts";
import { storable, storableText } from "#store/storable.ts";

const runRow = (row: Record<string, unknown>): MoveInRun => ({
  n: row["n"] as number,
  source: row["source"] as MoveInSource,
  place: row["place"] as string,
  began: row["began"] as Instant,
  touched: row["touched"] as Instant,
  ...(row["ended"] === null ? {} : { ended: row["ended"] as Instant }),
  rows: row["rows"] as number,
  digest: row["digest"] as string,
  counts: row["counts"] as MoveInCounts,
  problems: row["problems"] as readonly Problem[],
  refused: row["refused"] as number,
});

/** Runs of moving in, MISP events as they came, and what a parallel run is compared with; migration 0009. */
export const moveInState = (sql: TransactionSql): MoveInState => ({
  unfinished: async (source, place) => {
    const [row] =
      await sql`select * from move_in_run where source = ${source} and place = ${storableText(place)} and ended is null order by n desc limit 1`;
    return row && runRow(row);
  },

  begin: async (source, place, now) => {
    const [row] = await sql`insert into move_in_run (source, place, began, touched)
      values (${source}, ${storableText(place)}, ${timeOf(now)}, ${timeOf(now)}) returning *`;
    return runRow(row as Record<string, unknown>);
  },

  reach: async ({ n, touched, ended, rows, digest, counts, problems, refused }) => {
    await sql`update move_in_run set touched = ${timeOf(touched)}, ended = ${ended === undefined ? null : timeOf(ended)}, rows = ${rows},
      digest = ${digest}, counts = ${sql.json(counts)}, problems = ${sql.json(storable(problems) as never)}, refused = ${refused} where n = ${n}`;
  },

  runs: async (limit) => (await sql`select * from move_in_run order by n desc limit ${limit}`).map(runRow),

  events: async (feed, uuids) =>
    new Map(
      (
        await sql`select uuid::text as uuid, stamp, digest from move_in_event where feed = ${feed} and uuid = any(${uuids.filter(isUuid)}::uuid[])`
      ).map((row) => [row["uuid"] as string, { stamp: row["stamp"] as number, digest: row["digest"] as string }]),
    ),

  putEvents: async (feed, events, now) => {
    for (const { uuid, stamp, digest, tlp, body } of events)
      await sql`insert into move_in_event (feed, uuid, stamp, digest, tlp, at, body)
        values (${feed}, ${uuid}, ${stamp}, ${digest}, ${tlp}, ${timeOf(now)}, ${storableText(body)})
        on conflict (feed, uuid) do update set stamp = excluded.stamp, digest = excluded.digest, tlp = excluded.tlp, at = excluded.at, body = excluded.body`;
  },

  findings: async (since, until) =>
    (
      await sql`select f.organisation, f.problem_type, f.problem_about, f.asset, f.severity, f.state, f.shadow,
          exists (select from alert a where a.finding = f.n and a.at >= ${timeOf(since)} and a.at < ${timeOf(until)}) as told,
          (array_agg(distinct v.value))[1:1000] as values, count(distinct h.id) as hits
        from finding f join hit h on h.finding = f.n, lateral (values (h.observable_value), (h.indicator_value), (h.source ->> 'address')) as v (value)
        where h.time >= ${timeOf(since)} and h.time < ${timeOf(until)} and v.value is not null
        group by f.n order by f.organisation, f.problem_type, f.problem_about, f.asset`
    ).map((row) => ({
      organisation: row["organisation"] as OrganisationId,
      type: row["problem_type"] as RsitType,
      about: row["problem_about"] as string,
      asset: row["asset"] as string,
      severity: row["severity"] as Severity,
      state: row["state"] as string,
      ...(row["shadow"] === null ? {} : { shadow: row["shadow"] as string }),
      told: row["told"] as boolean,
      values: row["values"] as string[],
      hits: row["hits"] as number,
    })),

  knownOf: async (values, since, until) => {
    const wanted = sql`${values.map(({ value }) => storableText(value).slice(0, 200))}::text[]`;
    const ids = sql`${values.map(({ indicator }) => indicator)}::uuid[]`;
    const rows = await sql`
      select r.asset_value as value, r.tlp, 'report' as what, false as judged, f.shadow
      from report r join feed_state f using (feed)
      where left(r.asset_value, 200) = any(${wanted}) and r.last_seen >= ${timeOf(since)} and r.first_seen < ${timeOf(until)}
      union all
      select i.value, c.tlp, 'indicator', exists (select from indicator_verdict v where v.indicator = c.indicator and v.feed in ('', c.feed)), f.shadow
      from indicator i join claim c on c.indicator = i.id join feed_state f using (feed)
      where i.id = any(${ids}) and c.first_seen < ${timeOf(until)} and (c.gone_at is null or c.gone_at > ${timeOf(since)})`;
    return rows.map((row) => ({
      value: row["value"] as string,
      tlp: row["tlp"] as Tlp,
      as: row["what"] as "report" | "indicator",
      judged: row["judged"] as boolean,
      shadow: row["shadow"] as boolean,
    }));
  },
});
