import type { TransactionSql } from "postgres";
import { printInstant } from "#core/instant.ts";
import type { AdvisoryRow, AdvisoryState } from "#intel/advisory.ts";
import { timeOf } from "#store/columns.ts";
import { copyRows } from "#store/copy.ts";
import { storable, storableText } from "#store/storable.ts";

/** Lines of history kept of one advisory; a person looks at the last few. */
const versionsKept = 20;

const columns = [
  ...["id", "key", "kind", "title", "body", "cves", "search", "bare", "exploited", "ransomware", "exploit", "epss"],
  ...["cvss", "updated", "withdrawn", "content", "tlp", "pap", "licence", "affects", "keys", "compared"],
] as const;

/** Collected advisories; the port is defined by `test/advisories.test.ts`. */
export const advisoryState = (sql: TransactionSql): AdvisoryState => ({
  lists: async (feed) =>
    new Map(
      (await sql`select part, items from advisory_list where feed = ${feed}`).map((row) => [
        row["part"] as string,
        row["items"] as Uint8Array,
      ]),
    ),

  rememberList: async (feed, part, items) => {
    await sql`insert into advisory_list (feed, part, items) values (${feed}, ${storableText(part)}, ${Buffer.from(items.buffer, items.byteOffset, items.byteLength)})
      on conflict (feed, part) do update set items = excluded.items`;
  },

  merge: async (feed, rows, now) => {
    if (rows.length === 0) return { added: 0, changed: 0 };
    await sql`create temp table if not exists advisory_stage (id uuid, key text, kind text, title text, body jsonb, cves text[], search text, bare boolean,
      exploited boolean, ransomware boolean, exploit boolean, epss double precision, cvss double precision, updated timestamptz, withdrawn boolean,
      content bytea, tlp text, pap text, licence text, affects text, keys bigint[], compared bytea) on commit delete rows`;
    await sql`delete from advisory_stage`;
    // of equal ids the last one stands, as within one list
    const distinct = [...new Map(rows.map((row) => [row.id, row])).values()];
    await copyRows(sql, `copy advisory_stage (${columns.join(", ")}) from stdin`, distinct, stageRow);
    // what the publisher changed, before it is overwritten; records of scores change daily and tell no story
    const told = await sql`insert into advisory_version (advisory, at, version, updated, fields, tlp)
      select a.n, ${timeOf(now)}, s.body ->> 'version', s.updated,
        array(select k from jsonb_object_keys(a.body || s.body) k where a.body -> k is distinct from s.body -> k order by k),
        case when array_position(array['clear','green','amber','amber+strict','red'], a.tlp::text) > array_position(array['clear','green','amber','amber+strict','red'], s.tlp) then a.tlp else s.tlp end
      from advisory_stage s join advisory a on a.id = s.id where a.content <> s.content and not s.bare returning advisory`;
    if (told.length > 0)
      await sql`delete from advisory_version v using (select n, row_number() over (partition by advisory order by n desc) as place from advisory_version
        where advisory = any(${told.map((row) => row["advisory"] as number)}::bigint[])) old where v.n = old.n and old.place > ${versionsKept}`;
    await noteNews(sql);
    // alive before and after: what comes back, and what its publisher withdraws, counts as what is new and what is gone
    const [born] =
      await sql`select count(*) filter (where not s.withdrawn and (a.id is null or a.gone_at is not null or a.withdrawn))::int
        - count(*) filter (where s.withdrawn and a.id is not null and a.gone_at is null and not a.withdrawn)::int as n
      from advisory_stage s left join advisory a on a.id = s.id`;
    await sql`update feed_state set advisories = advisories + ${born?.["n"] as number} where feed = ${feed}`;
    const [delta] = await sql`with merged as (
      insert into advisory (id, feed, key, kind, title, body, cves, search, bare, exploited, ransomware, exploit, epss, cvss, updated, first_seen, changed, withdrawn, content, tlp, pap, licence)
      select id, ${feed}, key, kind, title, body, cves, search, bare, exploited, ransomware, exploit, epss, cvss, updated, ${timeOf(now)}, ${timeOf(now)}, withdrawn, content, tlp, pap, licence from advisory_stage
      on conflict (id) do update set kind = excluded.kind, title = excluded.title, body = excluded.body, cves = excluded.cves, search = excluded.search, bare = excluded.bare,
        exploited = excluded.exploited, ransomware = excluded.ransomware, exploit = excluded.exploit, epss = excluded.epss, cvss = excluded.cvss,
        updated = excluded.updated, changed = excluded.changed, withdrawn = excluded.withdrawn, content = excluded.content,
        tlp = excluded.tlp, pap = excluded.pap, licence = excluded.licence, gone_at = null
      where advisory.content <> excluded.content or advisory.gone_at is not null or (advisory.tlp, advisory.pap, advisory.licence) is distinct from (excluded.tlp, excluded.pap, excluded.licence)
        or (advisory.exploited, advisory.ransomware, advisory.exploit, advisory.epss, advisory.cvss) is distinct from (excluded.exploited, excluded.ransomware, excluded.exploit, excluded.epss, excluded.cvss)
      returning xmax = 0 as fresh)
      select (count(*) filter (where fresh))::int as added, (count(*) filter (where not fresh))::int as changed from merged`;
    await keepProducts(sql);
    await noteNews(sql);
    return { added: delta?.["added"] as number, changed: delta?.["changed"] as number };
  },

  delist: async (feed, ids, now) => {
    const gone =
      await sql`update advisory set gone_at = ${timeOf(now)}, changed = ${timeOf(now)} where feed = ${feed} and id = any(${ids as string[]}::uuid[]) and gone_at is null returning withdrawn, cves, key`;
    const weaknesses = new Set(
      gone.flatMap((row) => {
        const cves = row["cves"] as string[];
        return cves.length === 0 ? [row["key"] as string] : cves;
      }),
    );
    await sql`insert into product_news (weakness) select unnest(${[...weaknesses]}::text[])`;
    const alive = gone.filter((row) => row["withdrawn"] === false).length;
    await sql`update feed_state set advisories = advisories - ${alive} where feed = ${feed}`;
    return gone.count;
  },
});

