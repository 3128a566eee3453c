import type { Fragment, TransactionSql } from "postgres";
import type { Purpose } from "#community/agreement.ts";
import type { Instant } from "#core/instant.ts";
import {
  type GroupId,
  type Licence,
  type Marking,
  type OrganisationId,
  type Pap,
  type Tlp,
  tlps,
} from "#core/marking.ts";
import type { StixCollection, StixNew, StixObjectsState, StixReach, StixRow } from "#jobs/stix/objects-port.ts";
import type { TaxiiFilter } from "#share/taxii-filter.ts";
import { isUuid, timeOf } from "#store/columns.ts";
import { judgedShadow } from "#store/judged-shadow.ts";
import { copyRows } from "#store/copy.ts";
import { scopeSql } from "#store/scope-sql.ts";

type Row = Record<string, unknown>;

/** STIX objects and their collections; migration 0004 says what the columns mean. */
export const stixObjectsState = (sql: TransactionSql): StixObjectsState => ({
  collections: async () => (await sql`select * from stix_collection order by n`).map(collectionRow),

  putCollection: async (one) => {
    const [row] =
      await sql`insert into stix_collection (id, alias, title, description, readers, writers, media_types, tlp, pap, licence, purpose)
      values (${one.id}, ${one.alias}, ${one.title}, ${one.description ?? null}, ${[...one.readers]}, ${[...one.writers]}, ${[...one.mediaTypes]},
        ${one.defaults.tlp}, ${one.defaults.pap}, ${one.defaults.licence}, ${one.purpose})
      on conflict (alias) do nothing returning *`;
    if (row === undefined) return undefined;
    await sql`insert into stix_clock (collection, last) values (${row["n"] as number}, 0)`;
    return collectionRow(row);
  },

  setRights: async (collection, readers, writers) => {
    await sql`update stix_collection set readers = ${[...readers]}, writers = ${[...writers]} where n = ${collection}`;
  },

  holdings: async () =>
    new Map(
      (
        await sql`select collection, count(*)::int as objects, max(date_added) as last from stix_object where addressee = '' group by 1`
      ).map((row) => [row["collection"] as number, { objects: row["objects"] as number, last: row["last"] as number }]),
    ),

  senders: async (collection) =>
    (
      await sql`select sender, count(*)::int as objects, (count(*) filter (where shadow is not null))::int as shadow, max(date_added) as last
        from stix_object where collection = ${collection} and addressee = '' group by sender order by last desc`
    ).map((row) => ({
      ...(row["sender"] === "" ? {} : { sender: row["sender"] as OrganisationId }),
      objects: row["objects"] as number,
      shadow: row["shadow"] as number,
      last: row["last"] as number,
    })),

  lock: async (collection) => {
    const [row] = await sql`select last from stix_clock where collection = ${collection} for update`;
    return row?.["last"] as number;
  },

  setClock: async (collection, last) => {
    await sql`update stix_clock set last = ${last} where collection = ${collection}`;
  },

  held: async (collection, ids) =>
    (
      await sql`select * from stix_object where collection = ${collection} and id = any(${[...ids]}) order by date_added`
    ).map(objectRow),

  definitions: async (collection, ids, sender) =>
    (
      await sql`select body from stix_object where collection = ${collection} and id = any(${[...ids]})
        and sender in ('', ${sender ?? ""}) order by (sender = '') desc, date_added`
    ).map((row) => row["body"] as string),

  insert: (collection, rows) =>
    copyRows(
      sql,
      `copy stix_object (collection, date_added, id, type, spec, version, written, sender, organisation, tlp, tlp_known, pap, grp, licence,
        shadow, personal, revoked, latest, mixed, alone, awaits, parts, bytes, body, addressee) from stdin`,
      rows,
      newRow(String(collection)),
    ),

  arrived: async (collection, sender, after, limit) =>
    (
      await sql`select date_added, body from stix_object where collection = ${collection} and date_added > ${after} and sender = ${sender ?? ""}
        order by date_added limit ${limit}`
    ).map((row) => ({ addedAt: row["date_added"] as number, body: row["body"] as string })),

  settle: (collection, ids) => settle(sql, collection, ids),

  defined: async (collection, { id, tlp, sender }, otherwise, from) => {
    const whose = sender === undefined ? sql`true` : sql`sender = ${sender}`;
    const rank = (of: Fragment) => sql`array_position(${[...tlps]}::text[], ${of})`;
    if (tlp !== undefined)
      await sql`update stix_object set tlp_known = ${tlp}::text where collection = ${collection} and awaits is not null and ${id} = any(awaits)
        and ${whose} and (tlp_known is null or ${rank(sql`tlp_known`)} < ${rank(sql`${tlp}::text`)})`;
    const freed =
      await sql`select date_added, id from stix_object where collection = ${collection} and awaits = array[${id}]::text[] and ${whose} order by date_added`;
    const last = await redate(sql, collection, freed, from);
    await sql`update stix_object set tlp = coalesce(tlp_known, ${otherwise}::text) where collection = ${collection} and awaits = array[${id}]::text[] and ${whose}`;
    await sql`update stix_object set awaits = nullif(array_remove(awaits, ${id}), '{}') where collection = ${collection} and awaits is not null and ${id} = any(awaits) and ${whose}`;
    await settle(sql, collection, freed.map(idOf));
    return last;
  },

  unshadow: async (collection, sender, from) => {
    const rows =
      await sql`select date_added, id from stix_object where collection = ${collection} and sender = ${sender} and shadow is not null and shadow <> ${judgedShadow} order by date_added`;
    await sql`update stix_object set shadow = null where collection = ${collection} and sender = ${sender} and shadow is not null and shadow <> ${judgedShadow}`;
    const last = await redate(sql, collection, rows, from);
    await settle(sql, collection, rows.map(idOf));
    return { rows: rows.length, last };
  },

  page: async ({ collection, filter, after, limit, bytes }, reach) => {
    const rows = await sql`select * from (
        select o.*, sum(o.bytes::bigint) over (order by o.date_added) - o.bytes as ahead, count(*) over () as found from (
          select * from stix_object o
          where o.collection = ${collection} and o.date_added > ${after} and ${reachSql(sql, reach, "o")} and ${filterSql(sql, filter, reach)}
          order by o.date_added limit ${limit + 1}) o) p
      where p.ahead < ${bytes} or p.ahead = 0 order by p.date_added`;
    const page = rows.slice(0, limit);
    return { rows: page.map(objectRow), more: Number(rows[0]?.["found"] ?? 0) > page.length };
  },

  has: async (collection, id, reach) => {
    const [row] =
      await sql`select exists (select from stix_object o where o.collection = ${collection} and o.id = ${id} and ${reachSql(sql, reach, "o")}) as there`;
    return row?.["there"] === true;
  },

  remove: async (collection, dates) => {
    const gone =
      await sql`delete from stix_object where collection = ${collection} and date_added = any(${[...dates]}::bigint[]) and addressee = '' returning id`;
    await settle(sql, collection, gone.map(idOf));
  },

  putStatus: async ({ id, party, at, resource }) => {
    await sql`insert into stix_status (id, party, at, resource) values (${id}, ${party}, ${timeOf(at)}, ${resource})`;
  },

  status: async (id, party) => {
    if (!isUuid(id)) return undefined;
    const [row] = await sql`select * from stix_status where id = ${id} and party = ${party}`;
    return (
      row && {
        id: row["id"] as string,
        party: row["party"] as OrganisationId,
        at: row["at"] as Instant,
        resource: row["resource"] as string,
      }
    );
  },

  forgetStatuses: async (until) => {
    await sql`delete from stix_status where at < ${timeOf(until)}`;
  },
});

