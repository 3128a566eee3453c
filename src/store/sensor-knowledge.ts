import type { Sql, TransactionSql } from "postgres";
import type { Instant } from "#core/instant.ts";
import type { ObservableKind } from "#core/observable.ts";
import type { ChangeCursor } from "#intel/ports.ts";
import type { KnowledgeState, KnowledgeViews, KnownRow } from "#jobs/sensors/port.ts";
import { isUuid, timeOf } from "#store/columns.ts";
import { copyRows } from "#store/copy.ts";
import { liveSql } from "#store/intel.ts";
import { claimRow, claimsSql } from "#store/out.ts";

/** Rows of a read that are in memory at once. */
const atOnce = 5000;

/** Rows after which the planner's picture of the table is not true any more. */
const many = 10_000;

/** Nobody knows how many rows differ, and a nested loop over a million of them never ends: until the transaction does. */
const hashed = (sql: TransactionSql) => sql`set local enable_nestloop = off`;

/** Claims that may make a hit, or support one; what a person judged false is not alive (`liveSql`). */
const toldSql = (sql: Sql | TransactionSql, now: Instant) =>
  sql`(c.flags = '{}' and f.voice <> 'context' and not f.shadow and ${liveSql(sql, now)})`;

export const knowledgeState = (sql: TransactionSql): KnowledgeState => ({
  knowledge: async (of) => {
    await sql`insert into knowledge (class, version, sum, held, about, made) values (${of}, 0, 0, 0, '', 'epoch') on conflict do nothing`;
    const [row] =
      await sql`select version, sum::text as sum, held, place, about from knowledge where class = ${of} for update`;
    const place = row?.["place"] as ChangeCursor | null;
    return {
      ...{ version: Number(row?.["version"]), sum: BigInt(row?.["sum"] as string), held: Number(row?.["held"]) },
      ...(place === null ? {} : { place }),
      about: row?.["about"] as string,
    };
  },

  saveKnowledge: async (of, { version, sum, held, place, about }, now) => {
    await sql`update knowledge set version = ${version}, sum = ${String(sum)}::numeric, held = ${held}, place = ${place === undefined ? null : sql.json(place as never)},
      about = ${about}, made = ${timeOf(now)} where class = ${of}`;
  },

  sourcesStand: async (now) => {
    const [row] =
      await sql`select md5(coalesce(string_agg(feed || ' ' || shadow || ' ' || voice || ' ' || live_days || ' '
      || coalesce(last_good + make_interval(secs => live_days * 86400) > ${timeOf(now)}, false), ',' order by feed), '')) as word from feed_state`;
    return row?.["word"] as string;
  },

  floor: async () => {
    const [row] = await sql`select pg_snapshot_xmin(pg_current_snapshot())::text as xid`;
    return { xid: (BigInt(row?.["xid"] as string) - 1n).toString(), seq: Number.MAX_SAFE_INTEGER };
  },

  claims: async (ids, now) =>
    (
      await sql`${claimsSql(sql)} where i.id = any(${ids.filter(isUuid)}::uuid[]) and ${toldSql(sql, now)} order by i.id, c.feed`
    ).map(claimRow),

  held: async (of, ids) =>
    (
      await sql`select * from knowledge_row where class = ${of} and gone is null and indicator = any(${ids.filter(isUuid)}::uuid[])`
    ).map(knownRow),

  ended: async (of, now) =>
    (await sql`select * from knowledge_row where class = ${of} and gone is null and until <= ${timeOf(now)}`).map(
      knownRow,
    ),

  change: async (of, version, gone, come) => {
    if (gone.length > 0)
      await sql`update knowledge_row set gone = ${version} where class = ${of} and gone is null and indicator = any(${[...gone]}::uuid[])`;
    // came and went within one version: it never was
    if (gone.length > 0)
      await sql`delete from knowledge_row where class = ${of} and gone = ${version} and since = ${version}`;
    await copyRows(
      sql,
      "copy knowledge_row (class, indicator, kind, value, until, mark, since) from stdin",
      come,
      (row) => [of, ...cellsOf(row), String(version)],
    );
  },

  stage: async (rows) => {
    await sql`create temp table if not exists knowledge_staged (indicator uuid, kind text, value text, until timestamptz, mark bigint) on commit drop`;
    await copyRows(sql, "copy knowledge_staged (indicator, kind, value, until, mark) from stdin", rows, cellsOf);
  },

  swap: async (of, version) => {
    await sql`analyze knowledge_staged`;
    await hashed(sql);
    const gone = await sql`update knowledge_row r set gone = ${version} where r.class = ${of} and r.gone is null
      and not exists (select from knowledge_staged s where s.indicator = r.indicator and s.mark = r.mark)`;
    // first what comes, then its insertion: a statement that looks for rows while it adds them walks over those it added
    await sql`create temp table knowledge_come on commit drop as select s.* from knowledge_staged s
      where not exists (select from knowledge_row r where r.class = ${of} and r.gone is null and r.indicator = s.indicator)`;
    const come = await sql`insert into knowledge_row (class, indicator, kind, value, until, mark, since)
      select ${of}, indicator, kind, value, until, mark, ${version} from knowledge_come`;
    const [all] = await sql`select coalesce(sum(mark), 0)::text as sum, count(*) as held from knowledge_staged`;
    await sql`drop table knowledge_staged, knowledge_come`;
    if (gone.count + come.count > many) await sql`analyze knowledge_row`;
    return { changed: gone.count + come.count, sum: BigInt(all?.["sum"] as string), held: Number(all?.["held"]) };
  },

  putCursor: async (cursor, of, { version, place, lists }, now) => {
    await sql`insert into knowledge_cursor (cursor, class, version, place, lists, at) values (${cursor}, ${of}, ${version}, ${place}, ${sql.json(lists)}, ${timeOf(now)})
      on conflict (cursor) do update set version = excluded.version, place = excluded.place, lists = excluded.lists, at = excluded.at`;
  },

  cursor: async (cursor, of) => {
    const [row] =
      await sql`select version, place, lists from knowledge_cursor where cursor = ${cursor} and class = ${of}`;
    return (
      row && {
        ...{ version: Number(row["version"]), place: row["place"] as string },
        lists: row["lists"] as Readonly<Record<string, string>>,
      }
    );
  },

  forget: async (before) => {
    await sql`delete from knowledge_cursor where at < ${timeOf(before)}`;
    // terms that nobody has any more
    await sql`delete from knowledge k where k.made < ${timeOf(before)} and not exists (select from knowledge_cursor c where c.class = k.class)`;
    const gone = await sql`delete from knowledge_row r using knowledge k where k.class = r.class and r.gone is not null
      and r.gone <= coalesce((select min(c.version) from knowledge_cursor c where c.class = r.class), k.version)`;
    return gone.count;
  },
});

