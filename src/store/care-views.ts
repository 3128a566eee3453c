import type { Sql } from "postgres";
import type { Scope } from "#community/visibility.ts";
import type { Instant } from "#core/instant.ts";
import { type Tlp, tlps } from "#core/marking.ts";
import type { ObservableKind } from "#core/observable.ts";
import type { CareViews, DecidedValue } from "#jobs/collect/care-views.ts";
import { isUuid, timeOf } from "#store/columns.ts";
import { scopeSql } from "#store/scope-sql.ts";

export const careViews = (sql: Sql): CareViews => ({
  verdicts: async (scope, place, limit) => {
    if (place !== undefined && !isUuid(place.indicator)) return [];
    const behind =
      place === undefined
        ? sql`true`
        : sql`(v.at, v.indicator, v.feed) < (${timeOf(place.at)}, ${place.indicator}::uuid, ${place.feed})`;
    const rows = await sql`select v.*, i.kind, i.value, m.tlp,
        (select count(distinct n.n)::int from finding_source s join finding n on n.n = s.finding
          where s.indicator = v.indicator and s.retracted = 'false' and v.feed in ('', s.feed) and ${scopeSql(sql, scope, "n")}) as findings,
        (select count(*)::int from recall r where r.indicator = v.indicator and r.at >= v.at) as parties
      from indicator_verdict v join indicator i on i.id = v.indicator
      cross join lateral (${strictest(sql, scope)} and v.feed in ('', c.feed)) m
      where m.tlp is not null and ${behind} order by v.at desc, v.indicator desc, v.feed desc limit ${limit}`;
    return rows.map((row) => ({
      about: decided(row),
      ...(row["feed"] === "" ? {} : { feed: row["feed"] as string }),
      who: row["who"] as string,
      reason: row["reason"] as string,
      at: row["at"] as Instant,
      findings: row["findings"] as number,
      parties: row["parties"] as number,
    }));
  },

  careEvents: async (scope, before, limit) => {
    const rows = await sql`select e.n, e.at, e.subject, e.data, i.id as indicator, i.kind, i.value, m.tlp
      from evidence_leaf e
      left join indicator i on e.data ->> 'act' = 'judge indicator' and i.id::text = e.subject
      left join lateral (${strictest(sql, scope)} and coalesce(e.data ->> 'feed', c.feed) = c.feed) m on true
      where e.kind = 'policy' and (e.data ->> 'act') in ('judge indicator', 'exclude', 'include')
        and (e.data ->> 'act' <> 'judge indicator' or m.tlp is not null) and ${before === undefined ? sql`true` : sql`e.n < ${before}`}
      order by e.n desc limit ${limit}`;
    return rows.map((row) => {
      const data = row["data"] as Record<string, unknown>;
      return {
        ...{ n: row["n"] as number, at: row["at"] as Instant, act: String(data["act"]) },
        ...{ subject: row["subject"] as string, data },
        ...(row["indicator"] === null ? {} : { about: decided(row) }),
      };
    });
  },

  excludedFindings: async (scope, limit) =>
    (
      await sql`select distinct s.finding, i.kind, i.value from finding_source s join finding n on n.n = s.finding join indicator i on i.id = s.indicator
        where s.retracted = 'excluded' and ${scopeSql(sql, scope, "n")} limit ${limit}`
    ).map((row) => ({
      finding: row["finding"] as number,
      kind: row["kind"] as ObservableKind,
      value: row["value"] as string,
    })),
});

/** The strictest TLP of the claims of `i` that the scope may know of; null: it knows none. */
const strictest = (sql: Sql, scope: Scope) =>
  sql`select (${[...tlps]}::text[])[max(array_position(${[...tlps]}::text[], c.tlp::text))] as tlp from claim c join feed_state f using (feed)
    cross join lateral (select null::text as organisation, null::text as grp, c.tlp, case when f.shadow then 'feed' end as shadow) k
    where c.indicator = i.id and ${scopeSql(sql, scope, "k")}`;

const decided = (row: Record<string, unknown>): DecidedValue => ({
  id: row["indicator"] as string,
  kind: row["kind"] as ObservableKind,
  value: row["value"] as string,
  tlp: row["tlp"] as Tlp,
});
