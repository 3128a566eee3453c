import type { Fragment, Sql, TransactionSql } from "postgres";
import type { Scope } from "#community/visibility.ts";
import type { Instant } from "#core/instant.ts";
import type { Tlp } from "#core/marking.ts";
import type { RawAdvisory } from "#feeds/feed.ts";
import { type Priority, priorityBounds } from "#intel/priority.ts";
import type {
  AdvisoriesAsk,
  AdvisoriesSeen,
  AdvisorySeen,
  AdvisoryViews,
  SeenAdvisory,
} from "#jobs/advisories/views.ts";
import { isUuid, timeOf } from "#store/columns.ts";
import { scopeSql } from "#store/scope-sql.ts";

type AnySql = Sql | TransactionSql;

/** Statements shown beside an advisory; a CVE of a library may stand in thousands. */
const besideAtMost = 100;

/** Advisories as a reader may know them, in one snapshot each. */
export const advisoryViews = (sql: Sql): AdvisoryViews => ({
  advisories: (scope, ask) => snapshot(sql, (tx) => readAdvisories(tx, scope, ask)),
  advisory: (scope, id) => snapshot(sql, (tx) => readAdvisory(tx, scope, id)),
});

const snapshot = <T>(sql: Sql, read: (tx: TransactionSql) => Promise<T>): Promise<T> =>
  sql.begin("isolation level repeatable read read only", read) as Promise<T>;

/** Rows with the columns a Scope asks for: a feed in shadow is staff's alone, whatever it says. */
const advisories = (sql: AnySql): Fragment =>
  sql`(select advisory.*, case when feed_state.shadow then 'feed' end as shadow from advisory join feed_state using (feed))`;

/**
 * What the reader's sources say of an advisory's CVEs, and itself, joined: `bothEvidence` of intel/priority.ts. Only
 * records of one CVE speak for that CVE; what is withdrawn or gone says nothing.
 */
const evidence = (sql: AnySql, scope: Scope): Fragment => sql`(
  select coalesce(bool_or(v.exploited), false) as exploited, coalesce(bool_or(v.ransomware), false) as ransomware, coalesce(bool_or(v.exploit), false) as exploit,
    coalesce(max(v.epss), 0) as epss, coalesce(max(v.cvss), 0) as cvss
  from (select a.exploited, a.ransomware, a.exploit, a.epss, a.cvss where a.gone_at is null
    union all
    select r.exploited, r.ransomware, r.exploit, r.epss, r.cvss from ${advisories(sql)} r
      where r.kind = 'vulnerability' and r.key = any(a.cves) and r.n <> a.n and r.gone_at is null and not a.withdrawn and ${scopeSql(sql, scope, "r")}) v)`;

/** `priorityOf` of intel/priority.ts, held to it by a property test. */
export const prioritySql = (sql: AnySql, alias: string): Fragment => {
  const e = sql(alias);
  const { epss, cvss } = priorityBounds;
  return sql`(case
    when ${e}.exploited or ${e}.ransomware or (${e}.epss >= ${epss.certain} and ${e}.cvss >= ${cvss.high}) then 'act-now'
    when ${e}.epss >= ${epss.likely} or ${e}.cvss >= ${cvss.critical} or (${e}.exploit and ${e}.cvss >= ${cvss.high}) then 'soon'
    when ${e}.epss >= ${epss.possible} or ${e}.cvss >= ${cvss.high} or ${e}.exploit then 'planned'
    else 'watch' end)`;
};

/**
 * A row that could have this priority, told without joining: by itself, or by a record of one of its CVEs that presses.
 * Every `act-now`, `soon` and `planned` needs one; `watch` is what is left.
 */
const couldBe = (sql: AnySql, scope: Scope, priority: Priority): Fragment => {
  if (priority === "watch") return sql`true`;
  const strong = (alias: string): Fragment => {
    const e = sql(alias);
    if (priority === "act-now")
      return sql`(${e}.exploited or ${e}.ransomware or ${e}.epss >= ${priorityBounds.epss.certain})`;
    return sql`(${e}.exploited or ${e}.ransomware or ${e}.exploit or ${e}.epss >= ${priorityBounds.epss.possible} or ${e}.cvss >= ${priorityBounds.cvss.high})`;
  };
  return sql`(${strong("a")} or exists (select from ${advisories(sql)} p where p.kind = 'vulnerability' and p.key = any(a.cves)
    and p.gone_at is null and ${strong("p")} and ${scopeSql(sql, scope, "p")}))`;
};

