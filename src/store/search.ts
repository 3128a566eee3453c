import type { Fragment, Sql, TransactionSql } from "postgres";
import { type Scope, visible } from "#community/visibility.ts";
import type { Instant } from "#core/instant.ts";
import { type Licence, type Pap, type Tlp, tlps } from "#core/marking.ts";
import type { ObservableKind } from "#core/observable.ts";
import type { SearchWay } from "#intel/search-ask.ts";
import { searchKeys } from "#intel/search-keys.ts";
import type { SearchStep } from "#intel/search-steps.ts";
import type { LookUpViews } from "#jobs/search/look-up.ts";
import type { SearchAsk, SearchFilter, SearchSeen, SearchViews, SeenClaim, SeenIndicator } from "#jobs/search/port.ts";
import { readGrade, timeOf } from "#store/columns.ts";
import { liveSql, trustSql } from "#store/intel.ts";
import { scopeSql } from "#store/scope-sql.ts";
import { type Condition, lowestId, type ReadPage, type SearchIndex, spread } from "#store/search-spread.ts";

type AnySql = Sql | TransactionSql;
type Row = Record<string, unknown>;

/** Names that share a key with the one pasted; those that are near enough of them are shown. */
const alikeReadAtMost = 1_000;
const partsReadAtMost = 50;

/** Search over what is listed, as a reader may know it, each in one snapshot. */
export const searchViews = (sql: Sql): SearchViews & LookUpViews => ({
  search: (scope, ask) => snapshot(sql, (tx) => search(tx, scope, ask)),
  indicatorsSeen: (scope, ids, now) => seenIndicators(sql, scope, ids, now),
  lookUpClaims: async (scope, ids, now) =>
    (
      await sql`select c.indicator, c.feed, c.grade, c.tlp, c.last_seen, case when c.live_until is null then f.last_good end as listed_at, ${trustSql(sql)} as trust
        from claim c join feed_state f using (feed)
          cross join lateral (select null::text as organisation, null::text as grp, c.tlp, case when f.shadow then 'feed' end as shadow) v
        where c.indicator = any(${[...ids]}::uuid[]) and f.voice <> 'context' and ${scopeSql(sql, scope, "v")} and ${liveSql(sql, now)} order by c.indicator, c.feed`
    ).map((row) => ({
      indicator: row["indicator"] as string,
      feed: row["feed"] as string,
      grade: readGrade(row["grade"]),
      tlp: row["tlp"] as Tlp,
      lastSeen: row["last_seen"] as Instant,
      ...(row["listed_at"] === null ? {} : { listedAt: row["listed_at"] as Instant }),
      ...(row["trust"] === null ? {} : { trust: row["trust"] as number }),
    })),
  urlsWithFragment: async (urls) => {
    const places = urls.map((value) => searchKeys({ kind: "url", value }));
    const hosts = places.flatMap(({ host }) => host ?? []);
    const nets = places.flatMap(({ net }) => net ?? []);
    const rows = await sql`select id, value from search_value where kind = 'url' and strpos(value, '#') > 0
      and (host = any(${hosts}::text[]) or net = any(${nets}::inet[]))`;
    return rows.map((row) => ({ id: row["id"] as string, value: row["value"] as string }));
  },
  searchLag: async () => {
    const [row] = await sql`select value -> 'from' ->> 'xid' as xid, (value -> 'from' ->> 'seq')::bigint as seq,
      value ? 'filled' as filling from deployment where key = 'reader:search'`;
    if (!row) return { batches: 0, filling: true };
    const [late] = await sql`select count(*)::int as batches, min(at) as since from (select at from intel_change
      where (xid, seq) > (${row["xid"] as string}::xid8, ${row["seq"] as number}) limit 10000) waiting`;
    return {
      batches: late?.["batches"] as number,
      filling: row["filling"] as boolean,
      ...(late?.["since"] === null ? {} : { since: late?.["since"] as Instant }),
    };
  },
});

/** Plans are made for the words that are asked: one made for any words reads whole indexes. */
const snapshot = <T>(sql: Sql, read: (tx: TransactionSql) => Promise<T>): Promise<T> =>
  sql.begin("isolation level repeatable read read only", async (tx) => {
    await tx`set local plan_cache_mode = force_custom_plan`;
    return read(tx);
  }) as Promise<T>;

