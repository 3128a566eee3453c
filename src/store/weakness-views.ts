import type { Fragment, Sql, TransactionSql } from "postgres";
import type { Scope } from "#community/visibility.ts";
import type { Instant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import type { Priority } from "#intel/priority.ts";
import type { MatchBody } from "#jobs/inventory/port.ts";
import type { SeenWeakness, WeaknessesAsk, WeaknessesSeen, WeaknessViews } from "#jobs/inventory/weakness-views.ts";
import { scopeSql } from "#store/scope-sql.ts";

/** Organisations and products named in a row; the weakness itself has all. */
const ownersNamed = 3;
const productsNamed = 3;
const wordsAtMost = 8;

/** Weaknesses over all organisations, as a reader may know them, in one snapshot. */
export const weaknessViews = (sql: Sql): WeaknessViews => ({
  weaknesses: (scope, ask) =>
    sql.begin("isolation level repeatable read read only", (tx) => readWeaknesses(tx, scope, ask)),
});

const readWeaknesses = async (sql: TransactionSql, scope: Scope, ask: WeaknessesAsk): Promise<WeaknessesSeen> => {
  const fits = sql`${scopeSql(sql, scope, "m")} and ${asked(sql, ask)}`;
  // what all of it comes to is asked of narrow columns alone; names and counts are, of the rows that are shown
  const rows = await sql`with g as materialized (
      select m.weakness, ${place(sql)} as place, bool_or(m.exploited) as exploited, bool_or(m.exposed) as exposed,
        bool_or(m.exposed and m.exploited) as urgent, max(m.epss) as epss, max(m.cvss) as cvss, min(m.since) as since,
        bool_and(m.shadow is not null) as hidden, min(m.rank) as rank
      from product_match m where ${fits} group by m.weakness),
    sums as (select count(*)::int as found, (count(*) filter (where urgent))::int as pressing from g)
    select s.*, p.* from sums s left join lateral (select * from g
      where ${ask.after === undefined ? sql`true` : sql`(g.place, g.weakness collate "C") > (${ask.after.rank}, ${ask.after.after} collate "C")`}
      order by g.place, g.weakness collate "C" limit ${ask.limit}) p on true order by p.place, p.weakness collate "C"`;
  const [sums] = rows;
  const [owners] = await sql`select count(distinct m.organisation)::int as n from product_match m where ${fits}`;
  const page = rows.filter((row) => row["weakness"] !== null);
  const names = page.map((row) => row["weakness"] as string);
  const [who, what, best] = [
    await ownersOf(sql, fits, names),
    await productsOf(sql, fits, names),
    await bestOf(sql, fits, names),
  ];
  return {
    found: {
      ...{ weaknesses: sums?.["found"] as number, urgent: sums?.["pressing"] as number },
      organisations: owners?.["n"] as number,
    },
    weaknesses: page.flatMap((row): SeenWeakness[] => {
      const weakness = row["weakness"] as string;
      const [owned, made, match] = [who.get(weakness), what.get(weakness), best.get(weakness)];
      if (owned === undefined || made === undefined || match === undefined) return [];
      return [
        {
          ...{ weakness, place: row["place"] as number, ...owned, ...made, ...match },
          ...{ exploited: row["exploited"] as boolean, exposed: row["exposed"] as boolean },
          ...{ urgent: row["urgent"] as boolean, hidden: row["hidden"] as boolean },
          ...{ epss: row["epss"] as number, cvss: row["cvss"] as number, since: row["since"] as Instant },
        },
      ];
    }),
  };
};

const asked = (sql: TransactionSql, { weakness, search, priority, exposed, exploited }: WeaknessesAsk): Fragment => {
  const words = (search ?? "").toLowerCase().split(/\s+/);
  return words
    .filter((word) => word !== "")
    .slice(0, wordsAtMost)
    .map(
      (word) =>
        sql`position(${word} in lower(m.weakness || ' ' || (m.body ->> 'title') || ' ' || m.product || ' ' || m.asset)) > 0`,
    )
    .reduce(
      (all, one) => sql`${all} and ${one}`,
      sql`${weakness === undefined ? sql`true` : sql`m.weakness = ${weakness}`}
        and ${priority === undefined ? sql`true` : sql`m.priority = ${priority}`}
        and ${exposed === undefined ? sql`true` : sql`m.exposed = ${exposed}`}
        and ${exploited === undefined ? sql`true` : sql`m.exploited = ${exploited}`}`,
    );
};

/** Six figures: exposed and exploited, exploited, EPSS in thousandths, CVSS in tenths, exposed; the least is the most pressing. */
const place = (sql: TransactionSql): Fragment =>
  sql`(((((not bool_or(m.exposed and m.exploited))::int * 2 + (not bool_or(m.exploited))::int) * 1001
    + 1000 - round(max(m.epss) * 1000)::int) * 101 + 100 - round(max(m.cvss) * 10)::int) * 2 + (not bool_or(m.exposed))::int)`;

type Owned = Pick<SeenWeakness, "organisations" | "assets" | "exposedAssets" | "owners">;

const ownersOf = async (
  sql: TransactionSql,
  fits: Fragment,
  weaknesses: readonly string[],
): Promise<ReadonlyMap<string, Owned>> => {
  const rows =
    await sql`select * from (select x.*, row_number() over (partition by weakness order by rank, organisation) as at,
        (count(*) over w)::int as organisations, (sum(held) over w)::int as assets, (sum(reached) over w)::int as exposed_assets
      from (select m.weakness, m.organisation, min(m.rank) as rank, (count(distinct m.asset))::int as held, (count(distinct m.asset) filter (where m.exposed))::int as reached
        from product_match m where m.weakness = any(${[...weaknesses]}::text[]) and ${fits} group by m.weakness, m.organisation) x
      window w as (partition by weakness)) y where at <= ${ownersNamed} order by weakness, at`;
  return new Map(
    [...Map.groupBy(rows, (row) => row["weakness"] as string)].map(([weakness, some]) => [
      weakness,
      {
        organisations: some[0]?.["organisations"] as number,
        ...{ assets: some[0]?.["assets"] as number, exposedAssets: some[0]?.["exposed_assets"] as number },
        owners: some.map((row) => ({
          ...{ organisation: row["organisation"] as OrganisationId, assets: row["held"] as number },
          exposed: (row["reached"] as number) > 0,
        })),
      },
    ]),
  );
};

type Made = Pick<SeenWeakness, "families" | "products">;

const productsOf = async (
  sql: TransactionSql,
  fits: Fragment,
  weaknesses: readonly string[],
): Promise<ReadonlyMap<string, Made>> => {
  const rows = await sql`select y.weakness, y.families, c.vendor, c.name from (
      select x.*, row_number() over (partition by weakness order by rank, product) as at, (count(*) over (partition by weakness))::int as families
      from (select m.weakness, m.product, min(m.rank) as rank, min(m.component) as component
        from product_match m where m.weakness = any(${[...weaknesses]}::text[]) and ${fits} group by m.weakness, m.product) x) y
    join component c on c.n = y.component where y.at <= ${productsNamed} order by y.weakness, y.at`;
  return new Map(
    [...Map.groupBy(rows, (row) => row["weakness"] as string)].map(([weakness, some]) => {
      // one product by its CPE name here and by its plain name there: two families, and one to whoever reads it
      const named = some.map((row) => [row["vendor"], row["name"]].filter((one) => one !== "").join(" "));
      const products = [...new Map(named.toReversed().map((name) => [name.toLowerCase(), name])).values()].toReversed();
      return [weakness, { families: (some[0]?.["families"] as number) - (named.length - products.length), products }];
    }),
  );
};

const bestOf = async (
  sql: TransactionSql,
  fits: Fragment,
  weaknesses: readonly string[],
): Promise<ReadonlyMap<string, Pick<SeenWeakness, "priority" | "body">>> =>
  new Map(
    (
      await sql`select distinct on (m.weakness) m.weakness, m.priority, m.body from product_match m
        where m.weakness = any(${[...weaknesses]}::text[]) and ${fits} order by m.weakness, m.rank, m.component`
    ).map((row) => [
      row["weakness"] as string,
      { priority: row["priority"] as Priority, body: row["body"] as MatchBody },
    ]),
  );
