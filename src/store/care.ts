import type { Fragment, TransactionSql } from "postgres";
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
    // for this transaction alone: two million claims are hashed in memory instead of on disk
    await sql`set local work_mem = '256MB'`;
    // a background task: less work in all is worth more than an answer that comes sooner
    await sql`set local max_parallel_workers_per_gather = 0`;
    await sql`create temp table tally_feed on commit drop as
      select f.feed, (row_number() over (order by f.feed))::int2 as no, min(t.at) as at
      from feed_state f left join feed_turn t on t.feed = f.feed and t.state = 'healthy' and t.rows > 0 group by f.feed`;
    // read once for both: how many each source lists, and which values several list
    await sql`create temp table tally_group on commit drop as
      select indicator, feed, count(*) as claims, (row_number() over ())::int4 as no from claim where gone_at is null and coalesce(live_until, 'infinity') > ${timeOf(now)}
      group by grouping sets ((indicator), (feed)) having indicator is null or count(*) > 1`;
    await sql`analyze tally_group`;
    // what stood in a feed's first list says nothing of when the feed learned of it
    await sql`create temp table tally_shared on commit drop as
      select g.no as value, f.no, case when c.first_seen > f.at then (date_part('epoch', c.first_seen) / 60)::int4 end as minute
      from claim c join tally_group g using (indicator) join tally_feed f on f.feed = c.feed
      where c.gone_at is null and coalesce(c.live_until, 'infinity') > ${timeOf(now)}`;
    await sql`analyze tally_shared`;
    // pairs by how far apart they were: to the minute within six hours, to the hour beyond, so that there are few
    await sql`create temp table tally_lead on commit drop as
      select a.no as a, b.no as b, case when abs(b.minute - a.minute) < 360 then b.minute - a.minute else (b.minute - a.minute) / 60 * 60 end as lead, count(*)::int4 as pairs
      from tally_shared a join tally_shared b on a.value = b.value and a.no < b.no group by 1, 2, 3`;
    await sql`create temp table tally_pair on commit drop as
      select a as feed, b as other, lead, pairs from tally_lead union all select b, a, -lead, pairs from tally_lead`;
    const overlaps = await sql`select f.feed, o.feed as other, p.shared, m.lead_hours
      from (select feed, other, sum(pairs) as shared from tally_pair group by feed, other) p
        join tally_feed f on f.no = p.feed join tally_feed o on o.no = p.other left join (${medians(sql, sql`feed, other`)}) m on m.feed = p.feed and m.other = p.other
      order by f.feed, o.feed`;
    const tallies = await sql`with
      alive as (select feed, claims as live from tally_group where indicator is null),
      shared as (select f.feed, count(*) as shared from tally_shared s join tally_feed f using (no) group by f.feed),
      ahead as (select f.feed, m.lead_hours from (${medians(sql, sql`feed`)}) m join tally_feed f on f.no = m.feed),
      spoke as (select s.feed, s.indicator, f.n, f.organisation,
          f.state in ('acknowledged', 'fixing', 'fix-claimed') or coalesce(said.answer in ('acknowledged', 'fixed'), false) or coalesce(f.verdict = 'true', false) as agreed,
          coalesce(f.verdict = 'benign', false) as harmless, coalesce(f.verdict = 'duplicate', false) as said_twice,
          f.state = 'not-ours' or coalesce(said.answer in ('not-ours', 'false'), false) as doubted, f.state = 'false' and f.stood is null as refuted
        from finding_source s join finding f on f.n = s.finding
        left join lateral (select answer from answer where answer.finding = f.n order by answer.n desc limit 1) said on true
        where s.voice <> 'context' and (not f.veiled or ((s.feed like 'rule:%' or s.feed like 'behaviour:%') and f.verdict is not null))),
      decided as (select feed, count(distinct n) filter (where agreed and not refuted) as confirmed, count(distinct n) filter (where doubted and not refuted) as disputed,
          count(distinct n) filter (where refuted) as false_findings, count(distinct n) filter (where harmless) as benign, count(distinct n) filter (where said_twice) as duplicates, count(distinct organisation) filter (where (agreed and not doubted) or refuted) as organisations from spoke group by feed),
      verdict as (select distinct c.feed, c.indicator from indicator_verdict v join claim c on c.indicator = v.indicator and v.feed in ('', c.feed)),
      cases as (select feed, indicator, bool_or(agreed and not doubted and not refuted) as agreed, bool_or(refuted) as refuted from spoke
          where exists (select from decided d where d.feed = spoke.feed and d.organisations >= ${organisationsAtLeast}) group by feed, indicator),
      counted as (select coalesce(c.feed, v.feed) as feed, count(*) filter (where c.agreed and v.feed is null) as right_cases,
          count(*) filter (where v.feed is not null or (c.refuted and not c.agreed)) as wrong_cases
        from cases c full join verdict v on v.feed = c.feed and v.indicator = c.indicator group by 1),
      verdicts as (select feed, count(*) as verdicts from verdict group by feed),
      doubted as (select c.feed, count(distinct (d.indicator, d.sender)) as disputed from indicator_dispute d join claim c using (indicator) where c.gone_at is null group by c.feed)
      select f.feed, coalesce(alive.live, 0) as live, coalesce(alive.live, 0) - coalesce(shared.shared, 0) as alone, ahead.lead_hours,
        coalesce(d.confirmed, 0)::int as confirmed, (coalesce(d.disputed, 0) + coalesce(doubted.disputed, 0))::int as disputed, coalesce(d.false_findings, 0)::int as false_findings,
        coalesce(d.benign, 0)::int as benign, coalesce(d.duplicates, 0)::int as duplicates, coalesce(v.verdicts, 0)::int as verdicts,
        coalesce(c.right_cases, 0)::int as right_cases, coalesce(c.wrong_cases, 0)::int as wrong_cases
      from feed_state f left join alive using (feed) left join shared using (feed) left join ahead using (feed) left join decided d using (feed)
        left join verdicts v using (feed) left join counted c using (feed) left join doubted using (feed) order by f.feed`;
    return { tallies: tallies.map(tallyOf), overlaps: overlaps.map(overlapOf) };
  },

  keepScorecards: async (cards, overlaps, now) => {
    await sql`delete from feed_overlap`;
    await sql`delete from feed_scorecard`;
    for (const card of cards)
      await sql`insert into feed_scorecard (feed, at, live, alone, lead_hours, right_cases, wrong_cases, confirmed, disputed, false_findings, verdicts, trust, benign, duplicates)
        values (${card.feed}, ${timeOf(now)}, ${card.live}, ${card.alone}, ${card.leadHours ?? null}, ${card.right}, ${card.wrong}, ${card.confirmed},
          ${card.disputed}, ${card.falseFindings}, ${card.verdicts}, ${card.trust ?? null}, ${card.benign}, ${card.duplicates})`;
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

/** Hours of the middle lead of each of these (the mean of the two middle ones where their number is even). */
const medians = (sql: TransactionSql, of: Fragment): Fragment => sql`
  select ${of}, (min(lead) filter (where upto > (total - 1) / 2) + min(lead) filter (where upto > total / 2))::float8 / 120 as lead_hours
  from (select ${of}, lead, sum(sum(pairs)::int4) over (partition by ${of} order by lead) as upto, sum(sum(pairs)::int4) over (partition by ${of}) as total
    from tally_pair where lead is not null group by ${of}, lead) ranked group by ${of}`;

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
  benign: row["benign"] as number,
  duplicates: row["duplicates"] as number,
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
