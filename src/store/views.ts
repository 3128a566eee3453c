import type { Fragment, Sql, TransactionSql } from "postgres";
import type { Scope } from "#community/visibility.ts";
import { after, type Instant } from "#core/instant.ts";
import { severities } from "#core/severity.ts";
import { quietMs } from "#incidents/correlate.ts";
import type { Noticed } from "#detect/hit.ts";
import type { Event, Retraction } from "#incidents/ports.ts";
import { statesListed } from "#incidents/state.ts";
import type { Turn } from "#intel/ports.ts";
import { readFindingsCursor, writeFindingsCursor } from "#jobs/findings/findings-cursor.ts";
import type { FindingSeen, FindingsAsk, FindingsSeen, View, Views } from "#jobs/views.ts";
import { advisoryViews } from "#store/advisory-views.ts";
import { careViews } from "#store/care-views.ts";
import { inventoryViews } from "#store/inventory-views.ts";
import { isUuid, readGrade, readProblem, timeOf } from "#store/columns.ts";
import { incidentViews } from "#store/incident-views.ts";
import { seenFinding, snapshot } from "#store/seen.ts";
import { huntViews } from "#store/hunts.ts";
import { feedRow } from "#store/intel.ts";
import { listViews } from "#store/out.ts";
import { knowledgeViews } from "#store/sensor-knowledge.ts";
import { sensorViews } from "#store/sensors.ts";
import { scopeSql } from "#store/scope-sql.ts";
import { indicatorViews } from "#store/indicator-views.ts";
import { searchViews } from "#store/search.ts";
import type { Direction, Where } from "#telemetry/format.ts";
import { weaknessViews } from "#store/weakness-views.ts";

type Row = Record<string, unknown>;
type AnySql = Sql | TransactionSql;

const turnRow = (row: Row): Turn => ({
  feed: row["feed"] as string,
  at: row["at"] as Instant,
  state: row["state"] as Turn["state"],
  ...(row["reason"] === null ? {} : { reason: readProblem(row["reason"]) }),
  file: row["file"] as string,
  bytes: row["bytes"] as number,
  rows: row["rows"] as number,
  accepted: row["accepted"] as number,
  rejected: row["rejected"] as Record<string, number>,
  added: row["added"] as number,
  changed: row["changed"] as number,
  delisted: row["delisted"] as number,
  expired: row["expired"] as number,
  tookMs: row["took_ms"] as number,
});

const open = [...statesListed("open")];
const aside = [...statesListed("aside")];
const closed = [...statesListed("closed")];

/** Severity as a number in SQL, in the order of core/severity.ts. */
const rankSql = (sql: AnySql): Fragment => sql`array_position(${[...severities]}::text[], f.severity::text)`;

const inView = (sql: AnySql, view: View): Fragment => {
  switch (view) {
    case "open":
      return sql`(f.state = any(${open}) and f.shadow is null and f.snoozed_until is null and f.silence is null and f.muted_by is null)`;
    case "muted":
      return sql`(f.state = any(${open}) and f.shadow is null and (f.silence is not null or f.muted_by is not null))`;
    case "snoozed":
      return sql`(f.state = any(${open}) and f.snoozed_until is not null)`;
    case "suppressed":
      return sql`(f.state = any(${aside}))`;
    case "shadow":
      return sql`(f.state = any(${open}) and f.shadow is not null and f.snoozed_until is null)`;
    case "closed":
      return sql`(f.state = any(${closed}))`;
  }
};

const asked = (sql: AnySql, ask: FindingsAsk): Fragment => sql`
  ${ask.organisation === undefined ? sql`true` : sql`f.organisation = ${ask.organisation}`}
  and ${ask.severity === undefined ? sql`true` : sql`f.severity = ${ask.severity}`}
  and ${
    ask.text === undefined
      ? sql`true`
      : sql`(position(lower(${ask.text}) in lower(f.asset || ' ' || f.problem_type || ' ' || f.problem_about || ' ' || f.id::text)) > 0
    or (f.detector || ' ' || f.problem_type) = any(${(ask.titled ?? []).map((one) => `${one.detector} ${one.type}`)}))`
  }`;

/** Sources the reader may know of: staff all; others none above AMBER, and none in shadow. */
const shownTo = (sql: AnySql, scope: Scope, alias: string): Fragment => {
  if (scope.all) return sql`true`;
  const s = sql(alias);
  return sql`(${s}.tlp in ('clear', 'green', 'amber') and not coalesce((select shadow from feed_state where feed_state.feed = ${s}.feed), false))`;
};

