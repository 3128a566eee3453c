import type { IndicatorRow, Standing } from "#api/indicator.ts";
import { betterGrade, printGrade } from "#core/grade.ts";
import { printInstant } from "#core/instant.ts";
import { type Tlp, tlps } from "#core/marking.ts";
import { type AgeingClaim, type DecayRule, scoreOf, usualDecay } from "#intel/decay.ts";
import type { SeenClaim, SeenIndicator } from "#jobs/search/port.ts";
import type { Desk } from "./desk.ts";

const labelsShown = 6;

/** What claims that stand say of a value, as its reader may know it. Context is shown and makes it no surer. */
export const speaking = (claims: readonly SeenClaim[]): readonly SeenClaim[] =>
  claims.filter((claim) => claim.live && claim.voice !== "context");

export const decayOf = (desk: Desk): DecayRule => desk.decay ?? usualDecay;

/** A value in a list: score, grade and standing are of the claims that its reader may know and of no others. */
export const indicatorRow = (desk: Desk, seen: SeenIndicator, way: IndicatorRow["way"]): IndicatorRow => {
  const rule = decayOf(desk);
  const standing = speaking(seen.claims);
  const score = scoreOf(standing.map(ageing), seen.kind, rule, desk.now());
  const said = standing.length > 0 ? standing : seen.claims;
  const grade = said.map((claim) => claim.grade).reduce(betterGrade);
  return {
    id: seen.id,
    kind: seen.kind,
    value: seen.value,
    way,
    standing: standingOf(desk, seen, standing, score),
    score,
    grade: printGrade(grade),
    tlp: strictest(said),
    sources: new Set(said.map((claim) => claim.feed)).size,
    labels: [...new Set(said.flatMap((claim) => claim.labels))].slice(0, labelsShown),
    firstSeen: printInstant(seen.claims.map((claim) => claim.firstSeen).reduce((a, b) => (b < a ? b : a))),
    lastSeen: printInstant(seen.claims.map((claim) => claim.lastSeen).reduce((a, b) => (b > a ? b : a))),
  };
};

export const ageing = (claim: SeenClaim): AgeingClaim => ({
  feed: claim.feed,
  grade: claim.grade,
  lastSeen: claim.lastSeen,
  ...(claim.listedAt === undefined ? {} : { listedAt: claim.listedAt }),
  ...(claim.trust === undefined ? {} : { trust: claim.trust }),
});

const standingOf = (
  desk: Desk,
  { kind, value, claims }: SeenIndicator,
  standing: readonly SeenClaim[],
  score: number,
): Standing => {
  if (claims.every((claim) => claim.judgedFalse)) return "false";
  if (desk.exclusions().excluded({ kind, value }) !== undefined) return "excluded";
  if (standing.length === 0) return "ended";
  const { alertsAt, blocksAt } = decayOf(desk);
  if (score < Math.min(alertsAt, blocksAt)) return "faded";
  if (!standing.some((claim) => claim.voice === "alert")) return "supports";
  return score >= blocksAt ? "block" : "alert";
};

const strictest = (claims: readonly SeenClaim[]): Tlp =>
  claims.map((claim) => claim.tlp).reduce((a, b) => (tlps.indexOf(b) > tlps.indexOf(a) ? b : a));
