import type { Fragment, Sql, TransactionSql } from "postgres";
import type { Scope } from "#community/visibility.ts";
import type { Instant } from "#core/instant.ts";
import type { RsitType } from "#core/rsit.ts";
import { severities } from "#core/severity.ts";
import { type IncidentState, quietMs } from "#incidents/correlate.ts";
import type { Entity } from "#incidents/entities.ts";
import { risksCounted } from "#incidents/risk.ts";
import type { IncidentView, IncidentViews, SeenIncident } from "#jobs/incidents/views.ts";
import { isUuid, timeOf } from "#store/columns.ts";
import { openStates } from "#store/finding-row.ts";
import { silenceRow } from "#store/muting.ts";
import { scopeSql } from "#store/scope-sql.ts";
import { seenFinding, snapshot } from "#store/seen.ts";

type Row = Record<string, unknown>;
type AnySql = Sql | TransactionSql;

const findingsShown = 200;
const entitiesShown = 60;
const quietShown = 50;
/** Ended silences are told for so long. */
const silenceDays = 30;

/** Staff reads wholes, people of members their organisations' own parts; never the one in place of the other. */
const kindOf = (sql: AnySql, scope: Scope): Fragment =>
  scope.all ? sql`i.organisation is null` : sql`i.organisation = any(${[...scope.own]})`;

/** Its findings, those that this reader may see. */
const ofIncident = (sql: AnySql, scope: Scope): Fragment =>
  sql`(${scope.all ? sql`f.incident = i.n` : sql`f.part = i.n`} and ${scopeSql(sql, scope, "f")})`;

const isOpen = (sql: AnySql): Fragment => sql`f.state = any(${[...openStates]}::text[])`;
const isHeld = (sql: AnySql): Fragment => sql`(f.silence is not null or f.muted_by is not null)`;

const inView = (sql: AnySql, scope: Scope, view: IncidentView): Fragment => {
  const over = sql`i.state in ('closed', 'dismissed')`;
  const held = sql`exists (select from finding f where ${ofIncident(sql, scope)} and ${isOpen(sql)} and ${isHeld(sql)})`;
  switch (view) {
    case "open":
      return sql`(not ${over} and i.risk > 0)`;
    case "muted":
      return sql`(not ${over} and i.risk = 0 and ${held})`;
    case "closed":
      return sql`(${over} or (i.risk = 0 and not ${held}))`;
  }
};

/** What is told of one incident, of the findings that this reader may see. */
const figures = (sql: AnySql, scope: Scope): Fragment => sql`
  cross join lateral (select count(*)::int as findings, (count(*) filter (where ${isOpen(sql)} and not ${isHeld(sql)}))::int as open,
      (count(*) filter (where ${isOpen(sql)} and ${isHeld(sql)}))::int as muted, sum(f.hits)::bigint as hits, min(f.first_seen) as first, max(f.last_seen) as last,
      array_agg(distinct f.organisation order by f.organisation) as organisations, max(array_position(${[...severities]}::text[], f.severity::text)) as worst_severity
    from finding f where ${ofIncident(sql, scope)}) g
  cross join lateral (select to_jsonb(w) as worst from (select f.*, i.id::text as incident_id from finding f where ${ofIncident(sql, scope)}
    order by (${isOpen(sql)} and not ${isHeld(sql)}) desc, f.risk desc, f.first_seen, f.id limit 1) w) w
  cross join lateral (select coalesce(json_agg(json_build_object('name', a.name, 'first', a.first, 'last', a.last, 'hits', a.hits)), '[]') as shown
    from (select a.name, extract(epoch from min(a.first_seen)) * 1000 as first, extract(epoch from max(a.last_seen)) * 1000 as last, sum(a.hits)::bigint as hits
      from finding f join finding_attack a on a.finding = f.n where ${ofIncident(sql, scope)} group by a.name) a) a`;

