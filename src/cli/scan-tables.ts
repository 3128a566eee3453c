import type { ScanHit } from "#jobs/scan/hit.ts";
import { isTimed } from "#jobs/scan/hit.ts";
import { rank, type Severity, worse } from "#core/severity.ts";

/** One row of a table of hits. */
export interface TallyRow {
  readonly name: string;
  /** Title of a rule, or nothing. */
  readonly title: string;
  hits: number;
  severity: Severity;
  first: number;
  last: number;
  readonly hosts: Set<string>;
}

/** Hits counted by rule, by machine and by tactic, as they pass. Background is not counted. */
export class Tally {
  readonly rules = new Map<string, TallyRow>();
  readonly hosts = new Map<string, TallyRow>();
  readonly tactics = new Map<string, TallyRow>();

  add(hit: ScanHit): void {
    if (hit.severity === "info") return;
    const hosts = isTimed(hit) ? hit.entities.slice(0, 1) : hit.host === undefined ? [] : [hit.host];
    const [name, title] =
      hit.detector === "indicator-match" && "indicator" in hit
        ? [`indicator ${hit.indicator.value}`, ""]
        : "rule" in hit && hit.rule !== undefined
          ? [hit.rule, "title" in hit ? hit.title : ""]
          : [hit.detector, ""];
    count(this.rules, name, title, hit, hosts);
    for (const host of hosts) count(this.hosts, host, "", hit, hosts);
    const tactics = "tactics" in hit ? hit.tactics : ["command-and-control"];
    for (const tactic of tactics) count(this.tactics, tactic, "", hit, hosts);
  }
}

const count = (
  table: Map<string, TallyRow>,
  name: string,
  title: string,
  { severity, time }: ScanHit,
  hosts: readonly string[],
): void => {
  const row = table.get(name) ?? { name, title, hits: 0, severity, first: time, last: time, hosts: new Set<string>() };
  table.set(name, row);
  row.hits++;
  row.severity = worse(row.severity, severity);
  row.first = Math.min(row.first, time);
  row.last = Math.max(row.last, time);
  for (const host of hosts) if (row.hosts.size < 10_000) row.hosts.add(host);
};

/** Worst first, then most often. */
export const sortedRows = (table: ReadonlyMap<string, TallyRow>): readonly TallyRow[] =>
  [...table.values()].sort(
    (a, b) => rank(b.severity) - rank(a.severity) || b.hits - a.hits || (a.name < b.name ? -1 : 1),
  );