export const views = (sql: Sql): Views => ({
  ...advisoryViews(sql),
  ...searchViews(sql),
  ...indicatorViews(sql),
  ...listViews(sql),
  ...careViews(sql),
  ...huntViews(sql),
  ...incidentViews(sql),
  ...inventoryViews(sql),
  ...weaknessViews(sql),
  ...knowledgeViews(sql),
  ...sensorViews(sql),
  findings: (scope, ask) => snapshot(sql, (tx) => readFindings(tx, scope, ask)),
  finding: (scope, id) => snapshot(sql, (tx) => readFinding(tx, scope, id)),

  sources: async () => {
    const rows = await sql`select s.*, l.* from feed_state s
      left join lateral (select t.at as turn_at, t.state as turn_state, t.reason as turn_reason, t.file, t.bytes, t.rows, t.accepted as turn_accepted, t.rejected, t.added, t.changed, t.delisted, t.expired, t.took_ms
        from feed_turn t where t.feed = s.feed order by n desc limit 1) l on true order by s.feed`;
    return rows.map((row) => ({
      state: feedRow(row),
      ...(row["turn_at"] === null
        ? {}
        : {
            last: turnRow({
              ...row,
              at: row["turn_at"],
              state: row["turn_state"],
              reason: row["turn_reason"],
              accepted: row["turn_accepted"],
            }),
          }),
    }));
  },

  source: async (feed) => {
    const [row] = await sql`select * from feed_state where feed = ${feed}`;
    if (!row) return undefined;
    const turns = await sql`select * from feed_turn where feed = ${feed} order by n desc limit 30`;
    const rejected =
      await sql`select t.at, r.part, r.row, r.problem from feed_rejected r join feed_turn t on t.n = r.turn
      where t.feed = ${feed} order by t.n desc, r.part, r.row limit 200`;
    return {
      state: feedRow(row),
      turns: turns.map(turnRow),
      rejected: rejected.map((one) => ({
        at: one["at"] as Instant,
        part: one["part"] as string,
        row: one["row"] as number,
        problem: readProblem(one["problem"]),
      })),
    };
  },

  totals: async (now) => {
    const [row] = await sql`select (select count(*)::int from sensor where ended is null) as sensors,
      (select count(*)::int from sensor_heard where at > ${timeOf(now)} - interval '1 day') as heard, (select max(at) from sensor_heard) as last_event,
      (select coalesce(sum(claims), 0)::bigint from feed_state) as indicators,
      (select count(*)::int from outbox where next_at is not null) as waiting, (select count(*)::int from outbox where failed is not null) as failed`;
    return {
      sensors: { heard: row?.["heard"] as number, total: row?.["sensors"] as number },
      indicators: row?.["indicators"] as number,
      mail: { waiting: row?.["waiting"] as number, failed: row?.["failed"] as number },
      ...(row?.["last_event"] === null ? {} : { lastEvent: row?.["last_event"] as Instant }),
    };
  },

  sensors: async () =>
    new Map(
      (await sql`select * from sensor_heard`).map((row) => [
        row["sensor"] as string,
        { at: row["at"] as Instant, events: row["events"] as number, rejected: row["rejected"] as number },
      ]),
    ),
});