const idOf = (row: Row): string => row["id"] as string;

/**
 * Works out latest, mixed and alone again. What changes is given back as arrays: a join of the table with itself is
 * planned by guesses about fresh rows, and was seen to take minutes.
 */
export const settle = async (sql: TransactionSql, collection: number, given: readonly string[]): Promise<void> => {
  const ids = [...new Set(given)];
  if (ids.length === 0) return;
  const moved =
    await sql`select date_added, addressee, is_latest::int * 4 + is_mixed::int * 2 + is_alone::int as flags from (
      select *, row_number() over (partition by id order by spec desc, revoked desc, case when revoked then version end, version desc, date_added) = 1 as is_latest,
        min(class) over one <> max(class) over one as is_mixed, count(*) over one = 1 as is_alone
      from (select date_added, addressee, id, spec, version, revoked, latest, mixed, alone,
          concat_ws(' ', 'to ' || addressee, 'from ' || sender, 'of ' || organisation, tlp, pap, 'in ' || grp, licence, 'shadow ' || shadow, personal) as class
        from stix_object where collection = ${collection} and id = any(${ids})) o
      window one as (partition by id)) p
    where (latest, mixed, alone) is distinct from (is_latest, is_mixed, is_alone)`;
  if (moved.length === 0) return;
  await sql`update stix_object o set latest = p.flags & 4 <> 0, mixed = p.flags & 2 <> 0, alone = p.flags & 1 <> 0
    from unnest(${moved.map((row) => row["date_added"] as number)}::bigint[], ${moved.map((row) => row["flags"] as number)}::int[], ${moved.map((row) => row["addressee"] as string)}::text[]) as p (at, flags, addressee)
    where o.collection = ${collection} and o.date_added = p.at and o.addressee = p.addressee`;
};

