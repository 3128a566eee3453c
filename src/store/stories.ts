import type { TransactionSql } from "postgres";
import type { Instant } from "#core/instant.ts";
import type { RsitType } from "#core/rsit.ts";
import type { Severity } from "#core/severity.ts";
import {
  hostTie,
  type IncidentState as State,
  indicatorTie,
  type OpenIncident,
  problemTie,
} from "#incidents/correlate.ts";
import type { IncidentState, Tied } from "#incidents/ports.ts";
import { timeOf } from "#store/columns.ts";

/** Potential incidents, as findings join them. */
export const storyState = (
  sql: TransactionSql,
): Pick<IncidentState, "lockIncidents" | "openIncidents" | "saveStories"> => ({
  lockIncidents: async () => {
    await sql`select pg_advisory_xact_lock(hashtextextended('incidents', 0))`;
  },

  openIncidents: async (since, tied) => {
    if (tied.length === 0) return [];
    const hosts = distinct(tied, ({ organisation, asset }) => hostTie(organisation, asset));
    const problems = distinct(tied, ({ organisation, problem }) => problemTie(organisation, problem));
    const indicators = [
      ...new Map(
        tied.flatMap(({ problem, indicators: some }) =>
          some.map((indicator) => [indicatorTie(problem, indicator), { problem, indicator }] as const),
        ),
      ),
    ];
    // An organisation's findings of one problem are many and their incidents few: from one incident number to the next
    // through the index, and never through the findings. Each part stops at what it is tied to, however old the store.
    const rows = await sql`with tie as (
          select distinct f.incident, 'host' as by, k.place from unnest(${hosts.map(([, one]) => one.organisation)}::text[], ${hosts.map(([, one]) => one.asset)}::text[])
              with ordinality k (organisation, asset, place)
            cross join lateral (select f.incident from finding f where f.organisation = k.organisation and left(f.asset, 200) = left(k.asset, 200)
              and f.asset = k.asset and f.incident is not null offset 0) f
          union all
          select f.incident, 'problem', k.place from unnest(${problems.map(([, one]) => one.organisation)}::text[], ${problems.map(([, one]) => one.problem.type)}::text[],
              ${problems.map(([, one]) => one.problem.about)}::text[]) with ordinality k (organisation, type, about, place)
            cross join lateral (
              with recursive step (incident) as (
                (select f.incident from finding f where f.organisation = k.organisation and f.problem_type = k.type and left(f.problem_about, 200) = left(k.about, 200)
                  and f.problem_about = k.about and f.incident is not null order by f.incident limit 1)
                union all
                select (select f.incident from finding f where f.organisation = k.organisation and f.problem_type = k.type and left(f.problem_about, 200) = left(k.about, 200)
                  and f.problem_about = k.about and f.incident > step.incident order by f.incident limit 1) from step where step.incident is not null)
              select incident from step where incident is not null) f
          union all
          select distinct f.incident, 'indicator', k.place from unnest(${indicators.map(([, one]) => one.indicator)}::uuid[], ${indicators.map(([, one]) => one.problem.type)}::text[],
              ${indicators.map(([, one]) => one.problem.about)}::text[]) with ordinality k (indicator, type, about, place)
            cross join lateral (select s.finding from finding_source s where s.indicator = k.indicator offset 0) s
            cross join lateral (select f.incident from finding f where f.n = s.finding
              and f.problem_type = k.type and f.problem_about = k.about and f.incident is not null offset 0) f)
        select i.id, i.state, i.problem_type, i.problem_about, i.severity, i.first_seen, i.last_seen, array_agg(tie.by) as bys, array_agg(tie.place::int) as places
        from tie join incident i on i.n = tie.incident
        where i.state not in ('closed', 'dismissed') and i.last_seen >= ${timeOf(since)} group by i.n`;
    const ties = { host: hosts, problem: problems, indicator: indicators };
    return rows.map((row) => {
      const places = row["places"] as readonly number[];
      return {
        ...storyRow(row),
        ties: (row["bys"] as readonly (keyof typeof ties)[]).flatMap(
          (by, at) => ties[by][(places[at] ?? 0) - 1]?.[0] ?? [],
        ),
      };
    });
  },

  saveStories: async ({ incidents, absorbed }, at) => {
    const rows =
      await sql`insert into incident (id, state, problem_type, problem_about, severity, first_seen, last_seen, changed)
      select id, state, problem_type, problem_about, severity, first_seen, last_seen, ${timeOf(at)}
      from jsonb_to_recordset(${sql.json(incidents.map(savedRow))}) as r (place integer, id uuid, state text, problem_type text, problem_about text, severity severity,
        first_seen timestamptz, last_seen timestamptz) order by place
      on conflict (id) do update set severity = excluded.severity, first_seen = excluded.first_seen, last_seen = excluded.last_seen, changed = excluded.changed returning id, n`;
    if (absorbed.size > 0) {
      await sql`update finding f set incident = into_.n from unnest(${[...absorbed.keys()]}::uuid[], ${[...absorbed.values()]}::uuid[]) k (id, into_id)
        join incident gone on gone.id = k.id join incident into_ on into_.id = k.into_id where f.incident = gone.n`;
      await sql`update incident set state = 'dismissed', changed = ${timeOf(at)} where id = any(${[...absorbed.keys()]}::uuid[])`;
    }
    return new Map(rows.map((row) => [row["id"] as string, row["n"] as number]));
  },
});

/** The first of each tie, with it. */
const distinct = (tied: readonly Tied[], tieOf: (one: Tied) => string): readonly (readonly [string, Tied])[] => [
  ...new Map(tied.map((one) => [tieOf(one), one])),
];

const savedRow = (incident: Omit<OpenIncident, "ties">, place: number) => ({
  ...{ place, id: incident.id, state: incident.state, severity: incident.severity },
  ...{ problem_type: incident.problem.type, problem_about: incident.problem.about },
  ...{ first_seen: timeOf(incident.firstSeen).toISOString(), last_seen: timeOf(incident.lastSeen).toISOString() },
});

const storyRow = (row: Record<string, unknown>): Omit<OpenIncident, "ties"> => ({
  id: row["id"] as string,
  state: row["state"] as State,
  problem: { type: row["problem_type"] as RsitType, about: row["problem_about"] as string },
  severity: row["severity"] as Severity,
  firstSeen: row["first_seen"] as Instant,
  lastSeen: row["last_seen"] as Instant,
});
