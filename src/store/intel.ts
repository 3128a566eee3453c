import type { Fragment, Sql, TransactionSql } from "postgres";
import { printGrade } from "#core/grade.ts";
import type { Instant } from "#core/instant.ts";
import { type Licence, type Pap, paps, type Tlp, tlps } from "#core/marking.ts";
import type { ObservableKind } from "#core/observable.ts";
import type { ChangeCursor, ClaimRow, FeedState, IntelState, LiveClaim } from "#intel/ports.ts";
import { readGrade, readProblem, timeOf } from "#store/columns.ts";
import { copyRows } from "#store/copy.ts";
import { storable, storableText } from "#store/storable.ts";

/** `live` in SQL, held to `intel/indicator.ts` by a property test: c is claim, f its feed_state. */
export const liveSql = (sql: Sql | TransactionSql, now: Instant) =>
  sql`(c.gone_at is null and coalesce(c.live_until, f.last_good + make_interval(secs => f.live_days * 86400)) > ${timeOf(now)})`;

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

export const feedRow = (row: Record<string, unknown>): FeedState => ({
  feed: row["feed"] as string,
  shadow: row["shadow"] as boolean,
  state: row["state"] as FeedState["state"],
  failures: row["failures"] as number,
  claims: row["claims"] as number,
  claimsOpen: row["claims_open"] as number,
  ...(row["accepted"] === null ? {} : { accepted: row["accepted"] as number }),
  ...(row["last_turn"] === null ? {} : { lastTurn: row["last_turn"] as Instant }),
  ...(row["last_good"] === null ? {} : { lastGood: row["last_good"] as Instant }),
  ...(row["next_turn"] === null ? {} : { nextTurn: row["next_turn"] as Instant }),
  ...(row["reason"] === null ? {} : { reason: readProblem(row["reason"]) }),
  ...(row["etag"] === null ? {} : { etag: row["etag"] as string }),
  ...(row["last_modified"] === null ? {} : { lastModified: row["last_modified"] as string }),
});

