import type { Affect } from "#feeds/affect.ts";
import type { Feed, RawAdvisory } from "#feeds/feed.ts";
import { evidenceIn } from "#intel/advisory.ts";
import { type CpeName, parseCpe } from "./cpe-name.ts";
import { cpeKey, spokenCpe } from "./product-key.ts";
import { productKey, vendorKey } from "./product-name.ts";
import { type Purl, parsePurl, purlKey } from "./purl.ts";
import { type Weakness, Weaknesses } from "./weaknesses.ts";

/** What is kept of an advisory: its words stay where they are. */
export interface ProductAdvisory {
  readonly feed: string;
  readonly id: string;
  readonly title: string;
  readonly url?: string;
  readonly cves: readonly string[];
}

/** One product of one advisory, its identities read. */
export interface IndexedAffect {
  readonly advisory: ProductAdvisory;
  readonly affect: Affect;
  readonly cpe?: CpeName;
  readonly purl?: Purl;
  /** Keys of the names by which it may be met: its own, and its CPE name's. */
  readonly names: readonly string[];
  readonly vendors: readonly string[];
}

/**
 * Advisories by the products they name: package URL coordinates, CPE vendor and product, and plain names, so that an
 * inventory is looked up and never compared pair by pair. The order of `add` changes nothing but the order of answers.
 */
export class ProductIndex {
  /** Advisories that name a product. */
  size = 0;
  /** Identities that could not be read, or that name every product of a maker or of all makers; the names beside them still count. */
  unreadable = 0;
  readonly #byPurl = new Map<string, IndexedAffect[]>();
  readonly #byCpe = new Map<string, IndexedAffect[]>();
  readonly #byName = new Map<string, IndexedAffect[]>();
  readonly #weaknesses = new Weaknesses();

  /** A withdrawn advisory says nothing. */
  add(raw: RawAdvisory, feed: Pick<Feed, "id" | "grade">): void {
    if (raw.withdrawn) return;
    const { id, title, url, cves } = raw;
    const due = raw.exploited?.due;
    this.#weaknesses.add({
      ...{ ids: cves.length === 0 ? [id] : cves, title, evidence: evidenceIn(raw, feed) },
      ...(due === undefined ? {} : { due }),
    });
    this.addProducts({ feed: feed.id, id, title, ...(url === undefined ? {} : { url }), cves }, raw.affects ?? []);
  }

  /** What an advisory says of products alone; how grave it is, somebody else knows. */
  addProducts(advisory: ProductAdvisory, affects: readonly Affect[]): void {
    if (affects.length === 0) return;
    this.size++;
    for (const affect of affects) if (affect.status !== "investigating") this.#index(advisory, affect);
  }

  byPurl(purl: Purl): readonly IndexedAffect[] {
    return this.#byPurl.get(purlKey(purl)) ?? [];
  }

  byCpe(cpe: CpeName): readonly IndexedAffect[] {
    return this.#byCpe.get(cpeKey(cpe) ?? "") ?? [];
  }

  /** @param key by `productKey` */
  byName(key: string): readonly IndexedAffect[] {
    return this.#byName.get(key) ?? [];
  }

  /** @param id a CVE id, or the id of an advisory without any */
  weakness(id: string): Weakness {
    return this.#weaknesses.of(id);
  }

  #index(advisory: ProductAdvisory, affect: Affect): void {
    const cpe = this.#read(affect.cpe, parseCpe);
    const purl = this.#read(affect.purl, parsePurl);
    const keys = (key: (name: string) => string, ...names: readonly string[]): readonly string[] => [
      ...new Set(names.map(key).filter((one) => one !== "")),
    ];
    const one: IndexedAffect = {
      ...{ advisory, affect },
      ...(cpe === undefined ? {} : { cpe }),
      ...(purl === undefined ? {} : { purl }),
      names: keys(productKey, affect.product, spokenCpe(cpe?.product ?? "*")),
      vendors: keys(vendorKey, affect.vendor, spokenCpe(cpe?.vendor ?? "*")),
    };
    if (purl !== undefined) put(this.#byPurl, purlKey(purl), one);
    if (cpe !== undefined) {
      const key = cpeKey(cpe);
      if (key === undefined) this.unreadable++;
      else put(this.#byCpe, key, one);
    }
    for (const name of one.names) put(this.#byName, name, one);
  }

  #read<T>(
    text: string | undefined,
    parse: (text: string) => { readonly ok: true; readonly value: T } | { readonly ok: false },
  ): T | undefined {
    if (text === undefined) return undefined;
    const read = parse(text);
    if (read.ok) return read.value;
    this.unreadable++;
    return undefined;
  }
}

const put = (map: Map<string, IndexedAffect[]>, key: string, one: IndexedAffect): void => {
  const before = map.get(key);
  if (before === undefined) map.set(key, [one]);
  else before.push(one);
};
