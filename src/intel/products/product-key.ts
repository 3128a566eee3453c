import { hash } from "node:crypto";
import type { Affect } from "#feeds/affect.ts";
import { type CpeName, cpeText, parseCpe } from "./cpe-name.ts";
import { productKey } from "./product-name.ts";
import { type Purl, parsePurl, purlKey } from "./purl.ts";

/** A CPE name by which something can be looked up: vendor and product; undefined where it names all of either. */
export const cpeKey = ({ vendor, product }: CpeName): string | undefined =>
  cpeText(vendor) === "" || cpeText(product) === "" ? undefined : `${vendor}:${product}`;

/** What a product may be met by, as `ProductIndex` looks it up. */
export interface ProductNames {
  readonly purl?: Purl;
  readonly cpes: readonly CpeName[];
  /** Plain names, as written. */
  readonly names: readonly string[];
}

/**
 * A place in a table for each name of a product: 64 bits of its digest, as a decimal text. Two names in one place only cost
 * a comparison: whoever looks up compares the names themselves.
 */
export const lookUpKeys = ({ purl, cpes, names }: ProductNames): readonly string[] => {
  const found = new Set<string>();
  if (purl !== undefined) found.add(`purl ${purlKey(purl)}`);
  for (const cpe of cpes) {
    const key = cpeKey(cpe);
    if (key !== undefined) found.add(`cpe ${key}`);
  }
  for (const name of names) {
    const key = productKey(name);
    if (key !== "") found.add(`name ${key}`);
  }
  return [...found].map((name) => hash("sha256", name, "buffer").readBigInt64LE(0).toString());
};

/** The same of everything an advisory names and a machine can compare; what is only looked into names nothing. */
export const affectKeys = (affects: readonly Affect[]): readonly string[] => [
  ...new Set(
    affects
      .filter(({ status }) => status !== "investigating")
      .flatMap(({ cpe, purl, product }) => {
        const name = cpe === undefined ? undefined : parseCpe(cpe);
        const url = purl === undefined ? undefined : parsePurl(purl);
        return lookUpKeys({
          ...(url?.ok ? { purl: url.value } : {}),
          cpes: name?.ok ? [name.value] : [],
          names: [product, ...(name?.ok ? [spokenCpe(name.value.product)] : [])],
        });
      }),
  ),
];

/** A vendor or product of a CPE name as people say it. */
export const spokenCpe = (value: string): string => cpeText(value).replaceAll("_", " ");
