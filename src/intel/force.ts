import { type Instant } from "#core/instant.ts";
import { type AgeingClaim, type DecayRule, scoreOf } from "./decay.ts";
import type { LiveClaim } from "./ports.ts";

/** A living claim as a score needs it; one whose age is not known counts as fresh. */
export const ageing = (claim: LiveClaim, now: Instant): AgeingClaim => ({
  feed: claim.feed,
  grade: claim.grade,
  lastSeen: claim.lastSeen ?? now,
  ...(claim.listedAt === undefined ? {} : { listedAt: claim.listedAt }),
  ...(claim.trust === undefined ? {} : { trust: claim.trust }),
});

/** Context is shown beside a value and makes it no surer. */
const counts = (claim: LiveClaim): boolean => claim.voice !== "context";
const speaks = (claim: LiveClaim): boolean => claim.voice === "alert";

const scoreAt = (claims: readonly LiveClaim[], rule: DecayRule, now: Instant): number =>
  scoreOf(
    claims.filter(counts).map((claim) => ageing(claim, now)),
    claims.find((claim) => claim.kind !== undefined)?.kind ?? "sha256",
    rule,
    now,
  );

/**
 * The claims of one value that may still make a finding: all of them while those the organisation may see score
 * `alertsAt` or more; else, when all together do, those it may not see, so that staff hear of it and the organisation
 * reads what it would read without them; else none.
 *
 * @param shown whether the organisation may know of a claim
 */
export const claimsInForce = (
  claims: readonly LiveClaim[],
  shown: (claim: LiveClaim) => boolean,
  rule: DecayRule,
  now: Instant,
): readonly LiveClaim[] => {
  const open = claims.filter(shown);
  if (open.some(speaks) && scoreAt(open, rule, now) >= rule.alertsAt) return claims;
  const hidden = claims.filter((claim) => !shown(claim));
  return hidden.some(speaks) && scoreAt(claims, rule, now) >= rule.alertsAt ? hidden : [];
};