export const intelState = (sql: TransactionSql): IntelState => ({
  feed: async (feed, shadow) => {
    await sql`insert into feed_state (feed, shadow, live_days, voice) values (${feed.id}, ${shadow}, ${feed.liveDays}, ${feed.voice})
      on conflict (feed) do update set live_days = excluded.live_days, voice = excluded.voice
      where feed_state.live_days <> excluded.live_days or feed_state.voice <> excluded.voice`;
    const [row] = await sql`select * from feed_state where feed = ${feed.id}`;
    return feedRow(row as Record<string, unknown>);
  },

  lockFeed: async (feed) => {
    const [got] = await sql`select pg_try_advisory_xact_lock(hashtextextended('feed:' || ${feed}, 0)) as ok`;
    if (!got?.["ok"]) return undefined;
    const [row] = await sql`select * from feed_state where feed = ${feed}`;
    return row && feedRow(row);
  },

  feeds: async () => (await sql`select * from feed_state order by feed`).map(feedRow),

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
    if (rows.length === 0) return;
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
        live_until = case when ${whole} then excluded.live_until
          when claim.live_until is not null and excluded.live_until is not null then greatest(claim.live_until, excluded.live_until) end,
        grade = case when ${whole} or (${gradeRank(sql, "excluded")}, claim.grade::text collate "C") > (${gradeRank(sql, "claim")}, excluded.grade::text collate "C")
          then excluded.grade else claim.grade end,
        tlp = case when ${whole} or array_position(${[...tlps]}::text[], excluded.tlp::text) > array_position(${[...tlps]}::text[], claim.tlp::text) then excluded.tlp else claim.tlp end,
        pap = case when ${whole} or array_position(${[...paps]}::text[], excluded.pap::text) > array_position(${[...paps]}::text[], claim.pap::text) then excluded.pap else claim.pap end,
        licence = excluded.licence,
        labels = ${unionUnless(sql, whole, "labels")}, flags = ${unionUnless(sql, whole, "flags")}, parts = ${unionUnless(sql, whole, "parts")},
        gone_at = null, revived = claim.gone_at is not null, was_open = claim.gone_at is null and ${openSql(sql)}
      returning (xmax = 0 or revived) as lives, ${openSql(sql)} as open, (xmax <> 0 and was_open) as was_open)
      select (count(*) filter (where lives))::int as lives, (count(*) filter (where open) - count(*) filter (where was_open))::int as open from merged`;
    await sql`update feed_state set claims = claims + ${grown?.["lives"] as number}, claims_open = claims_open + ${grown?.["open"] as number} where feed = ${feed}`;
    await sql`insert into intel_change (at, feed, ids) values (${timeOf(now)}, ${feed}, ${rows.map((row) => row.id)}::uuid[])`;
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

  turn: async (turn, rejected, next) => {
    const [row] =
      await sql`insert into feed_turn (feed, at, state, reason, file, bytes, rows, accepted, rejected, added, changed, delisted, took_ms, archive)
      values (${turn.feed}, ${timeOf(turn.at)}, ${turn.state}, ${turn.reason ? sql.json(storable(turn.reason) as never) : null}, ${storableText(turn.file)}, ${turn.bytes}, ${turn.rows},
        ${turn.accepted}, ${sql.json(turn.rejected)}, ${turn.added}, ${turn.changed}, ${turn.delisted}, ${turn.tookMs}, ${turn.archive ?? null}) returning n`;
    if (rejected.length > 0)
      await sql`insert into feed_rejected ${sql(
        rejected.map(({ part, row: at, problem }) => ({
          turn: row?.["n"] as number,
          part: storableText(part),
          row: at,
          problem: sql.json(storable(problem) as never),
        })) as never,
      )}`;
    const good = turn.state === "healthy";
    await sql`update feed_state set last_turn = ${timeOf(turn.at)}, state = ${turn.state}, reason = ${turn.reason ? sql.json(storable(turn.reason) as never) : null},
      last_good = case when ${good} then ${timeOf(turn.at)} else last_good end,
      accepted = case when ${good} and ${turn.rows > 0} then ${turn.accepted} else accepted end,
      failures = case when ${good} then 0 else failures + 1 end,
      next_turn = coalesce(${next.nextTurn === undefined ? null : timeOf(next.nextTurn)}, next_turn),
      etag = case when ${good} then ${next.etag ?? null} else etag end,
      last_modified = case when ${good} then ${next.lastModified ?? null} else last_modified end
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
    };
  },

  indicators: async (ids, now) =>
    (
      await sql`select i.id, i.n, i.kind, i.value, exists (select from claim c join feed_state f using (feed)
          where c.indicator = i.id and f.voice <> 'context' and ${liveSql(sql, now)}) as live
        from indicator i where i.id = any(${ids as string[]}::uuid[])`
    ).map((row) => ({
      id: row["id"] as string,
      n: row["n"] as number,
      observable: { kind: row["kind"] as ObservableKind, value: row["value"] as string },
      live: row["live"] as boolean,
    })),

  liveClaims: async (ids, now) =>
    (
      await sql`select c.*, f.voice, f.shadow from claim c join feed_state f using (feed)
        where c.indicator = any(${ids as string[]}::uuid[]) and ${liveSql(sql, now)} order by c.indicator, c.feed`
    ).map(
      (row): LiveClaim => ({
        indicator: row["indicator"] as string,
        feed: row["feed"] as string,
        grade: readGrade(row["grade"]),
        labels: row["labels"] as string[],
        tlp: row["tlp"] as Tlp,
        pap: row["pap"] as Pap,
        licence: row["licence"] as Licence,
        voice: row["voice"] as LiveClaim["voice"],
        shadow: row["shadow"] as boolean,
        flags: row["flags"] as string[],
      }),
    ),

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

  setShadow: async (feed, shadow) => {
    await sql`update feed_state set shadow = ${shadow} where feed = ${feed}`;
  },

  discardHeld: async (feed, next) => {
    await sql`update feed_state set state = case when last_good is null then 'never' else 'healthy' end, reason = null, failures = 0, next_turn = ${timeOf(next)}
      where feed = ${feed} and state = 'held'`;
  },
});

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
