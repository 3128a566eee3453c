import type { Sql } from "postgres";
import type { Instant } from "#core/instant.ts";
import type { Severity } from "#core/severity.ts";
import type { FindingState } from "#incidents/state.ts";
import { foldedName, nameInLabel } from "#intel/threat-names.ts";
import type { IndicatorViews } from "#jobs/indicators/views.ts";
import type { ThreatName } from "#jobs/threat-names/port.ts";
import { isUuid } from "#store/columns.ts";
import { scopeSql } from "#store/scope-sql.ts";

const findingsShown = 20;
/** A word that names more things than this names none of them. */
const meaningsShown = 8;

export const indicatorViews = (sql: Sql): IndicatorViews => ({
  indicatorFindings: async (scope, knows, id) => {
    if (!isUuid(id)) return { findings: [], organisations: 0, community: 0 };
    const led = sql`exists (select from finding_source s join feed_state f using (feed)
      cross join lateral (select null::text as organisation, null::text as grp, s.tlp, case when f.shadow then 'feed' end as shadow) v
      where s.finding = n.n and s.indicator = ${id} and ${scopeSql(sql, knows, "v")})`;
    const of = sql`finding n where n.n in (select finding from finding_source where indicator = ${id}) and ${led}`;
    const rows =
      await sql`select n.id, n.organisation, n.asset, n.severity, n.state, n.last_seen from ${of} and ${scopeSql(sql, scope, "n")}
      order by n.last_seen desc, n.id limit ${findingsShown}`;
    const [own] =
      await sql`select count(distinct n.organisation)::int as organisations from ${of} and ${scopeSql(sql, scope, "n")}`;
    const [all] =
      await sql`select count(distinct n.organisation)::int as organisations from ${of} and n.shadow is null`;
    return {
      findings: rows.map((row) => ({
        id: row["id"] as string,
        organisation: row["organisation"] as string,
        asset: row["asset"] as string,
        severity: row["severity"] as Severity,
        state: row["state"] as FindingState,
        lastSeen: row["last_seen"] as Instant,
      })),
      organisations: own?.["organisations"] as number,
      community: all?.["organisations"] as number,
    };
  },

  namesOf: async (scope, labels) => {
    if (labels.length === 0) return [];
    const folded = labels.map((label) => foldedName(nameInLabel(label)));
    const rows = await sql`select a.folded, n.source, n.id, n.kind, n.name, n.url, n.gone,
        array(select alias from threat_alias o where o.source = n.source and o.id = n.id and o.alias not in (n.name, n.id) order by alias limit 12) as aliases
      from threat_alias a join threat_name n using (source, id) join feed_state f on f.feed = n.source
        cross join lateral (select null::text as organisation, null::text as grp, n.tlp, case when f.shadow then 'feed' end as shadow) v
      where a.folded = any(${folded}::text[]) and ${scopeSql(sql, scope, "v")} order by a.folded, n.gone, n.source, n.id`;
    const by = Map.groupBy(rows, (row) => row["folded"] as string);
    return labels.flatMap((label, at) => {
      const meanings = by.get(folded[at] ?? "") ?? [];
      return meanings.length === 0 ? [] : [{ label, meanings: meanings.slice(0, meaningsShown).map(nameRow) }];
    });
  },

  weaknessesOf: async (scope, cves) =>
    cves.length === 0
      ? []
      : (
          await sql`select a.key as cve, bool_or(a.exploited) as exploited, max(a.epss) as epss, max(a.cvss) as cvss
            from (select advisory.*, case when feed_state.shadow then 'feed' end as shadow from advisory join feed_state using (feed)) a
            where a.kind = 'vulnerability' and a.key = any(${[...cves]}::text[]) and a.gone_at is null and ${scopeSql(sql, scope, "a")} group by a.key order by a.key`
        ).map((row) => ({
          cve: row["cve"] as string,
          exploited: row["exploited"] === true,
          epss: Number(row["epss"] ?? 0),
          cvss: Number(row["cvss"] ?? 0),
        })),
});

const nameRow = (row: Record<string, unknown>): ThreatName => ({
  source: row["source"] as string,
  id: row["id"] as string,
  kind: row["kind"] as string,
  name: row["name"] as string,
  aliases: row["aliases"] as string[],
  ...(row["url"] === null ? {} : { url: row["url"] as string }),
  gone: row["gone"] as boolean,
});
