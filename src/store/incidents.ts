import type { TransactionSql } from "postgres";
import type { Certainty } from "#core/grade.ts";
import { printGrade } from "#core/grade.ts";
import type { Instant } from "#core/instant.ts";
import type { GroupId, Licence, Marking, OrganisationId, Pap, Tlp } from "#core/marking.ts";
import type { RsitType } from "#core/rsit.ts";
import type { Severity } from "#core/severity.ts";
import type { ObservableKind } from "#core/observable.ts";
import type { End, Hit } from "#detect/hit.ts";
import type { IncidentState as State } from "#incidents/correlate.ts";
import { tiesOf } from "#incidents/correlate.ts";
import type { Shadow } from "#incidents/finding.ts";
import { instanceKey, shortValue } from "#incidents/instance.ts";
import type { IncidentState, StoredFinding, StoredHit } from "#incidents/ports.ts";
import type { FindingState } from "#incidents/state.ts";
import { listed } from "#incidents/state.ts";
import { isUuid, readGrade, timeOf } from "#store/columns.ts";
import { storable, storableText } from "#store/storable.ts";
import type { Direction, Where } from "#telemetry/format.ts";

export const markingRow = (row: Record<string, unknown>): Marking => ({
  owner: row["organisation"] as OrganisationId,
  tlp: row["tlp"] as Tlp,
  pap: row["pap"] as Pap,
  licence: row["licence"] as Licence,
  ...(row["grp"] === null ? {} : { group: row["grp"] as GroupId }),
});

export const findingRow = (row: Record<string, unknown>): StoredFinding => ({
  n: row["n"] as number,
  id: row["id"] as string,
  organisation: row["organisation"] as OrganisationId,
  asset: row["asset"] as string,
  problem: { type: row["problem_type"] as RsitType, about: row["problem_about"] as string },
  detector: row["detector"] as Hit["detector"],
  severity: row["severity"] as Severity,
  certainty: row["certainty"] as Certainty,
  grade: readGrade(row["grade"]),
  state: row["state"] as FindingState,
  ...(row["shadow"] === null ? {} : { shadow: row["shadow"] as Shadow }),
  veiled: row["veiled"] as boolean,
  firstSeen: row["first_seen"] as Instant,
  lastSeen: row["last_seen"] as Instant,
  hits: row["hits"] as number,
  due: row["due"] as Instant,
  marking: markingRow(row),
  opened: row["opened"] as Instant,
  changed: row["changed"] as Instant,
  ...(row["incident"] === null ? {} : { incident: row["incident"] as number }),
  ...(row["snoozed_until"] === null ? {} : { snoozedUntil: row["snoozed_until"] as Instant }),
});

export const hitRow = (row: Record<string, unknown>): StoredHit => ({
  time: row["time"] as Instant,
  where: row["seen_where"] as Where,
  direction: row["direction"] as Direction,
  observable: { kind: row["observable_kind"] as ObservableKind, value: row["observable_value"] as string },
  indicator: { kind: row["indicator_kind"] as ObservableKind, value: row["indicator_value"] as string },
  ...(row["source"] === null ? {} : { source: row["source"] as End }),
  ...(row["destination"] === null ? {} : { destination: row["destination"] as End }),
  evidence: { file: row["file"] as string, line: row["line"] as number, text: row["evidence"] as string },
});

