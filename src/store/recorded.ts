import type { TransactionSql } from "postgres";
import { printGrade } from "#core/grade.ts";
import type { Instant } from "#core/instant.ts";
import type { Pap, Tlp } from "#core/marking.ts";
import type { ObservableKind } from "#core/observable.ts";
import type { Hit, Noticed } from "#detect/hit.ts";
import { entityKey } from "#incidents/entities.ts";
import { instanceKey, shortValue } from "#incidents/instance.ts";
import type { IncidentState, RecordedFinding, StandingWord } from "#incidents/ports.ts";
import { statesListed } from "#incidents/state.ts";
import { readGrade, timeOf } from "#store/columns.ts";
import { findingRow } from "#store/finding-row.ts";
import { storable, storableText } from "#store/storable.ts";

type Verbs =
  | "lockOrganisations"
  | "known"
  | "findingsById"
  | "save"
  | "sources"
  | "sourcesOf"
  | "addHits"
  | "setStates"
  | "events";

/** Rows of one statement: large enough to be few, small enough that no parameter is beyond some megabytes. */
const rowsAtOnce = 2000;

/**
 * What recording hits asks of the store, many findings in a statement: a nation's first day brings them by the ten
 * thousand. Rows go as one JSON value each statement, in the caller's order, which is the order of their numbers.
 */
