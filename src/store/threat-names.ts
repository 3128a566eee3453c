import type { TransactionSql } from "postgres";
import { familyKinds } from "#intel/family-names.ts";
import { foldedName } from "#intel/threat-names.ts";
import type { ThreatNamesState } from "#jobs/threat-names/port.ts";
import { copyRows } from "#store/copy.ts";
import { storableText } from "#store/storable.ts";

/** Names of techniques, groups and malware; the port is defined by `test/threat-names.test.ts`. */
export const threatNamesState = (sql: TransactionSql): ThreatNamesState => ({
  counts: async (source) =>
    new Map(
      (
        await sql`select list, count(*)::int as names from threat_name, unnest(lists) as list where source = ${source} and not gone group by list`
      ).map((row) => [row["list"] as string, row["names"] as number]),
    ),

  put: async (source, list, names, add = false) => {
    await sql`create temp table if not exists name_stage (id text, kind text, name text, url text, gone boolean) on commit delete rows`;
    await sql`create temp table if not exists alias_stage (id text, alias text, folded text) on commit delete rows`;
    await sql`delete from name_stage`;
    await sql`delete from alias_stage`;
    // of equal ids the last one stands, as within one list
    const distinct = [...new Map(names.map((one) => [storableText(one.id), one])).values()];
    await copyRows(sql, "copy name_stage (id, kind, name, url, gone) from stdin", distinct, (one) => [
      ...[storableText(one.id), storableText(one.kind), storableText(one.name)],
      ...[one.url === undefined ? null : storableText(one.url), String(one.gone)],
    ]);
    const aliases = distinct.flatMap((one) => {
      const id = storableText(one.id);
      // the id is what labels carry as often as the name
      const spellings = [one.name, ...one.aliases, one.id].map(storableText);
      const byFold = new Map(spellings.toReversed().map((alias) => [foldedName(alias), alias]));
      byFold.delete("");
      return [...byFold].map(([folded, alias]) => ({ id, alias, folded }));
    });
    await copyRows(sql, "copy alias_stage (id, alias, folded) from stdin", aliases, (one) => [
      one.id,
      one.alias,
      one.folded,
    ]);
    const [put] = await sql`with written as (
      insert into threat_name (source, id, kind, name, url, gone, said_gone, lists, tlp)
      select ${source.id}, id, kind, name, url, gone, gone, array[${storableText(list)}::text], ${source.tlp} from name_stage
      on conflict (source, id) do update set kind = excluded.kind, name = excluded.name, url = excluded.url, gone = excluded.gone,
        said_gone = excluded.said_gone, tlp = excluded.tlp,
        lists = case when threat_name.lists @> excluded.lists then threat_name.lists else threat_name.lists || excluded.lists end
      where (threat_name.kind, threat_name.name, threat_name.url, threat_name.gone, threat_name.said_gone, threat_name.tlp)
          is distinct from (excluded.kind, excluded.name, excluded.url, excluded.gone, excluded.said_gone, excluded.tlp)
        or not threat_name.lists @> excluded.lists
      returning xmax = 0 as fresh)
      select (count(*) filter (where fresh))::int as added, (count(*) filter (where not fresh))::int as changed from written`;
    const renamed =
      await sql`delete from threat_alias a using name_stage s where a.source = ${source.id} and a.id = s.id
      and not exists (select from alias_stage t where t.id = a.id and t.folded = a.folded)`;
    const named =
      await sql`insert into threat_alias (source, id, alias, folded) select ${source.id}, id, alias, folded from alias_stage
      on conflict (source, id, folded) do update set alias = excluded.alias where threat_alias.alias <> excluded.alias`;
    const left = add
      ? []
      : await sql`update threat_name n set lists = array_remove(n.lists, ${storableText(list)}),
          gone = n.said_gone or cardinality(array_remove(n.lists, ${storableText(list)})) = 0
        where n.source = ${source.id} and n.lists @> array[${storableText(list)}::text] and not exists (select from name_stage s where s.id = n.id)
        returning cardinality(n.lists) = 0 as nowhere`;
    const delta = {
      added: put?.["added"] as number,
      changed: put?.["changed"] as number,
      delisted: left.filter((row) => row["nowhere"] === true).length,
    };
    if (delta.added + delta.changed + left.length + renamed.count + named.count > 0)
      await sql`update threat_name_mark set version = version + 1`;
    return delta;
  },

  mark: async () => {
    const [row] =
      await sql`select version || ' ' || coalesce((select string_agg(f.feed, ' ' order by f.feed) from feed_state f
      where not f.shadow and exists (select from threat_name n where n.source = f.feed)), '') as mark from threat_name_mark`;
    return String(row?.["mark"] ?? "");
  },

  families: async () =>
    (
      await sql`select n.source, n.id, n.name, a.folded from threat_name n join threat_alias a using (source, id) join feed_state f on f.feed = n.source
        where n.kind = any(${[...familyKinds]}::text[]) and not n.gone and n.tlp = 'clear' and not f.shadow`
    ).map((row) => ({
      source: row["source"] as string,
      id: row["id"] as string,
      name: row["name"] as string,
      folded: row["folded"] as string,
    })),
});