const readFindings = async (sql: TransactionSql, scope: Scope, ask: FindingsAsk): Promise<FindingsSeen> => {
  const mine = scopeSql(sql, scope, "f");
  const from = ask.cursor === undefined ? undefined : readFindingsCursor(ask.cursor);
  const rows = await sql`
      with g as (select f.organisation, count(*)::int as findings, (count(*) filter (where f.severity = 'critical'))::int as critical, min(f.opened) as oldest
        from finding f where ${mine} and ${inView(sql, ask.view)} and ${asked(sql, ask)} group by f.organisation)
      select f.*, i.id::text as incident_id, g.critical, to_char(g.oldest at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as oldest, ${rankSql(sql)} as rank
      from finding f join g using (organisation) left join incident i on i.n = f.incident
      where ${mine} and ${inView(sql, ask.view)} and ${asked(sql, ask)}
        and ${from === undefined ? sql`true` : sql`(-g.critical, g.oldest, f.organisation, -${rankSql(sql)}, f.id) > (${-from.critical}, ${from.oldest}::timestamptz, ${from.organisation}, ${-from.rank}, ${from.id}::uuid)`}
      order by g.critical desc, g.oldest, f.organisation, rank desc, f.id limit ${ask.limit + 1}`;
  const groups =
    await sql`select f.organisation, count(*)::int as findings, (count(*) filter (where f.severity = 'critical'))::int as critical, min(f.opened) as oldest
      from finding f where ${mine} and ${inView(sql, ask.view)} and ${asked(sql, ask)} group by f.organisation order by critical desc, oldest, f.organisation`;
  const [counts] =
    await sql`select (count(*) filter (where ${inView(sql, "open")}))::int as open, (count(*) filter (where ${inView(sql, "snoozed")}))::int as snoozed,
        (count(*) filter (where ${inView(sql, "suppressed")}))::int as suppressed, (count(*) filter (where ${inView(sql, "muted")}))::int as muted, (count(*) filter (where ${inView(sql, "shadow")}))::int as shadow,
        (count(*) filter (where ${inView(sql, "closed")}))::int as closed, max(f.closed) as last_closed
      from finding f where ${mine}`;
  const page = rows.slice(0, ask.limit);
  const last = page.at(-1);
  return {
    findings: page.map(seenFinding),
    ...(rows.length > ask.limit && last
      ? {
          next: writeFindingsCursor({
            critical: last["critical"] as number,
            oldest: last["oldest"] as string,
            organisation: last["organisation"] as string,
            rank: last["rank"] as number,
            id: last["id"] as string,
          }),
        }
      : {}),
    counts: {
      open: counts?.["open"] as number,
      snoozed: counts?.["snoozed"] as number,
      suppressed: counts?.["suppressed"] as number,
      muted: counts?.["muted"] as number,
      shadow: counts?.["shadow"] as number,
      closed: counts?.["closed"] as number,
    },
    groups: groups.map((row) => ({
      organisation: row["organisation"] as string,
      findings: row["findings"] as number,
      critical: row["critical"] as number,
      oldest: row["oldest"] as Instant,
    })),
    ...(counts?.["last_closed"] === null ? {} : { lastClosed: counts?.["last_closed"] as Instant }),
  };
};