const asked = (sql: AnySql, scope: Scope, ask: AdvisoriesAsk): Fragment => sql`
  not a.bare
  and ${ask.search === undefined ? sql`true` : textSql(sql, ask.search)}
  and ${ask.cve === undefined ? sql`true` : sql`a.cves @> array[${ask.cve}]`}
  and ${
    ask.product === undefined
      ? sql`true`
      : sql`position(${ask.product.toLowerCase()} in a.search) > 0 and exists (select from jsonb_array_elements(a.body -> 'products') p
          where position(lower(${ask.product}) in lower((p ->> 'vendor') || ' ' || (p ->> 'product'))) > 0)`
  }
  and ${ask.feed === undefined ? sql`true` : sql`a.feed = ${ask.feed}`}
  and ${ask.since === undefined ? sql`true` : sql`a.updated >= ${timeOf(ask.since)}`}
  and ${ask.priority === undefined ? sql`true` : couldBe(sql, scope, ask.priority)}`;

/** Every word must stand somewhere; a whole CVE id is looked up and not searched for. */
const textSql = (sql: AnySql, text: string): Fragment => {
  const words = text
    .trim()
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "")
    .slice(0, 8);
  return words
    .map((word) =>
      /^cve-\d{4}-\d{4,}$/.test(word)
        ? sql`a.cves @> array[${word.toUpperCase()}]`
        : sql`position(${word} in a.search) > 0`,
    )
    .reduce((all, one) => sql`${all} and ${one}`, sql`true`);
};

const readAdvisories = async (sql: TransactionSql, scope: Scope, ask: AdvisoriesAsk): Promise<AdvisoriesSeen> => {
  const rows = await sql`
    select a.*, e.exploited as e_exploited, e.ransomware as e_ransomware, e.exploit as e_exploit, e.epss as e_epss, e.cvss as e_cvss,
      to_char(a.updated at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at
    from ${advisories(sql)} a cross join lateral ${evidence(sql, scope)} e
    where ${scopeSql(sql, scope, "a")} and ${asked(sql, scope, ask)}
      and ${ask.priority === undefined ? sql`true` : sql`${prioritySql(sql, "e")} = ${ask.priority}`}
      and ${ask.after === undefined ? sql`true` : sql`(a.updated, a.id) < (${ask.after.updated}::timestamptz, ${ask.after.id}::uuid)`}
    order by a.updated desc, a.id desc limit ${ask.limit + 1}`;
  const page = rows.slice(0, ask.limit);
  const last = page.at(-1);
  return {
    advisories: page.map(seen),
    ...(rows.length > ask.limit && last ? { next: { updated: last["at"] as string, id: last["id"] as string } } : {}),
  };
};

const readAdvisory = async (sql: TransactionSql, scope: Scope, id: string): Promise<AdvisorySeen | undefined> => {
  if (!isUuid(id)) return undefined;
  const [row] = await sql`
    select a.*, e.exploited as e_exploited, e.ransomware as e_ransomware, e.exploit as e_exploit, e.epss as e_epss, e.cvss as e_cvss
    from ${advisories(sql)} a cross join lateral ${evidence(sql, scope)} e where a.id = ${id} and ${scopeSql(sql, scope, "a")}`;
  if (!row) return undefined;
  const n = row["n"] as number;
  const beside = await sql`
    select a.*, a.exploited as e_exploited, a.ransomware as e_ransomware, a.exploit as e_exploit, a.epss as e_epss, a.cvss as e_cvss
    from ${advisories(sql)} a where a.cves && ${row["cves"] as string[]}::text[] and a.n <> ${n} and ${scopeSql(sql, scope, "a")}
    order by a.kind = 'vulnerability' desc, a.updated desc, a.id desc limit ${besideAtMost}`;
  const versions = await sql`
    select v.at, v.version, v.updated, v.fields from (select w.*, a.organisation, a.grp, a.shadow from advisory_version w join ${advisories(sql)} a on a.n = w.advisory) v
    where v.advisory = ${n} and ${scopeSql(sql, scope, "v")} order by v.n desc`;
  return {
    advisory: seen(row),
    beside: beside.map(seen),
    versions: versions.map((one) => ({
      at: one["at"] as Instant,
      updated: one["updated"] as Instant,
      fields: one["fields"] as string[],
      ...(one["version"] === null ? {} : { version: one["version"] as string }),
    })),
    firstSeen: row["first_seen"] as Instant,
  };
};

const seen = (row: Record<string, unknown>): SeenAdvisory => ({
  id: row["id"] as string,
  feed: row["feed"] as string,
  raw: row["body"] as RawAdvisory,
  updated: row["updated"] as Instant,
  evidence: {
    exploited: row["e_exploited"] as boolean,
    ransomware: row["e_ransomware"] as boolean,
    exploit: row["e_exploit"] as boolean,
    epss: row["e_epss"] as number,
    cvss: row["e_cvss"] as number,
  },
  tlp: row["tlp"] as Tlp,
  gone: row["gone_at"] !== null,
});