export const recordedState = (sql: TransactionSql): Pick<IncidentState, Verbs> => ({
  lockOrganisations: async (organisations) => {
    // an array's rows come in its order, and so are the locks taken
    await sql`select pg_advisory_xact_lock(hashtextextended('findings:' || o, 0)) from unnest(${[...new Set(organisations)].sort()}::text[]) o`;
  },

  known: async (ids) =>
    new Set((await sql`select id from hit where id = any(${[...ids]}::text[])`).map((row) => row["id"] as string)),

  findingsById: async (ids) =>
    // by number, as whoever holds several does, so that nobody waits in a circle
    (await sql`select * from finding where id = any(${[...ids]}::uuid[]) order by n for update`).map(findingRow),

  save: async (findings) => {
    const saved = [];
    for (const some of inTurns(findings))
      saved.push(
        ...(await sql`insert into finding (id, organisation, asset, problem_type, problem_about, detector, said, severity, certainty, worth, risk, grade, state, shadow, veiled,
            first_seen, last_seen, hits, due, tlp, pap, grp, licence, opened, changed, incident, part)
          select id, organisation, asset, problem_type, problem_about, detector, said, severity, certainty, worth, risk, grade, state, shadow, veiled,
            first_seen, last_seen, hits, due, tlp, pap, grp, licence, opened, changed, incident, part
          from jsonb_to_recordset(${sql.json(some.map(savedRow))}) as r (place integer, id uuid, organisation text, asset text, problem_type text, problem_about text, detector text,
            said severity, severity severity, certainty text, worth text, risk integer, grade grade, state text, shadow text, veiled boolean, first_seen timestamptz, last_seen timestamptz,
            hits bigint, due timestamptz, tlp tlp, pap pap, grp text, licence text, opened timestamptz, changed timestamptz, incident bigint, part bigint) order by place
          on conflict (id) do update set said = excluded.said, worth = excluded.worth, risk = excluded.risk,
            severity = excluded.severity, certainty = excluded.certainty, grade = excluded.grade, state = excluded.state, shadow = excluded.shadow,
            first_seen = excluded.first_seen, last_seen = excluded.last_seen, hits = excluded.hits, due = excluded.due, tlp = excluded.tlp, pap = excluded.pap,
            opened = excluded.opened, changed = excluded.changed, incident = coalesce(excluded.incident, finding.incident), part = coalesce(excluded.part, finding.part),
            closed = case when excluded.state = any(${[...statesListed("closed")]}::text[]) then finding.closed end,
            stood = case when excluded.state = any(${[...statesListed("closed")]}::text[]) then finding.stood end
          returning *`),
      );
    return saved.map(findingRow);
  },

  sources: async (finding) => (await sourcesOf(sql, [finding])).get(finding) ?? [],

  sourcesOf: (findings) => (findings.length === 0 ? Promise.resolve(new Map()) : sourcesOf(sql, findings)),

  addHits: async (recorded, batch) => {
    for (const some of inTurns(recorded.flatMap(({ finding, hits }) => hits.map((hit) => hitRow(finding, hit, batch)))))
      await sql`insert into hit (id, finding, detector, batch, observable_kind, observable_value, indicator_kind, indicator_value, sources, seen_where, direction,
          time, severity, attack, source, destination, file, line, evidence, noticed)
        select id, finding, detector, batch, observable_kind, observable_value, indicator_kind, indicator_value, sources, seen_where, direction,
          time, severity, attack, source, destination, file, line, evidence, noticed
        from jsonb_to_recordset(${sql.json(some)}) as r (id text, finding bigint, detector text, batch bigint, observable_kind text, observable_value text,
          indicator_kind text, indicator_value text, sources text[], seen_where text, direction text, time timestamptz, severity severity, attack text[],
          source jsonb, destination jsonb, file text, line integer, evidence text, noticed jsonb)
        on conflict (id) do nothing`;
    for (const some of inTurns(recorded.flatMap(instanceRows)))
      await sql`insert into finding_instance (finding, key, first_seen, last_seen, hits)
        select finding, key, first_seen, last_seen, hits
        from jsonb_to_recordset(${sql.json(some)}) as r (finding bigint, key text, first_seen timestamptz, last_seen timestamptz, hits bigint)
        on conflict (finding, key) do update set first_seen = least(finding_instance.first_seen, excluded.first_seen),
          last_seen = greatest(finding_instance.last_seen, excluded.last_seen), hits = finding_instance.hits + excluded.hits`;
    for (const some of inTurns(recorded.flatMap(entityRows)))
      await sql`insert into finding_entity (finding, kind, key, value, first_seen, last_seen, hits) select finding, kind, key, value, first_seen, last_seen, hits
        from jsonb_to_recordset(${sql.json(some)}) as r (finding bigint, kind text, key uuid, value text, first_seen timestamptz, last_seen timestamptz, hits bigint)
        on conflict (finding, kind, key) do update set first_seen = least(finding_entity.first_seen, excluded.first_seen),
          last_seen = greatest(finding_entity.last_seen, excluded.last_seen), hits = finding_entity.hits + excluded.hits`;
    for (const some of inTurns(recorded.flatMap(attackRows)))
      await sql`insert into finding_attack (finding, name, first_seen, last_seen, hits) select finding, name, first_seen, last_seen, hits
        from jsonb_to_recordset(${sql.json(some)}) as r (finding bigint, name text, first_seen timestamptz, last_seen timestamptz, hits bigint)
        on conflict (finding, name) do update set first_seen = least(finding_attack.first_seen, excluded.first_seen),
          last_seen = greatest(finding_attack.last_seen, excluded.last_seen), hits = finding_attack.hits + excluded.hits`;
    for (const some of inTurns(recorded.flatMap(sourceRows)))
      await sql`insert into finding_source (finding, feed, grade, labels, tlp, pap, voice, first_seen, last_seen, indicator)
        select finding, feed, grade, labels, tlp, pap, voice, first_seen, last_seen, indicator
        from jsonb_to_recordset(${sql.json(some)}) as r (finding bigint, feed text, grade grade, labels text[], tlp tlp, pap pap, voice text,
          first_seen timestamptz, last_seen timestamptz, indicator uuid)
        on conflict (finding, feed, indicator) do update set grade = excluded.grade, labels = excluded.labels, tlp = excluded.tlp, pap = excluded.pap, voice = excluded.voice,
          first_seen = least(finding_source.first_seen, excluded.first_seen), last_seen = greatest(finding_source.last_seen, excluded.last_seen)`;
  },

  setStates: async (findings, state, at, extra = {}) => {
    await sql`update finding set state = ${state}, changed = ${timeOf(at)}, closed = ${extra.closed ? timeOf(at) : null},
      due = coalesce(${extra.due === undefined ? null : timeOf(extra.due)}, due) where n = any(${[...findings]}::bigint[])`;
  },

  events: async (events) => {
    const rows = events.map(({ finding, at, who, what, detail, note }, place) => ({
      ...{ place, finding, at: isoOf(at), what, who: who ?? null, detail: storable(detail ?? {}) },
      note: note === undefined ? null : storableText(note),
    }));
    for (const some of inTurns(rows))
      await sql`insert into finding_history (finding, at, who, what, detail, note) select finding, at, who, what, detail, note
        from jsonb_to_recordset(${sql.json(some)}) as r (place integer, finding bigint, at timestamptz, who text, what text, detail jsonb, note text) order by place`;
  },
});

