import type { AssetWorth } from "#community/asset.ts";
import { type Problem, problem } from "#core/result.ts";
import { BadBody } from "#feeds/bad-body.ts";
import { type CpeName, cpeText, parseCpe } from "#intel/products/cpe-name.ts";
import { spokenCpe } from "#intel/products/product-key.ts";
import { type Purl, parsePurl } from "#intel/products/purl.ts";

/** One product somebody runs. It has a name, a CPE name or a package URL. */
export interface InventoryItem {
  /** What it runs on or in: a host, an application, a device; "" when its inventory does not say. */
  readonly asset: string;
  /** Strangers reach it: it faces the internet. */
  readonly exposed: boolean;
  /** What the loss of its asset would mean; absent: its inventory does not say. */
  readonly worth?: AssetWorth;
  readonly vendor: string;
  readonly name: string;
  /** "" when not known. */
  readonly version: string;
  readonly cpes: readonly CpeName[];
  readonly purl?: Purl;
  /** Its place in its file: "row 12", "/components/3". */
  readonly at: string;
}

export const inventoryFormats = ["cyclonedx", "spdx", "table", "list"] as const;

/** What the products of the directory are called among inventories: nobody can bring one of this name. */
export const directoryInventory = "@directory";

/** Products of one inventory: the largest that somebody should run as one; more are several inventories. */
export const itemsAtMost = 250_000;
/** Problems kept of one inventory; the rest is counted. */
const problemsKept = 1000;

/** An inventory, read: what could be, and what could not with its place. */
export interface Inventory {
  readonly format: (typeof inventoryFormats)[number];
  readonly items: readonly InventoryItem[];
  /** Products that could not be taken, and identities of taken ones that could not be read: the first 1,000. */
  readonly problems: readonly Problem[];
  /** All of them. */
  readonly problemCount: number;
  /** Products that could not be taken. */
  readonly rejected: number;
}

/** A product as its inventory writes it. */
export interface WrittenItem {
  readonly asset: string;
  readonly exposed?: boolean;
  readonly worth?: AssetWorth;
  readonly vendor: string;
  readonly name: string;
  readonly version: string;
  readonly cpes: readonly string[];
  readonly purl: string;
  readonly at: string;
}

/** Gathers the items of one inventory. */
export class InventoryTally {
  readonly #items: InventoryItem[] = [];
  readonly #problems: Problem[] = [];
  #problemCount = 0;
  #rejected = 0;

  /**
   * An identity that cannot be read is a problem; the product is taken by what else names it.
   *
   * @throws BadBody WGL_INVENTORY_LARGE
   */
  add(written: WrittenItem): void {
    const { asset, exposed = false, worth, at } = written;
    if (this.#items.length >= itemsAtMost) throw new BadBody("WGL_INVENTORY_LARGE", { limit: itemsAtMost });
    const cpes: CpeName[] = [];
    for (const text of written.cpes.filter((one) => one !== "")) {
      const read = parseCpe(text);
      if (read.ok) cpes.push(read.value);
      else this.#tell({ ...read.problem, at });
    }
    const read = written.purl === "" ? undefined : parsePurl(written.purl);
    if (read?.ok === false) this.#tell({ ...read.problem, at });
    const purl = read?.ok === true ? read.value : undefined;
    const [cpe] = cpes;
    const name = written.name || purl?.name || spokenCpe(cpe?.product ?? "*");
    if (name === "") return this.refuse(problem("WGL_INVENTORY_ITEM", {}, at));
    const version = written.version || purl?.version || cpeText(cpe?.version ?? "*");
    const vendor = written.vendor || spokenCpe(cpe?.vendor ?? "*");
    this.#items.push({
      ...{ asset, exposed, vendor, name, version, cpes, at },
      ...(purl === undefined ? {} : { purl }),
      ...(worth === undefined ? {} : { worth }),
    });
  }

  refuse(why: Problem): void {
    this.#rejected++;
    this.#tell(why);
  }

  #tell(why: Problem): void {
    this.#problemCount++;
    if (this.#problems.length < problemsKept) this.#problems.push(why);
  }

  ended(format: Inventory["format"]): Inventory {
    return {
      ...{ format, items: this.#items, problems: this.#problems },
      ...{ problemCount: this.#problemCount, rejected: this.#rejected },
    };
  }
}
