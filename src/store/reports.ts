import type { TransactionSql } from "postgres";
import { printGrade } from "#core/grade.ts";
import { instant, type Instant } from "#core/instant.ts";
import type { Licence, Pap, Tlp } from "#core/marking.ts";
import { type Observable, type ObservableKind, observableKey } from "#core/observable.ts";
import type { RsitType } from "#core/rsit.ts";
import type { Severity } from "#core/severity.ts";
import { placeOf, type Report, type ReportInstance } from "#intel/report.ts";
import type { ReportState, StoredReport } from "#intel/report-ports.ts";
import { readGrade, timeOf } from "#store/columns.ts";
import { copyRows } from "#store/copy.ts";
import { storable, storableText } from "#store/storable.ts";

const reportRow = (row: Record<string, unknown>): Report => ({
  id: row["id"] as string,
  feed: row["feed"] as string,
  asset: { kind: row["asset_kind"] as ObservableKind, value: row["asset_value"] as string },
  also: row["also"] as readonly Observable[],
  type: row["type"] as RsitType,
  about: row["about"] as string,
  severity: row["severity"] as Severity,
  grade: readGrade(row["grade"]),
  labels: row["labels"] as string[],
  firstSeen: row["first_seen"] as Instant,
  lastSeen: row["last_seen"] as Instant,
  count: row["count"] as number,
  ends: row["ends"] as Instant,
  instances: (row["instances"] as readonly ReportInstance[]).map((one) => ({ ...one, at: instant(one.at) })),
  tlp: row["tlp"] as Tlp,
  pap: row["pap"] as Pap,
  licence: row["licence"] as Licence,
});

const storedReport = (row: Record<string, unknown>): StoredReport => ({
  ...reportRow(row),
  voice: row["voice"] as StoredReport["voice"],
  shadow: row["feed_shadow"] as boolean,
});

