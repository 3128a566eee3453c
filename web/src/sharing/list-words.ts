/** Endings of a list's address, the plain one first. */
export const formats = ["txt", "csv", "json", "edl", "rpz", "rules", "dataset", "zeek", "stix.json"] as const;
export type Format = (typeof formats)[number];

/** Names a list may begin from; single kinds are chosen by the query. */
export const bases = ["all", "addresses", "domains", "urls", "hashes"] as const;

/** What is set in the form, as the address says it: "addresses?grade=B2&tlp=green". */
export interface ListWords {
  readonly base: (typeof bases)[number];
  readonly tlp?: string;
  readonly grade?: string;
  readonly label?: string;
  readonly score?: string;
}

export const printWords = ({ base, ...words }: ListWords): string => {
  const text = new URLSearchParams(
    Object.entries(words).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ""),
  ).toString();
  return text === "" ? base : `${base}?${text}`;
};

/** "addresses?label=bot" in two. */
export const splitQuery = (query: string): readonly [list: string, words: string] => {
  const [list = "", words = ""] = query.split(/\?(.*)/s);
  return [list, words];
};

/** The ledger's "/lists/addresses.txt?label=bot" as the query of a list; undefined: something else left. */
export const listOfEntry = (entry: string): { readonly query: string; readonly format: string } | undefined => {
  const [, base, format, rest] = /^\/lists\/([a-z0-9-]+)\.([a-z.]+)(\?.*)?$/s.exec(entry) ?? [];
  return base === undefined || format === undefined ? undefined : { query: `${base}${rest ?? ""}`, format };
};