function* inTurns<T>(rows: readonly T[]): Generator<readonly T[], void, undefined> {
  for (let at = 0; at < rows.length; at += rowsAtOnce) yield rows.slice(at, at + rowsAtOnce);
}

const isoOf = (time: Instant): string => timeOf(time).toISOString();

const savedRow = (finding: Parameters<IncidentState["save"]>[0][number], place: number) => ({
  ...{ place, id: finding.id, organisation: finding.organisation, asset: storableText(finding.asset) },
  ...{
    problem_type: finding.problem.type,
    problem_about: storableText(finding.problem.about),
    detector: finding.detector,
  },
  ...{
    said: finding.said,
    severity: finding.severity,
    certainty: finding.certainty,
    worth: finding.worth,
    risk: finding.risk,
    grade: printGrade(finding.grade),
    state: finding.state,
  },
  ...{ shadow: finding.shadow ?? null, veiled: finding.veiled, hits: finding.hits, due: isoOf(finding.due) },
  ...{ first_seen: isoOf(finding.firstSeen), last_seen: isoOf(finding.lastSeen) },
  ...{ tlp: finding.marking.tlp, pap: finding.marking.pap, grp: finding.marking.group ?? null },
  ...{ licence: finding.marking.licence, opened: isoOf(finding.opened), changed: isoOf(finding.changed) },
  ...{ incident: finding.incident ?? null, part: finding.part ?? null },
});

const hitRow = (finding: number, hit: Hit, batch: number | undefined) => ({
  ...{ id: hit.id, finding, detector: hit.detector, batch: batch ?? null },
  ...{ observable_kind: hit.observable.kind, observable_value: storableText(hit.observable.value) },
  ...{
    indicator_kind: hit.indicator?.kind ?? null,
    indicator_value: hit.indicator === undefined ? null : storableText(hit.indicator.value),
  },
  noticed: hit.noticed === undefined ? null : noticedRow(hit.noticed),
  ...{ sources: [...hit.sources], seen_where: hit.where, direction: hit.direction, time: isoOf(hit.time) },
  ...{ severity: hit.severity, attack: [...hit.attack] },
  source: hit.source === undefined ? null : endRow(hit.source),
  destination: hit.destination === undefined ? null : endRow(hit.destination),
  ...{ file: storableText(hit.evidence.file), line: hit.evidence.line, evidence: storableText(hit.evidence.text) },
});

const noticedRow = ({ id, title, tactics, because }: Noticed) =>
  storable({
    ...{ id, title, tactics: [...tactics] },
    ...(because === undefined ? {} : { because: because.map((one) => ({ says: one.says, with: { ...one.with } })) }),
  });

const endRow = (end: NonNullable<Hit["source"]>) => storable({ ...end });

