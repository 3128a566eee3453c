import type { TransactionSql } from "postgres";
import type { ObservableKind } from "#core/observable.ts";
import type { SearchFill } from "#jobs/search/port.ts";
import { copyRows } from "#store/copy.ts";

/**
 * What terms are of: "l:" a label, "f:" a feed, "k:" a kind, "t:" a TLP, "ft:" a TLP and a feed of one claim. Numbers below 0 are
 * of no term: the first byte of the id, so that an index finds what is wanted in a part of all (store/search.ts).
 */
export const searchFill = (sql: TransactionSql): SearchFill => ({
  here: async () => {
    const [at] = await sql`select pg_snapshot_xmin(pg_current_snapshot())::text as xid`;
    // everything below xmin is visible; what is at or above it is read again from here, which changes nothing
    return { xid: (BigInt(at?.["xid"] as string) - 1n).toString(), seq: Number.MAX_SAFE_INTEGER };
  },

  idsAfter: async (id, limit) =>
    (
      await sql`select id from indicator where ${id === undefined ? sql`true` : sql`id > ${id}::uuid`} order by id limit ${limit}`
    ).map((row) => row["id"] as string),

  values: async (ids) =>
    (await sql`select id, kind, value from indicator where id = any(${ids as string[]}::uuid[])`).map((row) => ({
      id: row["id"] as string,
      kind: row["kind"] as ObservableKind,
      value: row["value"] as string,
    })),

  put: async (rows, wordsOf) => {
    if (rows.length === 0) return;
    await sql`create temp table if not exists search_stage (id uuid, host text, net inet, near integer[]) on commit delete rows`;
    await sql`create temp table if not exists search_said (id uuid, term text) on commit delete rows`;
    await sql`delete from search_stage`;
    await sql`delete from search_said`;
    await copyRows(sql, "copy search_stage (id, host, net, near) from stdin", rows, ({ id, host, net, near }) => [
      id,
      host ?? null,
      net ?? null,
      near.map(String),
    ]);
    await sql`insert into search_said (id, term)
      select distinct s.id, t.term from search_stage s join indicator i using (id) left join claim c on c.indicator = s.id
        cross join lateral (select 'k:' || i.kind as term union all select 'f:' || c.feed union all select 't:' || c.tlp union all select 'ft:' || c.tlp || ':' || c.feed
          union all select 'l:' || label from unnest(c.labels) as label) t where t.term is not null`;
    const fresh =
      await sql`select distinct d.term from search_said d where not exists (select from search_term t where t.term = d.term)`;
    if (fresh.length > 0) {
      const terms = fresh.map((row) => row["term"] as string);
      await copyTerms(sql, terms, wordsOf);
    }
    await sql`insert into search_value (id, kind, value, host, net, near, terms, newest, until)
      select s.id, i.kind, i.value, s.host, s.net, s.near, (-1 - get_byte(uuid_send(s.id), 0)) || t.terms, coalesce(c.newest, i.first_seen), coalesce(c.until, '-infinity')
      from search_stage s join indicator i using (id)
        join (select d.id, array_agg(t.no order by t.no) as terms from search_said d join search_term t using (term) group by d.id) t on t.id = s.id
        left join lateral (select max(c.first_seen) as newest,
          max(coalesce(c.live_until, 'infinity')) filter (where c.gone_at is null) as until from claim c where c.indicator = s.id) c on true
      on conflict (id) do update set terms = excluded.terms, newest = excluded.newest, until = excluded.until,
        host = excluded.host, net = excluded.net, near = excluded.near
      where (search_value.terms, search_value.newest, search_value.until, search_value.host, search_value.net, search_value.near)
        is distinct from (excluded.terms, excluded.newest, excluded.until, excluded.host, excluded.net, excluded.near)`;
  },
});

const copyTerms = async (
  sql: TransactionSql,
  terms: readonly string[],
  wordsOf: (term: string) => readonly string[],
): Promise<void> => {
  await sql`create temp table if not exists search_new (term text, words text[]) on commit delete rows`;
  await sql`delete from search_new`;
  await copyRows(sql, "copy search_new (term, words) from stdin", terms, (term) => [
    term,
    // a source is found by its title, which the program knows, and a kind or TLP by its own filter
    term.startsWith("l:") ? wordsOf(term.slice(2)) : [],
  ]);
  await sql`insert into search_term (term, words) select term, words from search_new order by term on conflict (term) do nothing`;
};