/** Weaknesses of which what is staged says something else than what is stored: inventories are compared with them anew. */
const noteNews = async (sql: TransactionSql): Promise<void> => {
  await sql`insert into product_news (weakness) select distinct unnest(case when cardinality(a.cves) = 0 then array[a.key] else a.cves end)
    from advisory_stage s join advisory a on a.id = s.id where a.kind <> 'news'`;
};

/** What machines compare, beside the row; touched only where it is another. */
const keepProducts = async (sql: TransactionSql): Promise<void> => {
  const changed =
    await sql`select a.n from advisory_stage s join advisory a on a.id = s.id left join advisory_affects f on f.advisory = a.n where s.compared is distinct from f.digest`;
  if (changed.length === 0) return;
  const numbers = changed.map((row) => row["n"] as number);
  await sql`delete from advisory_affects where advisory = any(${numbers}::bigint[])`;
  await sql`delete from advisory_key where advisory = any(${numbers}::bigint[])`;
  await sql`insert into advisory_affects (advisory, digest, affects) select a.n, s.compared, s.affects from advisory_stage s join advisory a on a.id = s.id
    where s.affects is not null and a.n = any(${numbers}::bigint[])`;
  await sql`insert into advisory_key (key, advisory) select k, a.n from advisory_stage s join advisory a on a.id = s.id, unnest(s.keys) k
    where s.affects is not null and a.n = any(${numbers}::bigint[])`;
};

const stageRow = (row: AdvisoryRow): readonly (string | null | readonly string[])[] => {
  const { raw, evidence, products } = row;
  return [
    ...[row.id, raw.id, raw.kind, raw.title, JSON.stringify(storable(raw)), raw.cves, row.search, String(row.bare)],
    ...[String(evidence.exploited), String(evidence.ransomware), String(evidence.exploit)],
    ...[String(evidence.epss), String(evidence.cvss), printInstant(row.updated), String(raw.withdrawn === true)],
    ...[`\\x${Buffer.from(row.content).toString("hex")}`, row.tlp, row.pap, row.licence],
    ...(products === undefined
      ? [null, null, null]
      : [
          JSON.stringify(storable(products.affects)),
          products.keys,
          `\\x${Buffer.from(products.digest).toString("hex")}`,
        ]),
  ].map((cell) => (cell === null ? null : typeof cell === "string" ? storableText(cell) : cell.map(storableText)));
};
