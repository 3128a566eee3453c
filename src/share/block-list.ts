import type { Released } from "#community/release.ts";
import type { ObservableKind } from "#core/observable.ts";

/** What a line of a block-list says. */
export interface Blockable {
  readonly kind: ObservableKind;
  readonly value: string;
  readonly labels: readonly string[];
  /** Names of the sources that may be named. */
  readonly sources: string;
}

/** Block-lists by what a firewall, resolver or proxy takes. */
export const blockLists = {
  addresses: ["ipv4", "ipv6", "cidr"],
  domains: ["domain"],
  urls: ["url"],
  hashes: ["md5", "sha1", "sha256", "sha512"],
} as const;
void (blockLists satisfies Record<string, readonly ObservableKind[]>);
export type BlockListId = keyof typeof blockLists;

/** A cell that a spreadsheet would run begins with one of these: it is prefixed with an apostrophe (OWASP CSV injection). */
const formula = /^[=+\-@\t\r]/;
const cell = (text: string): string => {
  const safe = formula.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

/** Lines without newlines, sorted by value, so that the same content is the same bytes. `about` heads the list as comments. */
export const printBlockList = (
  rows: readonly Released<Pick<Blockable, "kind" | "value"> & Partial<Blockable>>[],
  format: "txt" | "csv",
  about: readonly string[],
): readonly string[] => {
  const values = rows.map((row) => row.value).sort((a, b) => (a.value < b.value ? -1 : a.value > b.value ? 1 : 0));
  const head = about.map((line) => `# ${line}`);
  if (format === "txt") return [...head, ...values.map((row) => row.value)];
  return [
    ...head,
    "kind,value,labels,sources",
    ...values.map((row) => [row.kind, row.value, (row.labels ?? []).join(" "), row.sources ?? ""].map(cell).join(",")),
  ];
};
