import type { Fragment, Sql, TransactionSql } from "postgres";
import { printGrade } from "#core/grade.ts";
import type { Instant } from "#core/instant.ts";
import { type Licence, type Pap, paps, type Tlp, tlps } from "#core/marking.ts";
import type { ObservableKind } from "#core/observable.ts";
import type { Profile } from "#feeds/profile.ts";
import type {
  ChangeCursor,
  ClaimRow,
  DeclaredFeed,
  FeedState,
  IntelState,
  KeptReject,
  LiveClaim,
  RejectedRow,
} from "#intel/ports.ts";
import { claimSaid } from "#store/claim-row.ts";
import { isUuid, readGrade, readProblem, timeOf } from "#store/columns.ts";
import { copyRows } from "#store/copy.ts";
import { isLost } from "#store/prune.ts";
import { storable, storableText } from "#store/storable.ts";

/** `live` in SQL, held to `intel/indicator.ts` by a property test: c is claim, f its feed_state. */
export const liveSql = (sql: Sql | TransactionSql, now: Instant) =>
  sql`(${listedSql(sql, now)} and not ${judgedSql(sql)})`;

/** Alive, whatever people judged. */
const listedSql = (sql: Sql | TransactionSql, now: Instant) =>
  sql`(c.gone_at is null and coalesce(c.live_until, f.last_good + make_interval(secs => f.live_days * 86400)) > ${timeOf(now)})`;

const judgedSql = (sql: Sql | TransactionSql) =>
  sql`exists (select from indicator_verdict v where v.indicator = c.indicator and v.feed in ('', c.feed))`;

/** What a score needs of a claim c of feed f: when it was seen, whether its source lists it still, what the source is worth. */
const ageSql = (sql: Sql | TransactionSql) =>
  sql`c.last_seen, case when c.live_until is null then f.last_good end as listed_at, ${trustSql(sql)} as trust`;

/** What the source of claim c is worth by its record; null: nothing is known against it. */
export const trustSql = (sql: Sql | TransactionSql) =>
  sql`(select s.trust from feed_scorecard s where s.feed = c.feed)`;

const ageRow = (
  row: Record<string, unknown>,
): Pick<LiveClaim, "listedAt" | "trust"> & { readonly lastSeen: Instant } => ({
  lastSeen: row["last_seen"] as Instant,
  ...(row["listed_at"] === null ? {} : { listedAt: row["listed_at"] as Instant }),
  ...(row["trust"] === null ? {} : { trust: row["trust"] as number }),
});

/** May be known outside staff, as far as TLP says. */
const openSql = (sql: TransactionSql) => sql`(claim.tlp in ('clear', 'green', 'amber'))`;

/** `gradeWeight` of core/grade.ts, held to it by a property test. */
const gradeRank = (sql: TransactionSql, of: "claim" | "excluded") => {
  const grade = sql`${sql(of)}.grade::text`;
  return sql`(('{1,0.85,0.65,0.4,0.15,0.35}'::numeric[])[strpos('ABCDEF', left(${grade}, 1))] * ('{1,0.85,0.65,0.4,0.15,0.35}'::numeric[])[right(${grade}, 1)::int])`;
};

const unionUnless = (sql: TransactionSql, whole: Fragment, column: "labels" | "flags" | "parts") =>
  sql`case when ${whole} then excluded.${sql(column)}
    else array(select distinct word collate "C" from unnest(claim.${sql(column)} || excluded.${sql(column)}) as word order by 1) end`;

/** Ids in one row of the change feed. */
const changedAtOnce = 40_000;

