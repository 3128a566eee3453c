import type { TransactionSql } from "postgres";
import { printGrade } from "#core/grade.ts";
import type { Instant } from "#core/instant.ts";
import type { OrganisationId, Pap, Tlp } from "#core/marking.ts";
import type { ObservableKind } from "#core/observable.ts";
import { rank, worse } from "#core/severity.ts";
import type { Hit } from "#detect/hit.ts";
import { hull, near, ownTies, type SeenEntity, sharedTies, type Tie } from "#incidents/correlate.ts";
import { entityKey } from "#incidents/entities.ts";
import { type Finding, type FindingSource, findingKey, raise } from "#incidents/finding.ts";
import { instanceKey } from "#incidents/instance.ts";
import type { ClaimAge, Event, StoredFinding } from "#incidents/ports.ts";
import { seenIn, shownIn } from "#incidents/seen.ts";
import type { KnownStory, ToldStory } from "#incidents/stories.ts";
import { listed } from "#incidents/state.ts";
import { type DecayRule, usualDecay, weightAt } from "#intel/decay.ts";
import { type ClaimedHit, type Community, mayBeShown, type Recorded, veiledId } from "#jobs/findings/record-hits.ts";
import { isUuid, readGrade, timeOf } from "#store/columns.ts";
import { findingRow } from "#store/finding-row.ts";
import { muteTouched } from "#jobs/findings/mute.ts";
import { weighIncidents } from "#jobs/incidents/weigh.ts";
import { incidentState } from "#store/incidents.ts";
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

  const raised: {
    finding: Finding;
    before?: StoredFinding;
    sources: readonly FindingSource[];
    fresh: readonly FindingSource[];
    hits: readonly Hit[];
    news: boolean;
  }[] = [];
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
    const finding = raise(before, hits, {
      id,
      sources,
      veiled: group.veiled,
      organisationShadow: community.shadow(first.organisation),
      assetWorth: community.worth(first.organisation, first.asset, first.time),
      now,
    });
    const news = before === undefined || (finding.state === "reopened" && before.state !== "reopened");
    raised.push({ finding, sources, fresh, hits, news, ...(before === undefined ? {} : { before }) });
  }
  const stories = incidentState(sql);
  const placed = new Map<string, { incident?: number; part?: number }>();
  for (const parts of [false, true]) {
    const told = await joinSlowly(sql, raised, parts, (key) => community.idOf("incident", key));
    for (const [id, n] of await stories.saveStories(told, now))
      placed.set(id, { ...placed.get(id), ...(parts ? { part: n } : { incident: n }) });
  }
  await stories.share(
    raised.flatMap(({ finding, sources }) => {
      const part = placed.get(finding.id)?.part;
      const open = sources.filter((source) => source.mayBeShown);
      return finding.veiled || part === undefined ? [] : [{ part, ties: sharedTies(finding, open) }];
    }),
  );
  const opened: StoredFinding[] = [];
  const touched: { finding: StoredFinding; hits: number; sources: readonly string[] }[] = [];
  for (const { finding: one, before, sources, fresh, hits, news } of raised) {
    const at = placed.get(one.id) ?? {};
    const finding = await tx.incidents.save(one, at.incident ?? before?.incident, at.part ?? before?.part);
    await tx.incidents.addHits(finding.n, finding.organisation, hits, batch, fresh);
    touched.push({ finding, hits: hits.length, sources: sources.map(({ feed }) => feed) });
    // something new speaks for what was taken back
    if (finding.stood !== undefined)
      await tx.queue.put(
        "reweigh",
        `finding ${finding.id}`,
        { indicators: fresh.map((source) => source.indicator) },
        now,
      );
    if (news) {
      opened.push(finding);
      await tx.incidents.event(finding.n, {
        at: now,
        what: before ? "reopened" : "opened",
        detail: { hits: hits.length },
      });
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
  await muteTouched({ incidents: stories }, touched, now);
  await weighIncidents(
    { incidents: stories },
    touched.flatMap(({ finding }) => [finding.incident ?? [], finding.part ?? []].flat()),
  );
  return { fresh: seen.size, opened, touched: touched.map(({ finding }) => finding) };
};

interface SlowGroup {
  readonly stories: KnownStory[];
  readonly findings: Finding[];
  readonly renewed: Set<string>;
  ties: Tie[];
}

/** The definition, word by word: everything there is, and what is near is put together until nothing is. */
const joinSlowly = async (
  sql: TransactionSql,
  raised: readonly {
    finding: Finding;
    before?: StoredFinding;
    sources: readonly FindingSource[];
    hits: readonly Hit[];
    news: boolean;
  }[],
  parts: boolean,
  idOf: (key: string) => string,
): Promise<readonly ToldStory[]> => {
  const numbers = (await sql`select n from incident`).map((row) => row["n"] as number);
  const known = await incidentState(sql).stories(numbers);
  const groups: SlowGroup[] = [];
  for (const story of known.values()) {
    if ((story.organisation !== undefined) !== parts || story.state === "closed" || story.state === "dismissed")
      continue;
    const ties = (await sql`select * from incident_tie where incident = ${story.n}`).map((row) => ({
      key: String(row["key"]).replaceAll("-", ""),
      first: row["first_seen"] as Instant,
      last: row["last_seen"] as Instant,
    }));
    groups.push({ stories: [story], findings: [], renewed: new Set(), ties });
  }
  const fresh: SlowGroup[] = [];
  for (const { finding, before, sources, hits, news } of raised) {
    if (parts && finding.veiled) continue;
    const at = parts ? before?.part : before?.incident;
    const over = at !== undefined && ["closed", "dismissed"].includes(known.get(at)?.state ?? "");
    if (over && !news) continue;
    const ties = [...ownTies(finding, seenIn(hits)), ...(parts ? [] : sharedTies(finding, sources))];
    const own = over ? undefined : groups.find(({ stories }) => stories.some(({ n }) => n === at));
    if (own) {
      own.findings.push(finding);
      for (const tie of ties) add(own, tie);
    } else fresh.push({ stories: [], findings: [finding], renewed: new Set(over ? [finding.id] : []), ties });
  }
  groups.push(...fresh);
  for (let again = true; again; ) {
    again = false;
    for (let a = 0; a < groups.length; a++)
      for (let b = groups.length - 1; b > a; b--) {
        const [one, other] = [groups[a], groups[b]];
        if (!one || !other) continue;
        if (!one.ties.some((tie) => other.ties.some((each) => each.key === tie.key && near(tie, each)))) continue;
        groups.splice(b, 1);
        one.stories.push(...other.stories);
        one.findings.push(...other.findings);
        for (const id of other.renewed) one.renewed.add(id);
        for (const tie of other.ties) add(one, tie);
        again = true;
      }
  }
  return groups
    .filter(({ findings }) => findings.length > 0)
    .map(({ stories, findings, renewed, ties }): ToldStory => {
      const anchors = [
        ...stories.map(({ anchor }) => anchor),
        ...findings.map(({ id, firstSeen }) => ({ finding: id, at: firstSeen })),
      ].sort((a, b) => a.at - b.at || (a.finding < b.finding ? -1 : 1));
      const anchor = anchors[0] as (typeof anchors)[number];
      const kept = stories.toSorted(
        (a, b) => a.anchor.at - b.anchor.at || (a.anchor.finding < b.anchor.finding ? -1 : 1),
      )[0];
      const naming = findings.find(({ id }) => id === anchor.finding);
      const named = renewed.has(anchor.finding) ? `${anchor.finding} ${naming?.opened ?? ""}` : anchor.finding;
      const id = kept?.anchor.finding === anchor.finding ? kept.id : idOf(parts ? `part ${named}` : named);
      const all = [...stories, ...findings];
      return {
        ...(kept ? { n: kept.n } : {}),
        ...(parts ? { organisation: findings[0]?.organisation ?? "" } : {}),
        ...{ id, anchor, ties },
        state: "suspected",
        problem: (naming ?? kept ?? findings[0])?.problem ?? { type: "other", about: "" },
        severity: all.map(({ severity }) => severity).reduce(worse),
        firstSeen: Math.min(...all.map(({ firstSeen }) => firstSeen)) as Instant,
        lastSeen: Math.max(...all.map(({ lastSeen }) => lastSeen)) as Instant,
        absorbed: stories.filter(({ n }) => n !== kept?.n).map(({ n }) => n),
        formerly: stories.map((one) => one.id).filter((one) => one !== id),
        findings: findings.map((one) => one.id),
      };
    });
};

const add = (group: SlowGroup, tie: Tie): void => {
  const before = group.ties.find(({ key }) => key === tie.key);
  group.ties = [...group.ties.filter(({ key }) => key !== tie.key), before ? hull(before, tie) : tie];
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

  save: async (finding: Finding, incident: number | undefined, part: number | undefined): Promise<StoredFinding> => {
    const [row] =
      await sql`insert into finding (id, organisation, asset, problem_type, problem_about, detector, severity, certainty, grade, state, shadow, veiled,
        first_seen, last_seen, hits, due, tlp, pap, grp, licence, opened, changed, said, worth, risk, incident, part)
      values (${finding.id}, ${finding.organisation}, ${finding.asset}, ${finding.problem.type}, ${finding.problem.about}, ${finding.detector}, ${finding.severity},
        ${finding.certainty}, ${printGrade(finding.grade)}, ${finding.state}, ${finding.shadow ?? null}, ${finding.veiled}, ${timeOf(finding.firstSeen)}, ${timeOf(finding.lastSeen)},
        ${finding.hits}, ${timeOf(finding.due)}, ${finding.marking.tlp}, ${finding.marking.pap}, ${finding.marking.group ?? null}, ${finding.marking.licence},
        ${timeOf(finding.opened)}, ${timeOf(finding.changed)}, ${finding.said}, ${finding.worth}, ${finding.risk}, ${incident ?? null}, ${part ?? null})
      on conflict (id) do update set said = excluded.said, worth = excluded.worth, risk = excluded.risk, incident = excluded.incident, part = excluded.part,
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
    organisation: OrganisationId,
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
    for (const { entity, first, last, hits: count } of seenIn(hits) satisfies readonly SeenEntity[])
      await sql`insert into finding_entity (finding, kind, key, value, first_seen, last_seen, hits)
        values (${finding}, ${entity.kind}, ${entityKey(organisation, entity)}, ${entity.value}, ${timeOf(first)}, ${timeOf(last)}, ${count})
        on conflict (finding, kind, key) do update set first_seen = least(finding_entity.first_seen, excluded.first_seen),
          last_seen = greatest(finding_entity.last_seen, excluded.last_seen), hits = finding_entity.hits + excluded.hits`;
    for (const { name, first, last, hits: count } of shownIn(hits))
      await sql`insert into finding_attack (finding, name, first_seen, last_seen, hits) values (${finding}, ${name}, ${timeOf(first)}, ${timeOf(last)}, ${count})
        on conflict (finding, name) do update set first_seen = least(finding_attack.first_seen, excluded.first_seen),
          last_seen = greatest(finding_attack.last_seen, excluded.last_seen), hits = finding_attack.hits + excluded.hits`;
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
});
