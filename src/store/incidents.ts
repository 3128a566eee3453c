import type { TransactionSql } from "postgres";
import { printGrade } from "#core/grade.ts";
import type { Instant } from "#core/instant.ts";
import type { ObservableKind } from "#core/observable.ts";
import type { End, Noticed } from "#detect/hit.ts";
import { riskOfStory } from "#incidents/risk.ts";
import { listed } from "#incidents/state.ts";
import { shortValue } from "#incidents/instance.ts";
import type { IncidentState, Retraction, StoredHit } from "#incidents/ports.ts";
import { isUuid, timeOf } from "#store/columns.ts";
import { findingRow } from "#store/finding-row.ts";
import { mutingState } from "#store/muting.ts";
import { quietState } from "#store/quiet-hits.ts";
import { recordedState } from "#store/recorded.ts";
import { storableText } from "#store/storable.ts";
import { storyState } from "#store/stories.ts";
import type { Direction, Where } from "#telemetry/format.ts";

const hitRow = (row: Record<string, unknown>): StoredHit => ({
  time: row["time"] as Instant,
  where: row["seen_where"] as Where,
  direction: row["direction"] as Direction,
  observable: { kind: row["observable_kind"] as ObservableKind, value: row["observable_value"] as string },
  ...(row["indicator_kind"] === null
    ? {}
    : { indicator: { kind: row["indicator_kind"] as ObservableKind, value: row["indicator_value"] as string } }),
  ...(row["noticed"] === null ? {} : { noticed: row["noticed"] as Noticed }),
  ...(row["source"] === null ? {} : { source: row["source"] as End }),
  ...(row["destination"] === null ? {} : { destination: row["destination"] as End }),
  evidence: { file: row["file"] as string, line: row["line"] as number, text: row["evidence"] as string },
});