export const feedRow = (row: Record<string, unknown>): FeedState => ({
  feed: row["feed"] as string,
  shadow: row["shadow"] as boolean,
  state: row["state"] as FeedState["state"],
  failures: row["failures"] as number,
  claims: row["claims"] as number,
  claimsOpen: row["claims_open"] as number,
  reports: row["reports"] as number,
  advisories: row["advisories"] as number,
  ...(row["names"] === undefined || row["names"] === 0 ? {} : { names: row["names"] as number }),
  ...(row["declared"] === null ? {} : { declared: declaredFeed(row["declared"] as Record<string, unknown>) }),
  ...(row["accepted"] === null ? {} : { accepted: row["accepted"] as number }),
  ...(row["last_turn"] === null ? {} : { lastTurn: row["last_turn"] as Instant }),
  ...(row["last_good"] === null ? {} : { lastGood: row["last_good"] as Instant }),
  ...(row["next_turn"] === null ? {} : { nextTurn: row["next_turn"] as Instant }),
  ...(row["reason"] === null ? {} : { reason: readProblem(row["reason"]) }),
  ...(row["etag"] === null ? {} : { etag: row["etag"] as string }),
  ...(row["last_modified"] === null ? {} : { lastModified: row["last_modified"] as string }),
  ...(row["cursor"] === null ? {} : { cursor: row["cursor"] }),
  ...(row["profile"] === null ? {} : { profile: row["profile"] as Profile }),
});

/** What is kept of a feed's declaration; undefined where the caller knows no more than its id. */
const declaredJson = (feed: Partial<DeclaredFeed>): Record<string, unknown> | undefined => {
  const { title, publisher, licence, everyMinutes, tlp, pap, grade, liveDays, voice } = feed;
  if (title === undefined || grade === undefined) return undefined;
  return { title, publisher, licence, everyMinutes, tlp, pap, grade: printGrade(grade), liveDays, voice };
};

const declaredFeed = (row: Record<string, unknown>): DeclaredFeed => ({
  title: row["title"] as string,
  publisher: row["publisher"] as string,
  licence: row["licence"] as Licence,
  everyMinutes: row["everyMinutes"] as number,
  tlp: row["tlp"] as Tlp,
  pap: row["pap"] as Pap,
  grade: readGrade(row["grade"]),
  liveDays: row["liveDays"] as number,
  voice: row["voice"] as DeclaredFeed["voice"],
});