const readFinding = async (sql: TransactionSql, scope: Scope, id: string): Promise<FindingSeen | undefined> => {
  if (!isUuid(id)) return undefined;
  const [row] = await sql`select f.*, i.id::text as incident_id from finding f left join incident i on i.n = f.incident
      where f.id = ${id} and ${scopeSql(sql, scope, "f")}`;
  if (!row) return undefined;
  const n = row["n"] as number;
  const [hits, instances, sources, history, answers, also, sensors, alerts, muters, mutes] = await Promise.all([
    sql`select * from hit where finding = ${n} order by time desc, id limit 20`,
    sql`select * from finding_instance where finding = ${n} order by last_seen desc, key limit 50`,
    sql`select feed, min(grade::text) as grade, array(select distinct l from finding_source t, unnest(t.labels) l where t.finding = ${n} and t.feed = s.feed and ${shownTo(sql, scope, "t")} order by l) as labels,
          max(array_position(array['clear','green','amber','amber+strict','red'], tlp::text)) as tlp, min(first_seen) as first_seen, max(last_seen) as last_seen,
          case when bool_and(retracted is not null or refuted is not null) then coalesce(min(retracted), 'here') end as taken_back
        from finding_source s where finding = ${n} and ${shownTo(sql, scope, "s")} group by feed order by grade, feed`,
    sql`select * from finding_history where finding = ${n} order by n desc limit 200`,
    sql`select who, answer, note, at from answer where finding = ${n} order by n desc`,
    // tied by what this reader may see, and not by way of the incident: rows hidden from them may hold that together
    sql`select f.*, null as incident_id from finding f where f.n <> ${n} and f.first_seen <= ${after(row["last_seen"] as Instant, quietMs)} and f.last_seen + ${quietMs} * interval '1 millisecond' >= ${row["first_seen"] as Instant} and ${scopeSql(sql, scope, "f")}
          and ((f.organisation = ${row["organisation"] as string} and (f.asset = ${row["asset"] as string} or (f.problem_type = ${row["problem_type"] as string} and f.problem_about = ${row["problem_about"] as string})))
            or (f.problem_type = ${row["problem_type"] as string} and f.problem_about = ${row["problem_about"] as string}
              and exists (select from finding_source s join finding_source t using (indicator)
                where s.finding = ${n} and t.finding = f.n and ${shownTo(sql, scope, "s")} and ${shownTo(sql, scope, "t")})))
        order by f.first_seen, f.id limit 5`,
    sql`select distinct s.title from hit h join telemetry_batch b on b.n = h.batch join sensor s on s.id = b.sensor where h.finding = ${n} order by s.title`,
    sql`select a.*, coalesce((select json_agg(json_build_object('to', p.name, 'channel', r.channel, 'sent', extract(epoch from o.sent) * 1000, 'failed', extract(epoch from o.failed) * 1000) order by p.name)
          from alert_recipient r join person p on p.id = r.person left join outbox o using (message_id) where r.alert = a.n), '[]') as deliveries
        from alert a where a.finding = ${n} order by version desc limit 1`,
    sql`select f.*, null as incident_id from finding f where f.n = ${(row["muted_by"] as number | null) ?? 0} and ${scopeSql(sql, scope, "f")}`,
    sql`select count(*)::int as n from finding f where f.muted_by = ${n} and f.state = any(${open}) and ${scopeSql(sql, scope, "f")}`,
  ]);
  const alert = alerts[0];
  const named = new Set(sources.map((one) => one["feed"] as string));
  return {
    finding: seenFinding(row),
    hits: hits.map((hit) => ({
      time: hit["time"] as Instant,
      file: hit["file"] as string,
      line: hit["line"] as number,
      text: hit["evidence"] as string,
      observable: hit["observable_value"] as string,
      ...(hit["indicator_value"] === null ? {} : { indicator: hit["indicator_value"] as string }),
      ...(hit["noticed"] === null ? {} : { noticed: hit["noticed"] as Noticed }),
      where: hit["seen_where"] as Where,
      direction: hit["direction"] as Direction,
      sources: (hit["sources"] as string[]).filter((feed) => named.has(feed)),
      attack: hit["attack"] as string[],
      id: hit["id"] as string,
      refuted: hit["refuted"] !== null,
    })),
    instances: instances.map((one) => ({
      key: one["key"] as string,
      firstSeen: one["first_seen"] as Instant,
      lastSeen: one["last_seen"] as Instant,
      hits: one["hits"] as number,
    })),
    sources: sources.map((one) => ({
      feed: one["feed"] as string,
      grade: readGrade(one["grade"]),
      labels: one["labels"] as string[],
      tlp: ["clear", "green", "amber", "amber+strict", "red"][(one["tlp"] as number) - 1] ?? "red",
      firstSeen: one["first_seen"] as Instant,
      lastSeen: one["last_seen"] as Instant,
      ...(one["taken_back"] === null ? {} : { takenBack: one["taken_back"] as Retraction | "here" }),
    })),
    history: history.map((one) => ({
      at: one["at"] as Instant,
      what: one["what"] as Event["what"],
      detail: one["detail"] as Record<string, string | number>,
      ...(one["who"] === null ? {} : { who: one["who"] as string }),
      ...(one["note"] === null ? {} : { note: one["note"] as string }),
    })),
    answers: answers.map((one) => ({
      who: one["who"] as string,
      answer: one["answer"] as string,
      at: one["at"] as Instant,
      ...(one["note"] === null ? {} : { note: one["note"] as string }),
    })),
    also: also.map(seenFinding),
    ...(muters[0] ? { muter: seenFinding(muters[0]) } : {}),
    mutes: mutes[0]?.["n"] as number,
    ...(sensors.length > 0 ? { sensor: sensors.map((one) => one["title"] as string).join(", ") } : {}),
    ...(alert
      ? {
          alert: {
            ref: alert["ref"] as string,
            version: alert["version"] as number,
            at: alert["at"] as Instant,
            due: alert["due"] as Instant,
            deliveries: (
              alert["deliveries"] as { to: string; channel: string; sent: number | null; failed: number | null }[]
            ).map((one) => ({
              to: one.to,
              channel: one.channel,
              state:
                one.sent !== null
                  ? ("sent" as const)
                  : one.failed !== null
                    ? ("failed" as const)
                    : ("waiting" as const),
              ...(one.sent !== null
                ? { at: Math.trunc(one.sent) as Instant }
                : one.failed !== null
                  ? { at: Math.trunc(one.failed) as Instant }
                  : {}),
            })),
          },
        }
      : {}),
  };
};