export const incidentViews = (sql: Sql): IncidentViews => ({
  incidents: (scope, { view, organisation, after, limit }) =>
    snapshot(sql, async (tx) => {
      const asked = organisation === undefined ? tx`true` : tx`${organisation} = any(g.organisations)`;
      const rows = await tx`select i.*, g.*, w.worst, a.shown from incident i ${figures(tx, scope)}
        where ${kindOf(tx, scope)} and g.findings > 0 and ${inView(tx, scope, view)} and ${asked}
          and ${after === undefined ? tx`true` : tx`(-i.risk, -extract(epoch from i.last_seen) * 1000, i.id) > (${-after.risk}, ${0 - after.last}, ${after.id}::uuid)`}
        order by i.risk desc, i.last_seen desc, i.id limit ${limit}`;
      const [counts] = await tx`select (count(*) filter (where ${inView(tx, scope, "open")}))::int as open,
          (count(*) filter (where ${inView(tx, scope, "muted")}))::int as muted, (count(*) filter (where ${inView(tx, scope, "closed")}))::int as closed
        from incident i where ${kindOf(tx, scope)} and exists (select from finding f where ${ofIncident(tx, scope)})`;
      return {
        incidents: rows.map((row) => seenIncident(scope, row)),
        counts: {
          ...{ open: counts?.["open"] as number, muted: counts?.["muted"] as number },
          closed: counts?.["closed"] as number,
        },
      };
    }),

  incident: (scope, id) =>
    snapshot(sql, async (tx) => {
      if (!isUuid(id)) return undefined;
      const [row] = await tx`select i.*, g.*, w.worst, a.shown from incident i ${figures(tx, scope)}
        where (i.id = ${id} or i.n = (select incident from incident_alias where id = ${id})) and ${kindOf(tx, scope)} and g.findings > 0 order by i.id = ${id} desc limit 1`;
      if (!row) return undefined;
      const n = row["n"] as number;
      const [findings, entities, quiet, others] = await Promise.all([
        tx`select f.*, i.id::text as incident_id from incident i join finding f on ${ofIncident(tx, scope)} where i.n = ${n}
          order by (${isOpen(tx)} and not ${isHeld(tx)}) desc, f.risk desc, f.first_seen, f.id limit ${findingsShown}`,
        tx`select e.kind, e.value, count(*)::int as findings, sum(e.hits)::bigint as hits, min(e.first_seen) as first, max(e.last_seen) as last,
            (array_agg(f.risk order by f.risk desc) filter (where ${isOpen(tx)}))[1:${risksCounted}] as risks
          from incident i join finding f on ${ofIncident(tx, scope)} join finding_entity e on e.finding = f.n where i.n = ${n}
          group by e.kind, e.value order by max(f.risk) desc, count(*) desc, e.kind, e.value limit ${entitiesShown}`,
        tx`select q.feed, q.asset, count(*)::int as hits, max(q.time) as last, max(array_position(${[...severities]}::text[], q.severity::text)) as worst
          from (select distinct q.id, q.feed, q.asset, q.time, q.severity from incident_tie t join quiet_hit_entity e on e.key = t.key
              and e.time >= t.first_seen - ${quietMs} * interval '1 millisecond' and e.time <= t.last_seen + ${quietMs} * interval '1 millisecond'
            join quiet_hit q on q.id = e.hit where t.incident = ${n} and ${
              scope.all
                ? tx`true`
                : tx`q.tlp in ('clear', 'green', 'amber') and not exists (select from feed_state s where s.feed = q.feed and s.shadow)`
            }) q
          group by q.feed, q.asset order by max(q.time) desc, q.feed, q.asset limit ${quietShown}`,
        tx`select count(distinct o.organisation)::int as n from incident i join incident_shared s on s.incident = i.n
            join incident_shared t on t.key = s.key and t.incident <> s.incident and t.first_seen <= s.last_seen + ${quietMs} * interval '1 millisecond'
              and t.last_seen >= s.first_seen - ${quietMs} * interval '1 millisecond'
            join incident o on o.n = t.incident where i.n = ${n} and o.organisation <> i.organisation`,
      ]);
      return {
        incident: seenIncident(scope, row),
        findings: findings.map(seenFinding),
        entities: entities.map((one) => ({
          ...{
            kind: one["kind"] as Entity["kind"],
            value: one["value"] as string,
            findings: one["findings"] as number,
          },
          ...{ hits: Number(one["hits"]), risks: (one["risks"] ?? []) as number[] },
          ...{ first: one["first"] as Instant, last: one["last"] as Instant },
        })),
        quiet: quiet.map((one) => ({
          ...{ feed: one["feed"] as string, asset: one["asset"] as string, hits: one["hits"] as number },
          ...{ severity: severities[(one["worst"] as number) - 1] ?? "info", last: one["last"] as Instant },
        })),
        others: (others[0]?.["n"] as number | undefined) ?? 0,
      };
    }),

  silences: async (now, limit) =>
    (
      await sql`select s.*, e.findings, e.hits, (select count(*)::int from finding f where f.silence = s.n) as holds from silence s join silence_effect e on e.silence = s.n
        where s.ended is null or s.ended > ${timeOf(now)}::timestamptz - ${silenceDays} * interval '1 day' order by s.ended is null desc, coalesce(s.ended, s.until) desc, s.n desc limit ${limit}`
    ).map((row) => ({
      ...silenceRow(row),
      ...(row["ended_by"] === null ? {} : { endedBy: row["ended_by"] as string }),
      ...{ holds: row["holds"] as number, findings: Number(row["findings"]), hits: Number(row["hits"]) },
    })),

  techniques: async (scope) =>
    (
      await sql`select distinct on (n.id) n.id, n.name, n.url from threat_name n join feed_state f on f.feed = n.source
          cross join lateral (select null::text as organisation, null::text as grp, n.tlp, case when f.shadow then 'feed' end as shadow) v
        where n.id ~ '^T[0-9]{4}([.][0-9]{3})?$' and not n.gone and ${scopeSql(sql, scope, "v")} order by n.id, n.source`
    ).map((row) => ({
      ...{ id: row["id"] as string, name: row["name"] as string },
      ...(row["url"] === null ? {} : { url: row["url"] as string }),
    })),

  attackSeen: async (scope, since) =>
    (
      await sql`select name, sum(hits)::bigint as hits, max(last) as last from (
          select a.name, a.hits, a.last_seen as last from finding_attack a join finding f on f.n = a.finding where a.last_seen >= ${timeOf(since)} and ${scopeSql(sql, scope, "f")}
          union all select t, 1, q.time from quiet_hit q, unnest(q.attack) t where q.time >= ${timeOf(since)} and ${scope.all}) s group by name order by name`
    ).map((row) => ({ name: row["name"] as string, hits: Number(row["hits"]), last: row["last"] as Instant })),
});

