import { instant, printInstant } from "#core/instant.ts";
import type { ProductMatch } from "#detect/product-advisory/match.ts";
import { productReasons } from "#detect/product-advisory/why.ts";
import { printCpe } from "#intel/products/cpe-name.ts";
import { printPurl } from "#intel/products/purl.ts";
import { sayReason } from "#jobs/inventory/product-words.ts";
import type { Language } from "#words/language.ts";
import { say } from "#words/say.ts";

/** A match as `--json` prints it; `why` in English. */
export const matchJson = (match: ProductMatch, file: string): object => {
  const { item, advisory, evidence } = match;
  return {
    detector: "product-advisory",
    weakness: match.weakness,
    title: match.title,
    priority: match.priority,
    certainty: match.certainty,
    ...{ asset: item.asset, exposed: item.exposed, name: item.name, vendor: item.vendor, version: item.version },
    ...(item.cpes.length === 0 ? {} : { cpes: item.cpes.map(printCpe) }),
    ...(item.purl === undefined ? {} : { purl: printPurl(item.purl) }),
    ...{ file, at: item.at, by: match.by, range: match.range, doubts: match.doubts },
    advisory: { feed: advisory.feed, id: advisory.id, ...(advisory.url === undefined ? {} : { url: advisory.url }) },
    sources: match.sources,
    ...{ exploited: evidence.exploited, ransomware: evidence.ransomware, exploit: evidence.exploit },
    ...{ epss: evidence.epss, cvss: evidence.cvss },
    ...(match.due === undefined ? {} : { due: dayOf(match.due) }),
    why: whyOf("en", match),
  };
};

/** "act-now   almost-certain  web-01  openssl 3.0.1  CVE-2026-10001  Title  (why; why)" */
export const matchLine = (language: Language, match: ProductMatch, file: string): string => {
  const { item } = match;
  return [
    match.priority.padEnd(7),
    say(language, `glossary.certainty.${match.certainty}`),
    item.asset === "" ? file : item.asset,
    [item.name, item.version].filter((one) => one !== "").join(" "),
    match.weakness,
    match.title === match.weakness ? "" : match.title,
    `(${whyOf(language, match).join("; ")})`,
  ]
    .filter((one) => one !== "")
    .join("  ");
};

/** Every reason of a match as a sentence: what makes it pressing, how it was recognised, and what makes it doubtful. */
export const whyOf = (language: Language, match: ProductMatch): readonly string[] =>
  productReasons({ ...match, exposed: match.item.exposed, source: match.advisory.feed }).map((one) =>
    sayReason(language, one),
  );

const dayOf = (time: number): string => printInstant(instant(time)).slice(0, 10);
