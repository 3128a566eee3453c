import type { Fragment, TransactionSql } from "postgres";
import type { Instant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import type { Severity } from "#core/severity.ts";
import { directoryInventory } from "#intel/inventory/item.ts";
import type { GoneWhy, InventoryState, MatchDue, ProductDigest, StandingMatch } from "#jobs/inventory/port.ts";
import { timeOf } from "#store/columns.ts";
import { listedSql } from "#store/inventory-listed.ts";
import { componentColumns, componentRow, matchRow, rowsAtOnce } from "#store/inventory-rows.ts";
import { storable } from "#store/storable.ts";

type ProductFindings = Pick<
  InventoryState,
  | ("takeMatchDue" | "standing" | "goneWhy" | "dropSources" | "alsoReported" | "stood" | "stands")
  | ("standsNoMore" | "waitToTell" | "takeUntold" | "keepDigest" | "digest")
>;

/** Findings as they stand on matches of products, and what of them waits to be told. */
export const productFindings = (sql: TransactionSql): ProductFindings => ({
  takeMatchDue: async (limit) =>
    (
      await sql`delete from match_due where (organisation, asset, weakness) in
        (select organisation, asset, weakness from match_due order by organisation, asset, weakness limit ${limit} for update skip locked)
      returning *`
    ).map((row) => ({
      organisation: row["organisation"] as OrganisationId,
      asset: row["asset"] as string,
      weakness: row["weakness"] as string,
      component: row["component"] as number,
    })),

  standing: async (due) => standing(sql, due),

  goneWhy: async (due) => {
    if (due.length === 0) return new Map();
    const rows =
      await sql`select d.place, c.valid_to is not null as over, (i.name = ${directoryInventory} and ${listedSql(sql)}) as listed,
        exists (select from component_key k join component_key o on o.key = k.key join component l on l.n = o.component
          where k.component = c.n and l.organisation = c.organisation and l.asset = c.asset and l.valid_to is null and l.n <> c.n) as other
      from unnest(${due.map((one) => one.component)}::bigint[]) with ordinality as d (component, place) left join (component c join inventory i on i.n = c.inventory) on c.n = d.component`;
    return new Map(
      rows.map((row): [string, GoneWhy] => {
        const one = due[(row["place"] as number) - 1];
        return [one === undefined ? "" : JSON.stringify([one.organisation, one.asset, one.weakness]), whyOf(row)];
      }),
    );
  },

  dropSources: async (findings) => {
    if (findings.length === 0) return;
    await sql`delete from finding_source s using finding f, jsonb_to_recordset(${sql.json(findings)}) as r (finding uuid, keep jsonb)
      where f.id = r.finding and s.finding = f.n and not r.keep ? s.indicator::text and ${ofAdvisory(sql)}`;
  },

  alsoReported: async (findings) =>
    new Set(
      (
        await sql`select distinct s.finding from finding_source s where s.finding = any(${[...findings]}::bigint[])
          and not ${ofAdvisory(sql)}`
      ).map((row) => row["finding"] as number),
    ),

  stood: async (findings) =>
    new Map(
      (
        await sql`select finding, said, severity, at from product_finding where finding = any(${[...findings]}::uuid[])`
      ).map((row) => [
        row["finding"] as string,
        {
          said: row["said"] as string,
          ...(row["severity"] === null
            ? {}
            : { told: { severity: row["severity"] as Severity, at: row["at"] as Instant } }),
        },
      ]),
    ),

  stands: async (findings) => {
    for (let at = 0; at < findings.length; at += rowsAtOnce)
      await sql`insert into product_finding (finding, organisation, said) select finding, organisation, said
        from jsonb_to_recordset(${sql.json(findings.slice(at, at + rowsAtOnce))}) as r (finding uuid, organisation text, said text)
        on conflict (finding) do update set said = excluded.said`;
  },

  standsNoMore: async (findings) => {
    await sql`update product_finding set said = '' where finding = any(${[...findings]}::uuid[])`;
    await sql`delete from product_untold where finding = any(${[...findings]}::uuid[])`;
  },

  waitToTell: async (findings, now) => {
    await sql`insert into product_untold (finding, organisation, at) select f, o, ${timeOf(now)}
      from unnest(${findings.map((one) => one.finding)}::uuid[], ${findings.map((one) => one.organisation)}::text[]) as r (f, o) on conflict do nothing`;
  },

  takeUntold: async (patience) => {
    const [first] = await sql`select u.organisation from product_untold u group by u.organisation
      having min(u.at) < ${timeOf(patience)} or not (exists (select from match_due m where m.organisation = u.organisation)
        or exists (select from component_due d join component c on c.n = d.component where c.organisation = u.organisation) or exists (select from product_news))
      order by min(u.at), u.organisation limit 1`;
    if (first === undefined) return undefined;
    const organisation = first["organisation"] as OrganisationId;
    const waiting =
      await sql`with taken as (delete from product_untold where organisation = ${organisation} returning finding)
      select f.id, f.n, f.asset, f.severity, (select min(m.weakness) from product_match m where m.organisation = f.organisation and m.asset = f.asset and lower(m.weakness) = f.problem_about) as weakness
      from taken t join finding f on f.id = t.finding
      where f.shadow is null and f.state in ('new', 'notified', 'seen', 'acknowledged', 'fixing', 'fix-claimed', 'reopened') order by f.n`;
    const open = waiting.flatMap((row) =>
      row["weakness"] === null
        ? []
        : [
            {
              ...{ id: row["id"] as string, n: row["n"] as number, severity: row["severity"] as Severity },
              ...{ organisation, asset: row["asset"] as string, weakness: row["weakness"] as string },
            },
          ],
    );
    const matches = Map.groupBy(await standing(sql, open), (one) => `${one.asset}\0${one.weakness}`);
    return {
      organisation,
      findings: open.map((one) => ({
        ...one,
        matches: (matches.get(`${one.asset}\0${one.weakness}`) ?? []).filter(({ shadow }) => shadow === undefined),
      })),
    };
  },

  keepDigest: async (lead, organisation, digest, at) => {
    await sql`insert into product_digest (finding, organisation, findings, body) values (${lead}, ${organisation}, ${[...digest.findings]}::uuid[], ${sql.json(storable(digest) as never)})
      on conflict (finding) do update set findings = excluded.findings, body = excluded.body`;
    await sql`update product_finding p set severity = f.severity, at = ${timeOf(at)} from finding f where f.id = p.finding and f.id = any(${[...digest.findings]}::uuid[])`;
  },

  digest: async (finding) => {
    const [row] = await sql`select body from product_digest where finding = ${finding}`;
    return row?.["body"] as ProductDigest | undefined;
  },
});

const whyOf = ({ over, listed, other }: Readonly<Record<string, unknown>>): GoneWhy =>
  over === false ? (listed === true ? "listed" : "said") : other === true ? "changed" : "removed";

/** A source `s` that is neither a listed value, nor a report, nor a rule or behaviour. */
const ofAdvisory = (sql: TransactionSql): Fragment =>
  sql`(position(':' in s.feed) = 0 and not exists (select from indicator i where i.id = s.indicator) and not exists (select from report r2 where r2.id = s.indicator))`;

const standing = async (
  sql: TransactionSql,
  due: readonly Pick<MatchDue, "organisation" | "asset" | "weakness">[],
): Promise<readonly StandingMatch[]> => {
  if (due.length === 0) return [];
  const rows =
    await sql`select m.*, ${componentColumns(sql)}, m.asset as asset, m.product as family, m.organisation as organisation from product_match m
    join component c on c.n = m.component join inventory i on i.n = c.inventory
    where (m.organisation, m.asset, m.weakness) in (select * from unnest(${due.map((one) => one.organisation)}::text[], ${due.map((one) => one.asset)}::text[], ${due.map((one) => one.weakness)}::text[]))
      and c.valid_to is null
    order by m.rank, m.component`;
  return rows.map((row) => ({
    ...matchRow({ ...row, product: row["family"] }),
    componentRow: componentRow({ ...row, product: row["component_product"] }),
  }));
};