export const incidentState = (sql: TransactionSql): IncidentState => ({
  lockOrganisations: async (organisations) => {
    for (const organisation of [...organisations].sort())
      await sql`select pg_advisory_xact_lock(hashtextextended('findings:' || ${organisation}, 0))`;
  },

  known: async (ids) =>
    new Set((await sql`select id from hit where id = any(${ids as string[]})`).map((row) => row["id"] as string)),

  findingById: async (id) => {
    if (!isUuid(id)) return undefined;
    const [row] = await sql`select * from finding where id = ${id} for update`;
    return row && findingRow(row);
  },

  findingFree: async (id) => {
    if (!isUuid(id)) return undefined;
    const [row] = await sql`select * from finding where id = ${id} for update skip locked`;
    if (row) return findingRow(row);
    const [held] = await sql`select from finding where id = ${id}`;
    return held && "held";
  },

  save: async (finding) => {
    const [row] =
      await sql`insert into finding (id, organisation, asset, problem_type, problem_about, detector, severity, certainty, grade, state, shadow, veiled,
        first_seen, last_seen, hits, due, tlp, pap, grp, licence, opened, changed)
      values (${finding.id}, ${finding.organisation}, ${finding.asset}, ${finding.problem.type}, ${finding.problem.about}, ${finding.detector}, ${finding.severity},
        ${finding.certainty}, ${printGrade(finding.grade)}, ${finding.state}, ${finding.shadow ?? null}, ${finding.veiled}, ${timeOf(finding.firstSeen)}, ${timeOf(finding.lastSeen)},
        ${finding.hits}, ${timeOf(finding.due)}, ${finding.marking.tlp}, ${finding.marking.pap}, ${finding.marking.group ?? null}, ${finding.marking.licence},
        ${timeOf(finding.opened)}, ${timeOf(finding.changed)})
      on conflict (id) do update set
        severity = excluded.severity, certainty = excluded.certainty, grade = excluded.grade, state = excluded.state, shadow = excluded.shadow,
        first_seen = excluded.first_seen, last_seen = excluded.last_seen, hits = excluded.hits, due = excluded.due, tlp = excluded.tlp, pap = excluded.pap,
        opened = excluded.opened, changed = excluded.changed, closed = case when ${listed[finding.state]} = 'closed' then finding.closed end
      returning *`;
    return findingRow(row as Record<string, unknown>);
  },

  sources: async (finding) =>
    (
      await sql`select s.feed, s.indicator, s.grade, s.labels, s.tlp, s.pap, s.voice, s.first_seen, s.last_seen, coalesce(f.shadow, false) as shadow
        from finding_source s left join feed_state f using (feed) where s.finding = ${finding} order by s.feed, s.indicator`
    ).map((row) => ({
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
    })),

  addHits: async (finding, hits, batch, sources) => {
    for (let at = 0; at < hits.length; at += 1000) {
      const some = hits.slice(at, at + 1000);
      await sql`insert into hit ${sql(
        some.map((hit) => ({
          id: hit.id,
          finding,
          detector: hit.detector,
          batch: batch ?? null,
          observable_kind: hit.observable.kind,
          observable_value: storableText(hit.observable.value),
          indicator_kind: hit.indicator.kind,
          indicator_value: storableText(hit.indicator.value),
          sources: hit.sources,
          seen_where: hit.where,
          direction: hit.direction,
          time: timeOf(hit.time),
          severity: hit.severity,
          attack: hit.attack,
          source: hit.source ? sql.json(storable(hit.source) as never) : null,
          destination: hit.destination ? sql.json(storable(hit.destination) as never) : null,
          file: storableText(hit.evidence.file),
          line: hit.evidence.line,
          evidence: storableText(hit.evidence.text),
        })) as never,
      )} on conflict (id) do nothing`;
    }
    const instances = new Map<string, { first: number; last: number; hits: number }>();
    for (const hit of hits) {
      const key = storableText(instanceKey(hit));
      const known = instances.get(key);
      if (known) {
        known.first = Math.min(known.first, hit.time);
        known.last = Math.max(known.last, hit.time);
        known.hits++;
      } else instances.set(key, { first: hit.time, last: hit.time, hits: 1 });
    }
    for (const [key, { first, last, hits: count }] of [...instances].sort(([a], [b]) => (a < b ? -1 : 1)))
      await sql`insert into finding_instance (finding, key, first_seen, last_seen, hits) values (${finding}, ${key}, ${new Date(first)}, ${new Date(last)}, ${count})
        on conflict (finding, key) do update set first_seen = least(finding_instance.first_seen, excluded.first_seen),
          last_seen = greatest(finding_instance.last_seen, excluded.last_seen), hits = finding_instance.hits + excluded.hits`;
    const first = new Date(Math.min(...hits.map((hit) => hit.time)));
    const last = new Date(Math.max(...hits.map((hit) => hit.time)));
    for (const source of sources)
      await sql`insert into finding_source (finding, feed, grade, labels, tlp, pap, voice, first_seen, last_seen, indicator)
        values (${finding}, ${source.feed}, ${printGrade(source.grade)}, ${source.labels as string[]}, ${source.tlp}, ${source.pap}, ${source.voice}, ${first}, ${last}, ${source.indicator})
        on conflict (finding, feed, indicator) do update set grade = excluded.grade, labels = excluded.labels, tlp = excluded.tlp, pap = excluded.pap, voice = excluded.voice,
          first_seen = least(finding_source.first_seen, excluded.first_seen), last_seen = greatest(finding_source.last_seen, excluded.last_seen)`;
  },

  hits: async (finding, limit) =>
    (await sql`select * from hit where finding = ${finding} order by time desc, id limit ${limit}`).map(hitRow),

  background: async (counts) => {
    // always in one order, so that two batches of one organisation cannot wait for each other
    const ordered = counts.map((one) => ({
      ...one,
      key: `${one.day} ${one.kind} ${one.value} ${one.why} ${one.organisation}`,
    }));
    for (const one of ordered.sort((a, b) => (a.key < b.key ? -1 : 1)))
      await sql`insert into background (organisation, day, indicator_kind, indicator_value, why, hits)
        values (${one.organisation}, ${one.day}, ${one.kind}, ${storableText(shortValue(one.value))}, ${one.why}, ${one.hits})
        on conflict (organisation, day, indicator_kind, indicator_value, why) do update set hits = background.hits + excluded.hits`;
  },

  setState: async (n, state, at, extra = {}) => {
    await sql`update finding set state = ${state}, changed = ${timeOf(at)}, closed = ${extra.closed ? timeOf(at) : null},
      due = coalesce(${extra.due === undefined ? null : timeOf(extra.due)}, due) where n = ${n}`;
  },

  speak: async (n, at) => {
    await sql`update finding set shadow = null, changed = ${timeOf(at)} where n = ${n}`;
  },

  snooze: async (n, until) => {
    await sql`update finding set snoozed_until = ${until === undefined ? null : timeOf(until)} where n = ${n}`;
  },

  undeliverable: async (n) => {
    await sql`update finding set undeliverable = true where n = ${n}`;
  },

  event: async (n, event) => {
    await sql`insert into finding_history (finding, at, who, what, detail, note)
      values (${n}, ${timeOf(event.at)}, ${event.who ?? null}, ${event.what}, ${sql.json(storable(event.detail ?? {}))}, ${event.note === undefined ? null : storableText(event.note)})`;
  },

  answer: async (row) => {
    await sql`insert into answer (finding, alert, person, who, answer, note, at)
      values (${row.finding}, ${row.alert ?? null}, ${row.person ?? null}, ${row.who}, ${row.answer}, ${row.note === undefined ? null : storableText(row.note)}, ${timeOf(row.at)})`;
  },

  lockIncidents: async () => {
    await sql`select pg_advisory_xact_lock(hashtextextended('incidents', 0))`;
  },

  openIncidents: async (since) => {
    const rows =
      await sql`select i.*, json_agg(json_build_object('organisation', f.organisation, 'asset', f.asset, 'type', f.problem_type, 'about', f.problem_about,
        'indicators', (select coalesce(json_agg(distinct s.indicator), '[]') from finding_source s where s.finding = f.n))) as findings
      from incident i join finding f on f.incident = i.n
      where i.state not in ('closed', 'dismissed') and i.last_seen >= ${timeOf(since)} group by i.n`;
    return rows.map((row) => ({
      id: row["id"] as string,
      state: row["state"] as State,
      problem: { type: row["problem_type"] as RsitType, about: row["problem_about"] as string },
      severity: row["severity"] as Severity,
      firstSeen: row["first_seen"] as Instant,
      lastSeen: row["last_seen"] as Instant,
      ties: (
        row["findings"] as {
          organisation: OrganisationId;
          asset: string;
          type: RsitType;
          about: string;
          indicators: string[];
        }[]
      ).flatMap((finding) =>
        tiesOf({ ...finding, problem: { type: finding.type, about: finding.about } }, finding.indicators),
      ),
    }));
  },

  saveIncident: async (incident, at) => {
    const [row] =
      await sql`insert into incident (id, state, problem_type, problem_about, severity, first_seen, last_seen, changed)
      values (${incident.id}, ${incident.state}, ${incident.problem.type}, ${incident.problem.about}, ${incident.severity}, ${timeOf(incident.firstSeen)}, ${timeOf(incident.lastSeen)}, ${timeOf(at)})
      on conflict (id) do update set severity = excluded.severity, first_seen = excluded.first_seen, last_seen = excluded.last_seen, changed = excluded.changed returning n`;
    return row?.["n"] as number;
  },

  absorb: async (into, ids, at) => {
    await sql`update finding set incident = ${into} where incident in (select n from incident where id = any(${[...ids]}::uuid[]))`;
    await sql`update incident set state = 'dismissed', changed = ${timeOf(at)} where id = any(${[...ids]}::uuid[])`;
  },

  join: async (finding, incident) => {
    await sql`update finding set incident = ${incident} where n = ${finding}`;
  },

  quiet: async (before) =>
    (
      await sql`select f.* from finding f where f.state in ('notified', 'seen', 'acknowledged', 'fixing', 'fix-claimed', 'reopened') and f.last_seen < ${timeOf(before)}
        and f.detector = 'indicator-match'
        and exists (select from sensor s join sensor_heard h on h.sensor = s.id where s.organisation = f.organisation and h.at > ${timeOf(before)})
        for update of f skip locked`
    ).map(findingRow),

  unlisted: async (indicators, now) =>
    (
      await sql`select f.* from finding f where f.detector = 'own-asset-listed' and f.state not in ('gone', 'withdrawn', 'merged')
        and exists (select from finding_source s where s.finding = f.n and s.indicator = any(${indicators as string[]}::uuid[]))
        and not exists (select from finding_source s join claim c on c.indicator = s.indicator join feed_state fs on fs.feed = c.feed
          where s.finding = f.n and c.gone_at is null and coalesce(c.live_until, fs.last_good + make_interval(secs => fs.live_days * 86400)) > ${timeOf(now)}
            and fs.voice = 'alert' and (f.veiled or (c.tlp not in ('amber+strict', 'red') and not fs.shadow)))
        for update of f`
    ).map(findingRow),

  awake: async (now) =>
    (
      await sql`update finding set snoozed_until = null
      where n in (select n from finding where snoozed_until <= ${timeOf(now)} for update skip locked) returning *`
    ).map(findingRow),
});
