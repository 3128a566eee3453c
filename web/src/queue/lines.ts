import type { FindingPage, FindingRow } from "@api/finding.ts";

export type Group = FindingPage["groups"][number];

/** One line of the list as it is drawn: a group's head, a finding, or the wish for more of a group. */
export type Line =
  | {
      readonly kind: "group";
      readonly key: string;
      readonly group: Group;
      readonly folded: boolean;
      readonly level: number;
    }
  | { readonly kind: "finding"; readonly key: string; readonly finding: FindingRow }
  | { readonly kind: "more"; readonly key: string; readonly group?: Group };

/**
 * The list, flat. Groups stand in the server's order (what burns first), rows in the server's order within them; a
 * group of which not all rows are here yet ends in a line that asks for the rest.
 */
export const linesOf = (
  pages: readonly FindingPage[],
  grouped: boolean,
  folded: ReadonlySet<string>,
): readonly Line[] => {
  const more = pages.at(-1)?.next !== undefined;
  const rows = pages.flatMap((page) => page.findings);
  if (!grouped)
    return [
      ...rows.map((finding) => ({ kind: "finding", key: finding.id, finding }) as const),
      ...(more ? [{ kind: "more", key: "more" } as const] : []),
    ];
  const byOrganisation = Map.groupBy(rows, (finding) => finding.organisation.id);
  return groupsOf(pages, byOrganisation).flatMap((group): readonly Line[] => {
    const id = group.organisation.id;
    const closed = folded.has(id);
    const here = byOrganisation.get(id) ?? [];
    return [
      { kind: "group", key: `group ${id}`, group, folded: closed, level: here.length },
      ...(closed ? [] : here.map((finding) => ({ kind: "finding", key: finding.id, finding }) as const)),
      ...(!closed && more && here.length < group.findings ? [{ kind: "more", key: `more ${id}`, group } as const] : []),
    ];
  });
};

/** The newest page's groups, and any organisation that has rows but no group (the list changed between two pages). */
const groupsOf = (
  pages: readonly FindingPage[],
  rows: ReadonlyMap<string, readonly FindingRow[]>,
): readonly Group[] => {
  const known = pages[0]?.groups ?? [];
  const named = new Set(known.map((group) => group.organisation.id));
  const orphans = [...rows.values()].flatMap((own): readonly Group[] => {
    const first = own[0];
    if (!first || named.has(first.organisation.id)) return [];
    const oldest = own.reduce((least, row) => (row.firstSeen < least ? row.firstSeen : least), first.firstSeen);
    const critical = own.filter((row) => row.severity === "critical").length;
    return [{ organisation: first.organisation, findings: own.length, critical, oldest }];
  });
  return [...known, ...orphans];
};