const joined = (sql: TransactionSql, recorded: ReturnType<typeof recordedState>): IncidentState => ({
  ...recorded,
  ...storyState(sql),
  ...mutingState(sql),
  ...quietState(sql),

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

  setState: (n, state, at, extra) => joined(sql, recorded).setStates([n], state, at, extra),

  setStates: async (findings, state, at, extra) => {
    await recorded.setStates(findings, state, at, extra);
    // what is over or put aside is at stake no more
    if (listed[state] === "open") return;
    const stories = storyState(sql);
    const told =
      await sql`select distinct s from finding, unnest(array[incident, part]) s where n = any(${[...findings]}::bigint[]) and s is not null`;
    const standings = await stories.standings(told.map((row) => row["s"] as number));
    await stories.setRisks(standings.map((one) => ({ n: one.n, risk: riskOfStory(one) })));
  },

  event: (n, event) => recorded.events([{ finding: n, ...event }]),

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

  speak: async (n, at) => {
    await sql`update finding set shadow = null, changed = ${timeOf(at)} where n = ${n}`;
  },

  snooze: async (n, until) => {
    await sql`update finding set snoozed_until = ${until === undefined ? null : timeOf(until)} where n = ${n}`;
  },

  undeliverable: async (n) => {
    await sql`update finding set undeliverable = true where n = ${n}`;
  },

  answer: async (row) => {
    await sql`insert into answer (finding, alert, person, who, answer, note, at)
      values (${row.finding}, ${row.alert ?? null}, ${row.person ?? null}, ${row.who}, ${row.answer}, ${row.note === undefined ? null : storableText(row.note)}, ${timeOf(row.at)})`;
  },

  quiet: async (before) =>
    (
      await sql`select f.* from finding f where f.state in ('notified', 'seen', 'acknowledged', 'fixing', 'fix-claimed', 'reopened') and f.last_seen < ${timeOf(before)}
        and f.detector in ('indicator-match', 'sigma', 'behaviour')
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

  unreported: async (reports, now) =>
    (
      await sql`select f.* from finding f where f.detector = 'asset-reported' and f.state not in ('gone', 'withdrawn', 'merged')
        and exists (select from finding_source s where s.finding = f.n and s.indicator = any(${reports as string[]}::uuid[]))
        and not exists (select from finding_source s join report r on r.id = s.indicator join feed_state fs on fs.feed = r.feed
          where s.finding = f.n and r.over is null and (r.ends > ${timeOf(now)} or fs.last_good is null or fs.last_good < r.ends)
            and fs.voice = 'alert' and (f.veiled or (r.tlp not in ('amber+strict', 'red') and not fs.shadow)))
        for update of f`
    ).map(findingRow),

  standingOn: async (indicators) =>
    (indicators === undefined
      ? await sql`select n from finding where detector = 'indicator-match' and (state not in ('gone', 'merged', 'false', 'withdrawn') or stood is not null) order by n`
      : await sql`select n from finding where n in (select finding from finding_source where indicator = any(${[...indicators]}::uuid[])) order by n`
    ).map((row) => row["n"] as number),

  standing: async (n) => {
    const [row] = await sql`select * from finding where n = ${n} for update`;
    if (!row) return undefined;
    const sources =
      await sql`select s.feed, s.indicator, s.voice, s.tlp, coalesce(f.shadow, false) as shadow, s.retracted, i.kind, i.value,
        s.refuted is not null or (exists (select from hit h where h.finding = s.finding and s.feed = any(h.sources))
          and not exists (select from hit h where h.finding = s.finding and s.feed = any(h.sources) and h.refuted is null)) as refuted, coalesce(c.withdrawn and c.gone_at is not null, false) as withdrawn,
        exists (select from indicator_verdict v where v.indicator = s.indicator and v.feed in ('', s.feed)) as judged
      from finding_source s left join feed_state f using (feed) left join indicator i on i.id = s.indicator
        left join claim c on c.indicator = s.indicator and c.feed = s.feed
      where s.finding = ${n} order by s.feed, s.indicator`;
    return {
      finding: findingRow(row),
      sources: sources.map((one) => ({
        feed: one["feed"] as string,
        indicator: one["indicator"] as string,
        ...(one["kind"] === null
          ? {}
          : { observable: { kind: one["kind"] as ObservableKind, value: one["value"] as string } }),
        voice: one["voice"] as "alert" | "corroborate" | "context",
        mayBeShown: one["tlp"] !== "red" && one["tlp"] !== "amber+strict" && one["shadow"] !== true,
        ...(one["retracted"] === null ? {} : { retracted: one["retracted"] as Retraction }),
        judged: one["judged"] as boolean,
        withdrawn: one["withdrawn"] as boolean,
        refuted: one["refuted"] as boolean,
      })),
    };
  },

  retract: async (finding, { feed, indicator }, why) => {
    await sql`update finding_source set retracted = ${why ?? null} where finding = ${finding} and feed = ${feed} and indicator = ${indicator}`;
  },

  keepStood: async (finding, stood) => {
    await sql`update finding set stood = ${stood ?? null} where n = ${finding}`;
  },

  judge: async (finding, verdict) => {
    await sql`update finding set verdict = ${verdict ?? null} where n = ${finding}`;
  },

  refute: async (finding, step, refuted) => {
    const kept =
      refuted === undefined
        ? null
        : sql.json({ who: storableText(refuted.who), reason: storableText(refuted.reason), at: refuted.at });
    const done =
      "hit" in step
        ? await sql`update hit set refuted = ${kept} where finding = ${finding} and id = ${step.hit} returning id`
        : await sql`update finding_source set refuted = ${kept} where finding = ${finding} and feed = ${step.source} returning finding`;
    return done.length > 0;
  },

  setWeighed: async (finding, { severity, certainty, grade, risk }) => {
    await sql`update finding set severity = ${severity}, certainty = ${certainty}, grade = ${printGrade(grade)}, risk = ${risk} where n = ${finding}`;
  },

  awake: async (now) =>
    (
      await sql`update finding set snoozed_until = null
      where n in (select n from finding where snoozed_until <= ${timeOf(now)} for update skip locked) returning *`
    ).map(findingRow),
});

export const incidentState = (sql: TransactionSql): IncidentState => joined(sql, recordedState(sql));
