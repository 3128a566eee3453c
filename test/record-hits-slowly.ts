import type { TransactionSql } from "postgres";
import { printGrade } from "#core/grade.ts";
import { after, type Instant } from "#core/instant.ts";
import type { OrganisationId, Pap, Tlp } from "#core/marking.ts";
import type { ObservableKind } from "#core/observable.ts";
import type { RsitType } from "#core/rsit.ts";
import { rank, type Severity } from "#core/severity.ts";
import type { Hit } from "#detect/hit.ts";
import {
  correlate,
  type IncidentState,
  type OpenIncident,
  type PotentialIncident,
  quietMs,
  tiesOf,
} from "#incidents/correlate.ts";
import { type Finding, type FindingSource, findingKey, raise } from "#incidents/finding.ts";
import { instanceKey } from "#incidents/instance.ts";
import type { ClaimAge, Event, StoredFinding } from "#incidents/ports.ts";
import { listed } from "#incidents/state.ts";
import { type DecayRule, usualDecay, weightAt } from "#intel/decay.ts";
import { type ClaimedHit, type Community, mayBeShown, type Recorded, veiledId } from "#jobs/record-hits.ts";
import { isUuid, readGrade, timeOf } from "#store/columns.ts";
import { findingRow } from "#store/finding-row.ts";
import { queueState } from "#store/queue.ts";
import { storable, storableText } from "#store/storable.ts";

/** The obvious way to record hits, one finding after the other and some queries for each: what the quick one must equal. */
export const recordSlowly = async (
  sql: TransactionSql,
  claimed: readonly ClaimedHit[],
  batch: number | undefined,
  community: Community,
  now: Instant,
): Promise<Recorded> => {
  const tx = { incidents: slowIncidents(sql), queue: queueState(sql) };
  if (claimed.length === 0) return { fresh: 0, opened: [], touched: [] };
  await tx.incidents.lockOrganisations([...new Set(claimed.map(({ hit }) => hit.organisation))]);
  const known = await tx.incidents.known(claimed.flatMap(({ hit }) => [hit.id, veiledId(hit)]));
  const groups = new Map<string, Group>();
  const seen = new Set<string>();
  for (const { hit, claims } of claimed) {
    // a veiled hit never stands in the way of the same hit once it may be shown
    const veiled = !claims.some((claim) => claim.voice === "alert" && mayBeShown(claim));
    const id = veiled ? veiledId(hit) : hit.id;
    if (known.has(hit.id) || known.has(id) || seen.has(id)) continue;
    seen.add(id);
    const key = findingKey(hit, veiled);
    const one = { hit: { ...hit, id }, claims };
    const group = groups.get(key);
    if (group) group.claimed.push(one);
    else groups.set(key, { veiled, claimed: [one] });
  }
  if (groups.size === 0) return { fresh: 0, opened: [], touched: [] };
  await tx.incidents.lockIncidents();

  const earliest = Math.min(...claimed.map(({ hit }) => hit.time)) as Instant;
  const incidents: OpenIncident[] = [
    ...(await tx.incidents.openIncidents(after(earliest, -Math.min(quietMs, earliest)))),
  ];
  const opened: StoredFinding[] = [];
  const touched: StoredFinding[] = [];
  for (const [key, group] of [...groups].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const hits = group.claimed.map(({ hit }) => hit);
    const first = hits[0] as Hit;
    const id = community.idOf("finding", key);
    const before = await tx.incidents.findingById(id);
    const weight = weigher(community.decay ?? usualDecay, now);
    const fresh = sourcesOf(group.claimed, weight);
    const known = before ? await tx.incidents.sources(before.n) : [];
    const past = known.map(({ claimed: age, ...source }) => ({ ...source, ...weight(source, age) }));
    const sources = before ? joined(past, fresh) : fresh;
    const finding = await tx.incidents.save(
      raise(before, hits, {
        id,
        sources,
        veiled: group.veiled,
        organisationShadow: community.shadow(first.organisation),
        assetWorth: community.worth(first.organisation, first.asset, first.time),
        now,
      }),
    );
    await tx.incidents.addHits(finding.n, hits, batch, fresh);
    touched.push(finding);
    // something new speaks for what was taken back
    if (finding.stood !== undefined)
      await tx.queue.put("reweigh", `finding ${id}`, { indicators: fresh.map((source) => source.indicator) }, now);
    const news = before === undefined || (finding.state === "reopened" && before.state !== "reopened");
    if (news) {
      opened.push(finding);
      await tx.incidents.event(finding.n, {
        at: now,
        what: before ? "reopened" : "opened",
        detail: { hits: hits.length },
      });
      await joinIncident(tx, finding, sources, incidents, community, key, now);
    } else if (before && rank(finding.severity) > rank(before.severity))
      await tx.incidents.event(finding.n, {
        at: now,
        what: "severity",
        detail: { from: before.severity, to: finding.severity },
      });
    if (
      finding.shadow === undefined &&
      (news || before?.shadow !== undefined || (before && rank(finding.severity) > rank(before.severity)))
    )
      await tx.queue.put("alert", finding.id, {}, now);
  }
  return { fresh: seen.size, opened, touched };
};

