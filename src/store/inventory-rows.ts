import type { Fragment, TransactionSql } from "postgres";
import type { AssetWorth } from "#community/asset.ts";
import type { Certainty } from "#core/grade.ts";
import type { Instant } from "#core/instant.ts";
import type { Licence, OrganisationId, Pap, Tlp } from "#core/marking.ts";
import type { Affect } from "#feeds/affect.ts";
import type { Priority } from "#intel/priority.ts";
import type { MatchBody, StoredComponent, StoredMatch, StoredSaid, StoredStatement } from "#jobs/inventory/port.ts";

/** Rows of one statement: large enough to be few, small enough that no parameter is beyond some megabytes. */
export const rowsAtOnce = 2000;

/** Of `component c join inventory i`. */
export const componentColumns = (sql: TransactionSql): Fragment =>
  sql`c.n, c.organisation, i.name as inventory, c.product as component_product, c.asset, c.exposed as component_exposed, c.worth, c.vendor, c.name, c.version, c.cpes, c.purl, c.at,
    c.valid_to is not null as over`;

export const componentRow = (row: Record<string, unknown>): StoredComponent => ({
  ...{
    n: row["n"] as number,
    organisation: row["organisation"] as OrganisationId,
    inventory: row["inventory"] as string,
  },
  ...{ product: row["component_product"] as Uint8Array, asset: row["asset"] as string },
  exposed: row["component_exposed"] as boolean,
  ...(row["worth"] === null ? {} : { worth: row["worth"] as AssetWorth }),
  ...{ vendor: row["vendor"] as string, name: row["name"] as string, version: row["version"] as string },
  cpes: row["cpes"] as string[],
  ...(row["purl"] === null ? {} : { purl: row["purl"] as string }),
  at: row["at"] as string,
  over: row["over"] as boolean,
});

export const matchRow = (row: Record<string, unknown>): StoredMatch => ({
  ...{ component: row["component"] as number, weakness: row["weakness"] as string },
  ...{ organisation: row["organisation"] as OrganisationId, asset: row["asset"] as string },
  ...{ product: row["product"] as string, rank: row["rank"] as number, priority: row["priority"] as Priority },
  ...{ certainty: row["certainty"] as Certainty, exposed: row["exposed"] as boolean },
  ...(row["shadow"] === null ? {} : { shadow: "hidden" as const }),
  ...{ leans: row["leans"] as boolean, body: row["body"] as MatchBody },
  since: row["since"] as Instant,
});

export const statementRow = (row: Record<string, unknown>): StoredStatement => ({
  ...{ id: row["id"] as string, feed: row["feed"] as string, key: row["key"] as string, title: row["title"] as string },
  ...{ cves: row["cves"] as string[], tlp: row["tlp"] as Tlp, pap: row["pap"] as Pap },
  ...{ licence: row["licence"] as Licence, shadow: row["shadow"] as boolean, kept: row["kept"] as boolean },
  affects: JSON.parse(row["affects"] as string) as Affect[],
});

export const saidRow = (row: Record<string, unknown>): StoredSaid => {
  const cves = row["cves"] as string[];
  return {
    ids: cves.length === 0 ? [row["key"] as string] : cves,
    title: row["title"] as string,
    evidence: {
      ...{ exploited: row["exploited"] as boolean, ransomware: row["ransomware"] as boolean },
      ...{ exploit: row["exploit"] as boolean, epss: row["epss"] as number, cvss: row["cvss"] as number },
    },
    ...(row["due"] === null ? {} : { due: row["due"] as number }),
    hidden: row["hidden"] as boolean,
  };
};