export const intelState = (sql: TransactionSql): IntelState => ({
  feed: async (feed, shadow) => {
    const declared = declaredJson(feed);
    await sql`insert into feed_state (feed, shadow, live_days, voice, declared)
      values (${feed.id}, ${shadow}, ${feed.liveDays}, ${feed.voice}, ${declared === undefined ? null : sql.json(storable(declared) as never)})
      on conflict (feed) do update set live_days = excluded.live_days, voice = excluded.voice, declared = coalesce(excluded.declared, feed_state.declared)
      where feed_state.live_days <> excluded.live_days or feed_state.voice <> excluded.voice
        or coalesce(excluded.declared, feed_state.declared) is distinct from feed_state.declared`;
    const [row] = await sql`select * from feed_state where feed = ${feed.id}`;
    return feedRow(row as Record<string, unknown>);
  },

  lockFeed: async (feed) => {
    const [got] = await sql`select pg_try_advisory_xact_lock(hashtextextended('feed:' || ${feed}, 0)) as ok`;
    if (!got?.["ok"]) return undefined;
    const [row] = await sql`select * from feed_state where feed = ${feed}`;
    return row && feedRow(row);
  },

  feeds: async () =>
    (
      await sql`select f.*, (select count(*)::int from threat_name n where n.source = f.feed and not n.gone) as names from feed_state f order by feed`
    ).map(feedRow),

  lists: async (feed) =>
    new Map(
      (await sql`select part, items from feed_list where feed = ${feed}`).map((row) => [
        row["part"] as string,
        row["items"] as Uint8Array,
      ]),
    ),

  rememberList: async (feed, { part, items }) => {
    await sql`insert into feed_list (feed, part, items) values (${feed}, ${storableText(part)}, ${Buffer.from(items.buffer, items.byteOffset, items.byteLength)})
      on conflict (feed, part) do update set items = excluded.items`;
  },

  merge: async (feed, rows, now) => {
    if (rows.length === 0) return 0;
    await sql`create temp table if not exists claim_stage (id uuid, kind text, value text, parts text[], first timestamptz, seen timestamptz,
      live_until timestamptz, grade text, labels text[], flags text[], tlp text, pap text, licence text) on commit delete rows`;
    await sql`delete from claim_stage`;
    await copyRows(
      sql,
      "copy claim_stage (id, kind, value, parts, first, seen, live_until, grade, labels, flags, tlp, pap, licence) from stdin",
      rows,
      stageRow,
    );
    await sql`insert into indicator (id, kind, value, first_seen) select id, kind, value, first from claim_stage on conflict (id) do nothing`;
    const whole = sql`claim.parts <@ excluded.parts`;
    const [grown] = await sql`with merged as (
      insert into claim (indicator, feed, first_seen, last_seen, live_until, grade, labels, parts, flags, tlp, pap, licence)
      select id, ${feed}, first, seen, live_until, grade, labels, parts, flags, tlp, pap, licence from claim_stage
      on conflict (indicator, feed) do update set
        first_seen = least(claim.first_seen, excluded.first_seen), last_seen = greatest(claim.last_seen, excluded.last_seen),
        live_until = case when ${whole} and (claim.gone_at is not null or excluded.last_seen >= claim.last_seen) then excluded.live_until
          when claim.live_until is not null and excluded.live_until is not null then greatest(claim.live_until, excluded.live_until) end,
        grade = case when ${whole} or (${gradeRank(sql, "excluded")}, claim.grade::text collate "C") > (${gradeRank(sql, "claim")}, excluded.grade::text collate "C")
          then excluded.grade else claim.grade end,
        tlp = case when ${whole} or array_position(${[...tlps]}::text[], excluded.tlp::text) > array_position(${[...tlps]}::text[], claim.tlp::text) then excluded.tlp else claim.tlp end,
        pap = case when ${whole} or array_position(${[...paps]}::text[], excluded.pap::text) > array_position(${[...paps]}::text[], claim.pap::text) then excluded.pap else claim.pap end,
        licence = excluded.licence,
        labels = ${unionUnless(sql, whole, "labels")}, flags = ${unionUnless(sql, whole, "flags")}, parts = ${unionUnless(sql, whole, "parts")},
        gone_at = null, withdrawn = false, revived = claim.gone_at is not null, was_open = claim.gone_at is null and ${openSql(sql)}
      returning (xmax = 0 or revived) as lives, ${openSql(sql)} as open, (xmax <> 0 and was_open) as was_open)
      select (count(*) filter (where lives))::int as lives, (count(*) filter (where open) - count(*) filter (where was_open))::int as open from merged`;
    await sql`update feed_state set claims = claims + ${grown?.["lives"] as number}, claims_open = claims_open + ${grown?.["open"] as number} where feed = ${feed}`;
    await sql`insert into intel_change (at, feed, ids) values (${timeOf(now)}, ${feed}, ${rows.map((row) => row.id)}::uuid[])`;
    return grown?.["lives"] as number;
  },

  delist: async (feed, part, ids, now) => {
    if (ids.length === 0) return 0;
    const name = storableText(part);
    const gone = await sql`update claim set parts = array_remove(parts, ${name}),
        gone_at = case when array_remove(parts, ${name}) = '{}' then ${timeOf(now)} else gone_at end
      where feed = ${feed} and indicator = any(${ids as string[]}::uuid[]) and ${name} = any(parts) 
      returning (gone_at is not null) as gone, ${openSql(sql)} as open`;
    const over = gone.filter((row) => row["gone"]);
    const ended = over.length;
    if (ended > 0)
      await sql`update feed_state set claims = claims - ${ended}, claims_open = claims_open - ${over.filter((row) => row["open"]).length} where feed = ${feed}`;
    await sql`insert into intel_change (at, feed, ids) values (${timeOf(now)}, ${feed}, ${ids as string[]}::uuid[])`;
    return ended;
  },

  withdraw: async (feed, rows, now) => {
    if (rows.length === 0) return [];
    // two statements about one value may be taken back at once: an update meets each claim once
    const gone = await sql`with taken as (
        select id, array_agg(part) filter (where part is not null) as parts, bool_or(part is null) as whole
        from unnest(${rows.map(({ id }) => id)}::uuid[], ${rows.map(({ part }) => (part === undefined ? null : storableText(part)))}::text[]) as t (id, part) group by id)
      update claim set parts = case when whole then '{}' else array(select p from unnest(claim.parts) p where p <> all (coalesce(taken.parts, '{}'))) end,
        gone_at = case when whole or claim.parts <@ taken.parts then ${timeOf(now)} end, withdrawn = whole or claim.parts <@ taken.parts
      from taken where claim.indicator = taken.id and claim.feed = ${feed} and claim.gone_at is null and (whole or claim.parts && taken.parts)
      returning claim.indicator as id, gone_at is not null as gone, ${openSql(sql)} as open`;
    if (gone.length === 0) return [];
    const over = gone.filter((row) => row["gone"]);
    await sql`update feed_state set claims = claims - ${over.length}, claims_open = claims_open - ${over.filter((row) => row["open"]).length} where feed = ${feed}`;
    await sql`insert into intel_change (at, feed, ids) values (${timeOf(now)}, ${feed}, ${gone.map((row) => row["id"] as string)}::uuid[])`;
    return over.map((row) => row["id"] as string);
  },

  expire: async (feed, now) => {
    const gone = await sql`select indicator from claim c join feed_state f using (feed)
      where c.feed = ${feed} and c.gone_at is null and c.live_until > coalesce(f.expired_to, '-infinity') and c.live_until <= ${timeOf(now)}`;
    for (let at = 0; at < gone.length; at += changedAtOnce)
      await sql`insert into intel_change (at, feed, ids) values (${timeOf(now)}, ${feed}, ${gone.slice(at, at + changedAtOnce).map((row) => row["indicator"] as string)}::uuid[])`;
    await sql`update feed_state set expired_to = greatest(expired_to, ${timeOf(now)}) where feed = ${feed}`;
    return gone.length;
  },

  resight: async (feed, rows, now) => {
    if (rows.length === 0) return;
    const newest = new Map<string, (typeof rows)[number]>();
    for (const one of rows) {
      const before = newest.get(one.part);
      if (before === undefined || before.seenAt < one.seenAt) newest.set(one.part, one);
    }
    const all = [...newest.values()];
    const seen =
      await sql`update claim set last_seen = greatest(last_seen, seen.at), live_until = greatest(live_until, seen.until)
      from (select part, at::timestamptz as at, until::timestamptz as until from unnest(${all.map(({ part }) => storableText(part))}::text[],
        ${all.map(({ seenAt }) => iso(seenAt))}::text[], ${all.map(({ liveUntil }) => iso(liveUntil))}::text[]) as t (part, at, until)) seen
      where claim.feed = ${feed} and claim.gone_at is null and claim.parts[1] like 'indicator--%' and claim.parts @> array[seen.part] and claim.last_seen < seen.at
      returning claim.indicator as id`;
    if (seen.length > 0)
      await sql`insert into intel_change (at, feed, ids) values (${timeOf(now)}, ${feed}, ${[...new Set(seen.map((row) => row["id"] as string))]}::uuid[])`;
  },

  judge: async ({ indicator, feed, verdict, who, reason }, now) => {
    if (!isUuid(indicator)) return false;
    const found =
      feed === undefined
        ? await sql`select from indicator where id = ${indicator}`
        : await sql`select from claim where indicator = ${indicator} and feed = ${feed}`;
    if (found.length === 0) return false;
    if (verdict === "false")
      await sql`insert into indicator_verdict (indicator, feed, who, reason, at) values (${indicator}, ${feed ?? ""}, ${storableText(who)}, ${storableText(reason)}, ${timeOf(now)})
        on conflict (indicator, feed) do update set who = excluded.who, reason = excluded.reason, at = excluded.at`;
    else await sql`delete from indicator_verdict where indicator = ${indicator} and feed = ${feed ?? ""}`;
    await sql`insert into intel_change (at, feed, ids) values (${timeOf(now)}, ${feed ?? ""}, ${[indicator]}::uuid[])`;
    return true;
  },

  heard: (feed, now) => heard(sql, feed, now),

  turn: async (turn, rejected, next) => {
    const [row] =
      await sql`insert into feed_turn (feed, at, state, reason, file, bytes, rows, accepted, rejected, added, changed, delisted, expired, took_ms, archive)
      values (${turn.feed}, ${timeOf(turn.at)}, ${turn.state}, ${turn.reason ? sql.json(storable(turn.reason) as never) : null}, ${storableText(turn.file)}, ${turn.bytes}, ${turn.rows},
        ${turn.accepted}, ${sql.json(turn.rejected)}, ${turn.added}, ${turn.changed}, ${turn.delisted}, ${turn.expired ?? 0}, ${turn.tookMs}, ${turn.archive ?? null}) returning n`;
    if (rejected.length > 0)
      await sql`insert into feed_rejected ${sql(
        rejected.map(({ part, row: at, problem, text, frame }) => ({
          turn: row?.["n"] as number,
          part: storableText(part),
          row: at,
          problem: sql.json(storable(problem) as never),
          text: text === undefined ? null : storableText(text),
          frame: frame === undefined ? null : sql.json(storable(frame) as never),
        })) as never,
      )}`;
    if (turn.state === "waiting") {
      await sql`update feed_state set last_turn = ${timeOf(turn.at)}, next_turn = coalesce(${next.nextTurn === undefined ? null : timeOf(next.nextTurn)}, next_turn) where feed = ${turn.feed}`;
      return;
    }
    const good = turn.state === "healthy";
    if (good) await heard(sql, turn.feed, turn.at);
    await sql`update feed_state set last_turn = ${timeOf(turn.at)}, state = ${turn.state}, reason = ${turn.reason ? sql.json(storable(turn.reason) as never) : null},
      accepted = case when ${good} and ${turn.rows > 0} then ${turn.accepted} else accepted end,
      failures = case when ${good} then 0 else failures + 1 end,
      next_turn = coalesce(${next.nextTurn === undefined ? null : timeOf(next.nextTurn)}, next_turn),
      etag = case when ${good} then ${next.etag ?? null} else etag end,
      last_modified = case when ${good} then ${next.lastModified ?? null} else last_modified end,
      profile = coalesce(${good && next.profile !== undefined ? sql.json(next.profile as never) : null}, profile),
      cursor = coalesce(${good && next.cursor !== undefined ? sql.json(storable(next.cursor) as never) : null}, cursor)
      where feed = ${turn.feed}`;
  },

  changes: async (since, limit) => {
    const rows = await sql`select seq, xid::text as xid, ids::text[] as ids from intel_change
      where ${since ? sql`(xid, seq) > (${since.xid}::xid8, ${since.seq})` : sql`true`} and xid < pg_snapshot_xmin(pg_current_snapshot())
      order by intel_change.xid, seq limit ${limit}`;
    const last = rows.at(-1);
    return {
      ids: [...new Set(rows.flatMap((row) => row["ids"] as string[]))],
      cursor: last ? { xid: last["xid"] as string, seq: last["seq"] as number } : (since ?? { xid: "0", seq: 0 }),
      more: rows.length === limit,
      ...((await isLost(sql, "intel_change", since)) ? { lost: true as const } : {}),
    };
  },

  indicators: async (ids, now) =>
    (
      await sql`select i.id, i.n, i.kind, i.value, exists (select from claim c join feed_state f using (feed)
          where c.indicator = i.id and f.voice <> 'context' and ${liveSql(sql, now)}) as live,
          exists (select from claim c join feed_state f using (feed) where c.indicator = i.id and f.voice <> 'context' and ${listedSql(sql, now)}) as listed
        from indicator i where i.id = any(${ids as string[]}::uuid[])`
    ).map((row) => ({
      id: row["id"] as string,
      n: row["n"] as number,
      observable: { kind: row["kind"] as ObservableKind, value: row["value"] as string },
      live: row["live"] as boolean,
      listed: row["listed"] as boolean,
    })),

  liveClaims: async (ids, now) =>
    (
      await sql`select c.*, f.voice, f.shadow, i.kind, ${ageSql(sql)}, false as judged from claim c join feed_state f using (feed) join indicator i on i.id = c.indicator
        where c.indicator = any(${ids as string[]}::uuid[]) and ${liveSql(sql, now)} order by c.indicator, c.feed`
    ).map(claimOf),

  listedClaims: async (ids, now) =>
    (
      await sql`select c.*, f.voice, f.shadow, i.kind, ${ageSql(sql)}, ${judgedSql(sql)} as judged from claim c join feed_state f using (feed) join indicator i on i.id = c.indicator
        where c.indicator = any(${ids as string[]}::uuid[]) and ${listedSql(sql, now)} order by c.indicator, c.feed`
    ).map(claimOf),

  indicatorsWithin: async ({ kind, value }) => {
    const rows =
      kind === "network"
        ? await sql`select id from indicator where kind in ('ipv4','ipv6','cidr') and (value::inet <<= ${value}::inet or value::inet >>= ${value}::inet)
            union all select id from indicator where kind = 'endpoint' and value ~ '^[0-9.]+:[0-9]+$' and split_part(value, ':', 1)::inet <<= ${value}::inet
            union all select id from indicator where kind = 'url' and substring(value from '//([0-9.]+)(?:[:/]|$)') ~ '^[0-9]{1,3}(\\.[0-9]{1,3}){3}$'
              and substring(value from '//([0-9.]+)(?:[:/]|$)')::inet <<= ${value}::inet`
        : kind === "domain"
          ? await sql`select id from indicator where (kind = 'domain' and (value = ${value} or right(value, ${value.length + 1}) = ${`.${value}`}))
              or (kind = 'url' and (substring(value from '//(?:[^/@]*@)?([^/:?#]+)') = ${value} or right(substring(value from '//(?:[^/@]*@)?([^/:?#]+)'), ${value.length + 1}) = ${`.${value}`}))`
          : await sql`select id from indicator where kind = 'email' and (right(value, ${value.length + 1}) = ${`@${value}`} or right(value, ${value.length + 1}) = ${`.${value}`})`;
    return rows.map((row) => row["id"] as string);
  },

  bodySeen: async (feed, digest) =>
    (await sql`select 1 from intake_seen where feed = ${feed} and digest = ${digest}`).length > 0,

  seeBody: async (feed, digest, at) => {
    await sql`insert into intake_seen (feed, digest, at) values (${feed}, ${digest}, ${timeOf(at)}) on conflict do nothing`;
  },

  rejected: async (feed, before, limit) =>
    (
      await sql`select r.n, r.turn, t.at, r.part, r.row, r.problem, r.text, r.frame from feed_rejected r join feed_turn t on t.n = r.turn
        where t.feed = ${feed} and ${before === undefined ? sql`true` : sql`r.n < ${before}`} order by r.n desc limit ${limit}`
    ).map(rejectRow),

  rejectedRows: async (feed, ns) =>
    (
      await sql`select r.n, r.turn, t.at, r.part, r.row, r.problem, r.text, r.frame from feed_rejected r join feed_turn t on t.n = r.turn
        where t.feed = ${feed} and r.n = any(${[...ns]}::bigint[]) order by r.n`
    ).map(rejectRow),

  dropRejected: async (feed, ns) => {
    await sql`delete from feed_rejected r using feed_turn t where t.n = r.turn and t.feed = ${feed} and r.n = any(${[...ns]}::bigint[])`;
  },

  archivedTurn: async (feed, n) => {
    const [row] =
      await sql`select n, at, file, archive from feed_turn where feed = ${feed} and ${n === undefined ? sql`archive is not null` : sql`n = ${n}`} order by n desc limit 1`;
    return (
      row && {
        n: row["n"] as number,
        at: row["at"] as Instant,
        file: row["file"] as string,
        ...(row["archive"] === null ? {} : { archive: row["archive"] as string }),
      }
    );
  },

  forgetRejected: async (before, { only, not = [] }) => {
    const of = (column: "feed" | "t.feed") =>
      only === undefined ? sql`${sql(column)} <> all (${not as string[]}::text[])` : sql`${sql(column)} = ${only}`;
    const gone =
      await sql`delete from feed_rejected r using feed_turn t where t.n = r.turn and t.at < ${timeOf(before)} and ${of("t.feed")}`;
    await sql`delete from intake_seen where at < ${timeOf(before)} and ${of("feed")}`;
    return gone.count;
  },

  setShadow: async (feed, shadow) => {
    await sql`update feed_state set shadow = ${shadow} where feed = ${feed}`;
  },

  discardHeld: async (feed, next) => {
    await sql`update feed_state set state = case when last_good is null then 'never' else 'healthy' end, reason = null, failures = 0, next_turn = ${timeOf(next)}
      where feed = ${feed} and state = 'held'`;
  },
});