/** A claim of `s` that this scope may know of and that is all the filter wants. `more` speaks of c and f. */
const shown = (sql: AnySql, scope: Scope, filter: SearchFilter, now: Instant, more: Fragment): Fragment => sql`
  (select from claim c join feed_state f using (feed)
    cross join lateral (select null::text as organisation, null::text as grp, c.tlp, case when f.shadow then 'feed' end as shadow) v
    where c.indicator = s.id and ${scopeSql(sql, scope, "v")} and ${more}
      and ${filter.feed === undefined ? sql`true` : sql`c.feed = ${filter.feed}`}
      and ${filter.tlp === undefined ? sql`true` : sql`c.tlp = ${filter.tlp}`}
      and ${filter.since === undefined ? sql`true` : sql`c.first_seen >= ${timeOf(filter.since)}`}
      and ${filter.alive ? liveSql(sql, now) : sql`true`} limit 1)`;

/** What every row shown must have, told from the row alone: quick, and never enough by itself. */
interface Narrowed {
  readonly where: Fragment;
  /** What of it an index can find. */
  readonly wanted: readonly Condition[];
  readonly rest: Fragment;
  /** Nothing can have it. */
  readonly none: boolean;
}

const narrow = async (sql: AnySql, scope: Scope, filter: SearchFilter, now: Instant): Promise<Narrowed> => {
  // a scope that may know of no claim of a TLP needs not look at values that have no other
  const may = tlps.filter((tlp) => visible({ tlp, pap: "clear", licence: "own" }, true, scope));
  const wanted = filter.tlp === undefined ? may : may.filter((tlp) => tlp === filter.tlp);
  // of one feed: a claim of it with such a TLP; a feed that this scope may not read has none, and is not looked for
  const { feed } = filter;
  const open = wanted.map((tlp) => (feed === undefined ? `t:${tlp}` : `ft:${tlp}:${feed}`));
  const kind = filter.kind === undefined ? undefined : `k:${filter.kind}`;
  const numbers = await termNumbers(sql, kind === undefined ? open : [...open, kind]);
  const openNumbers = open.flatMap((term) => numbers.get(term) ?? []);
  const kindNumber = kind === undefined ? undefined : numbers.get(kind);
  const bears = sql`s.terms && ${openNumbers}::int[]`;
  const narrows = feed !== undefined || wanted.length < tlps.length;
  const conditions: readonly Condition[] = [
    ...(narrows ? [{ is: bears, index: "part" } as const] : []),
    ...(kindNumber === undefined ? [] : [{ is: sql`s.terms @> ${[kindNumber]}::int[]`, index: "part" } as const]),
    ...(filter.since === undefined ? [] : [{ is: sql`s.newest >= ${timeOf(filter.since)}`, index: "newest" } as const]),
  ];
  const rest = filter.alive ? sql`s.until > ${timeOf(now)}` : sql`true`;
  return {
    where: conditions.reduce((all, { is }) => sql`${all} and ${is}`, rest),
    ...{ wanted: conditions, rest },
    none: openNumbers.length === 0 || (kind !== undefined && kindNumber === undefined),
  };
};

const termNumbers = async (sql: AnySql, terms: readonly string[]): Promise<ReadonlyMap<string, number>> =>
  new Map(
    (await sql`select term, no from search_term where term = any(${[...terms]}::text[])`).map((row) => [
      row["term"] as string,
      row["no"] as number,
    ]),
  );

/** One step, ready to be asked. */
interface Step {
  readonly way: SearchStep["way"];
  /** As a condition on `s`: what later steps leave out. */
  readonly is: Fragment;
  readonly read: ReadPage;
}

const search = async (sql: TransactionSql, scope: Scope, ask: SearchAsk): Promise<SearchSeen> => {
  const narrowed = await narrow(sql, scope, ask.filter, ask.now);
  if (narrowed.none) return { found: [] };
  const found: { id: string; way: SearchWay | "listed" }[] = [];
  let before = sql`true`;
  const from = ask.after?.step ?? 0;
  for (let at = 0; at < ask.steps.length; at++) {
    const wanted = ask.steps[at];
    if (wanted === undefined) break;
    const step = await stepOf(sql, scope, ask, narrowed, wanted);
    if (at >= from) {
      const left = ask.limit - found.length;
      const rows = await step.read(at === from ? ask.after?.key : undefined, before, left + 1);
      found.push(
        ...rows
          .slice(0, left)
          .map((row) => ({ id: row["id"] as string, way: step.way === "labelled" ? ("said" as const) : step.way })),
      );
      if (rows.length > left) {
        const last = rows[left - 1];
        // the page was full before this step gave a row: it is read from its beginning
        return {
          found,
          next: last === undefined ? { step: at, key: [lowestId] } : { step: at, key: keyOf(step.way, last) },
        };
      }
    }
    before = sql`${before} and not coalesce(${step.is}, false)`;
  }
  return { found };
};

