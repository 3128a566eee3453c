import type { TransactionSql } from "postgres";
import type { Instant } from "#core/instant.ts";
import type { RsitType } from "#core/rsit.ts";
import type { Severity } from "#core/severity.ts";
import { type IncidentState as State, quietMs, type Tie } from "#incidents/correlate.ts";
import type { IncidentState } from "#incidents/ports.ts";
import { risksCounted } from "#incidents/risk.ts";
import type { KnownStory, OpenStory, ToldStory } from "#incidents/stories.ts";
import { isUuid, timeOf } from "#store/columns.ts";
import { openStates } from "#store/finding-row.ts";
import { storableText } from "#store/storable.ts";

type Verbs =
  | "lockIncidents"
  | "stories"
  | "openStories"
  | "commonTies"
  | "saveStories"
  | "share"
  | "standings"
  | "setRisks"
  | "storyById"
  | "setStory";

/** Potential incidents, as findings join them. */
export const storyState = (sql: TransactionSql): Pick<IncidentState, Verbs> => ({
  lockIncidents: async () => {
    await sql`select pg_advisory_xact_lock(hashtextextended('incidents', 0))`;
  },

  stories: async (numbers) =>
    numbers.length === 0
      ? new Map()
      : new Map(
          (await sql`select * from incident where n = any(${[...new Set(numbers)]}::bigint[])`).map((row) => {
            const story = storyRow(row);
            return [story.n, story];
          }),
        ),

  openStories: async (parts, wanted, known) => {
    const rows = await sql`select i.*, t.key, t.first_seen as tie_first, t.last_seen as tie_last
      from jsonb_to_recordset(${sql.json(wanted.map(tieRow))}) as w (key uuid, first_seen timestamptz, last_seen timestamptz)
        join incident_tie t on t.key = w.key and (t.incident = any(${[...known]}::bigint[])
          or (t.first_seen <= w.last_seen + ${quietMs} * interval '1 millisecond' and t.last_seen >= w.first_seen - ${quietMs} * interval '1 millisecond'))
        join incident i on i.n = t.incident
      where i.state not in ('closed', 'dismissed') and (i.organisation is not null) = ${parts} order by i.n`;
    const stories = new Map<number, KnownStory & { ties: Tie[] }>();
    for (const row of rows) {
      const story = stories.get(row["n"] as number);
      const tie = {
        ...{ key: plainKey(row["key"]), first: row["tie_first"] as Instant, last: row["tie_last"] as Instant },
      };
      if (story) story.ties.push(tie);
      else stories.set(row["n"] as number, { ...storyRow(row), ties: [tie] });
    }
    return [...stories.values()] satisfies readonly OpenStory[];
  },

  commonTies: async (stories) =>
    (
      await sql`select key, min(first_seen) as first_seen, max(last_seen) as last_seen from incident_tie
        where incident = any(${[...stories]}::bigint[]) group by key having count(*) > 1`
    ).map((row) => ({
      ...{ key: plainKey(row["key"]), first: row["first_seen"] as Instant, last: row["last_seen"] as Instant },
    })),

  saveStories: async (told, at) => {
    const numbers = new Map<string, number>();
    if (told.length === 0) return numbers;
    const absorbed = told.flatMap((story) => story.absorbed.map((gone) => ({ gone, kept: story.n ?? 0 })));
    if (absorbed.length > 0) await absorb(sql, absorbed);
    const changed = told.filter(({ n }) => n !== undefined);
    if (changed.length > 0)
      await sql`update incident i set id = r.id, state = r.state, problem_type = r.problem_type, problem_about = r.problem_about, severity = r.severity,
          first_seen = r.first_seen, last_seen = r.last_seen, anchor = r.anchor, anchor_at = r.anchor_at, changed = ${timeOf(at)}
        from jsonb_to_recordset(${sql.json(changed.map(savedRow))}) as r (n bigint, id uuid, state text, problem_type text, problem_about text, severity severity,
          first_seen timestamptz, last_seen timestamptz, anchor uuid, anchor_at timestamptz) where i.n = r.n`;
    const fresh = told.filter(({ n }) => n === undefined);
    const made = fresh.length === 0 ? [] : await insert(sql, fresh, at);
    const numberOf = new Map(made.map((row) => [row["id"] as string, row["n"] as number]));
    const number = (story: ToldStory): number => story.n ?? numberOf.get(story.id) ?? 0;
    const formerly = told.flatMap((story) => story.formerly.map((id) => ({ id, incident: number(story) })));
    if (formerly.length > 0)
      await sql`insert into incident_alias (id, incident) select id, incident from jsonb_to_recordset(${sql.json(formerly)}) as r (id uuid, incident bigint)
        on conflict (id) do update set incident = excluded.incident`;
    await saveTies(
      sql,
      "incident_tie",
      told.flatMap((story) => story.ties.map((tie) => ({ ...tieRow(tie), incident: number(story) }))),
    );
    for (const story of told) for (const finding of story.findings) numbers.set(finding, number(story));
    return numbers;
  },

  share: async (shared) => {
    const rows = new Map<string, ReturnType<typeof tieRow> & { incident: number }>();
    for (const { part, ties } of shared)
      for (const tie of ties) {
        const key = `${part} ${tie.key}`;
        const [row, known] = [tieRow(tie), rows.get(key)];
        rows.set(key, {
          ...{ ...row, incident: part },
          ...(known === undefined || row.first_seen < known.first_seen ? {} : { first_seen: known.first_seen }),
          ...(known === undefined || row.last_seen > known.last_seen ? {} : { last_seen: known.last_seen }),
        });
      }
    await saveTies(sql, "incident_shared", [...rows.values()]);
  },

  standings: async (incidents) => {
    if (incidents.length === 0) return [];
    const rows =
      await sql`select i.n, array(select f.risk from finding f where (f.incident = i.n or f.part = i.n) and (i.organisation is null or f.shadow is null) and f.state = any(${[...openStates]}::text[])
            and f.silence is null and f.muted_by is null
            order by f.risk desc limit ${risksCounted}) as risks,
          array(select distinct a.name from finding f join finding_attack a on a.finding = f.n where (f.incident = i.n or f.part = i.n)
            and (i.organisation is null or f.shadow is null) and f.state = any(${[...openStates]}::text[]) and f.silence is null) as shown,
          array(select q.severity from (select distinct on (q.id) q.id, q.severity from incident_tie t join quiet_hit_entity e on e.key = t.key
              and e.time >= t.first_seen - ${quietMs} * interval '1 millisecond' and e.time <= t.last_seen + ${quietMs} * interval '1 millisecond'
            join quiet_hit q on q.id = e.hit where t.incident = i.n and (i.organisation is null or (q.tlp in ('clear', 'green', 'amber') and not exists (select from feed_state s where s.feed = q.feed and s.shadow)))) q
            order by array_position(array['critical','high','medium','low','info'], q.severity::text), q.id limit ${risksCounted}) as quiet
        from incident i where i.n = any(${[...new Set(incidents)]}::bigint[]) order by i.n`;
    return rows.map((row) => ({
      n: row["n"] as number,
      risks: row["risks"] as number[],
      shown: row["shown"] as string[],
      quiet: row["quiet"] as Severity[],
    }));
  },

  storyById: async (id) => {
    if (!isUuid(id)) return undefined;
    const [row] =
      await sql`select * from incident where organisation is null and (id = ${id} or n = (select incident from incident_alias where id = ${id})) order by id = ${id} desc limit 1 for update`;
    return row && storyRow(row);
  },

  setStory: async (n, state, at) => {
    await sql`update incident set state = ${state}, changed = ${timeOf(at)} where n = ${n}`;
  },

  setRisks: async (risks) => {
    if (risks.length > 0)
      await sql`update incident i set risk = r.risk from jsonb_to_recordset(${sql.json(risks.map(({ n, risk }) => ({ n, risk })))}) as r (n bigint, risk integer)
        where i.n = r.n and i.risk <> r.risk`;
  },
});

