import type { Affect, AffectedSpan } from "./affect.ts";
import { cvesIn } from "./cve.ts";
import type { AffectedProduct } from "./feed.ts";
import { jsonAt, listAt, textAt, textsAt } from "./json-shape.ts";
import { plainLine } from "./plain-text.ts";

/** A product of the tree: what `AffectedProduct` says of it, before a status. */
export interface TreeProduct extends Omit<AffectedProduct, "status"> {
  /** For machines: the same product, a part of another by its own name. */
  readonly identity: Omit<Affect, "status">;
}

/** Products kept of one tree; the widest seen has 60,000. */
const treeAtMost = 100_000;

/**
 * The products of a document by their id: branches, full product names and relationships.
 * A relationship is a product of its own, named in full, by the vendor of what it is a part of.
 *
 * @see CSAF 2.0 §3.2.2 Product tree, §3.1.2 Branches, §3.1.3 Full product name
 */
export const productTree = (document: unknown): ReadonlyMap<string, TreeProduct> => {
  const found = new Map<string, TreeProduct>();
  const add = (full: unknown, named: Named, part?: TreeProduct["identity"]): void => {
    const id = textAt(full, "product_id");
    if (id !== "" && found.size < treeAtMost) found.set(id, productOf(full, named, part));
  };
  const waiting: (readonly [branch: unknown, above: Named])[] = listAt(document, "product_tree", "branches").map(
    (branch) => [branch, {}],
  );
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [branch, above] = next;
    const here = { ...above, ...namedBy(branch) };
    add(jsonAt(branch, "product"), here);
    for (const below of listAt(branch, "branches")) waiting.push([below, here]);
  }
  for (const full of listAt(document, "product_tree", "full_product_names")) add(full, {});
  for (const one of listAt(document, "product_tree", "relationships")) {
    const [part, whole] = [
      found.get(textAt(one, "product_reference")),
      found.get(textAt(one, "relates_to_product_reference")),
    ];
    const full = jsonAt(one, "full_product_name");
    const vendor = whole?.vendor || part?.vendor || "";
    add(full, { vendor, product: textAt(full, "name"), version: part?.versions[0] ?? "" }, part?.identity);
  }
  return found;
};

/** What the branches above a product say. */
interface Named {
  readonly vendor?: string;
  readonly product?: string;
  readonly family?: string;
  readonly version?: string;
  /** `version` is a range. */
  readonly range?: true;
}

const namedBy = (branch: unknown): Named => {
  const name = textAt(branch, "name");
  switch (textAt(branch, "category")) {
    case "vendor":
      return { vendor: name };
    case "product_name":
      return { product: name };
    case "product_family":
      return { family: name };
    case "product_version_range":
      return { version: name, range: true };
    case "product_version":
    case "patch_level":
    case "service_pack":
      return { version: name };
    default:
      return {};
  }
};

const productOf = (full: unknown, named: Named, part?: TreeProduct["identity"]): TreeProduct => {
  const cpe = textAt(full, "product_identification_helper", "cpe");
  const purl = textAt(full, "product_identification_helper", "purl");
  const version = plainLine(named.version ?? "", 200);
  const names = {
    vendor: plainLine(named.vendor ?? ""),
    product: plainLine(named.product ?? named.family ?? textAt(full, "name")),
  };
  const helpers = {
    ...(cpe === "" ? {} : { cpe: cpe.slice(0, 500) }),
    ...(purl === "" ? {} : { purl: purl.slice(0, 500) }),
  };
  return {
    ...{ ...names, versions: version === "" ? [] : [version], ...helpers },
    identity: { ...(part ?? { ...names, ...versionsOf(version, named.range === true) }), ...helpers },
  };
};

/** A branch "product_version" is that version; a range is a VERS URI, or prose of its author. */
const versionsOf = (version: string, isRange: boolean): Pick<Affect, "versions"> => {
  if (version === "") return {};
  const span: AffectedSpan = /^vers:/i.test(version)
    ? { vers: version }
    : isRange || /[<>=\s]/.test(version)
      ? { words: version }
      : { exactly: version };
  return { versions: [span] };
};

// CSAF 2.0 §3.2.3.9 Product status; "recommended" is advice and no state
const statuses = {
  first_affected: "affected",
  known_affected: "affected",
  last_affected: "affected",
  first_fixed: "fixed",
  fixed: "fixed",
  under_investigation: "investigating",
  known_not_affected: "not-affected",
} as const satisfies Record<string, AffectedProduct["status"]>;

/** The products a document's vulnerabilities speak of, by status. A product its tree does not have is left out. */
export const affectedProducts = (
  vulnerabilities: readonly unknown[],
  tree: ReadonlyMap<string, TreeProduct>,
): readonly AffectedProduct[] => {
  const said = new Set<string>();
  const products: AffectedProduct[] = [];
  for (const one of vulnerabilities)
    for (const [field, status] of Object.entries(statuses))
      for (const id of textsAt(one, "product_status", field)) {
        const product = tree.get(id);
        if (product === undefined || said.has(`${status} ${id}`)) continue;
        said.add(`${status} ${id}`);
        const { identity: _, ...shown } = product;
        products.push({ ...shown, status });
      }
  return products;
};

/**
 * The same for machines: each product once for each status, with the CVEs it is said of where these are not all of the
 * document's.
 */
export const affectedByCve = (
  vulnerabilities: readonly unknown[],
  tree: ReadonlyMap<string, TreeProduct>,
): readonly Affect[] => {
  const said = new Map<string, { readonly affect: Omit<Affect, "cves">; readonly cves: Set<string> }>();
  for (const one of vulnerabilities) {
    const cves = cvesIn(textAt(one, "cve"));
    for (const [field, status] of Object.entries(statuses))
      for (const id of textsAt(one, "product_status", field)) {
        const product = tree.get(id);
        if (product === undefined) continue;
        const key = `${status} ${id}`;
        const entry = said.get(key) ?? { affect: { ...product.identity, status }, cves: new Set<string>() };
        for (const cve of cves) entry.cves.add(cve);
        said.set(key, entry);
      }
  }
  const all = new Set(vulnerabilities.flatMap((one) => cvesIn(textAt(one, "cve")))).size;
  return [...said.values()].map(({ affect, cves }) =>
    cves.size === all ? affect : { ...affect, cves: [...cves].sort() },
  );
};
