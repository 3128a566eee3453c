import { derive } from "#community/derive.ts";
import type { Recipient } from "#community/recipient.ts";
import { type Explained, type Reason, type Release, release } from "#community/release.ts";
import { type Grade, gradeWeight } from "#core/grade.ts";
import { hour, type Instant } from "#core/instant.ts";
import { type Marking, tlps } from "#core/marking.ts";
import { type DecayRule, scoreOf, usualDecay } from "#intel/decay.ts";
import { serialOf } from "./serial.ts";
import type { ListedClaim } from "./out-port.ts";
import type { Listing } from "#jobs/listing.ts";

import type { ListEntry, ListRow } from "#share/list-entry.ts";
import { leastWeight, type ListQuery } from "#share/list-query.ts";

/**
 * What becomes of a value.
 *   leaves     with what `release` let through, and the claims that stayed behind
 *   withheld   no claim may go: why, for each
 *   aside      it may, but a list does not hold it
 */
export type ListDecision =
  | {
      readonly kind: "leaves";
      readonly row: ListRow;
      readonly entry: ListEntry;
      readonly marking: Marking;
      readonly explain: readonly Explained[];
      readonly held: readonly HeldClaim[];
    }
  | { readonly kind: "withheld"; readonly held: readonly HeldClaim[] }
  | {
      readonly kind: "aside";
      readonly why: "excluded" | "own" | "query" | "faded";
      readonly held: readonly HeldClaim[];
    };

/** A claim that may not go to this party, for staff: it may name what the party must not know. */
export interface HeldClaim {
  readonly feed: string;
  readonly reasons: readonly Reason[];
}

export type ListDecider = (claims: readonly ListedClaim[]) => ListDecision;

/**
 * Decides value after value what one party gets, for sending and for the preview alike. A value leaves with the strictest
 * marking of the claims that speak for it *and may go*: a claim that may not leave is as if it were not there, in value,
 * labels, grade and score, so that nobody learns from a list what a hidden source knows. Excluded values and the community's
 * own assets never stand in a list. Scores are those of the full hour, so that a list is the same all through it.
 */
export const listDecider = (
  listing: Pick<Listing, "known" | "exclusions" | "titleOf" | "idOf" | "decay">,
  query: ListQuery,
  recipient: Recipient,
  now: Instant,
  rule: DecayRule = listing.decay ?? usualDecay,
): ListDecider => {
  const [known, exclusions] = [listing.known(), listing.exclusions()];
  const serial = serialOf(listing.idOf("list", "serial"));
  const least = leastWeight(query);
  const atLeast = Math.max(query.score ?? 0, rule.blocksAt);
  const aged = (Math.floor(now / hour) * hour) as Instant;
  const barsByMarking = new Map<string, readonly Reason[]>();
  /** Claims differ in few markings: each is asked about once. */
  const barsOf = (claim: ListedClaim): readonly Reason[] => {
    const key = `${claim.tlp} ${claim.pap} ${claim.licence}`;
    let bars = barsByMarking.get(key);
    if (bars === undefined) {
      const outcome = release({ marking: markingOf(claim), released: true, fields: {} }, recipient, policy(now, {}));
      barsByMarking.set(key, (bars = outcome.ok ? [] : outcome.withheld));
    }
    return bars;
  };
  const strictest = query.tlp === undefined ? tlps.length : tlps.indexOf(query.tlp);
  const asked = (claim: ListedClaim): boolean =>
    tlps.indexOf(claim.tlp) <= strictest &&
    (query.feeds === undefined || query.feeds.includes(claim.feed)) &&
    (query.since === undefined || claim.lastSeen >= query.since);

  return (claims) => {
    const held: HeldClaim[] = [];
    const may: ListedClaim[] = [];
    for (const claim of claims) {
      const reasons = barsOf(claim);
      if (reasons.length === 0) may.push(claim);
      else held.push({ feed: claim.feed, reasons });
    }
    const [first] = claims;
    if (first === undefined || may.length === 0) return { kind: "withheld", held };
    const spoken = may.filter(asked);
    const labels = [...new Set(spoken.flatMap((claim) => claim.labels))].sort();
    const [one, ...others] = spoken;
    if (one === undefined || (query.labels !== undefined && !labels.some((label) => query.labels?.includes(label))))
      return { kind: "aside", why: "query", held };
    const grade = spoken.reduce<Grade>(
      (best, claim) => (gradeWeight(claim.grade) > gradeWeight(best) ? claim.grade : best),
      one.grade,
    );
    if (gradeWeight(grade) < least) return { kind: "aside", why: "query", held };
    if (exclusions.excluded(first) !== undefined) return { kind: "aside", why: "excluded", held };
    if (known.assets.owners(first, now).length > 0) return { kind: "aside", why: "own", held };
    if (scoreOf(spoken, first.kind, rule, aged) < atLeast) return { kind: "aside", why: "faded", held };
    const marking = derive([markingOf(one), ...others.map(markingOf)]);
    if (!marking.ok) return { kind: "withheld", held };
    const ends = spoken.map((claim) => claim.liveUntil);
    const liveUntil = ends.some((end) => end === undefined)
      ? undefined
      : (Math.max(...ends.map((end) => end ?? 0)) as Instant);
    const entry: ListEntry = {
      ...{ id: first.id, serial: serial(first.n), kind: first.kind, value: first.value, labels },
      sources: [...new Set(spoken.map((claim) => listing.titleOf(claim.feed)))].sort().join("; "),
      grade,
      firstSeen: Math.min(...spoken.map((claim) => claim.firstSeen)) as Instant,
      lastSeen: Math.max(...spoken.map((claim) => claim.lastSeen)) as Instant,
      ...(liveUntil === undefined ? {} : { liveUntil }),
    };
    const outcome = releaseEntry(entry, marking.value, recipient, now);
    // a person's address that may not go leaves an entry of nothing
    if (outcome.ok && !Object.hasOwn(outcome.released.value, "value")) {
      const reasons: readonly Reason[] = [{ bound: "field", value: "value", ceiling: "personal" }];
      return { kind: "withheld", held: [...held, { feed: "", reasons }] };
    }
    return outcome.ok
      ? { kind: "leaves", row: outcome.released, entry, marking: marking.value, explain: outcome.explain, held }
      : { kind: "withheld", held: [...held, { feed: "", reasons: outcome.withheld }] };
  };
};

/** An entry of a list through `release`; sources go as nothing at all where they may not be named. */
export const releaseEntry = (
  entry: ListEntry,
  marking: Marking,
  recipient: Recipient,
  now: Instant,
): Release<ListRow["value"]> =>
  release(
    { marking, released: true, fields: entry },
    recipient,
    policy(now, {
      ...{
        id: "must",
        serial: "must",
        kind: "must",
        value: entry.kind === "email" ? "personal" : "must",
        labels: "may",
      },
      ...{ sources: "source", grade: "may", firstSeen: "may", lastSeen: "may", liveUntil: "may" },
    } as const),
  ) as Release<ListRow["value"]>;

const policy = <R>(now: Instant, fields: R) => ({
  now,
  purpose: "blocking" as const,
  fields,
  local: {},
  anonymous: "",
});

const markingOf = ({ tlp, pap, licence }: ListedClaim): Marking => ({ tlp, pap, licence });
