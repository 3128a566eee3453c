import type { Fragment, TransactionSql } from "postgres";
import type { OrganisationId } from "#core/marking.ts";
import { directoryInventory } from "#intel/inventory/item.ts";
import type { ComponentRow, InventoryState, MatchRow } from "#jobs/inventory/port.ts";
import { timeOf } from "#store/columns.ts";
import { copyRows } from "#store/copy.ts";
import { productFindings } from "#store/inventory-findings.ts";
import { dueNamed, listedSql } from "#store/inventory-listed.ts";
import { componentColumns, componentRow, matchRow, rowsAtOnce, saidRow, statementRow } from "#store/inventory-rows.ts";
import { storable, storableText } from "#store/storable.ts";

const staged = [
  "digest",
  "product",
  "asset",
  "exposed",
  "worth",
  "vendor",
  "name",
  "version",
  "cpes",
  "purl",
  "at",
  "keys",
];

/** What organisations run; the port is defined by `test/inventory-store.test.ts`. */
export const inventoryState = (sql: TransactionSql): InventoryState => ({
  replace: async ({ id, organisation, name, now }, version, rows) => {
    const at = timeOf(now);
    const [inventory] =
      await sql`insert into inventory (id, organisation, name) values (${id}, ${organisation}, ${name})
      on conflict (organisation, name) do update set ended = null returning n`;
    const n = inventory?.["n"] as number;
    await sql`create temp table if not exists component_stage (digest bytea, product bytea, asset text, exposed boolean, worth text, vendor text, name text, version text,
      cpes text[], purl text, at text, keys bigint[]) on commit delete rows`;
    await sql`delete from component_stage`;
    await copyRows(sql, `copy component_stage (${staged.join(", ")}) from stdin`, rows, stageRow);
    await sql`create index if not exists component_stage_digest on component_stage (digest)`;
    await sql`analyze component_stage`;
    // what strangers reach now and did not, and what ended: each of its assets may be a platform of something else there
    const over = await sql`update component c set valid_to = ${at} where c.inventory = ${n} and c.valid_to is null
      and not exists (select from component_stage s where s.digest = c.digest) returning n, product, asset`;
    await due(
      sql,
      over.map((row) => row["n"] as number),
    );
    const added =
      await sql`insert into component (inventory, organisation, digest, product, asset, exposed, worth, vendor, name, version, cpes, purl, at, valid_from)
      select ${n}, ${organisation}, digest, product, asset, exposed, worth, vendor, name, version, cpes, purl, at, ${at} from component_stage
      on conflict (inventory, digest) where valid_to is null do nothing returning n, asset`;
    const fresh = added.map((row) => row["n"] as number);
    await sql`insert into component_key (key, component) select k, c.n from component c join component_stage s on s.digest = c.digest, unnest(s.keys) k
      where c.n = any(${fresh}::bigint[])`;
    await due(sql, fresh);
    const assets = [...new Set([...over, ...added].map((row) => row["asset"] as string))];
    await sql`insert into component_due (component, weakness, product) select distinct c.n, '', c.product from product_match m join component c on c.n = m.component
      where m.organisation = ${organisation} and m.asset = any(${assets}::text[]) and m.leans on conflict do nothing`;
    await dueNamed(sql, n, at);
    await sql`update inventory_version set valid_to = ${at} where inventory = ${n} and valid_to is null`;
    await sql`insert into inventory_version (inventory, valid_from, who, file, format, bytes, digest, items, added, removed, repeated, rejected, problem_count, problems)
      values (${n}, ${at}, ${version.who}, ${storableText(version.file)}, ${version.format}, ${version.bytes}, ${Buffer.from(version.digest)}, ${rows.length}, ${fresh.length}, ${over.length},
        ${version.repeated}, ${version.rejected}, ${version.problemCount}, ${sql.json(storable(version.problems) as never)})`;
    return { items: rows.length, added: fresh.length, removed: over.length };
  },

  end: async (organisation, name, now) => {
    const at = timeOf(now);
    const [inventory] =
      await sql`update inventory set ended = ${at} where organisation = ${organisation} and name = ${name} and ended is null returning n`;
    if (inventory === undefined) return false;
    const n = inventory["n"] as number;
    const over =
      await sql`update component set valid_to = ${at} where inventory = ${n} and valid_to is null returning n, asset`;
    await due(
      sql,
      over.map((row) => row["n"] as number),
    );
    const assets = [...new Set(over.map((row) => row["asset"] as string))];
    await sql`insert into component_due (component, weakness, product) select distinct c.n, '', c.product from product_match m join component c on c.n = m.component
      where m.organisation = ${organisation} and m.asset = any(${assets}::text[]) and m.leans on conflict do nothing`;
    await dueNamed(sql, n, at);
    await sql`update inventory_version set valid_to = ${at} where inventory = ${n} and valid_to is null`;
    return true;
  },

  named: async (name) =>
    new Map(
      (
        await sql`select i.organisation, v.digest from inventory i join inventory_version v on v.inventory = i.n and v.valid_to is null
          where i.name = ${name} and i.ended is null`
      ).map((row) => [row["organisation"] as OrganisationId, hex(row["digest"])]),
    ),

  spreadNews: async (limit) => {
    const taken =
      await sql`delete from product_news where n in (select n from product_news order by n limit ${limit} for update skip locked) returning weakness`;
    if (taken.length === 0) return 0;
    const weaknesses = [...new Set(taken.map((row) => row["weakness"] as string))];
    // those it concerns now by what is said of it, and those it concerned before
    await sql`with about as materialized (select a.n, w from advisory a, unnest(a.cves) w where a.cves && ${weaknesses}::text[] and w = any(${weaknesses}::text[])
        union select a.n, a.key from advisory a where a.key = any(${weaknesses}::text[]) and cardinality(a.cves) = 0),
      found as (select distinct c.component, b.w from about b join advisory_key k on k.advisory = b.n join component_key c on c.key = k.key
        union select component, weakness from product_match where weakness = any(${weaknesses}::text[]))
      insert into component_due (component, weakness, product) select f.component, f.w, c.product from found f join component c on c.n = f.component
      where c.valid_to is null or exists (select from product_match m where m.component = c.n) on conflict do nothing`;
    return taken.length;
  },

  shadows: async () =>
    new Map(
      (await sql`select feed, shadow from feed_state where advisories > 0 order by feed`).map((row) => [
        row["feed"] as string,
        row["shadow"] as boolean,
      ]),
    ),

  newsOf: async (feed) => {
    await sql`insert into product_news (weakness) select distinct unnest(case when cardinality(cves) = 0 then array[key] else cves end) from advisory
      where feed = ${feed} and kind <> 'news'`;
  },

  takeDue: async ({ components, advisories }) => {
    const rows =
      await sql`select d.component, d.product from component_due d order by d.product, d.component limit ${components}`;
    if (rows.length === 0) return [];
    const products = [...new Set(rows.map((row) => hex(row["product"])))];
    // how much there is to read of each product, so that a piece fits into memory
    const weight = new Map(
      (
        await sql`select d.product, (select count(*)::int from component_key k join advisory_key a on a.key = k.key where k.component = d.component) as n
          from (select distinct on (product) product, component from component_due where product in (select decode(p, 'hex') from unnest(${products}::text[]) p) order by product, component) d`
      ).map((row) => [hex(row["product"]), row["n"] as number]),
    );
    let sum = 0;
    const chosen = new Set<string>();
    for (const key of products) {
      sum += weight.get(key) ?? 0;
      if (chosen.size > 0 && sum > advisories) break;
      chosen.add(key);
    }
    const wanted = rows.flatMap((row) => (chosen.has(hex(row["product"])) ? [row["component"] as number] : []));
    const taken =
      await sql`delete from component_due where component = any(${[...new Set(wanted)]}::bigint[]) returning component, weakness`;
    const only = Map.groupBy(taken, (row) => row["component"] as number);
    const found =
      await sql`select ${componentColumns(sql)}, array(select key::text from component_key where component = c.n order by key) as keys,
        (i.name = ${directoryInventory} and ${listedSql(sql)}) as listed
      from component c join inventory i on i.n = c.inventory where c.n = any(${[...only.keys()]}::bigint[]) order by c.product, c.n`;
    return found.map((row) => {
      const weaknesses = (only.get(row["n"] as number) ?? []).map((one) => one["weakness"] as string);
      return {
        component: componentRow(row),
        keys: row["keys"] as string[],
        listed: row["listed"] as boolean,
        ...(weaknesses.includes("") ? {} : { only: weaknesses }),
      };
    });
  },

  statements: async (keys, only) =>
    (
      await sql`select a.id, a.feed, a.key, a.title, a.cves, a.tlp, a.pap, a.licence, coalesce(s.shadow, true) as shadow,
        (a.organisation is not null or a.grp is not null) as kept, f.affects
      from advisory a join advisory_affects f on f.advisory = a.n left join feed_state s on s.feed = a.feed
      where a.n in (select advisory from advisory_key where key = any(${[...keys]}::bigint[])) and a.gone_at is null and not a.withdrawn
        and ${only === undefined ? sql`true` : sql`a.n in (${aboutSql(sql, only)})`} order by a.n`
    ).map(statementRow),

  said: async (weaknesses) =>
    (
      await sql`select a.key, a.cves, a.title, a.exploited, a.ransomware, a.exploit, a.epss, a.cvss, (a.body -> 'exploited' ->> 'due')::bigint as due,
        (coalesce(s.shadow, true) or a.organisation is not null or a.grp is not null or a.tlp in ('amber+strict', 'red')) as hidden
      from advisory a left join feed_state s on s.feed = a.feed
      where a.n in (${aboutSql(sql, weaknesses)}) and a.kind <> 'news' and a.gone_at is null and not a.withdrawn`
    ).map(saidRow),

  platforms: async (assets) => {
    if (assets.length === 0) return new Map();
    const rows =
      await sql`select c.organisation, c.asset, array_agg(distinct p) as cpes from component c, unnest(c.cpes) p
      where (c.organisation, c.asset) in (select * from unnest(${assets.map((one) => one.organisation)}::text[], ${assets.map((one) => one.asset)}::text[])) and c.valid_to is null
      group by c.organisation, c.asset`;
    return new Map(rows.map((row) => [`${row["organisation"]} ${row["asset"]}`, row["cpes"] as string[]]));
  },

  matchesOf: async (components, only) =>
    (
      await sql`select * from product_match where component = any(${[...components]}::bigint[])
        and ${only === undefined ? sql`true` : sql`weakness = any(${[...only]}::text[])`}`
    ).map(matchRow),

  dueAddresses: async () => {
    await sql`insert into component_due (component, weakness, product) select n, '', product from component
      where valid_to is null and asset ~ '^[0-9a-fA-F:.]+$' and asset ~ '[.:]' on conflict do nothing`;
  },

  keepMatches: async (put, drop, now) => {
    for (let at = 0; at < put.length; at += rowsAtOnce)
      await sql`insert into product_match (component, weakness, organisation, asset, product, rank, priority, certainty, exposed, exploited, epss, cvss, leans, body, since, shadow)
        select component, weakness, organisation, asset, product, rank, priority, certainty, exposed, exploited, epss, cvss, leans, body, ${timeOf(now)}, shadow
        from jsonb_to_recordset(${sql.json(put.slice(at, at + rowsAtOnce).map(putRow) as never)}) as r (component bigint, weakness text, organisation text, asset text, product text,
          rank integer, priority text, certainty text, exposed boolean, exploited boolean, epss double precision, cvss double precision, leans boolean, body jsonb, shadow text)
        on conflict (component, weakness) do update set product = excluded.product, rank = excluded.rank, priority = excluded.priority, certainty = excluded.certainty,
          exposed = excluded.exposed, exploited = excluded.exploited, epss = excluded.epss, cvss = excluded.cvss, leans = excluded.leans, body = excluded.body, shadow = excluded.shadow`;
    for (let at = 0; at < drop.length; at += rowsAtOnce) {
      const some = drop.slice(at, at + rowsAtOnce);
      await sql`delete from product_match where (component, weakness) in
        (select * from unnest(${some.map((one) => one.component)}::bigint[], ${some.map((one) => one.weakness)}::text[]))`;
    }
    const touched = new Map(
      [...put, ...drop].map((one) => [
        JSON.stringify([one.organisation, one.asset, one.weakness]),
        {
          organisation: one.organisation,
          asset: storableText(one.asset),
          weakness: one.weakness,
          component: one.component,
        },
      ]),
    );
    const rows = [...touched.values()];
    for (let at = 0; at < rows.length; at += rowsAtOnce)
      await sql`insert into match_due (organisation, asset, weakness, component) select organisation, asset, weakness, component
        from jsonb_to_recordset(${sql.json(rows.slice(at, at + rowsAtOnce))}) as r (organisation text, asset text, weakness text, component bigint)
        on conflict (organisation, asset, weakness) do update set component = excluded.component`;
  },

  ...productFindings(sql),

  forget: async (before, limit) => {
    const gone =
      await sql`delete from component where n in (select n from component c where c.valid_to < ${timeOf(before)}
      and not exists (select from component_due d where d.component = c.n) limit ${limit}) returning n`;
    return gone.length;
  },
});

