import { gradeWeight, type Grade } from "#core/grade.ts";
import { day, type Instant } from "#core/instant.ts";
import type { ObservableKind } from "#core/observable.ts";

/**
 * How what sources say grows old. The rule is applied when a score is asked for and never stored with a value, so that a
 * changed rule is in force for everything at once, the past included.
 */
export interface DecayRule {
  /** Days after the last sighting in which half of what a claim says is left. */
  readonly halfLifeDays: Readonly<Record<ObservableKind, number>>;
  /** Score (0 to 100) below which a value makes no new finding by itself. */
  readonly alertsAt: number;
  /** Score below which a value stands in no block-list. */
  readonly blocksAt: number;
}

/**
 * Addresses change hands within days, names within weeks, a file's hash never stops meaning that file. The half-lives
 * are ours, chosen by kind; a site sets its own (`decay` in waglan.yaml).
 */
export const usualDecay: DecayRule = {
  halfLifeDays: {
    ...{ ipv4: 14, ipv6: 14, endpoint: 14, cidr: 30, url: 21, path: 60, domain: 30, email: 60, asn: 180 },
    ...{ md5: 730, sha1: 730, sha256: 730, sha512: 730 },
  },
  alertsAt: 10,
  blocksAt: 10,
};

/** One source's statement as a score needs it. */
export interface AgeingClaim {
  readonly feed: string;
  readonly grade: Grade;
  readonly lastSeen: Instant;
  /** The source lists it still: it is as fresh as the source's last good turn. */
  readonly listedAt?: Instant;
  /** How often this source was right, 0 to 1 (intel/scorecard.ts); absent: nothing is known against it. */
  readonly trust?: number;
}

/** The moment a claim's age counts from: its last sighting, which every new one resets. */
export const freshAt = (claim: AgeingClaim): Instant =>
  claim.listedAt !== undefined && claim.listedAt > claim.lastSeen ? claim.listedAt : claim.lastSeen;

/** What is left of a claim at `now`: its grade's weight, halved every half-life. 0 to 1. */
export const weightAt = (claim: AgeingClaim, kind: ObservableKind, rule: DecayRule, now: Instant): number => {
  const days = Math.max(0, now - freshAt(claim)) / day;
  return gradeWeight(claim.grade) * (claim.trust ?? 1) * 0.5 ** (days / rule.halfLifeDays[kind]);
};

/**
 * How sure we are that a value is bad, 0 to 100: each *source* is evidence, so doubts multiply (as `certaintyOf` has it),
 * and what a source says twice counts once, at its freshest. The caller hands in the claims the reader may know of.
 */
export const scoreOf = (
  claims: readonly AgeingClaim[],
  kind: ObservableKind,
  rule: DecayRule,
  now: Instant,
): number => {
  const bySource = new Map<string, number>();
  for (const claim of claims)
    bySource.set(claim.feed, Math.max(bySource.get(claim.feed) ?? 0, weightAt(claim, kind, rule, now)));
  let doubt = 1;
  for (const weight of bySource.values()) doubt *= 1 - weight;
  return Math.round((1 - doubt) * 1000) / 10;
};

/**
 * When the score will fall below `level` unless somebody sees the value again; undefined: it is below already. Between
 * sightings a score only falls, so halving the interval finds the day. At most ten years ahead.
 */
export const fallsBelow = (
  claims: readonly AgeingClaim[],
  kind: ObservableKind,
  rule: DecayRule,
  level: number,
  now: Instant,
): Instant | undefined => {
  if (scoreOf(claims, kind, rule, now) < level) return undefined;
  let [from, to] = [0, 3653];
  if (scoreOf(claims, kind, rule, (now + to * day) as Instant) >= level) return (now + to * day) as Instant;
  while (to - from > 1 / 24) {
    const middle = (from + to) / 2;
    if (scoreOf(claims, kind, rule, (now + middle * day) as Instant) >= level) from = middle;
    else to = middle;
  }
  return Math.ceil(now + to * day) as Instant;
};
