import type { Fragment, Sql, TransactionSql } from "postgres";
import type { Scope } from "#community/visibility.ts";
import { certainties } from "#core/grade.ts";
import type { Instant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import type { Problem } from "#core/result.ts";
import type { Inventory } from "#intel/inventory/item.ts";
import type { InventoryViews, SeenComponent, SeenInventory, SeenMatch, SeenVersion } from "#jobs/inventory/views.ts";
import { componentColumns, componentRow, matchRow } from "#store/inventory-rows.ts";
import { scopeSql } from "#store/scope-sql.ts";

const versionsShown = 50;
/** Matches shown of a product in the list of products, and its versions. */
const matchesShown = 3;
const versionsNamed = 5;
const assetsShown = 10;

/** Inventories and matches as a reader may know them, in one snapshot each. */
export const inventoryViews = (sql: Sql): InventoryViews => ({
  inventories: async (scope, organisation) =>
    (
      await sql`select i.name, i.ended, v.* from inventory i
        join lateral (select * from inventory_version v where v.inventory = i.n order by v.n desc limit 1) v on true
        where i.organisation = ${organisation} and ${scopeSql(sql, scope, "i")} order by i.ended is not null, i.name`
    ).map(inventoryRow),

  inventory: (scope, organisation, name, page) =>
    snapshot(sql, async (tx) => {
      const [row] = await tx`select i.n as inventory_n, i.name, i.ended, v.* from inventory i
        join lateral (select * from inventory_version v where v.inventory = i.n order by v.n desc limit 1) v on true
        where i.organisation = ${organisation} and i.name = ${name} and ${scopeSql(tx, scope, "i")}`;
      if (row === undefined) return undefined;
      const n = row["inventory_n"] as number;
      const versions =
        await tx`select * from inventory_version where inventory = ${n} order by n desc limit ${versionsShown}`;
      const components = await tx`select ${componentColumns(tx)}, c.valid_from, c.valid_to,
          (select count(distinct m.weakness)::int from product_match m where m.component = c.n and ${scopeSql(tx, scope, "m")}) as weaknesses
        from component c join inventory i on i.n = c.inventory where c.inventory = ${n} and ${page.past ? tx`true` : tx`c.valid_to is null`}
          and ${page.after === undefined ? tx`true` : tx`c.n > ${page.after}`} order by c.n limit ${page.limit}`;
      return {
        inventory: inventoryRow(row),
        problems: row["problems"] as Problem[],
        versions: versions.map(versionRow),
        components: components.map(
          (one): SeenComponent => ({
            ...componentRow(one),
            from: one["valid_from"] as Instant,
            ...(one["valid_to"] === null ? {} : { to: one["valid_to"] as Instant }),
            weaknesses: one["weaknesses"] as number,
          }),
        ),
      };
    }),

  products: (scope, organisation, { after, limit }) =>
    snapshot(sql, async (tx) => {
      const seen = tx`m.organisation = ${organisation} and ${scopeSql(tx, scope, "m")}`;
      const [sums] = await tx`select (select count(*)::int from component c join inventory i on i.n = c.inventory
            where c.organisation = ${organisation} and c.valid_to is null and ${scopeSql(tx, scope, "i")}) as components,
          (select count(distinct m.product)::int from product_match m where ${seen} and m.exposed and m.exploited) as urgent,
          exists (select from component_due d join component c on c.n = d.component where c.organisation = ${organisation}) as waiting`;
      const rows =
        await tx`select p.*, array(select distinct c.version from product_match m join component c on c.n = m.component
            where ${seen} and m.product = p.product and c.version <> '' order by 1 limit ${versionsNamed}) as versions
        from (select m.product, min(m.rank) as rank, count(distinct m.asset)::int as assets, count(distinct m.weakness)::int as weaknesses,
            count(distinct m.weakness) filter (where m.exploited)::int as exploited, bool_or(m.exposed) as exposed, bool_or(m.exposed and m.exploited) as urgent
          from product_match m where ${seen} group by m.product) p
        where ${after === undefined ? tx`true` : tx`(p.rank, p.product collate "C") > (${after.rank}, ${after.after} collate "C")`}
        order by p.rank, p.product collate "C" limit ${limit}`;
      const best = await readMatches(
        tx,
        tx`(m.component, m.weakness) in (select r.component, r.weakness from (select m.component, m.weakness, row_number() over (partition by m.product order by m.rank, m.component, m.weakness) as place
          from product_match m where ${seen} and m.product = any(${rows.map((row) => row["product"] as string)}::text[])) r where r.place <= ${matchesShown})`,
        scope,
        matchesShown * limit,
      );
      const byProduct = Map.groupBy(best, (one) => one.product);
      return {
        components: sums?.["components"] as number,
        urgent: sums?.["urgent"] as number,
        waiting: sums?.["waiting"] as boolean,
        products: rows.map((row) => ({
          ...{ product: row["product"] as string, rank: row["rank"] as number, versions: row["versions"] as string[] },
          ...{ assets: row["assets"] as number, weaknesses: row["weaknesses"] as number },
          ...{ exploited: row["exploited"] as number, exposed: row["exposed"] as boolean },
          urgent: row["urgent"] as boolean,
          matches: byProduct.get(row["product"] as string) ?? [],
        })),
      };
    }),

  productMatches: (scope, { organisation, weakness, product, asset, after, limit }) =>
    snapshot(sql, (tx) =>
      readMatches(
        tx,
        tx`${organisation === undefined ? tx`true` : tx`m.organisation = ${organisation}`} and ${weakness === undefined ? tx`true` : tx`m.weakness = ${weakness}`}
          and ${product === undefined ? tx`true` : tx`m.product = ${product}`}
          and ${asset === undefined ? tx`true` : tx`m.asset = ${asset}`}
          and ${after === undefined ? tx`true` : tx`(m.rank, lpad(m.component::text, 15, '0') || ' ' || m.weakness collate "C") > (${after.rank}, ${after.after} collate "C")`}`,
        scope,
        limit,
      ),
    ),

  affected: async (scope, weaknesses) => {
    if (weaknesses.length === 0) return [];
    const rows =
      await sql`select m.organisation, min(m.rank) as rank, count(distinct m.asset)::int as assets_total, bool_or(m.exposed) as exposed,
        max(array_position(${[...certainties]}::text[], m.certainty)) as surest, (array_agg(distinct m.weakness))[1:${assetsShown}] as weaknesses,
        array(select a.asset from (select m2.asset, min(m2.rank) as rank from product_match m2 where m2.organisation = m.organisation and m2.weakness = any(${[...weaknesses]}::text[])
          and ${scopeSql(sql, scope, "m2")} group by m2.asset order by 2, 1 limit ${assetsShown}) a) as assets
      from product_match m where m.weakness = any(${[...weaknesses]}::text[]) and ${scopeSql(sql, scope, "m")} group by m.organisation order by 2, 1`;
    return rows.map((row) => ({
      ...{ organisation: row["organisation"] as OrganisationId, assets: row["assets"] as string[] },
      ...{ assetsTotal: row["assets_total"] as number, exposed: row["exposed"] as boolean },
      certainty: certainties[(row["surest"] as number) - 1] ?? "unknown",
      weaknesses: row["weaknesses"] as string[],
    }));
  },
});

const snapshot = <T>(sql: Sql, read: (tx: TransactionSql) => Promise<T>): Promise<T> =>
  sql.begin("isolation level repeatable read read only", read) as Promise<T>;

const readMatches = async (
  tx: TransactionSql,
  which: Fragment,
  scope: Scope,
  limit: number,
): Promise<readonly SeenMatch[]> =>
  (
    await tx`select m.*, ${componentColumns(tx)}, m.asset as asset, m.product as product, m.organisation as organisation,
        (select f.id from finding f where f.organisation = m.organisation and f.asset = m.asset and f.problem_type = 'vulnerable-system' and f.problem_about = lower(m.weakness)
          and f.veiled = (m.shadow is not null) and ${scopeSql(tx, scope, "f")} limit 1) as finding
      from product_match m join component c on c.n = m.component join inventory i on i.n = c.inventory
      where ${which} and ${scopeSql(tx, scope, "m")} order by m.rank, m.component, m.weakness limit ${limit}`
  ).map((row) => ({
    ...matchRow(row),
    componentRow: componentRow(row),
    ...(row["finding"] === null ? {} : { finding: row["finding"] as string }),
  }));

const inventoryRow = (row: Record<string, unknown>): SeenInventory => ({
  name: row["name"] as string,
  ...(row["ended"] === null ? {} : { ended: row["ended"] as Instant }),
  version: versionRow(row),
});

const versionRow = (row: Record<string, unknown>): SeenVersion => ({
  from: row["valid_from"] as Instant,
  ...(row["valid_to"] === null ? {} : { to: row["valid_to"] as Instant }),
  ...{ who: row["who"] as string, file: row["file"] as string, format: row["format"] as Inventory["format"] },
  ...{ items: row["items"] as number, added: row["added"] as number, removed: row["removed"] as number },
  ...{ repeated: row["repeated"] as number, rejected: row["rejected"] as number },
  problemCount: row["problem_count"] as number,
});