export const reportState = (sql: TransactionSql): ReportState => ({
  fresh: async (feed, digests, until) => {
    if (digests.length === 0) return new Set();
    // in one order, so that two bodies with the same rows wait for each other and never in a circle
    const rows = await sql`insert into report_row (feed, digest, until)
      select ${feed}, d, ${timeOf(until)} from unnest(${[...new Set(digests)].sort()}::uuid[]) d order by d
      on conflict (feed, digest) do nothing returning replace(digest::text, '-', '') as digest`;
    return new Set(rows.map((row) => row["digest"] as string));
  },

  known: async (ids) =>
    (await sql`select * from report where id = any(${[...ids]}::uuid[]) order by id for update`).map(reportRow),

  save: async (feed, reports, now) => {
    if (reports.length === 0) return;
    await sql`create temp table if not exists report_stage (id uuid, asset_kind text, asset_value text, also jsonb, type text, about text, severity text,
      grade text, labels text[], first_seen timestamptz, last_seen timestamptz, count bigint, ends timestamptz, instances json, tlp text, pap text, licence text) on commit delete rows`;
    await sql`create temp table if not exists report_place_stage (report uuid, key text, net inet, host text) on commit delete rows`;
    await sql`delete from report_stage`;
    await sql`delete from report_place_stage`;
    await copyRows(
      sql,
      "copy report_stage (id, asset_kind, asset_value, also, type, about, severity, grade, labels, first_seen, last_seen, count, ends, instances, tlp, pap, licence) from stdin",
      reports,
      stageRow,
    );
    await copyRows(
      sql,
      "copy report_place_stage (report, key, net, host) from stdin",
      reports.flatMap(placesOf),
      (row) => row,
    );
    const [born] = await sql`select count(*)::int as n from report_stage s left join report r on r.id = s.id
      where r.id is null or (r.over is not null and s.ends > ${timeOf(now)})`;
    await sql`update feed_state set reports = reports + ${born?.["n"] as number} where feed = ${feed}`;
    await sql`insert into report (id, feed, asset_kind, asset_value, also, type, about, severity, grade, labels, first_seen, last_seen, count, ends, instances, tlp, pap, licence)
      select id, ${feed}, asset_kind, asset_value, also, type, about, severity, grade, labels, first_seen, last_seen, count, ends, instances, tlp, pap, licence
      from report_stage order by id
      on conflict (id) do update set also = excluded.also, severity = excluded.severity, grade = excluded.grade, labels = excluded.labels,
        first_seen = excluded.first_seen, last_seen = excluded.last_seen, count = excluded.count, ends = excluded.ends, instances = excluded.instances,
        tlp = excluded.tlp, pap = excluded.pap, licence = excluded.licence, over = case when excluded.ends > ${timeOf(now)} then null else report.over end`;
    await sql`insert into report_place (report, key, net, host) select report, key, net, host from report_place_stage on conflict (report, key) do nothing`;
    await sql`insert into report_change (at, feed, ids, fresh)
      values (${timeOf(now)}, ${feed}, ${reports.map(({ id }) => id)}::uuid[], ${reports.map(({ fresh }) => fresh)}::int[])`;
  },

  changes: async (since, limit) => {
    const rows = await sql`select seq, xid::text as xid, ids::text[] as ids, fresh from report_change
      where ${since ? sql`(xid, seq) > (${since.xid}::xid8, ${since.seq})` : sql`true`} and xid < pg_snapshot_xmin(pg_current_snapshot())
      order by report_change.xid, seq limit ${limit}`;
    const fresh = new Map<string, number>();
    for (const row of rows) {
      const counts = row["fresh"] as readonly number[];
      for (const [place, id] of (row["ids"] as readonly string[]).entries())
        fresh.set(id, (fresh.get(id) ?? 0) + (counts[place] ?? 0));
    }
    const last = rows.at(-1);
    return {
      fresh,
      cursor: last ? { xid: last["xid"] as string, seq: last["seq"] as number } : (since ?? { xid: "0", seq: 0 }),
      more: rows.length === limit,
    };
  },

  reports: async (ids) =>
    (
      await sql`select r.*, f.voice, f.shadow as feed_shadow from report r join feed_state f using (feed)
        where r.id = any(${[...ids]}::uuid[]) order by r.id`
    ).map(storedReport),

  beside: async (ids, now) =>
    (
      await sql`select distinct on (r.id) r.*, f.voice, f.shadow as feed_shadow from report one
        join report r on left(r.asset_value, 200) = left(one.asset_value, 200) and r.asset_value = one.asset_value
          and r.asset_kind = one.asset_kind and r.type = one.type and r.about = one.about
        join feed_state f on f.feed = r.feed
        where one.id = any(${[...ids]}::uuid[]) and r.over is null and r.ends > ${timeOf(now)} order by r.id`
    ).map(storedReport),

  within: async ({ kind, value }, now) => {
    const rows =
      kind === "network"
        ? await sql`select distinct p.report as id from report_place p join report r on r.id = p.report
            where p.net is not null and (p.net <<= ${value}::inet or p.net >>= ${value}::inet) and r.over is null and r.ends > ${timeOf(now)}`
        : await sql`select distinct p.report as id from report_place p join report r on r.id = p.report
            where p.host is not null and (reverse(p.host) = reverse(${value}) or reverse(p.host) like ${`${escapeLike([...`.${value}`].reverse().join(""))}%`})
              and r.over is null and r.ends > ${timeOf(now)}`;
    return rows.map((row) => row["id"] as string);
  },

  end: async (now, limit) => {
    const over = await sql`update report set over = ${timeOf(now)} where id in (
          select r.id from report r join feed_state f using (feed)
          where r.over is null and r.ends <= ${timeOf(now)} and f.last_good >= r.ends order by r.ends limit ${limit} for update of r skip locked)
        returning id, feed`;
    for (const [feed, ended] of Map.groupBy(over, (row) => row["feed"] as string))
      await sql`update feed_state set reports = reports - ${ended.length} where feed = ${feed}`;
    return over.map((row) => row["id"] as string);
  },

  forget: async (now, limit) =>
    (
      await sql`delete from report_row where (feed, digest) in (
        select feed, digest from report_row where until <= ${timeOf(now)} limit ${limit} for update skip locked)`
    ).count,
});

const stageRow = (report: Report): readonly (string | readonly string[])[] => [
  report.id,
  report.asset.kind,
  storableText(report.asset.value),
  JSON.stringify(storable(report.also)),
  report.type,
  storableText(report.about),
  report.severity,
  printGrade(report.grade),
  report.labels.map(storableText),
  timeOf(report.firstSeen).toISOString(),
  timeOf(report.lastSeen).toISOString(),
  String(report.count),
  timeOf(report.ends).toISOString(),
  JSON.stringify(storable(report.instances)),
  report.tlp,
  report.pap,
  report.licence,
];

const escapeLike = (text: string): string => text.replace(/[\\%_]/g, "\\$&");

/** Characters of a key; a longer value is found by its place alone. */
const keyAtMost = 400;

const placesOf = (report: Report): readonly (readonly (string | null)[])[] => {
  const places = new Map<string, readonly (string | null)[]>();
  for (const value of [report.asset, ...report.also]) {
    const place = placeOf(value);
    if (place === undefined) continue;
    const key = storableText(observableKey(value).slice(0, keyAtMost));
    places.set(key, [report.id, key, place.net ?? null, place.host ?? null]);
  }
  return [...places.values()];
};
