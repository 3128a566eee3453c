import type { TransactionSql } from "postgres";
import type { Instant } from "#core/instant.ts";
import type { ObservableKind } from "#core/observable.ts";
import { type WarninglistType } from "#feeds/warninglist.ts";
import type { CareState, ManagedList } from "#intel/care-ports.ts";
import { organisationsAtLeast, type Overlap, type Scorecard, type Tally } from "#intel/scorecard.ts";
import { timeOf } from "#store/columns.ts";
import { storable, storableText } from "#store/storable.ts";

export const careState = (sql: TransactionSql): CareState => ({
  exclusionsMark: async () => Number((await sql`select version from exclusion_mark`)[0]?.["version"]),

  exclusionLists: async () =>
    (await sql`select * from exclusion_list order by name`).map((row) => ({
      ...listOf(row),
      values: row["items"] as string[],
    })),

  exclusionNames: async () =>
    (await sql`select name, title, kind, kinds, entries, at, who, reason, until from exclusion_list order by name`).map(
      (row) => ({ ...listOf(row), entries: row["entries"] as number }),
    ),

  putExclusion: async ({ id, name, type, kinds, values, at, who, reason, until }) => {
    await moved(sql);
    await sql`insert into exclusion_list (name, title, kind, items, at, kinds, entries, who, reason, until)
      values (${storableText(id)}, ${storableText(name)}, ${type}, ${sql.json(storable(values) as never)}, ${timeOf(at)}, ${[...kinds]}, ${values.length},
        ${storableText(who)}, ${storableText(reason)}, ${until === undefined ? null : timeOf(until)})
      on conflict (name) do update set title = excluded.title, kind = excluded.kind, items = excluded.items, at = excluded.at, kinds = excluded.kinds,
        entries = excluded.entries, who = excluded.who, reason = excluded.reason, until = excluded.until`;
  },

  dropExclusion: async (id) => {
    const gone = await sql`delete from exclusion_list where name = ${storableText(id)}`;
    if (gone.count > 0) await moved(sql);
    return gone.count > 0;
  },

  endExclusions: async (now) => {
    const gone = await sql`delete from exclusion_list where until <= ${timeOf(now)} returning name`;
    if (gone.length > 0) await moved(sql);
    return gone.map((row) => row["name"] as string);
  },

  tally: async (now) => {
    // for this transaction alone: two million claims are hashed and sorted in memory instead of on disk
    await sql`set local work_mem = '128MB'`;
    await sql`create temp table shared_claim on commit drop as
      with alive as (select indicator, feed, first_seen from claim where gone_at is null and coalesce(live_until, 'infinity') > ${timeOf(now)}),
        several as (select indicator from alive group by indicator having count(*) > 1)
      select alive.* from alive join several using (indicator)`;
    await sql`analyze shared_claim`;
    // what stood in a feed's first list says nothing of when the feed learned of it
    await sql`create temp table claim_pair on commit drop as
      with first as (select feed, min(at) as at from feed_turn where state = 'healthy' and rows > 0 group by feed)
      select a.feed, b.feed as other, case when a.first_seen > fa.at and b.first_seen > fb.at then extract(epoch from b.first_seen - a.first_seen)::float8 / 3600 end as lead
      from shared_claim a join shared_claim b on a.indicator = b.indicator and a.feed <> b.feed left join first fa on fa.feed = a.feed left join first fb on fb.feed = b.feed`;
    const overlaps =
      await sql`select feed, other, count(*) as shared, percentile_cont(0.5) within group (order by lead) as lead_hours
      from claim_pair group by feed, other order by feed, other`;
    const tallies = await sql`with
      alive as (select feed, count(*) as live from claim where gone_at is null and coalesce(live_until, 'infinity') > ${timeOf(now)} group by feed),
      shared as (select feed, count(*) as shared from shared_claim group by feed),
      ahead as (select feed, percentile_cont(0.5) within group (order by lead) as lead_hours from claim_pair group by feed),
      spoke as (select s.feed, s.indicator, f.n, f.organisation,
          f.state in ('acknowledged', 'fixing', 'fix-claimed') or coalesce(said.answer in ('acknowledged', 'fixed'), false) as agreed,
          f.state = 'not-ours' or coalesce(said.answer in ('not-ours', 'false'), false) as doubted, f.state = 'false' and f.stood is null as refuted
        from finding_source s join finding f on f.n = s.finding
        left join lateral (select answer from answer where answer.finding = f.n order by answer.n desc limit 1) said on true
        where s.voice <> 'context' and not f.veiled),
      decided as (select feed, count(distinct n) filter (where agreed and not refuted) as confirmed, count(distinct n) filter (where doubted and not refuted) as disputed,
          count(distinct n) filter (where refuted) as false_findings, count(distinct organisation) filter (where (agreed and not doubted) or refuted) as organisations from spoke group by feed),
      verdict as (select distinct c.feed, c.indicator from indicator_verdict v join claim c on c.indicator = v.indicator and v.feed in ('', c.feed)),
      cases as (select feed, indicator, bool_or(agreed and not doubted and not refuted) as agreed, bool_or(refuted) as refuted from spoke
          where exists (select from decided d where d.feed = spoke.feed and d.organisations >= ${organisationsAtLeast}) group by feed, indicator),
      counted as (select coalesce(c.feed, v.feed) as feed, count(*) filter (where c.agreed and v.feed is null) as right_cases,
          count(*) filter (where v.feed is not null or (c.refuted and not c.agreed)) as wrong_cases
        from cases c full join verdict v on v.feed = c.feed and v.indicator = c.indicator group by 1),
      verdicts as (select feed, count(*) as verdicts from verdict group by feed)
      select f.feed, coalesce(alive.live, 0) as live, coalesce(alive.live, 0) - coalesce(shared.shared, 0) as alone, ahead.lead_hours,
        coalesce(d.confirmed, 0)::int as confirmed, coalesce(d.disputed, 0)::int as disputed, coalesce(d.false_findings, 0)::int as false_findings, coalesce(v.verdicts, 0)::int as verdicts,
        coalesce(c.right_cases, 0)::int as right_cases, coalesce(c.wrong_cases, 0)::int as wrong_cases
      from feed_state f left join alive using (feed) left join shared using (feed) left join ahead using (feed) left join decided d using (feed)
        left join verdicts v using (feed) left join counted c using (feed) order by f.feed`;
    return { tallies: tallies.map(tallyOf), overlaps: overlaps.map(overlapOf) };
  },

  keepScorecards: async (cards, overlaps, now) => {
    await sql`delete from feed_overlap`;
    await sql`delete from feed_scorecard`;
    for (const card of cards)
      await sql`insert into feed_scorecard (feed, at, live, alone, lead_hours, right_cases, wrong_cases, confirmed, disputed, false_findings, verdicts, trust)
        values (${card.feed}, ${timeOf(now)}, ${card.live}, ${card.alone}, ${card.leadHours ?? null}, ${card.right}, ${card.wrong}, ${card.confirmed},
          ${card.disputed}, ${card.falseFindings}, ${card.verdicts}, ${card.trust ?? null})`;
    for (let at = 0; at < overlaps.length; at += 1000)
      await sql`insert into feed_overlap ${sql(
        overlaps
          .slice(at, at + 1000)
          .map(({ feed, other, shared, leadHours }) => ({ feed, other, shared, lead_hours: leadHours ?? null })),
      )}`;
  },

  scorecard: async (feed) => {
    const [row] = await sql`select * from feed_scorecard where feed = ${feed}`;
    if (!row) return undefined;
    const overlaps = await sql`select * from feed_overlap where feed = ${feed} order by shared desc, other limit 20`;
    const card: Scorecard = {
      ...tallyOf(row),
      ...(row["trust"] === null ? {} : { trust: row["trust"] as number }),
    };
    return { card, at: row["at"] as Instant, overlaps: overlaps.map(overlapOf) };
  },
});

