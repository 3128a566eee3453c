import type { TransactionSql } from "postgres";
import type { Instant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import type { Observable, ObservableKind } from "#core/observable.ts";
import type { RsitType } from "#core/rsit.ts";
import type { Severity } from "#core/severity.ts";
import type { End, Hit, Noticed } from "#detect/hit.ts";
import type { CauseCheckpoint, CauseKind, HuntCause, HuntCausesState, PastClaim } from "#jobs/hunt/cause-port.ts";
import { type HuntState, isOver } from "#jobs/hunt/state.ts";
import { claimSaid } from "#store/claim-row.ts";
import { readProblem, timeOf } from "#store/columns.ts";
import { findingRow } from "#store/finding-row.ts";
import { packedBytes } from "#store/packed-bytes.ts";
import { recordedState } from "#store/recorded.ts";
import { storable, storableText } from "#store/storable.ts";
import type { Direction, Where } from "#telemetry/format.ts";

/** Ids in one row of the change feed. */
const changedAtOnce = 40_000;

/** All but what its correlations know, which may be megabytes. */
const told = "n, kind, subject, payload, at, who, state, begun, ended, problem, read, found, opened, place";

export const huntCausesState = (sql: TransactionSql): HuntCausesState => ({
  want: async ({ kind, subject, payload = {}, who }, at) => {
    await sql`insert into hunt_cause (kind, subject, payload, at, who)
      values (${kind}, ${storableText(subject)}, ${sql.json(storable(payload) as never)}, ${timeOf(at)}, ${storableText(who)})
      on conflict (kind, subject) where state = 'waiting' do update set payload = excluded.payload, at = excluded.at, who = excluded.who`;
  },

  hasPast: async (organisation) => {
    const [row] =
      await sql`select exists (select from kept_count where organisation = ${organisation} and records > 0) as kept`;
    return row?.["kept"] === true;
  },

  nextCause: async (kinds) => {
    const [row] =
      await sql`select ${sql.unsafe(told)} from hunt_cause where state in ('waiting', 'running') and kind = any(${kinds as CauseKind[]}::text[])
        order by turned nulls first, n limit 1 for update skip locked`;
    return row && causeOf(row);
  },

  cause: async (n) => {
    const [row] = await sql`select ${sql.unsafe(told)} from hunt_cause where n = ${n} for update`;
    return row && causeOf(row);
  },

  saveCause: async (cause) => {
    await sql`update hunt_cause set state = ${cause.state}, begun = ${whenOf(cause.begun)}, ended = ${whenOf(cause.ended)},
      problem = ${cause.problem === undefined ? null : sql.json(storable(cause.problem) as never)}, read = ${cause.read}, found = ${cause.found},
      opened = ${cause.opened}, turned = clock_timestamp(), place = ${cause.place === undefined ? null : sql.json(storable(cause.place) as never)} where n = ${cause.n}`;
    // who is done needs to remember nothing
    if (isOver(cause))
      await sql`update hunt_cause set checkpoint = null, checkpointed = null where n = ${cause.n} and checkpoint is not null`;
  },

  checkpointOf: async (n) => {
    const [row] = await sql`select checkpoint, checkpointed from hunt_cause where n = ${n} and checkpoint is not null`;
    return row && { about: row["checkpointed"] as CauseCheckpoint["about"], body: row["checkpoint"] as Uint8Array };
  },

  keepCheckpoint: async (n, { about, body }) => {
    await sql`update hunt_cause set checkpoint = ${packedBytes(sql, body)},
      checkpointed = ${sql.json(storable(about) as never)} where n = ${n} and state = 'running'`;
  },

  saidTogether: async (organisation, rule, groups, from, to) => {
    const rows = await sql`select h.id, h.time, h.file, h.line, h.hunted is not null as back, h.noticed
        from hit h join finding f on f.n = h.finding
        where h.time >= ${timeOf(from)} and h.time <= ${timeOf(to)} and h.forgotten is null and f.organisation = ${organisation}
          and h.noticed->>'id' = ${storableText(rule)} and lower(h.noticed->'because'->0->'with'->>'group') = any(${groups.map(storableText)}::text[])
      union all select q.id, q.time, q.file, q.line, false, q.noticed from quiet_hit q
        where q.time >= ${timeOf(from)} and q.time <= ${timeOf(to)} and q.organisation = ${organisation}
          and q.noticed->>'id' = ${storableText(rule)} and lower(q.noticed->'because'->0->'with'->>'group') = any(${groups.map(storableText)}::text[])`;
    return rows.map((row) => ({
      ...{ id: row["id"] as string, time: row["time"] as Instant, file: row["file"] as string },
      ...{ line: Number(row["line"]), back: row["back"] as boolean },
      group: String((row["noticed"] as Noticed).because?.[0]?.with["group"] ?? "").toLowerCase(),
    }));
  },

  causes: async (before, limit) =>
    (
      await sql`select n, kind, subject, at, who, state, begun, ended, problem, read, found, opened, place from hunt_cause
        where ${before === undefined ? sql`true` : sql`n < ${before}`} order by n desc limit ${limit}`
    ).map(causeOf),

  indicatorsAfter: async (after, limit, feed) => {
    const behind = after === undefined ? sql`true` : sql`i.id > ${after}::uuid`;
    const rows =
      feed === undefined
        ? await sql`select i.id, i.kind, i.value from indicator i where ${behind} order by i.id limit ${limit}`
        : await sql`select i.id, i.kind, i.value from claim c join indicator i on i.id = c.indicator
            where c.feed = ${feed} and c.gone_at is null and ${after === undefined ? sql`true` : sql`c.indicator > ${after}::uuid`} order by c.indicator limit ${limit}`;
    return rows.map((row) => ({ id: row["id"] as string, observable: observableOf(row) }));
  },

  touch: async (feed, indicators, at) => {
    for (let from = 0; from < indicators.length; from += changedAtOnce)
      await sql`insert into intel_change (at, feed, ids) values (${timeOf(at)}, ${feed}, ${indicators.slice(from, from + changedAtOnce)}::uuid[])`;
  },

  veiledOf: async (feed, after, limit) => {
    const rows =
      await sql`select f.* from finding f where f.veiled and f.shadow = 'new-feed' and f.n > ${after} and f.state not in ('merged', 'withdrawn')
        and exists (select from finding_source s where s.finding = f.n and s.feed = ${feed}) order by f.n limit ${limit} for update of f`;
    const findings = rows.map(findingRow);
    const numbers = findings.map(({ n }) => n);
    const sources = await recordedState(sql).sourcesOf(numbers);
    const hits = Map.groupBy(
      await sql`select h.*, f.organisation, f.asset, f.problem_type, f.problem_about from hit h join finding f on f.n = h.finding
        where h.finding = any(${numbers}::bigint[]) order by h.time, h.id`,
      (row) => row["finding"] as number,
    );
    return findings.map((finding) => ({
      finding,
      hits: (hits.get(finding.n) ?? []).map(hitOf),
      sources: sources.get(finding.n) ?? [],
    }));
  },

  hitsOf: async (finding, limit) =>
    (
      await sql`select h.*, f.organisation, f.asset, f.problem_type, f.problem_about from hit h join finding f on f.n = h.finding
        where h.finding = ${finding} order by h.time desc, h.id limit ${limit}`
    ).map(hitOf),

  claimsEver: async (indicators) =>
    (
      await sql`select c.*, i.kind, i.value, f.voice, f.shadow, least(c.gone_at, coalesce(c.live_until, f.last_good + make_interval(secs => f.live_days * 86400))) as over
        from claim c join feed_state f using (feed) join indicator i on i.id = c.indicator
        where c.indicator = any(${indicators as string[]}::uuid[]) and f.voice <> 'context'
          and not exists (select from indicator_verdict v where v.indicator = c.indicator and v.feed in ('', c.feed)) order by c.indicator, c.feed`
    ).map(pastClaim),

  untold: async (organisation, why, limit) =>
    (why === "shadow"
      ? await sql`select * from finding where organisation = ${organisation} and shadow = 'new-member' order by n limit ${limit} for update`
      : await sql`select f.* from finding f where f.organisation = ${organisation} and f.undeliverable and f.shadow is null
          and not exists (select from alert a where a.finding = f.n) order by n limit ${limit} for update`
    ).map(findingRow),

  deliverable: async (findings) => {
    await sql`update finding set undeliverable = false where n = any(${findings as number[]}::bigint[])`;
  },

  findingsBetween: async (organisation, from, to, after, limit) =>
    (
      await sql`select * from finding where organisation = ${organisation} and last_seen >= ${timeOf(from)} and first_seen < ${timeOf(to)}
        and n > ${after} and state not in ('gone', 'merged', 'false', 'withdrawn') order by n limit ${limit} for update`
    ).map(findingRow),

  foundBack: async (finding) => {
    const [row] =
      await sql`select max((detail->>'days')::int) as days from finding_history where finding = ${finding} and what = 'found-back'`;
    return (row?.["days"] as number | null) ?? undefined;
  },
});

const whenOf = (time: Instant | undefined): Date | null => (time === undefined ? null : timeOf(time));

const observableOf = (row: Record<string, unknown>): Observable => ({
  kind: row["kind"] as ObservableKind,
  value: row["value"] as string,
});

const causeOf = (row: Record<string, unknown>): HuntCause => ({
  n: Number(row["n"]),
  kind: row["kind"] as CauseKind,
  subject: row["subject"] as string,
  ...(row["payload"] === undefined ? {} : { payload: row["payload"] as Record<string, unknown> }),
  who: row["who"] as string,
  at: row["at"] as Instant,
  state: row["state"] as HuntState,
  ...(row["begun"] === null ? {} : { begun: row["begun"] as Instant }),
  ...(row["ended"] === null ? {} : { ended: row["ended"] as Instant }),
  ...(row["problem"] === null ? {} : { problem: readProblem(row["problem"]) }),
  read: Number(row["read"]),
  found: Number(row["found"]),
  opened: Number(row["opened"]),
  ...(row["place"] === null ? {} : { place: row["place"] as Record<string, unknown> }),
});

const hitOf = (row: Record<string, unknown>): Hit => ({
  id: row["id"] as string,
  detector: row["detector"] as Hit["detector"],
  organisation: row["organisation"] as OrganisationId,
  asset: row["asset"] as string,
  observable: { kind: row["observable_kind"] as ObservableKind, value: row["observable_value"] as string },
  ...(row["indicator_kind"] === null
    ? {}
    : { indicator: { kind: row["indicator_kind"] as ObservableKind, value: row["indicator_value"] as string } }),
  ...(row["noticed"] === null ? {} : { noticed: row["noticed"] as Noticed }),
  sources: row["sources"] as string[],
  problem: { type: row["problem_type"] as RsitType, about: row["problem_about"] as string },
  where: row["seen_where"] as Where,
  direction: row["direction"] as Direction,
  ...(row["source"] === null ? {} : { source: row["source"] as End }),
  ...(row["destination"] === null ? {} : { destination: row["destination"] as End }),
  time: row["time"] as Instant,
  severity: row["severity"] as Severity,
  attack: row["attack"] as string[],
  evidence: { file: row["file"] as string, line: row["line"] as number, text: row["evidence"] as string },
});

const pastClaim = (row: Record<string, unknown>): PastClaim => ({
  ...claimSaid(row),
  observable: observableOf(row),
  lastSeen: row["last_seen"] as Instant,
  from: row["first_seen"] as Instant,
  ...(row["over"] === null ? {} : { to: row["over"] as Instant }),
});
