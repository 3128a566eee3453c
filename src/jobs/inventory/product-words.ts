import { say } from "#words/say.ts";
import type { Language } from "#words/language.ts";

/** A reason as it is kept: the sentence's key in `words/…/acts.ts`, and what goes into it (detect/product-advisory/why.ts). */
interface KeptReason {
  readonly says: string;
  readonly with: Readonly<Record<string, string | number>>;
}

const plain = [
  ...(["product.exposed", "product.doubt.version-unknown", "product.doubt.version-unsaid"] as const),
  ...(["product.doubt.name-only", "product.doubt.edition", "product.doubt.platform"] as const),
  ...(["product.doubt.backports", "product.doubt.disputed"] as const),
  ...(["advisory.reason.exploited", "advisory.reason.ransomware", "advisory.reason.exploit"] as const),
] as const;
const named = ["product.by.name", "product.by.cpe", "product.by.purl"] as const;

/**
 * A reason of a product match in the reader's language. What is unknown is its key, so that old findings stay readable.
 *
 * @param titleOf the name of a feed that a reason names
 */
export const sayReason = (
  language: Language,
  { says, with: params }: KeptReason,
  titleOf: (feed: string) => string = (feed) => feed,
): string => {
  const by = named.find((one) => one === says);
  if (by !== undefined) return say(language, `acts.${by}`, { source: titleOf(String(params["source"] ?? "")) });
  if (says === "advisory.reason.epss")
    return say(language, "acts.advisory.reason.epss", { percent: Number(params["percent"] ?? 0) });
  if (says === "advisory.reason.cvss")
    return say(language, "acts.advisory.reason.cvss", { score: Number(params["score"] ?? 0) });
  if (says === "product.due") return say(language, "acts.product.due", { day: String(params["day"] ?? "") });
  if (says === "product.range") return say(language, "acts.product.range", { range: String(params["range"] ?? "") });
  const sentence = plain.find((one) => one === says);
  return sentence === undefined ? says : say(language, `acts.${sentence}`);
};
