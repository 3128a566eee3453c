import type { RsitType } from "#core/rsit.ts";
import type { Hit } from "#detect/hit.ts";

/**
 * From which side a problem was seen; the same problem reads and is mended differently:
 *   contacted   telemetry saw a device of theirs with something known to be bad
 *   listed      somebody else reports their own asset
 *   noticed     a rule or a behaviour says that something was done that attackers do
 *   runs        their own inventory says that they run something which is known to be weak
 */
export type Story = "contacted" | "listed" | "noticed" | "runs";

export const storyOf = {
  "indicator-match": "contacted",
  "own-asset-listed": "listed",
  "asset-reported": "listed",
  sigma: "noticed",
  behaviour: "noticed",
  "product-advisory": "runs",
} as const satisfies Record<Hit["detector"], Story>;

/** Problems that detectors of doings point to, each with a sentence of its own. */
const noticed = [
  "infected-system",
  "system-compromise",
  "unprivileged-account-compromise",
  "brute-force",
  "scanner",
  "exploit",
  "data-leak",
  "sabotage",
] as const satisfies readonly RsitType[];

/** Key of the sentence for a story and a problem: "contacted.phishing", "noticed.sabotage". */
export const saidAs = (
  story: Story,
  type: RsitType,
): `${Exclude<Story, "noticed" | "runs">}.${RsitType}` | `noticed.${(typeof noticed)[number] | "other"}` | "runs" =>
  story === "noticed"
    ? `noticed.${noticed.find((one) => one === type) ?? "other"}`
    : story === "runs"
      ? "runs"
      : `${story}.${type}`;