const keyOf = (way: SearchStep["way"], row: Row): readonly string[] =>
  way === "around" || way === "alike" ? [String(row["sort"]), row["id"] as string] : [row["id"] as string];

const stepOf = async (
  sql: TransactionSql,
  scope: Scope,
  { filter, now }: SearchAsk,
  narrowed: Narrowed,
  step: SearchStep,
): Promise<Step> => {
  const visibly = (more: Fragment = sql`true`): Fragment =>
    sql`cross join lateral ${shown(sql, scope, filter, now, more)} known`;
  const { where, wanted, rest } = narrowed;
  const found = (is: Fragment, index: SearchIndex, more?: Fragment): ReadPage =>
    spread(sql, [{ is, index }, ...wanted], rest, visibly(more));
  const idAfter = (after: readonly string[] | undefined): Fragment =>
    after === undefined ? sql`true` : sql`s.id > ${after.at(-1) ?? lowestId}::uuid`;

  switch (step.way) {
    case "is": {
      const is = sql`(s.id = any(${[...step.ids]}::uuid[]))`;
      const read: ReadPage = (after, before, limit) => sql`
        select s.id from search_value s ${visibly()} where ${is} and ${where} and ${before} and ${idAfter(after)} order by s.id limit ${limit}`;
      return { way: step.way, is, read };
    }
    case "around":
      return aroundStep(sql, step.around, visibly(), where);
    case "alike": {
      const { words, token } = step.keys;
      const off =
        await sql`select s.id, s.value from (select * from search_value where near && ${[...words]}::int[] offset 0) s ${visibly()}
        where ${where} order by s.id limit ${alikeReadAtMost}`;
      const parts =
        token === undefined
          ? []
          : await found(sql`(s.near @> ${[token]}::int[])`, "near")(undefined, sql`true`, partsReadAtMost);
      const near = [...new Map([...off, ...parts].map((row) => [row["id"], row])).values()]
        .flatMap((row) => {
          const apart = step.alikeness(row["value"] as string);
          return apart === undefined ? [] : [{ id: row["id"] as string, sort: `${apart} ${row["value"] as string}` }];
        })
        .sort((a, b) => (a.sort < b.sort ? -1 : a.sort > b.sort ? 1 : a.id < b.id ? -1 : 1));
      const ids = near.map((one) => one.id);
      const read: ReadPage = async (after, before, limit) => {
        const left = new Set(
          (await sql`select s.id from search_value s where s.id = any(${ids}::uuid[]) and ${before}`).map(
            (row) => row["id"] as string,
          ),
        );
        const [sort, id] = after?.length === 2 ? after : ["", ""];
        const isAfter = (one: { sort: string; id: string }): boolean =>
          one.sort > (sort ?? "") || (one.sort === sort && one.id > (id ?? ""));
        return near.filter((one) => left.has(one.id) && isAfter(one)).slice(0, limit);
      };
      return { way: step.way, is: sql`(s.id = any(${ids}::uuid[]))`, read };
    }
    case "part": {
      const is = sql`(s.value like ${`%${step.part.replace(/[\\%_]/g, "\\$&")}%`})`;
      return { way: step.way, is, read: found(is, "part") };
    }
    case "said": {
      const labels =
        await sql`select no, substr(term, 3) as label from search_term where words @> ${[...step.words]}::text[]`;
      const feeds = await termNumbers(
        sql,
        step.feeds.map((feed) => `f:${feed}`),
      );
      const numbers = [...labels.map((row) => row["no"] as number), ...feeds.values()];
      const bears = sql`(s.terms && ${numbers}::int[])`;
      const said = sql`(c.labels && ${labels.map((row) => row["label"] as string)}::text[] or c.feed = any(${[...step.feeds]}::text[]))`;
      // what only hidden claims say was not shown here: a later step must not leave it out
      const is = sql`(${bears} and exists ${shown(sql, scope, filter, now, said)})`;
      const read: ReadPage = numbers.length === 0 ? () => Promise.resolve([]) : found(bears, "part", said);
      return { way: step.way, is, read };
    }
    case "labelled": {
      const number = (await termNumbers(sql, [`l:${step.label}`])).get(`l:${step.label}`);
      const is = sql`(s.terms @> ${number === undefined ? [] : [number]}::int[])`;
      const said = sql`c.labels @> array[${step.label}]`;
      const read: ReadPage = number === undefined ? () => Promise.resolve([]) : found(is, "part", said);
      return { way: step.way, is, read };
    }
    case "listed":
      return { way: step.way, is: sql`true`, read: spread(sql, wanted, rest, visibly()) };
  }
};