/** Locks the mark until the transaction ends, so that changes of exclusions come one after the other. */
const moved = async (sql: TransactionSql): Promise<void> => {
  await sql`update exclusion_mark set version = version + 1`;
};

type Row = Record<string, unknown>;

const listOf = (row: Row): Omit<ManagedList, "values"> => ({
  id: row["name"] as string,
  name: row["title"] as string,
  version: 0,
  type: row["kind"] as WarninglistType,
  kinds: new Set(row["kinds"] as ObservableKind[]),
  at: row["at"] as Instant,
  who: row["who"] as string,
  reason: row["reason"] as string,
  ...(row["until"] === null ? {} : { until: row["until"] as Instant }),
});

const tallyOf = (row: Row): Tally => ({
  feed: row["feed"] as string,
  live: Number(row["live"]),
  alone: Number(row["alone"]),
  ...(row["lead_hours"] === null ? {} : { leadHours: row["lead_hours"] as number }),
  confirmed: row["confirmed"] as number,
  disputed: row["disputed"] as number,
  falseFindings: row["false_findings"] as number,
  verdicts: row["verdicts"] as number,
  right: row["right_cases"] as number,
  wrong: row["wrong_cases"] as number,
});

const overlapOf = (row: Row): Overlap => ({
  feed: row["feed"] as string,
  other: row["other"] as string,
  shared: Number(row["shared"]),
  ...(row["lead_hours"] === null ? {} : { leadHours: row["lead_hours"] as number }),
});
