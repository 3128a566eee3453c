import type { Problem } from "#core/result.ts";
import { type CpeName, cpeText, parseCpe } from "#intel/products/cpe-name.ts";
import { type Purl, parsePurl } from "#intel/products/purl.ts";
import { problem } from "#core/result.ts";

/** One product somebody runs. It has a name, a CPE name or a package URL. */
export interface InventoryItem {
  /** What it runs on or in: a host, an application, a device; "" when its inventory does not say. */
  readonly asset: string;
  /** Strangers reach it: it faces the internet. */
  readonly exposed: boolean;
  readonly vendor: string;
  readonly name: string;
  /** "" when not known. */
  readonly version: string;
  readonly cpes: readonly CpeName[];
  readonly purl?: Purl;
  /** Its place in its file: "row 12", "/components/3". */
  readonly at: string;
}

/** An inventory, read: what could be, and what could not with its place. */
export interface Inventory {
  readonly format: "cyclonedx" | "spdx" | "table";
  readonly items: readonly InventoryItem[];
  /** Products that could not be taken, and identities of taken ones that could not be read. */
  readonly problems: readonly Problem[];
  /** Products that could not be taken. */
  readonly rejected: number;
}

/** A product as its inventory writes it. */
export interface WrittenItem {
  readonly asset: string;
  readonly exposed?: boolean;
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
  #rejected = 0;

  /** An identity that cannot be read is a problem; the product is taken by what else names it. */
  add(written: WrittenItem): void {
    const { asset, exposed = false, at } = written;
    const cpes: CpeName[] = [];
    for (const text of written.cpes.filter((one) => one !== "")) {
      const read = parseCpe(text);
      if (read.ok) cpes.push(read.value);
      else this.#problems.push({ ...read.problem, at });
    }
    const read = written.purl === "" ? undefined : parsePurl(written.purl);
    if (read?.ok === false) this.#problems.push({ ...read.problem, at });
    const purl = read?.ok === true ? read.value : undefined;
    const [cpe] = cpes;
    const spoken = (value: string | undefined): string => cpeText(value ?? "*").replaceAll("_", " ");
    const name = written.name || purl?.name || spoken(cpe?.product);
    if (name === "") return this.refuse(problem("WGL_INVENTORY_ITEM", {}, at));
    const version = written.version || purl?.version || cpeText(cpe?.version ?? "*");
    const vendor = written.vendor || spoken(cpe?.vendor);
    this.#items.push({ asset, exposed, vendor, name, version, cpes, ...(purl === undefined ? {} : { purl }), at });
  }

  refuse(why: Problem): void {
    this.#rejected++;
    this.#problems.push(why);
  }

  ended(format: Inventory["format"]): Inventory {
    return { format, items: this.#items, problems: this.#problems, rejected: this.#rejected };
  }
}
