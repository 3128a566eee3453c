import type { TransactionSql } from "postgres";
import type { Instant } from "#core/instant.ts";
import type { LiveRecord } from "#detect/record.ts";
import { timeOf } from "#store/columns.ts";

/**
 * How many machines a network stands for: a quarter of its IPv4 addresses, 4,096 at the most; of IPv6 64. A guess, and
 * called one: nobody counts the machines of a member that says nothing.
 */
const hostsAtMost = 4096;

/** How rules and behaviours did here. */
export const detectorRecords = async (
  sql: TransactionSql,
  sources: readonly string[],
): Promise<ReadonlyMap<string, LiveRecord & { readonly at: Instant }>> =>
  new Map(
    (
      await sql`select r.*, f.shadow from detector_record r join feed_state f using (feed) where feed = any(${[...sources]}::text[])`
    ).map((row) => [
      row["feed"] as string,
      {
        ...{ at: row["at"] as Instant, hostDays: row["host_days"] as number, findings: row["findings"] as number },
        ...{ agreed: row["agreed"] as number, refuted: row["refuted"] as number, benign: row["benign"] as number },
        shadow: row["shadow"] as boolean,
      },
    ]),
  );

/**
 * Host-days are those of organisations with a sensor, since telemetry first came within the days. A finding is an
 * organisation and an asset, spoken of in findings or in hits that were kept quiet.
 */
export const countRecords = async (sql: TransactionSql, now: Instant, days: number): Promise<void> => {
  const since = sql`${timeOf(now)}::timestamptz - ${days} * interval '1 day'`;
  await sql`delete from detector_record`;
  await sql`with
      hosts as (select sum(case when a.kind = 'domain' then 1 when a.value like '%:%' then 64
          else greatest(1, least(${hostsAtMost}, power(2, 30 - masklen(a.value::inet)))) end) as n
        from asset a where a.kind in ('network', 'domain') and (a.valid_to is null or a.valid_to > ${timeOf(now)})
          and exists (select from sensor s where s.organisation = a.organisation and s.ended is null)),
      span as (select least(${days}::double precision, greatest(1, extract(epoch from ${timeOf(now)}::timestamptz - min(received)) / 86400)) as days from telemetry_batch),
      spoke as (select s.feed, f.organisation, f.asset, bool_or(coalesce(f.verdict = 'true', false) or f.state in ('acknowledged', 'fixing', 'fix-claimed')) as agreed,
          bool_or(f.state = 'false' or s.refuted is not null) as refuted, bool_or(coalesce(f.verdict = 'benign', false)) as benign
        from finding_source s join finding f on f.n = s.finding
        where (s.feed like 'rule:%' or s.feed like 'behaviour:%') and f.last_seen >= ${since} and coalesce(f.verdict, '') <> 'duplicate' group by 1, 2, 3
        union all select q.feed, q.organisation, q.asset, false, false, false from quiet_hit q where q.time >= ${since} group by 1, 2, 3),
      counted as (select feed, count(distinct (organisation, asset))::int as findings, count(distinct (organisation, asset)) filter (where agreed and not refuted)::int as agreed,
          count(distinct (organisation, asset)) filter (where refuted)::int as refuted, count(distinct (organisation, asset)) filter (where benign and not refuted)::int as benign
        from spoke group by feed)
    insert into detector_record (feed, at, host_days, findings, agreed, refuted, benign)
      select f.feed, ${timeOf(now)}, coalesce((select n from hosts), 0) * (select days from span), c.findings, c.agreed, c.refuted, c.benign
      from counted c join feed_state f on f.feed = c.feed`;
};