/** Findings, ties and names of those taken in move; then they are no more. */
const absorb = async (
  sql: TransactionSql,
  absorbed: readonly { readonly gone: number; readonly kept: number }[],
): Promise<void> => {
  const [gone, kept] = [absorbed.map((one) => one.gone), absorbed.map((one) => one.kept)];
  await sql`update finding f set incident = k.kept from unnest(${gone}::bigint[], ${kept}::bigint[]) k (gone, kept) where f.incident = k.gone`;
  await sql`update finding f set part = k.kept from unnest(${gone}::bigint[], ${kept}::bigint[]) k (gone, kept) where f.part = k.gone`;
  await sql`update incident_alias a set incident = k.kept from unnest(${gone}::bigint[], ${kept}::bigint[]) k (gone, kept) where a.incident = k.gone`;
  for (const table of ["incident_tie", "incident_shared"] as const)
    await sql`insert into ${sql(table)} (key, incident, first_seen, last_seen)
      select t.key, k.kept, min(t.first_seen), max(t.last_seen) from ${sql(table)} t join unnest(${gone}::bigint[], ${kept}::bigint[]) k (gone, kept) on t.incident = k.gone group by 1, 2
      on conflict (key, incident) do update set first_seen = least(${sql(table)}.first_seen, excluded.first_seen), last_seen = greatest(${sql(table)}.last_seen, excluded.last_seen)`;
  await sql`delete from incident where n = any(${gone}::bigint[])`;
};

