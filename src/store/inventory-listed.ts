import type { Fragment, TransactionSql } from "postgres";
import { directoryInventory } from "#intel/inventory/item.ts";

/** Maker and product of a CPE name, in PostgreSQL's words: a colon that is text has a backslash before it. */
const cpeProduct = "^cpe:2\\.3:[^:]+:((?:[^:\\\\]|\\\\.)+:(?:[^:\\\\]|\\\\.)+):";

/**
 * An inventory of the same organisation lists the product of component `c`, in any version: under the same maker and
 * product of a CPE name, or by the name and maker where it gives no CPE name. It says where the product runs, and the
 * directory does not.
 */
export const listedSql = (sql: TransactionSql): Fragment =>
  sql`exists (select from component_key k0 join component_key k1 on k1.key = k0.key join component l on l.n = k1.component join inventory li on li.n = l.inventory
    where k0.component = c.n and l.organisation = c.organisation and l.valid_to is null and li.name <> ${directoryInventory}
      and (exists (select from unnest(l.cpes) a, unnest(c.cpes) b where substring(a from ${cpeProduct}) = substring(b from ${cpeProduct}))
        or (cardinality(l.cpes) = 0 and lower(l.vendor) = lower(c.vendor))))`;

/** What the directory names is compared again when an inventory begins or ceases to list it. */
export const dueNamed = async (sql: TransactionSql, inventory: number, at: Date): Promise<void> => {
  await sql`insert into component_due (component, weakness, product) select distinct c.n, '', c.product
    from inventory d join component c on c.inventory = d.n and c.valid_to is null
      join component_key k0 on k0.component = c.n join component_key k1 on k1.key = k0.key join component t on t.n = k1.component
    where d.organisation = (select organisation from inventory where n = ${inventory}) and d.name = ${directoryInventory} and d.n <> ${inventory}
      and t.inventory = ${inventory} and (t.valid_from = ${at} or t.valid_to = ${at}) on conflict do nothing`;
};
