import { type Instant, instant, printInstant } from "#core/instant.ts";
import { type PriorityEvidence, type PriorityReason, priorityReasons } from "#intel/priority.ts";
import type { Identity } from "./identity.ts";
import type { Doubt } from "./match.ts";

/** What a reason needs to know of a match. */
export interface Explained {
  readonly exposed: boolean;
  readonly evidence: PriorityEvidence;
  readonly due?: number;
  readonly by: Identity;
  /** The feed whose words are the strongest. */
  readonly source: string;
  readonly range: string;
  readonly doubts: readonly Doubt[];
}

/** A sentence of `words/…/acts.ts` by its key without the topic, and what goes into it. */
export type ProductReason =
  | { readonly says: "product.exposed" | `product.doubt.${Doubt}`; readonly with: Readonly<Record<string, never>> }
  | {
      readonly says: `advisory.reason.${"exploited" | "ransomware" | "exploit"}`;
      readonly with: Readonly<Record<string, never>>;
    }
  | { readonly says: "advisory.reason.epss"; readonly with: { readonly percent: number } }
  | { readonly says: "advisory.reason.cvss"; readonly with: { readonly score: number } }
  | { readonly says: "product.due"; readonly with: { readonly day: string } }
  | { readonly says: `product.by.${Identity}`; readonly with: { readonly source: string } }
  | { readonly says: "product.range"; readonly with: { readonly range: string } };

/** Every reason of a match: what makes it pressing, how it was recognised, and what makes it doubtful. */
export const productReasons = (match: Explained): readonly ProductReason[] => [
  ...(match.exposed ? [{ says: "product.exposed", with: {} } as const] : []),
  ...priorityReasons(match.evidence).map(asReason),
  ...(match.due === undefined ? [] : [{ says: "product.due", with: { day: dayOf(instant(match.due)) } } as const]),
  { says: `product.by.${match.by}`, with: { source: match.source } },
  ...(match.range === "" ? [] : [{ says: "product.range", with: { range: match.range } } as const]),
  ...match.doubts.map((doubt) => ({ says: `product.doubt.${doubt}`, with: {} }) as const),
];

const asReason = (reason: PriorityReason): ProductReason =>
  reason.code === "epss"
    ? { says: "advisory.reason.epss", with: { percent: reason.percent } }
    : reason.code === "cvss"
      ? { says: "advisory.reason.cvss", with: { score: reason.score } }
      : { says: `advisory.reason.${reason.code}`, with: {} };

const dayOf = (time: Instant): string => printInstant(time).slice(0, 10);