/** What covers a place, then what lies in it, in the order of the place: a tree of names, or of networks. */
const aroundStep = (
  sql: TransactionSql,
  around: Extract<SearchStep, { way: "around" }>["around"],
  visibly: Fragment,
  where: Fragment,
): Step => {
  const [over, inside, column] =
    around.kind === "host"
      ? [
          sql`(s.host = any(${[...around.parents]}::text[]) and s.kind = 'domain')`,
          around.under === undefined
            ? sql`false`
            : sql`(s.host >= ${around.under} and s.host < ${`${around.under.slice(0, -1)}/`})`,
          sql`host`,
        ]
      : [
          sql`(s.net = any(${[...around.over]}::inet[]) and s.kind = 'cidr')`,
          sql`(s.net >= ${around.first}::inet and s.net <= ${around.last}::inet)`,
          sql`net`,
        ];
  const type = around.kind === "host" ? sql`text` : sql`inet`;
  const read: ReadPage = (after, before, limit) => {
    const beyond =
      after?.length === 2
        ? sql`(s.${column}, s.id) > (${after[0] ?? ""}::${type}, ${after[1] ?? lowestId}::uuid)`
        : sql`true`;
    const part = (which: Fragment): Fragment => sql`(select s.id, s.${column} as sort from search_value s ${visibly}
      where ${which} and ${beyond} and ${where} and ${before} order by s.${column}, s.id limit ${limit})`;
    // what covers a place is a handful, and is fetched before anything is sorted
    const covering = sql`(select s.id, s.${column} as sort from (select * from search_value s where ${over} offset 0) s ${visibly}
      where ${beyond} and ${where} and ${before})`;
    return sql`select id, sort::text as sort from (${covering} union all ${part(inside)}) both_parts order by both_parts.sort, id limit ${limit}`;
  };
  return { way: "around", is: sql`(${over} or ${inside})`, read };
};

/** Values and the claims of them that this scope may know of. */
export const seenIndicators = async (
  sql: AnySql,
  scope: Scope,
  ids: readonly string[],
  now: Instant,
): Promise<readonly SeenIndicator[]> => {
  if (ids.length === 0) return [];
  const rows =
    await sql`select i.id, i.kind, i.value, c.*, f.voice, f.shadow as feed_shadow, f.last_good, ${liveSql(sql, now)} as live, ${trustSql(sql)} as trust,
      exists (select from indicator_verdict j where j.indicator = c.indicator and j.feed in ('', c.feed)) as judged_false
    from indicator i join claim c on c.indicator = i.id join feed_state f using (feed)
      cross join lateral (select null::text as organisation, null::text as grp, c.tlp, case when f.shadow then 'feed' end as shadow) v
    where i.id = any(${[...ids]}::uuid[]) and ${scopeSql(sql, scope, "v")} order by i.id, c.last_seen desc, c.feed`;
  return [...Map.groupBy(rows, (row) => row["id"] as string)].map(([id, claims]) => ({
    id,
    kind: claims[0]?.["kind"] as ObservableKind,
    value: claims[0]?.["value"] as string,
    claims: claims.map(seenClaim),
  }));
};

const seenClaim = (row: Row): SeenClaim => ({
  feed: row["feed"] as string,
  grade: readGrade(row["grade"]),
  firstSeen: row["first_seen"] as Instant,
  lastSeen: row["last_seen"] as Instant,
  ...(row["live_until"] === null ? {} : { liveUntil: row["live_until"] as Instant }),
  ...(row["live_until"] === null && row["gone_at"] === null && row["last_good"] !== null
    ? { listedAt: row["last_good"] as Instant }
    : {}),
  ...(row["trust"] === null ? {} : { trust: row["trust"] as number }),
  ...(row["gone_at"] === null ? {} : { goneAt: row["gone_at"] as Instant }),
  tlp: row["tlp"] as Tlp,
  pap: row["pap"] as Pap,
  licence: row["licence"] as Licence,
  labels: row["labels"] as string[],
  flags: row["flags"] as string[],
  voice: row["voice"] as SeenClaim["voice"],
  shadow: row["feed_shadow"] as boolean,
  live: row["live"] as boolean,
  judgedFalse: row["judged_false"] as boolean,
  withdrawn: row["withdrawn"] as boolean,
});
