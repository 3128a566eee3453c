import { cpeText, type CpeAttribute } from "#intel/products/cpe-name.ts";
import { compareCpe } from "#intel/products/cpe-match.ts";
import type { IndexedAffect, ProductIndex } from "#intel/products/product-index.ts";
import { productKey, sameVendor, vendorKey } from "#intel/products/product-name.ts";
import type { InventoryItem } from "#intel/inventory/item.ts";

/** How an advisory's product was recognised, weakest first. */
export const identities = ["name", "cpe", "purl"] as const;
export type Identity = (typeof identities)[number];

/** A product of an advisory that may be this item, before anything is known of versions. */
export interface Candidate {
  readonly indexed: IndexedAffect;
  readonly by: Identity;
  /** The advisory's name is narrower than what the inventory says (an edition, a platform), or its maker is not known. */
  readonly vague: boolean;
}

/** Everything of a name but versions, which are compared by their own order. */
const attributes: readonly CpeAttribute[] = [
  ...(["part", "vendor", "product", "edition", "language"] as const),
  ...(["sw_edition", "target_sw", "target_hw", "other"] as const),
];

/** What `target_sw` says for a package of this type. */
const ecosystems: Readonly<Record<string, readonly string[]>> = {
  npm: ["node.js", "nodejs"],
  pypi: ["python", "pypi"],
  gem: ["ruby", "rails"],
  cargo: ["rust"],
  golang: ["go", "golang"],
  maven: ["java", "maven"],
  nuget: [".net", "asp.net"],
  composer: ["php"],
};

/**
 * The products of all advisories that may be this item, each once, by the strongest identity that both sides give:
 * package URL, then CPE, then name. Where both give a package URL, or both a CPE name, and these differ, a name alike
 * brings nothing.
 */
export const candidatesOf = (item: InventoryItem, index: ProductIndex): readonly Candidate[] => {
  const found = new Map<IndexedAffect, Candidate>();
  const { purl } = item;
  if (purl !== undefined)
    for (const indexed of index.byPurl(purl)) {
      const [ours, theirs] = [purl.qualifiers.get("distro"), indexed.purl?.qualifiers.get("distro")];
      if (ours !== undefined && theirs !== undefined && ours !== theirs) continue;
      found.set(indexed, { indexed, by: "purl", vague: ours === undefined && theirs !== undefined });
    }
  for (const cpe of item.cpes)
    for (const indexed of index.byCpe(cpe)) {
      if (indexed.cpe === undefined) continue;
      const relation = compareCpe(indexed.cpe, cpe, attributes);
      if (relation === "disjoint") continue;
      const before = found.get(indexed);
      const vague = relation !== "equal" && relation !== "superset";
      if (before === undefined || (before.by === "cpe" && before.vague))
        found.set(indexed, { indexed, by: "cpe", vague });
    }
  const vendor = vendorKey(item.vendor);
  for (const indexed of index.byName(productKey(item.name))) {
    if (found.has(indexed) || contradicts(item, indexed)) continue;
    const known = vendor !== "" && indexed.vendors.length > 0;
    if (known && !indexed.vendors.some((one) => sameVendor(one, vendor))) continue;
    found.set(indexed, { indexed, by: "name", vague: !known });
  }
  return [...found.values()];
};

/** Stronger names that both sides have, and that are not the same. */
const contradicts = ({ purl, cpes }: InventoryItem, indexed: IndexedAffect): boolean => {
  if (purl !== undefined && indexed.purl !== undefined) return true;
  if (cpes.length > 0 && indexed.cpe !== undefined) return true;
  if (purl === undefined || indexed.cpe === undefined) return false;
  // a package of one ecosystem is none of another, nor an operating system or device
  if (indexed.cpe.part !== "a" && indexed.cpe.part !== "*") return true;
  const target = cpeText(indexed.cpe.target_sw).replaceAll("_", " ");
  const own = ecosystems[purl.type];
  return target !== "" && own !== undefined && !own.includes(target);
};