const claimOf = (row: Record<string, unknown>): LiveClaim => ({
  ...claimSaid(row),
  ...ageRow(row),
  ...(row["judged"] === true ? { judged: true } : {}),
});

/** Ids in one row of the change feed. */
const changeIds = 40_000;

const heard = async (sql: TransactionSql, feed: string, now: Instant): Promise<void> => {
  const [before] =
    await sql`select last_good is null or last_good + make_interval(secs => live_days * 86400) <= ${timeOf(now)} as silent
    from feed_state where feed = ${feed} for update`;
  if (before?.["silent"])
    await sql`insert into intel_change (at, feed, ids) select ${timeOf(now)}, ${feed}, array_agg(indicator) from (
      select indicator, row_number() over () / ${changeIds} as batch from claim where feed = ${feed} and gone_at is null and live_until is null) as back group by batch`;
  await sql`update feed_state set last_good = greatest(last_good, ${timeOf(now)}) where feed = ${feed}`;
};

const stageRow = (row: ClaimRow): readonly (string | null | readonly string[])[] => [
  row.id,
  row.observable.kind,
  row.observable.value,
  row.parts,
  iso(row.firstSeenAt ?? row.seenAt),
  iso(row.seenAt),
  row.liveUntil === undefined ? null : iso(row.liveUntil),
  printGrade(row.grade),
  row.labels,
  row.flags,
  row.tlp,
  row.pap,
  row.licence,
];

