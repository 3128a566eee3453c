import { cidrRange } from "#core/cidr.ts";
import type { Instant } from "#core/instant.ts";
import type { ProblemClass, RsitType } from "#core/rsit.ts";
import type { Hit } from "#detect/hit.ts";

/** Which findings are silenced: all that is said must hold, and something must be said. */
export interface SilenceMatcher {
  readonly organisation?: string;
  /** An asset as its finding names it; a network: all in it; "*.shop.example": it and what is below. */
  readonly asset?: string;
  readonly problem?: RsitType;
  readonly detector?: Hit["detector"];
  /** A source behind it: "rule:…", "behaviour:…", a feed. */
  readonly source?: string;
}

/** Findings that staff want to hear nothing of for a while. They are recorded, counted and shown as silenced. */
export interface Silence {
  readonly id: string;
  readonly matcher: SilenceMatcher;
  readonly reason: string;
  readonly who: string;
  readonly at: Instant;
  readonly until: Instant;
  readonly ended?: Instant;
}

/** Longest silence; longer is an exclusion, a rule turned off or a risk accepted. */
export const silenceDaysAtMost = 90;

export interface Silenceable {
  readonly organisation: string;
  readonly asset: string;
  readonly problem: ProblemClass;
  readonly detector: Hit["detector"];
  readonly sources: readonly string[];
}

export const isEmpty = (matcher: SilenceMatcher): boolean => Object.values(matcher).every((one) => one === undefined);

export const silences = (matcher: SilenceMatcher, finding: Silenceable): boolean =>
  !isEmpty(matcher) &&
  (matcher.organisation === undefined || matcher.organisation === finding.organisation) &&
  (matcher.problem === undefined || matcher.problem === finding.problem.type) &&
  (matcher.detector === undefined || matcher.detector === finding.detector) &&
  (matcher.source === undefined || finding.sources.includes(matcher.source)) &&
  (matcher.asset === undefined || isAsset(matcher.asset, finding.asset));

const isAsset = (wanted: string, asset: string): boolean => {
  if (wanted === asset) return true;
  if (wanted.startsWith("*.")) return asset === wanted.slice(2) || asset.endsWith(wanted.slice(1));
  return wanted.includes("/") && holds(wanted, asset);
};

const holds = (network: string, address: string): boolean => {
  const [outer, inner] = [cidrRange(network), cidrRange(address)];
  return (
    outer.ok &&
    inner.ok &&
    outer.value.family === inner.value.family &&
    outer.value.first <= inner.value.first &&
    inner.value.last <= outer.value.last
  );
};
