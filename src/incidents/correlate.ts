import { day, type Instant } from "#core/instant.ts";
import { type RsitType, rsitTypes } from "#core/rsit.ts";
import { type Tlp, tlps } from "#core/marking.ts";
import type { Severity } from "#core/severity.ts";
import { type Entity, entityKey, problemTie, sharedKey } from "./entities.ts";
import type { Finding } from "./finding.ts";

export const incidentStates = ["suspected", "confirmed", "contained", "closed", "dismissed"] as const;
export type IncidentState = (typeof incidentStates)[number];

/**
 * Findings that tell one story. There are two kinds, made in the same way of different findings: the whole, across
 * organisations and with what is hidden from them, for staff; and an organisation's own part, of what it may see.
 */
export interface PotentialIncident {
  readonly id: string;
  /** Whose part it is; absent: the whole. */
  readonly organisation?: string;
  readonly state: IncidentState;
  readonly problem: Finding["problem"];
  readonly severity: Severity;
  readonly firstSeen: Instant;
  readonly lastSeen: Instant;
}

/** Silence after which the same signs are a new story. One day: a nightly bot stays one story, last month's wave does not. */
export const quietMs: number = day;

/** An entity as hits of one finding showed it. */
export interface SeenEntity {
  readonly entity: Entity;
  readonly first: Instant;
  readonly last: Instant;
  readonly hits: number;
}

/** What ties: findings that have the same key, within `quietMs` of each other, are one story. */
export interface Tie {
  /** 32 lower-case hexadecimal digits. */
  readonly key: string;
  readonly first: Instant;
  readonly last: Instant;
}

/** Which values may tie findings of several organisations into one incident, for staff's eyes. */
export interface AcrossRule {
  /** Problems for which a shared value is one story. */
  readonly problems: ReadonlySet<RsitType>;
  /** The strictest TLP of a claim that may still tie. */
  readonly tlp: Tlp;
}

/** As a community has it that says nothing: one listed value and one problem are one story, whoever said so. */
export const usualAcross: AcrossRule = { problems: new Set(Object.keys(rsitTypes) as RsitType[]), tlp: "red" };

/** What of a claim ties organisations. */
export interface SharedClaim {
  readonly indicator: string;
  readonly tlp: Tlp;
  /** The organisation may know of it. */
  readonly mayBeShown: boolean;
}

/** Inside an organisation: the entities of the hits, and a problem that has a name. */
export const ownTies = (
  { organisation, problem, firstSeen, lastSeen }: Pick<Finding, "organisation" | "problem" | "firstSeen" | "lastSeen">,
  entities: readonly SeenEntity[],
): readonly Tie[] => {
  const named = problemTie(organisation, problem);
  const ties = entities.map(({ entity, first, last }): Tie => ({ key: entityKey(organisation, entity), first, last }));
  if (named !== undefined) ties.push({ key: named, first: firstSeen, last: lastSeen });
  return joinedTies(ties);
};

/** Across organisations: what sources say of the same value, for the same problem, as the community's rule allows. */
export const sharedTies = (
  { problem, firstSeen, lastSeen }: Pick<Finding, "problem" | "firstSeen" | "lastSeen">,
  claims: readonly SharedClaim[],
  { problems, tlp }: AcrossRule = usualAcross,
): readonly Tie[] =>
  problems.has(problem.type)
    ? joinedTies(
        claims
          .filter((claim) => tlps.indexOf(claim.tlp) <= tlps.indexOf(tlp))
          .map(({ indicator }) => ({ key: sharedKey(problem, indicator), first: firstSeen, last: lastSeen })),
      )
    : [];

/** One a key, from its first to its last. */
export const joinedTies = (ties: readonly Tie[]): readonly Tie[] => {
  const all = new Map<string, Tie>();
  for (const tie of ties) {
    const known = all.get(tie.key);
    all.set(tie.key, known === undefined ? tie : hull(known, tie));
  }
  return [...all.values()];
};

export const hull = (a: Tie, b: Tie): Tie => ({
  key: a.key,
  first: a.first < b.first ? a.first : b.first,
  last: a.last > b.last ? a.last : b.last,
});

/** Near enough in time to be one story. */
export const near = (a: Pick<Tie, "first" | "last">, b: Pick<Tie, "first" | "last">): boolean =>
  a.first <= b.last + quietMs && b.first <= a.last + quietMs;