/** A list's rows mostly share one time: the last one printed is kept. */
let lastTime: Instant | undefined;
let lastPrinted = "";
const iso = (time: Instant): string => {
  if (time !== lastTime) [lastTime, lastPrinted] = [time, timeOf(time).toISOString()];
  return lastPrinted;
};

/** Every indicator that may make a hit, with the change-feed position it was read at: for building the match index. */
export const streamLive = async (
  sql: Sql,
  now: Instant,
  each: (rows: readonly { n: number; kind: ObservableKind; value: string }[]) => void,
): Promise<ChangeCursor> =>
  sql.begin("isolation level repeatable read read only", async (tx) => {
    const [at] = await tx`select pg_snapshot_xmin(pg_current_snapshot())::text as xid`;
    await tx`select i.n, i.kind, i.value from indicator i where i.id in
        (select c.indicator from claim c join feed_state f using (feed) where f.voice <> 'context' and ${liveSql(tx, now)})`.cursor(
      20_000,
      (rows) => each(rows as unknown as { n: number; kind: ObservableKind; value: string }[]),
    );
    // everything below xmin was visible; what is at or above it will be replayed from here
    return { xid: (BigInt(at?.["xid"] as string) - 1n).toString(), seq: Number.MAX_SAFE_INTEGER };
  }) as Promise<ChangeCursor>;

const rejectRow = (row: Record<string, unknown>): KeptReject => ({
  n: row["n"] as number,
  turn: row["turn"] as number,
  at: row["at"] as Instant,
  part: row["part"] as string,
  row: row["row"] as number,
  problem: readProblem(row["problem"]),
  ...(row["text"] === null ? {} : { text: row["text"] as string }),
  ...(row["frame"] === null ? {} : { frame: row["frame"] as NonNullable<RejectedRow["frame"]> }),
});