const joinIncident = async (
  tx: { readonly incidents: ReturnType<typeof slowIncidents> },
  finding: StoredFinding,
  sources: readonly FindingSource[],
  incidents: OpenIncident[],
  community: Community,
  key: string,
  now: Instant,
): Promise<void> => {
  const indicators = [...new Set(sources.map((source) => source.indicator))];
  const change = correlate(finding, indicators, incidents, community.idOf("incident", `${key} ${finding.opened}`));
  const { incident } = change;
  const absorbed = change.kind === "extended" ? change.absorbed : [];
  const n = await tx.incidents.saveIncident(incident, now);
  if (absorbed.length > 0) await tx.incidents.absorb(n, absorbed, now);
  await tx.incidents.join(finding.n, n);
  const one = new Set([incident.id, ...absorbed]);
  const before = incidents.filter((other) => one.has(other.id)).flatMap((other) => other.ties);
  incidents.splice(0, incidents.length, ...incidents.filter((other) => !one.has(other.id)), {
    ...incident,
    ties: [...before, ...tiesOf(finding, indicators)],
  });
};

/** Hits of one finding. */
interface Group {
  readonly veiled: boolean;
  readonly claimed: ClaimedHit[];
}

type Weigher = (
  source: Pick<FindingSource, "feed" | "grade">,
  age: ClaimAge | undefined,
) => Pick<FindingSource, "weight">;

const weigher =
  (rule: DecayRule, now: Instant): Weigher =>
  ({ feed, grade }, age) =>
    age === undefined ? {} : { weight: weightAt({ feed, grade, ...age }, age.kind, rule, now) };

/** One per feed and indicator. */
const sourcesOf = (group: readonly ClaimedHit[], weight: Weigher): readonly FindingSource[] => {
  const found = new Map<string, FindingSource>();
  for (const { claims } of group)
    for (const claim of claims)
      found.set(`${claim.feed} ${claim.indicator}`, {
        ...claim,
        mayBeShown: mayBeShown(claim),
        ...weight(claim, claim.kind === undefined || claim.lastSeen === undefined ? undefined : (claim as ClaimAge)),
      });
  return [...found.values()];
};

const joined = (before: readonly FindingSource[], fresh: readonly FindingSource[]): readonly FindingSource[] => {
  const all = new Map(before.map((source) => [`${source.feed} ${source.indicator}`, source]));
  for (const source of fresh) all.set(`${source.feed} ${source.indicator}`, source);
  return [...all.values()];
};

