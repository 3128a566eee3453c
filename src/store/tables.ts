import type { Sql, TransactionSql } from "postgres";

/** A table of the public schema, as a copy of its rows needs it. */
export interface Table {
  readonly name: string;
  /** In their order, without generated ones: those compute themselves. */
  readonly columns: readonly string[];
  /** Columns of the primary key, in its order; empty when there is none. */
  readonly key: readonly string[];
}

/** A foreign key from `table` to `to`. */
export interface ForeignKey {
  readonly name: string;
  readonly table: string;
  readonly to: string;
  /** As `alter table add constraint` takes it. */
  readonly definition: string;
}

/** Notes on schema, which a restored database has of its own. */
const notes: readonly string[] = ["waglan_migration", "waglan_history_migration"];

/** Tables whose rows make the state. A partitioned table stands for its partitions. */
export const tablesOf = (sql: Sql | TransactionSql): Promise<readonly Table[]> =>
  sql<Table[]>`
    select c.relname as name,
      array(select a.attname::text from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
        order by a.attnum) as columns,
      coalesce((select array_agg(a.attname::text order by k.place)
        from pg_index i, unnest(i.indkey::int[]) with ordinality as k (attnum, place), pg_attribute a
        where i.indrelid = c.oid and i.indisprimary and a.attrelid = c.oid and a.attnum = k.attnum), '{}') as key
    from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
      and c.relname <> all (${sql.array([...notes])})
    order by c.relname`;

export const foreignKeysOf = (sql: Sql | TransactionSql): Promise<readonly ForeignKey[]> =>
  sql<ForeignKey[]>`
    select k.conname as name, f.relname as table, t.relname as to, pg_get_constraintdef(k.oid) as definition
    from pg_constraint k join pg_class f on f.oid = k.conrelid join pg_class t on t.oid = k.confrelid
    where k.contype = 'f' and k.connamespace = 'public'::regnamespace and k.conparentid = 0
    order by f.relname, k.conname`;

/**
 * Names so that every table comes after those its foreign keys point to, and the keys for which that is impossible:
 * those inside a circle of tables. A table's key to itself is checked when its copy ends, and needs no order.
 */
export const inDependencyOrder = (
  tables: readonly string[],
  keys: readonly ForeignKey[],
): { readonly order: readonly string[]; readonly circular: readonly ForeignKey[] } => {
  const order: string[] = [];
  const circular: ForeignKey[] = [];
  let left = [...tables];
  let open = keys.filter((key) => key.table !== key.to);
  while (left.length > 0) {
    const free = left.filter((table) => !open.some((key) => key.table === table));
    const next = free.length > 0 ? free : left.slice(0, 1);
    circular.push(...open.filter((key) => next.includes(key.table)));
    order.push(...next);
    left = left.filter((table) => !next.includes(table));
    open = open.filter((key) => !next.includes(key.table) && !next.includes(key.to));
  }
  return { order, circular };
};
