import { after, day, type Instant } from "#core/instant.ts";
import type { ObservableKind } from "#core/observable.ts";
import { type AgeingClaim, type DecayRule, fallsBelow, freshAt, scoreOf } from "./decay.ts";

/** A claim as a curve needs it. */
export interface CurveClaim extends AgeingClaim {
  readonly firstSeen: Instant;
  /** It says nothing from here on. */
  readonly until?: Instant;
}

/** How sure we were, are, and will be unless the value is seen again. */
export interface ScoreCurve {
  readonly from: Instant;
  readonly until: Instant;
  /** In order of time; two of one time where a claim lifts it. */
  readonly points: readonly { readonly at: Instant; readonly score: number }[];
  /** What lifted it: a claim, or a sighting. At most `marksAtMost`, the newest. */
  readonly marks: readonly { readonly at: Instant; readonly score: number; readonly claim: CurveClaim }[];
  /** The next level it falls below, and when. */
  readonly falls?: { readonly level: number; readonly at: Instant };
}

const marksAtMost = 12;
/** Points between two events: the eye sees no corners at this many. */
const pointsBetween = 12;
const shortestPast = 14 * day;
const longestPast = 180 * day;

/**
 * The score over time: what was known at each moment, as far as first and last sightings tell. Between the two a claim
 * ages from its first; a source that lists the value still is as fresh as its last good turn.
 */
export const scoreCurve = (
  claims: readonly CurveClaim[],
  kind: ObservableKind,
  rule: DecayRule,
  now: Instant,
): ScoreCurve => {
  const firsts = claims.map((claim) => claim.firstSeen).filter((at) => at <= now);
  const oldest = firsts.length === 0 ? now : Math.min(...firsts);
  const past = Math.min(longestPast, Math.max(shortestPast, (now - oldest) * 1.05));
  const from = after(now, -Math.round(past));
  const until = after(now, Math.round(Math.max(past / 2, Math.min(2 * rule.halfLifeDays[kind] * day, past))));
  const at = (time: Instant, justBefore = false): number => scoreOf(known(claims, time, justBefore), kind, rule, time);

  const lifts = claims.flatMap((claim) =>
    [...new Set([claim.firstSeen, claim.lastSeen])]
      .filter((time) => time >= from && time <= now && (claim.until === undefined || time < claim.until))
      .map((time) => ({ time, claim })),
  );
  const ends = claims.flatMap(({ until: end }) => (end !== undefined && end > from && end < until ? [end] : []));
  const times = [...new Set([from, ...lifts.map((one) => one.time), ...ends, now, until])].sort((a, b) => a - b);
  const points: { at: Instant; score: number }[] = [];
  times.forEach((time, nth) => {
    const jumps = nth > 0 && (lifts.some((one) => one.time === time) || ends.includes(time));
    if (jumps) points.push({ at: time, score: at(time, true) });
    points.push({ at: time, score: at(time) });
    const next = times[nth + 1];
    if (next === undefined) return;
    const steps = Math.min(pointsBetween, Math.ceil((next - time) / (day / 4)));
    for (let step = 1; step < steps; step++) {
      const between = Math.round(time + ((next - time) * step) / steps) as Instant;
      points.push({ at: between, score: at(between) });
    }
  });
  const score = at(now);
  const standing = known(claims, now, false);
  const level = [rule.blocksAt, rule.alertsAt].sort((a, b) => b - a).find((one) => score >= one);
  const falls = level === undefined ? undefined : fallsBelow(standing, kind, rule, level, now);
  return {
    from,
    until,
    points,
    marks: lifts
      .sort((a, b) => a.time - b.time)
      .slice(-marksAtMost)
      .map(({ time, claim }) => ({ at: time, score: at(time), claim })),
    ...(level === undefined || falls === undefined ? {} : { falls: { level, at: falls } }),
  };
};

/** The claims as they stood at a moment; `justBefore`: without what happens in that very moment. */
const known = (claims: readonly CurveClaim[], time: Instant, justBefore: boolean): readonly AgeingClaim[] =>
  claims.flatMap((claim): AgeingClaim[] => {
    const began = justBefore ? claim.firstSeen < time : claim.firstSeen <= time;
    const ended = claim.until !== undefined && (justBefore ? claim.until < time : claim.until <= time);
    if (!began || ended) return [];
    const seenAgain = justBefore ? claim.lastSeen < time : claim.lastSeen <= time;
    const { listedAt: _listed, ...rest } = claim;
    if (!seenAgain) return [{ ...rest, lastSeen: claim.firstSeen }];
    const fresh = freshAt(claim);
    return [{ ...rest, lastSeen: fresh > time ? time : fresh }];
  });
