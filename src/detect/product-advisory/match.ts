import type { Certainty } from "#core/grade.ts";
import type { InventoryItem } from "#intel/inventory/item.ts";
import { type Priority, type PriorityEvidence, priorities, priorityOf } from "#intel/priority.ts";
import { parseCpe } from "#intel/products/cpe-name.ts";
import { compareCpe } from "#intel/products/cpe-match.ts";
import type { ProductAdvisory, ProductIndex } from "#intel/products/product-index.ts";
import type { Weakness } from "#intel/products/weaknesses.ts";
import { type Candidate, candidatesOf, type Identity, identities } from "./identity.ts";
import { type Verdict, verdictOf } from "./verdict.ts";

/** Why a match is less certain than its identity alone would make it. */
export type Doubt =
  | "version-unknown"
  | "version-unsaid"
  | "name-only"
  | "edition"
  | "platform"
  | "backports"
  | "disputed";

/** One item that has, or may have, one weakness; how grave that is, is said apart. */
export interface Recognised {
  readonly item: InventoryItem;
  /** A CVE id; the advisory's own id where it names no CVE. */
  readonly weakness: string;
  /** How the product was recognised. */
  readonly by: Identity;
  /** The versions that the strongest of its sources names, and which one says so. */
  readonly range: string;
  readonly advisory: ProductAdvisory;
  /** All that say so, the strongest first. */
  readonly told: readonly ProductAdvisory[];
  /** Feeds whose advisories say so, sorted. */
  readonly sources: readonly string[];
  readonly certainty: Certainty;
  readonly doubts: readonly Doubt[];
  /** What else is on the asset decides `doubts` too. */
  readonly leans: boolean;
}

/** The same with what all sources make of the weakness. */
export interface ProductMatch extends Recognised {
  readonly title: string;
  readonly priority: Priority;
  readonly evidence: PriorityEvidence;
  readonly due?: number;
}

/** What the inventory of one asset has beside an item; asked by platform conditions. */
export type Beside = (asset: string) => readonly Pick<InventoryItem, "cpes">[];

/**
 * What of an inventory has a known weakness: exposed and exploited first, then by priority. Looked up by name and never by
 * pairs: the cost follows the candidates. Pure, and independent of the order of items and advisories.
 *
 * Of one weakness the sources are weighed together. Versions win over silence: where any source names the versions of this
 * product and its version is none of them, a source that only names the product (KEV) brings nothing. Where two that
 * recognise it equally well disagree, it is told as possible.
 */
export const matchInventory = (items: readonly InventoryItem[], index: ProductIndex): readonly ProductMatch[] => {
  const byAsset = Map.groupBy(items, ({ asset }) => asset);
  const beside: Beside = (asset) => byAsset.get(asset) ?? [];
  return items
    .flatMap((item) => recognise(item, index, beside).map((one) => pressed(one, index.weakness(one.weakness))))
    .sort(mostPressing);
};

/** How soon it wants work: what strangers reach, one step sooner. */
export const pressed = (recognised: Recognised, { evidence, title, due }: Weakness): ProductMatch => {
  const known = priorityOf(evidence);
  return {
    ...{ ...recognised, title, evidence, priority: recognised.item.exposed ? raised(known) : known },
    ...(due === undefined ? {} : { due }),
  };
};

interface Statement {
  readonly candidate: Candidate;
  readonly verdict: Verdict;
}

/**
 * The weaknesses one item has, or may have.
 *
 * @param only no others are looked at; absent: all
 */
export const recognise = (
  item: InventoryItem,
  index: ProductIndex,
  beside: Beside,
  only?: ReadonlySet<string>,
): readonly Recognised[] => {
  const statements = new Map<string, Map<ProductAdvisory, Statement[]>>();
  for (const candidate of candidatesOf(item, index)) {
    const verdict = verdictOf(item, candidate);
    if (verdict === undefined) continue;
    const { advisory, affect } = candidate.indexed;
    const all = advisory.cves.length === 0 ? [advisory.id] : advisory.cves;
    for (const weakness of affect.cves ?? all) {
      if (only?.has(weakness) === false) continue;
      const byAdvisory = statements.get(weakness) ?? new Map<ProductAdvisory, Statement[]>();
      statements.set(weakness, byAdvisory);
      const before = byAdvisory.get(advisory);
      if (before === undefined) byAdvisory.set(advisory, [{ candidate, verdict }]);
      else before.push({ candidate, verdict });
    }
  }
  return [...statements].flatMap(([weakness, byAdvisory]) => {
    const match = weighed(item, weakness, [...byAdvisory.values()].map(spoken).sort(bestFirst), beside);
    return match === undefined ? [] : [match];
  });
};

const strength = ({ candidate: { by } }: Statement): number => identities.indexOf(by);

/** The best recognised, and of these the least vague; last by name, so that runs agree. */
const bestFirst = (a: Statement, b: Statement): number => {
  const [x, y] = [a.candidate.indexed.advisory, b.candidate.indexed.advisory];
  return (
    strength(b) - strength(a) ||
    Number(a.candidate.vague) - Number(b.candidate.vague) ||
    Number(b.verdict.exactly) - Number(a.verdict.exactly) ||
    compare(x.feed, y.feed) ||
    compare(x.id, y.id)
  );
};

