import type { Affect } from "#feeds/affect.ts";
import type { Feed, RawAdvisory } from "#feeds/feed.ts";
import { evidenceIn } from "#intel/advisory.ts";
import { bothEvidence, noEvidence, type PriorityEvidence } from "#intel/priority.ts";
import { type CpeName, cpeText, parseCpe } from "./cpe-name.ts";
import { productKey, vendorKey } from "./product-name.ts";
import { type Purl, parsePurl, purlKey } from "./purl.ts";

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

/** What all sources say of one weakness together. */
export interface Weakness {
  readonly title: string;
  readonly evidence: PriorityEvidence;
  /** KEV: the day by which US federal agencies must have acted. */
  readonly due?: number;
}

const noWeakness: Weakness = { title: "", evidence: noEvidence };

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
  readonly #weaknesses = new Map<string, Weakness>();
  /** Of documents about several CVEs, whose scores nobody can tell apart: used where nothing else is said. */
  readonly #shared = new Map<string, Weakness>();

  /** A withdrawn advisory says nothing. */
  add(raw: RawAdvisory, feed: Pick<Feed, "id" | "grade">): void {
    if (raw.withdrawn) return;
    this.#weigh(raw, feed);
    const affects = raw.affects ?? [];
    if (affects.length === 0) return;
    this.size++;
    const { id, title, url, cves } = raw;
    const advisory = { feed: feed.id, id, title, ...(url === undefined ? {} : { url }), cves };
    for (const affect of affects) if (affect.status !== "investigating") this.#index(advisory, affect);
  }

  byPurl(purl: Purl): readonly IndexedAffect[] {
    return this.#byPurl.get(purlKey(purl)) ?? [];
  }

  byCpe(cpe: CpeName): readonly IndexedAffect[] {
    return this.#byCpe.get(cpeKey(cpe)) ?? [];
  }

  /** @param key by `productKey` */
  byName(key: string): readonly IndexedAffect[] {
    return this.#byName.get(key) ?? [];
  }

  /** @param id a CVE id, or the id of an advisory without any */
  weakness(id: string): Weakness {
    const own = this.#weaknesses.get(id) ?? noWeakness;
    const shared = this.#shared.get(id);
    if (shared === undefined) return own;
    const { title, evidence } = own;
    const silent = evidence.cvss === 0 && !evidence.exploited;
    return {
      ...own,
      title: title === "" || title === id ? shared.title : title,
      evidence: silent ? bothEvidence(evidence, shared.evidence) : evidence,
    };
  }

  #weigh(raw: RawAdvisory, feed: Pick<Feed, "grade">): void {
    const evidence = evidenceIn(raw, feed);
    const ids = raw.cves.length === 0 ? [raw.id] : raw.cves;
    const table = ids.length > 1 ? this.#shared : this.#weaknesses;
    for (const id of ids) {
      const before = table.get(id) ?? noWeakness;
      const due = earlier(raw.exploited?.due, before.due);
      table.set(id, {
        title: betterTitle(id, before.title, raw.title),
        evidence: bothEvidence(before.evidence, evidence),
        ...(due === undefined ? {} : { due }),
      });
    }
  }

  #index(advisory: ProductAdvisory, affect: Affect): void {
    const cpe = this.#read(affect.cpe, parseCpe);
    const purl = this.#read(affect.purl, parsePurl);
    const spoken = (value: string | undefined): string => cpeText(value ?? "*").replaceAll("_", " ");
    const keys = (key: (name: string) => string, ...names: readonly string[]): readonly string[] => [
      ...new Set(names.map(key).filter((one) => one !== "")),
    ];
    const one: IndexedAffect = {
      ...{ advisory, affect },
      ...(cpe === undefined ? {} : { cpe }),
      ...(purl === undefined ? {} : { purl }),
      names: keys(productKey, affect.product, spoken(cpe?.product)),
      vendors: keys(vendorKey, affect.vendor, spoken(cpe?.vendor)),
    };
    if (purl !== undefined) put(this.#byPurl, purlKey(purl), one);
    if (cpe !== undefined) {
      if (cpeText(cpe.vendor) === "" || cpeText(cpe.product) === "") this.unreadable++;
      else put(this.#byCpe, cpeKey(cpe), one);
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

const earlier = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || (b !== undefined && b < a) ? b : a;

/** One that says more than the id; of two the shorter, so that the order of reading changes nothing. */
const betterTitle = (id: string, a: string, b: string): string => {
  const said = [a, b].filter((title) => title !== "" && title !== id);
  return said.sort((x, y) => x.length - y.length || (x < y ? -1 : 1))[0] ?? (a === "" ? b : a);
};

const cpeKey = ({ vendor, product }: CpeName): string => `${vendor}:${product}`;

const put = (map: Map<string, IndexedAffect[]>, key: string, one: IndexedAffect): void => {
  const before = map.get(key);
  if (before === undefined) map.set(key, [one]);
  else before.push(one);
};