const seenIncident = (scope: Scope, row: Row): SeenIncident => {
  const worst = row["worst"] as Row;
  const id = row["id"] as string;
  return {
    id,
    ...(scope.all ? { state: row["state"] as IncidentState } : {}),
    problem: { type: worst["problem_type"] as RsitType, about: worst["problem_about"] as string },
    risk: row["risk"] as number,
    severity: severities[(row["worst_severity"] as number) - 1] ?? "info",
    worst: seenFinding(fromJson(worst)),
    organisations: row["organisations"] as string[],
    shown: (row["shown"] as { name: string; first: number; last: number; hits: number }[]).map((one) => ({
      ...{ name: one.name, first: Math.trunc(one.first) as Instant, last: Math.trunc(one.last) as Instant },
      hits: one.hits,
    })),
    ...{ findings: row["findings"] as number, open: row["open"] as number, muted: row["muted"] as number },
    hits: Number(row["hits"]),
    ...{ firstSeen: row["first"] as Instant, lastSeen: row["last"] as Instant },
    place: { risk: row["risk"] as number, last: row["last_seen"] as Instant, id },
  };
};

const times = ["first_seen", "last_seen", "due", "opened", "changed", "closed", "snoozed_until"] as const;

/** A row that came as JSON has its times as text. */
const fromJson = (row: Row): Row => ({
  ...row,
  ...Object.fromEntries(
    times.map((name) => [name, typeof row[name] === "string" ? (Date.parse(row[name]) as Instant) : row[name]]),
  ),
});