/** Numbers of advisories about these weaknesses. Two questions, since one with "or" would read all advisories. */
const aboutSql = (sql: TransactionSql, weaknesses: readonly string[]): Fragment =>
  sql`select a1.n from advisory a1 where a1.cves && ${[...weaknesses]}::text[]
    union select a2.n from advisory a2 where a2.key = any(${[...weaknesses]}::text[]) and cardinality(a2.cves) = 0`;

const due = async (sql: TransactionSql, components: readonly number[]): Promise<void> => {
  await sql`insert into component_due (component, weakness, product) select n, '', product from component where n = any(${[...components]}::bigint[]) on conflict do nothing`;
};

const putRow = (one: MatchRow): object => ({
  ...{
    component: one.component,
    weakness: one.weakness,
    organisation: one.organisation,
    asset: storableText(one.asset),
  },
  ...{ product: storableText(one.product), rank: one.rank, priority: one.priority, certainty: one.certainty },
  ...{ exposed: one.exposed, exploited: one.body.evidence.exploited, epss: one.body.evidence.epss },
  ...{ cvss: one.body.evidence.cvss, leans: one.leans, body: storable(one.body), shadow: one.shadow ?? null },
});

const stageRow = (row: ComponentRow): readonly (string | null | readonly string[])[] => [
  ...[`\\x${Buffer.from(row.digest).toString("hex")}`, `\\x${Buffer.from(row.product).toString("hex")}`],
  ...[storableText(row.asset), String(row.exposed), row.worth ?? null],
  ...[storableText(row.vendor), storableText(row.name), storableText(row.version), row.cpes.map(storableText)],
  ...[row.purl === undefined ? null : storableText(row.purl), storableText(row.at), row.keys],
];

const hex = (bytes: unknown): string => Buffer.from(bytes as Uint8Array).toString("hex");