export const knowledgeViews = (sql: Sql): KnowledgeViews => ({
  knowledgeClaims: async (now, each) => {
    await sql.begin("read only", async (tx) => {
      const rows = tx`${claimsSql(tx)} where ${toldSql(tx, now)} order by c.indicator, c.feed`.cursor(atOnce);
      for await (const batch of rows) await each(batch.map(claimRow));
    });
  },

  knowledgeRows: async (of, from, to, each) => {
    await sql.begin("read only", async (tx) => {
      await hashed(tx);
      const rows =
        from === undefined
          ? tx`select r.*, false as dropped from knowledge_row r
              where r.class = ${of} and r.since <= ${to} and (r.gone is null or r.gone > ${to}) order by r.mark, r.kind, r.value`
          : tx`with here as (select * from knowledge_row where class = ${of} and since > ${from} and since <= ${to} and (gone is null or gone > ${to})),
              was as (select * from knowledge_row where class = ${of} and gone > ${from} and gone <= ${to} and since <= ${from})
            select h.*, false as dropped from here h where not exists (select from was w where w.indicator = h.indicator and w.mark = h.mark)
            union all select w.*, true from was w where not exists (select from here h where h.indicator = w.indicator)
            order by mark, kind, value`;
      for await (const batch of rows.cursor(atOnce))
        await each(batch.map((row) => ({ ...knownRow(row), gone: row["dropped"] as boolean })));
    });
  },
});

const cellsOf = ({ id, kind, value, until, mark }: KnownRow): readonly (string | null)[] => [
  ...[id, kind, value, until === undefined ? null : new Date(until).toISOString()],
  String(mark),
];

const knownRow = (row: Record<string, unknown>): KnownRow => ({
  id: row["indicator"] as string,
  kind: row["kind"] as ObservableKind,
  value: row["value"] as string,
  ...(row["until"] === null ? {} : { until: row["until"] as Instant }),
  mark: row["mark"] as number,
});