/** Lets rows arrive anew, in the order they had. @returns the last date given */
export const redate = async (
  sql: TransactionSql,
  collection: number,
  rows: readonly Row[],
  from: number,
): Promise<number> => {
  if (rows.length > 0)
    await sql`update stix_object o set date_added = p.anew
      from unnest(${rows.map((row) => row["date_added"] as number)}::bigint[], ${rows.map((_, n) => from + 1 + n)}::bigint[]) as p (at, anew)
      where o.collection = ${collection} and o.date_added = p.at and o.addressee = ''`;
  return from + rows.length;
};

/** `StixReach` on a row; `release` says the same of each, and has the last word. */
const reachSql = (sql: TransactionSql, reach: StixReach, alias: string): Fragment => {
  const t = sql(alias);
  return sql`(${t}.addressee in ('', ${reach.party}) and ${scopeSql(sql, reach.scope, alias)} and ${t}.tlp = any(${[...reach.tlps]}) and ${t}.pap = any(${[...reach.paps]})
    and ${t}.licence = any(${[...reach.licences]}) and (not ${t}.personal or ${reach.personal} or coalesce(${t}.organisation = ${reach.party}, false)))`;
};

/**
 * A TAXII filter on row `o`, among the rows within reach. The usual one (last version, highest specification) reads a
 * flag; others look at the few rows of the same id, and rows that stand alone need not even that.
 */
const filterSql = (sql: TransactionSql, filter: TaxiiFilter, reach: StixReach): Fragment => {
  const ids = filter.ids === undefined ? sql`true` : sql`o.id = any(${[...filter.ids]})`;
  const [type] = filter.types ?? [];
  const types =
    filter.types === undefined
      ? sql`true`
      : filter.types.length === 1
        ? sql`o.type = ${type ?? ""}`
        : sql`o.type = any(${[...filter.types]})`;
  const { first, last, all, keys } = filter.version;
  const usual = last && !first && !all && keys.length === 0;
  if (usual && filter.specs === undefined)
    return sql`(${ids} and ${types} and (o.latest or (o.mixed and ${highest(sql, reach)} and ${unbeaten(sql, filter, reach, "last")})))`;
  const specs = filter.specs === undefined ? highest(sql, reach) : sql`o.spec = any(${[...filter.specs]})`;
  const versions = [
    ...(all ? [sql`true`] : []),
    ...(first ? [unbeaten(sql, filter, reach, "first")] : []),
    ...(last ? [unbeaten(sql, filter, reach, "last")] : []),
    ...(keys.length > 0 ? [sql`o.version = any(${[...keys]})`] : []),
  ].reduce((a, b) => sql`${a} or ${b}`);
  const once = sql`(not o.mixed or not exists (select from stix_object x where ${sibling(sql, reach)} and x.spec = o.spec and x.version = o.version and x.date_added < o.date_added))`;
  return sql`(${ids} and ${types} and ${specs} and (${versions}) and ${once})`;
};