const order = ["in", "unknown", "unsaid", "out"] as const;

/**
 * What one advisory says in all: of its products that may be this one the best recognised are heard, and of these one that
 * has the version, unless it says of exactly this version that it is not affected.
 */
const spoken = (statements: readonly Statement[]): Statement => {
  const best = Math.max(...statements.map(strength));
  const heard = statements.filter((one) => strength(one) === best);
  const cleared = heard.find(
    ({ candidate: { indexed }, verdict }) =>
      indexed.affect.status !== "affected" && verdict.says === "out" && verdict.exactly,
  );
  return (
    cleared ??
    heard.reduce((a, b) => {
      const [x, y] = [order.indexOf(a.verdict.says), order.indexOf(b.verdict.says)];
      return x < y || (x === y && !(a.candidate.vague && !b.candidate.vague)) ? a : b;
    })
  );
};

const weighed = (
  item: InventoryItem,
  weakness: string,
  /** Best first. */
  said: readonly Statement[],
  beside: Beside,
): Recognised | undefined => {
  const saying = (what: Verdict["says"]): readonly Statement[] => said.filter(({ verdict }) => verdict.says === what);
  const out = saying("out");
  const told = [saying("in"), saying("unknown"), saying("unsaid")].find((some) => some.length > 0) ?? [];
  const [best] = told;
  if (best === undefined) return undefined;
  const isIn = best.verdict.says === "in";
  const against = out.some((one) => strength(one) >= strength(best));
  // silence about versions, or a version nobody can order, against a source that knows it is not among them
  if (!isIn && (against || (best.verdict.says === "unsaid" && out.length > 0))) return undefined;
  const { candidate, verdict } = best;
  // a name alike without a maker, of something whose versions nobody names, is no reason to call anybody
  if (candidate.by === "name" && candidate.vague && !isIn) return undefined;
  const doubts = doubtsOf(item, best, against, beside);
  const advisories = told.map((one) => one.candidate.indexed.advisory);
  return {
    ...{ item, weakness, by: candidate.by, range: verdict.range, advisory: candidate.indexed.advisory },
    told: advisories,
    sources: [...new Set(advisories.map(({ feed }) => feed))].sort(),
    certainty:
      doubts.length > 0 ? "possible" : candidate.by === "purl" || verdict.exactly ? "almost-certain" : "likely",
    doubts,
    leans: platformsOf(candidate).length > 0,
  };
};

/** Types of packages whose makers repair old versions without raising their number. */
const backporting = ["deb", "rpm", "apk"];

const doubtsOf = (
  item: InventoryItem,
  { candidate, verdict }: Statement,
  disputed: boolean,
  beside: Beside,
): readonly Doubt[] => [
  ...(verdict.says === "unknown" ? (["version-unknown"] as const) : []),
  ...(verdict.says === "unsaid" ? (["version-unsaid"] as const) : []),
  ...(candidate.by === "name" ? (["name-only"] as const) : []),
  ...(candidate.by !== "name" && candidate.vague ? (["edition"] as const) : []),
  ...(lacksPlatform(item, candidate, beside) ? (["platform"] as const) : []),
  ...(item.purl !== undefined && backporting.includes(item.purl.type) && candidate.by !== "purl"
    ? (["backports"] as const)
    : []),
  ...(disputed ? (["disputed"] as const) : []),
];

/** Firmware implies its device; an application that is weak on some platform only needs it named on the same asset. */
const platformsOf = ({ indexed: { affect, cpe } }: Candidate): readonly string[] =>
  cpe?.part === "o" ? [] : (affect.beside ?? []);

const lacksPlatform = (item: InventoryItem, candidate: Candidate, beside: Beside): boolean => {
  const platforms = platformsOf(candidate);
  if (platforms.length === 0) return false;
  const present = beside(item.asset).flatMap(({ cpes }) => cpes);
  return !platforms.some((text) => {
    const read = parseCpe(text);
    return (
      read.ok &&
      present.some((one) => ["superset", "equal"].includes(compareCpe(read.value, one, ["part", "vendor", "product"])))
    );
  });
};

const raised = (priority: Priority): Priority => priorities[Math.max(0, priorities.indexOf(priority) - 1)] ?? priority;

const surestFirst: readonly Certainty[] = ["almost-certain", "likely", "possible", "unknown"];

/** Exposed and exploited first; then priority, certainty, and the figures behind them; last by name, so that runs agree. */
export const mostPressing = (a: ProductMatch, b: ProductMatch): number =>
  Number(b.item.exposed && b.evidence.exploited) - Number(a.item.exposed && a.evidence.exploited) ||
  priorities.indexOf(a.priority) - priorities.indexOf(b.priority) ||
  Number(b.evidence.exploited) - Number(a.evidence.exploited) ||
  surestFirst.indexOf(a.certainty) - surestFirst.indexOf(b.certainty) ||
  Number(b.item.exposed) - Number(a.item.exposed) ||
  Number(b.evidence.ransomware) - Number(a.evidence.ransomware) ||
  b.evidence.epss - a.evidence.epss ||
  b.evidence.cvss - a.evidence.cvss ||
  compare(a.item.asset, b.item.asset) ||
  compare(a.item.name, b.item.name) ||
  compare(a.item.at, b.item.at) ||
  compare(a.weakness, b.weakness);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