const slowIncidents = (sql: TransactionSql) => ({
  lockOrganisations: async (organisations: readonly OrganisationId[]) => {
    for (const organisation of [...organisations].sort())
      await sql`select pg_advisory_xact_lock(hashtextextended('findings:' || ${organisation}, 0))`;
  },

  known: async (ids: readonly string[]) =>
    new Set((await sql`select id from hit where id = any(${ids as string[]})`).map((row) => row["id"] as string)),

  findingById: async (id: string): Promise<StoredFinding | undefined> => {
    if (!isUuid(id)) return undefined;
    const [row] = await sql`select * from finding where id = ${id} for update`;
    return row && findingRow(row);
  },

  save: async (finding: Finding): Promise<StoredFinding> => {
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
        opened = excluded.opened, changed = excluded.changed, closed = case when ${listed[finding.state]} = 'closed' then finding.closed end,
        stood = case when ${listed[finding.state]} = 'closed' then finding.stood end
      returning *`;
    return findingRow(row as Record<string, unknown>);
  },

  sources: async (finding: number): Promise<readonly (FindingSource & { readonly claimed?: ClaimAge })[]> =>
    (
      await sql`select s.feed, s.indicator, s.grade, s.labels, s.tlp, s.pap, s.voice, s.first_seen, s.last_seen, coalesce(f.shadow, false) as shadow,
          i.kind, c.last_seen as claim_seen, case when c.gone_at is null and c.live_until is null then f.last_good end as listed_at, k.trust
        from finding_source s left join feed_state f using (feed) left join indicator i on i.id = s.indicator left join claim c on c.indicator = s.indicator and c.feed = s.feed
          left join feed_scorecard k on k.feed = s.feed where s.finding = ${finding} order by s.feed, s.indicator`
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
    })),

  addHits: async (
    finding: number,
    hits: readonly Hit[],
    batch: number | undefined,
    sources: readonly FindingSource[],
  ) => {
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
          indicator_kind: hit.indicator?.kind ?? null,
          indicator_value: storableText(hit.indicator?.value ?? ""),
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
        known.hits += hit.many?.count ?? 1;
      } else instances.set(key, { first: hit.time, last: hit.time, hits: hit.many?.count ?? 1 });
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

  event: async (n: number, event: Event) => {
    await sql`insert into finding_history (finding, at, who, what, detail, note)
      values (${n}, ${timeOf(event.at)}, ${event.who ?? null}, ${event.what}, ${sql.json(storable(event.detail ?? {}))}, ${event.note === undefined ? null : storableText(event.note)})`;
  },

  lockIncidents: async () => {
    await sql`select pg_advisory_xact_lock(hashtextextended('incidents', 0))`;
  },

  openIncidents: async (since: Instant): Promise<readonly OpenIncident[]> => {
    const rows =
      await sql`select i.*, json_agg(json_build_object('organisation', f.organisation, 'asset', f.asset, 'type', f.problem_type, 'about', f.problem_about,
        'indicators', (select coalesce(json_agg(distinct s.indicator), '[]') from finding_source s where s.finding = f.n))) as findings
      from incident i join finding f on f.incident = i.n
      where i.state not in ('closed', 'dismissed') and i.last_seen >= ${timeOf(since)} group by i.n`;
    return rows.map((row) => ({
      id: row["id"] as string,
      state: row["state"] as IncidentState,
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

  saveIncident: async (incident: PotentialIncident, at: Instant) => {
    const [row] =
      await sql`insert into incident (id, state, problem_type, problem_about, severity, first_seen, last_seen, changed)
      values (${incident.id}, ${incident.state}, ${incident.problem.type}, ${incident.problem.about}, ${incident.severity}, ${timeOf(incident.firstSeen)}, ${timeOf(incident.lastSeen)}, ${timeOf(at)})
      on conflict (id) do update set severity = excluded.severity, first_seen = excluded.first_seen, last_seen = excluded.last_seen, changed = excluded.changed returning n`;
    return row?.["n"] as number;
  },

  absorb: async (into: number, ids: readonly string[], at: Instant) => {
    await sql`update finding set incident = ${into} where incident in (select n from incident where id = any(${[...ids]}::uuid[]))`;
    await sql`update incident set state = 'dismissed', changed = ${timeOf(at)} where id = any(${[...ids]}::uuid[])`;
  },

  join: async (finding: number, incident: number) => {
    await sql`update finding set incident = ${incident} where n = ${finding}`;
  },
});
