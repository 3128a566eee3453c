import { hash } from "node:crypto";
import { canonicalJson } from "#core/canonical-json.ts";
import type { Instant } from "#core/instant.ts";
import type { Licence, Pap, Tlp } from "#core/marking.ts";
import type { Affect } from "#feeds/affect.ts";
import type { Feed, RawAdvisory } from "#feeds/feed.ts";
import { type PriorityEvidence, trustedScore } from "./priority.ts";
import { affectKeys } from "./products/product-key.ts";

/** An advisory of one feed on its way into the store. */
export interface AdvisoryRow {
  /** Opaque: of the deployment's secret, feed and the publisher's id. */
  readonly id: string;
  readonly raw: RawAdvisory;
  /** When its publisher last spoke of it; where it does not say, the moment of collection. Never in the future. */
  readonly updated: Instant;
  readonly evidence: PriorityEvidence;
  /** Nothing in it that a person could read: a record of scores, shown beside others and in no list. */
  readonly bare: boolean;
  /** What lists are searched by: id, title, products, CVEs and the summary; lower case. */
  readonly search: string;
  /** 16 bytes; changes when anything the source says does. */
  readonly content: Uint8Array;
  /** What machines compare with inventories; absent: it names no product. */
  readonly products?: {
    readonly affects: readonly Affect[];
    /** By which they are looked up (products/product-key.ts). */
    readonly keys: readonly string[];
    /** 16 bytes; changes when `affects` does. */
    readonly digest: Uint8Array;
  };
  readonly tlp: Tlp;
  readonly pap: Pap;
  readonly licence: Licence;
}

/** What the store did with a list of them. */
export interface AdvisoryDelta {
  readonly added: number;
  readonly changed: number;
}

/** What collecting advisories needs from state; defined by `test/advisories.test.ts`. */
export interface AdvisoryState {
  /** What every list of the feed held when it was last read, by part (intel/list-diff.ts). */
  readonly lists: (feed: string) => Promise<ReadonlyMap<string, Uint8Array>>;
  readonly rememberList: (feed: string, part: string, items: Uint8Array) => Promise<void>;
  /**
   * One row per feed and publisher's id. A row whose content is as it was changes nothing; a changed one leaves a line in
   * its history. What was gone is back.
   */
  readonly merge: (feed: string, rows: readonly AdvisoryRow[], now: Instant) => Promise<AdvisoryDelta>;
  /** Their list has them no more. @returns how many it had until now */
  readonly delist: (feed: string, ids: readonly string[], now: Instant) => Promise<number>;
}

/** 16 bytes that name an advisory in one deployment. */
export const advisoryDigest = (secret: string, feed: string, id: string): Buffer =>
  hash("sha256", `${secret}\0advisory\0${feed}\0${id}`, "buffer").subarray(0, 16);

/** Characters of a summary that searches look at: a CERT's text says what it is about in its first paragraphs. */
const searchedSummary = 2000;
/** The product filter relies on every product kept standing here; 2,000 of them fit. */
const searchAtMost = 400_000;

const exploitLabels = ["exploit", "ssvc:exploitation:poc", "ssvc:exploitation:active", "exploited"];
const exploitedLabels = ["exploited", "ssvc:exploitation:active"];

/** What one source's statement is worth as evidence. A withdrawn one is worth nothing. */
export const evidenceIn = (raw: RawAdvisory, feed: Pick<Feed, "grade">): PriorityEvidence => {
  const says = (labels: readonly string[]): boolean => raw.labels.some((label) => labels.includes(label));
  const alive = raw.withdrawn !== true;
  return {
    exploited: alive && (raw.exploited !== undefined || says(exploitedLabels)),
    ransomware: alive && raw.exploited?.ransomware === true,
    exploit: alive && says(exploitLabels),
    epss: alive ? (raw.epss?.probability ?? 0) : 0,
    cvss: alive ? Math.max(0, ...raw.scores.map((score) => trustedScore(score, feed.grade))) : 0,
  };
};

/**
 * The store's row of what a feed says. What machines compare with inventories (`affects`) stands beside it: a person reads
 * `products`, and the whole of it would make what lists read several times as large.
 */
export const advisoryRowOf = (
  said: RawAdvisory,
  feed: Pick<Feed, "id" | "grade" | "tlp" | "pap" | "licence">,
  digest: string,
  now: Instant,
): AdvisoryRow => {
  const raw = forPeople(said);
  const spoke = raw.updatedAt ?? raw.publishedAt ?? now;
  return {
    id: digest,
    raw,
    updated: spoke > now ? now : spoke,
    evidence: evidenceIn(raw, feed),
    bare: raw.title === "" && raw.summary === "",
    search: searchText(raw),
    content: contentOfWords(raw),
    ...productsOf(said),
    tlp: raw.tlp ?? feed.tlp,
    pap: feed.pap,
    licence: feed.licence,
  };
};

/** 16 bytes that change when anything its source says does, what machines compare too: for the differences of lists. */
export const contentOf = (raw: RawAdvisory): Buffer =>
  raw.affects === undefined ? contentOfWords(raw) : digestOf([forPeople(raw), raw.affects]);

const contentOfWords = (raw: RawAdvisory): Buffer => digestOf(forPeople(raw));

const digestOf = (value: unknown): Buffer => hash("sha256", canonicalJson(value), "buffer").subarray(0, 16);

const productsOf = ({ affects = [] }: RawAdvisory): Pick<AdvisoryRow, "products"> => {
  const compared = affects.filter(({ status }) => status !== "investigating");
  if (compared.length === 0) return {};
  return { products: { affects: compared, keys: affectKeys(compared), digest: digestOf(compared) } };
};

const forPeople = (said: RawAdvisory): RawAdvisory => {
  const { affects: _, ...raw } = said;
  return raw;
};

const searchText = (raw: RawAdvisory): string =>
  [
    ...[raw.id, raw.title, raw.cves.join(" ")],
    ...[...new Set(raw.products.map(({ vendor, product }) => `${vendor} ${product}`))],
    ...[raw.labels.join(" "), raw.summary.slice(0, searchedSummary)],
  ]
    .join("\n")
    .slice(0, searchAtMost)
    .toLowerCase();
