import { hash } from "node:crypto";
import { type Asset, heldAt } from "#community/asset.ts";
import type { Instant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import { problem } from "#core/result.ts";
import { directoryInventory, type Inventory, InventoryTally, itemsAtMost } from "#intel/inventory/item.ts";
import { parseCpe } from "#intel/products/cpe-name.ts";
import { spokenCpe } from "#intel/products/product-key.ts";
import type { Known } from "#jobs/community/directory-memory.ts";
import type { Tx } from "#jobs/ports.ts";
import { componentRows } from "./row.ts";

/** Organisations whose products are taken in one transaction. */
const organisationsAtOnce = 100;

/** What the directory said of products, as far as it was taken, and when that was. */
export interface DirectoryTaken {
  readonly products: string;
  readonly at: Instant;
}

/**
 * Products that the directory names become components, as those of an inventory: of the organisations whose products are
 * others now, and of these what changed. Nothing is taken while the directory says what it said.
 *
 * The store's directory is read again before anything is taken: a process that lags a second behind another must not end
 * what that one began.
 *
 * @param before undefined when nothing was ever taken
 */
export const takeDirectory = async (
  tx: Tx,
  idOf: (kind: string, key: string) => string,
  known: Known,
  before: DirectoryTaken | undefined,
  clock: Instant,
): Promise<{ readonly taken: DirectoryTaken | undefined; readonly more: boolean }> => {
  // clocks differ: what was held to be over is not taken back by whoever is behind
  const now = before !== undefined && before.at > clock ? before.at : clock;
  if (digestNow(known.directory.assets, now) === (before?.products ?? nothing)) return { taken: before, more: false };
  const products = heldProducts((await tx.community.load()).directory.assets, now);
  const byOwner = Map.groupBy(products, ({ organisation }) => organisation);
  const standing = await tx.inventories.named(directoryInventory);
  const changed = [...new Set([...standing.keys(), ...byOwner.keys()])]
    .filter((owner) => (standing.get(owner) ?? nothing) !== digestOf(byOwner.get(owner) ?? []))
    .sort();
  for (const owner of changed.slice(0, organisationsAtOnce)) await take(tx, idOf, owner, byOwner.get(owner) ?? [], now);
  const more = changed.length > organisationsAtOnce;
  return { taken: more ? before : { products: digestOf(products), at: now }, more };
};

const take = async (
  tx: Tx,
  idOf: (kind: string, key: string) => string,
  organisation: OrganisationId,
  products: readonly Asset[],
  now: Instant,
): Promise<void> => {
  if (products.length === 0) {
    await tx.inventories.end(organisation, directoryInventory, now);
    return;
  }
  const { items, problems, problemCount, rejected } = listOf(products);
  const { rows, repeated } = componentRows(items, directoryInventory);
  await tx.inventories.replace(
    {
      ...{ id: idOf("inventory", `${organisation} ${directoryInventory}`), organisation },
      ...{ name: directoryInventory, now },
    },
    {
      ...{ format: "list", problems, problemCount, rejected, repeated, who: "", file: "", bytes: 0 },
      digest: Buffer.from(digestOf(products), "hex"),
    },
    rows,
  );
};

/** An asset of the directory names no place it runs in: it is its own, by maker and product, whatever its version. */
const listOf = (products: readonly Asset[]): Inventory => {
  const tally = new InventoryTally();
  for (const { value, worth } of products.slice(0, itemsAtMost)) {
    const cpe = parseCpe(value);
    const asset = cpe.ok ? `${spokenCpe(cpe.value.vendor)} ${spokenCpe(cpe.value.product)}`.trim() : value;
    tally.add({ asset, worth, vendor: "", name: "", version: "", cpes: [value], purl: "", at: value });
  }
  for (const { value } of products.slice(itemsAtMost))
    tally.refuse(problem("WGL_INVENTORY_LARGE", { limit: itemsAtMost }, value));
  return tally.ended("list");
};

const heldProducts = (assets: readonly Asset[], now: Instant): readonly Asset[] =>
  assets.filter((asset) => asset.kind === "product" && heldAt(asset, now));

/** Asked for every second of a list that may be long: known until it is another list, or a holding begins or ends. */
const digests = new WeakMap<
  readonly Asset[],
  { readonly from: Instant; readonly until: number; readonly digest: string }
>();
const digestNow = (assets: readonly Asset[], now: Instant): string => {
  const before = digests.get(assets);
  if (before !== undefined && before.from <= now && now < before.until) return before.digest;
  const bounds = assets.flatMap(({ kind, from, to }) => (kind === "product" ? [from, to ?? from] : []));
  const until = bounds.filter((bound) => bound > now).reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const digest = digestOf(heldProducts(assets, now));
  digests.set(assets, { from: now, until, digest });
  return digest;
};

/** 32 bytes, as hex, of what components are made of; the order of assets is not. */
const digestOf = (products: readonly Asset[]): string => {
  const said = products.map(({ organisation, value, worth }) => `${organisation} ${value} ${worth}`);
  return hash("sha256", said.sort().join("\n"), "hex");
};
const nothing = digestOf([]);