const insert = (sql: TransactionSql, stories: readonly ToldStory[], at: Instant) =>
  sql`insert into incident (id, organisation, state, problem_type, problem_about, severity, first_seen, last_seen, anchor, anchor_at, changed)
    select id, organisation, state, problem_type, problem_about, severity, first_seen, last_seen, anchor, anchor_at, ${timeOf(at)}
    from jsonb_to_recordset(${sql.json(stories.map(savedRow))}) as r (place integer, id uuid, organisation text, state text, problem_type text, problem_about text, severity severity,
      first_seen timestamptz, last_seen timestamptz, anchor uuid, anchor_at timestamptz) order by place returning id, n`;

const tiesAtOnce = 5000;

const saveTies = async (
  sql: TransactionSql,
  table: "incident_tie" | "incident_shared",
  rows: readonly (ReturnType<typeof tieRow> & { readonly incident: number })[],
): Promise<void> => {
  for (let at = 0; at < rows.length; at += tiesAtOnce)
    await sql`insert into ${sql(table)} (key, incident, first_seen, last_seen) select key, incident, first_seen, last_seen
      from jsonb_to_recordset(${sql.json(rows.slice(at, at + tiesAtOnce))}) as r (key uuid, incident bigint, first_seen timestamptz, last_seen timestamptz)
      on conflict (key, incident) do update set first_seen = least(${sql(table)}.first_seen, excluded.first_seen), last_seen = greatest(${sql(table)}.last_seen, excluded.last_seen)`;
};

/** As ties are keyed: without the dashes that PostgreSQL writes. */
export const plainKey = (uuid: unknown): string => String(uuid).replaceAll("-", "");

const isoOf = (time: Instant): string => timeOf(time).toISOString();

const tieRow = ({ key, first, last }: Tie) => ({ key, first_seen: isoOf(first), last_seen: isoOf(last) });

const savedRow = (story: ToldStory, place: number) => ({
  ...{ place, n: story.n ?? null, id: story.id, organisation: story.organisation ?? null, state: story.state },
  ...{ severity: story.severity, problem_type: story.problem.type, problem_about: storableText(story.problem.about) },
  ...{ first_seen: isoOf(story.firstSeen), last_seen: isoOf(story.lastSeen) },
  ...{ anchor: story.anchor.finding, anchor_at: isoOf(story.anchor.at) },
});

const storyRow = (row: Record<string, unknown>): KnownStory => ({
  n: row["n"] as number,
  id: row["id"] as string,
  ...(row["organisation"] === null ? {} : { organisation: row["organisation"] as string }),
  state: row["state"] as State,
  problem: { type: row["problem_type"] as RsitType, about: row["problem_about"] as string },
  severity: row["severity"] as Severity,
  firstSeen: row["first_seen"] as Instant,
  lastSeen: row["last_seen"] as Instant,
  anchor: { finding: row["anchor"] as string, at: row["anchor_at"] as Instant },
});
