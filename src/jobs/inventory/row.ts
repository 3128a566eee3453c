import { hash } from "node:crypto";
import type { InventoryItem } from "#intel/inventory/item.ts";
import { parseCpe, printCpe } from "#intel/products/cpe-name.ts";
import { lookUpKeys } from "#intel/products/product-key.ts";
import { productKey, vendorKey } from "#intel/products/product-name.ts";
import { parsePurl, printPurl, purlKey } from "#intel/products/purl.ts";
import type { ComponentRow, StoredComponent } from "./port.ts";

/** CPE names of one product; the most ever seen has 30. */
const cpesAtMost = 100;

/**
 * The rows of an inventory's items, each once: the same product on the same asset is one component however often it is
 * listed. What names no asset runs on what the inventory is called.
 */
export const componentRows = (
  items: readonly InventoryItem[],
  inventory: string,
): { readonly rows: readonly ComponentRow[]; readonly repeated: number } => {
  const rows = new Map<string, ComponentRow>();
  for (const item of items) {
    const row = rowOf(item, inventory);
    const key = Buffer.from(row.digest).toString("latin1");
    if (!rows.has(key)) rows.set(key, row);
  }
  return { rows: [...rows.values()], repeated: items.length - rows.size };
};

const rowOf = (item: InventoryItem, inventory: string): ComponentRow => {
  const cpes = [...new Set(item.cpes.map(printCpe))].sort().slice(0, cpesAtMost);
  const purl = item.purl === undefined ? undefined : printPurl(item.purl);
  const asset = item.asset === "" ? inventory : item.asset;
  const { exposed, worth, vendor, name, version, at } = item;
  const product = digestOf([vendor, name, version, cpes, purl ?? ""]);
  return {
    ...{ digest: digestOf([product.toString("hex"), asset, exposed, worth ?? ""]), product },
    keys: lookUpKeys({ ...(item.purl === undefined ? {} : { purl: item.purl }), cpes: item.cpes, names: [name] }),
    ...{ asset, exposed, vendor, name, version, cpes, at },
    ...(worth === undefined ? {} : { worth }),
    ...(purl === undefined ? {} : { purl }),
  };
};

const digestOf = (value: unknown): Buffer => hash("sha256", JSON.stringify(value), "buffer").subarray(0, 16);

/** A component as its detector reads it. */
export const itemOf = (component: StoredComponent): InventoryItem => {
  const purl = component.purl === undefined ? undefined : parsePurl(component.purl);
  const { asset, exposed, worth, vendor, name, version, at } = component;
  return {
    ...{ asset, exposed, vendor, name, version, at },
    ...(worth === undefined ? {} : { worth }),
    cpes: component.cpes.flatMap((text) => {
      const read = parseCpe(text);
      return read.ok ? [read.value] : [];
    }),
    ...(purl?.ok ? { purl: purl.value } : {}),
  };
};

/** The product whatever its version, by which matches stand together: the package without its version, or name and maker. */
export const familyOf = ({ purl, cpes, vendor, name }: InventoryItem): string => {
  if (purl !== undefined) return `pkg:${purlKey(purl)}`;
  const [cpe] = cpes;
  if (cpe !== undefined) return `cpe:${cpe.vendor}:${cpe.product}`;
  const maker = vendorKey(vendor);
  return maker === "" ? productKey(name) : `${maker} ${productKey(name)}`;
};