const sibling = (sql: TransactionSql, reach: StixReach): Fragment =>
  sql`x.collection = o.collection and x.id = o.id and ${reachSql(sql, reach, "x")}`;

/** No row of the same id within reach has a higher specification version. */
const highest = (sql: TransactionSql, reach: StixReach): Fragment =>
  sql`(o.alone or not exists (select from stix_object x where ${sibling(sql, reach)} and x.spec > o.spec))`;

/** The version in force, or the first: nothing within reach and of the specifications asked for comes before it. */
const unbeaten = (sql: TransactionSql, filter: TaxiiFilter, reach: StixReach, which: "first" | "last"): Fragment => {
  const specs = filter.specs === undefined ? sql`x.spec = o.spec` : sql`x.spec = any(${[...filter.specs]})`;
  const tie = sql`x.version = o.version and (x.spec > o.spec or (x.spec = o.spec and x.date_added < o.date_added))`;
  const beats =
    which === "first"
      ? sql`(x.version < o.version or (${tie}))`
      : sql`(x.revoked and not o.revoked or (x.revoked = o.revoked and (case when o.revoked then x.version < o.version else x.version > o.version end or (${tie}))))`;
  return sql`(o.alone or not exists (select from stix_object x where ${sibling(sql, reach)} and ${specs} and ${beats}))`;
};

const collectionRow = (row: Row): StixCollection => ({
  n: row["n"] as number,
  id: row["id"] as string,
  alias: row["alias"] as string,
  title: row["title"] as string,
  ...(row["description"] === null ? {} : { description: row["description"] as string }),
  readers: row["readers"] as string[],
  writers: row["writers"] as string[],
  mediaTypes: row["media_types"] as string[],
  defaults: { tlp: row["tlp"] as Tlp, pap: row["pap"] as Pap, licence: row["licence"] as Licence },
  purpose: row["purpose"] as Purpose,
});

const objectRow = (row: Row): StixRow => ({
  addedAt: row["date_added"] as number,
  id: row["id"] as string,
  type: row["type"] as string,
  spec: row["spec"] as string,
  key: row["version"] as string,
  written: row["written"] as string,
  revoked: row["revoked"] as boolean,
  ...(row["sender"] === "" ? {} : { sender: row["sender"] as OrganisationId }),
  marking: markingRow(row),
  ...(row["shadow"] === null ? {} : { shadow: row["shadow"] as string }),
  personal: row["personal"] as boolean,
  ...(row["parts"] === null ? {} : { parts: JSON.parse(row["parts"] as string) as Record<string, Tlp> }),
  ...(row["addressee"] === "" ? {} : { addressee: row["addressee"] as OrganisationId }),
  body: row["body"] as string,
});

const markingRow = (row: Row): Marking => ({
  ...(row["organisation"] === null ? {} : { owner: row["organisation"] as OrganisationId }),
  tlp: row["tlp"] as Tlp,
  pap: row["pap"] as Pap,
  ...(row["grp"] === null ? {} : { group: row["grp"] as GroupId }),
  licence: row["licence"] as Licence,
});

const newRow = (collection: string) => (row: StixNew) => {
  const { marking } = row;
  const alone = row.alone ? "t" : "f";
  return [
    ...[collection, String(row.addedAt), row.id, row.type, row.spec, row.key, row.written, row.sender ?? ""],
    ...[marking.owner ?? null, marking.tlp, row.tlpKnown ?? null, marking.pap, marking.group ?? null, marking.licence],
    ...[row.shadow ?? null, row.personal ? "t" : "f", row.revoked ? "t" : "f", alone, "f", alone],
    ...[row.awaits.length === 0 ? null : row.awaits, row.parts === undefined ? null : JSON.stringify(row.parts)],
    ...[String(Buffer.byteLength(row.body)), row.body, row.addressee ?? ""],
  ];
};