/** One a host or path, whatever number of hits. */
const instanceRows = ({ finding, hits }: RecordedFinding) => {
  const instances = new Map<string, { first: Instant; last: Instant; count: number }>();
  for (const hit of hits) {
    const key = storableText(instanceKey(hit));
    const count = hit.many?.count ?? 1;
    const known = instances.get(key);
    if (known) {
      if (hit.time < known.first) known.first = hit.time;
      if (hit.time > known.last) known.last = hit.time;
      known.count += count;
    } else instances.set(key, { first: hit.time, last: hit.time, count });
  }
  return [...instances]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, { first, last, count }]) => ({
      ...{ finding, key, first_seen: isoOf(first), last_seen: isoOf(last), hits: count },
    }));
};

const entityRows = ({ finding, organisation, entities }: RecordedFinding) =>
  entities.map(({ entity, first, last, hits }) => ({
    ...{
      finding,
      kind: entity.kind,
      key: entityKey(organisation, entity),
      value: storableText(shortValue(entity.value)),
    },
    ...{ first_seen: isoOf(first), last_seen: isoOf(last), hits },
  }));

const attackRows = ({ finding, attack }: RecordedFinding) =>
  attack.map(({ name, first, last, hits }) => ({
    ...{ finding, name: storableText(name), first_seen: isoOf(first), last_seen: isoOf(last), hits },
  }));

const sourceRows = ({ finding, hits, sources }: RecordedFinding) => {
  const times = hits.map((hit) => hit.time);
  const seen = {
    first_seen: isoOf(Math.min(...times) as Instant),
    last_seen: isoOf(Math.max(...times) as Instant),
  };
  return sources.map((source) => ({
    ...{ finding, feed: source.feed, indicator: source.indicator, grade: printGrade(source.grade) },
    ...{ labels: source.labels.map(storableText), tlp: source.tlp, pap: source.pap, voice: source.voice },
    ...seen,
  }));
};

const sourcesOf = async (
  sql: TransactionSql,
  findings: readonly number[],
): Promise<ReadonlyMap<number, readonly StandingWord[]>> => {
  const rows =
    await sql`select s.finding, s.feed, s.indicator, s.grade, s.labels, s.tlp, s.pap, s.voice, s.first_seen, s.last_seen, coalesce(f.shadow, false) as shadow, s.retracted is not null or s.refuted is not null as fallen, s.refuted is not null as refuted,
        i.kind, c.last_seen as claim_seen, case when c.gone_at is null and c.live_until is null then f.last_good end as listed_at, k.trust
      from finding_source s left join feed_state f using (feed) left join indicator i on i.id = s.indicator left join claim c on c.indicator = s.indicator and c.feed = s.feed
        left join feed_scorecard k on k.feed = s.feed where s.finding = any(${[...findings]}::bigint[]) order by s.finding, s.feed, s.indicator`;
  return Map.groupBy(rows.map(sourceRow), ({ finding }) => finding);
};

const sourceRow = (row: Record<string, unknown>): StandingWord & { readonly finding: number } => ({
  finding: row["finding"] as number,
  feed: row["feed"] as string,
  indicator: row["indicator"] as string,
  grade: readGrade(row["grade"]),
  labels: row["labels"] as string[],
  tlp: row["tlp"] as Tlp,
  pap: row["pap"] as Pap,
  voice: row["voice"] as "alert" | "corroborate" | "context",
  shadow: row["shadow"] as boolean,
  mayBeShown: row["tlp"] !== "red" && row["tlp"] !== "amber+strict" && !row["shadow"],
  firstSeen: row["first_seen"] as Instant,
  lastSeen: row["last_seen"] as Instant,
  fallen: row["fallen"] as boolean,
  refuted: row["refuted"] as boolean,
  ...(row["kind"] === null || row["claim_seen"] === null
    ? {}
    : {
        claimed: {
          kind: row["kind"] as ObservableKind,
          lastSeen: row["claim_seen"] as Instant,
          ...(row["listed_at"] === null ? {} : { listedAt: row["listed_at"] as Instant }),
          ...(row["trust"] === null ? {} : { trust: row["trust"] as number }),
        },
      }),
});
