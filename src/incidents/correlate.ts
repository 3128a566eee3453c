import { day, type Instant } from "#core/instant.ts";
import { problemKey } from "#core/rsit.ts";
import { type Severity, worse } from "#core/severity.ts";
import type { Finding } from "#incidents/finding.ts";

export type IncidentState = "suspected" | "confirmed" | "contained" | "closed" | "dismissed";

/** Findings that tell one story. Across organisations only staff see the whole; a member sees its own part. */
export interface PotentialIncident {
  readonly id: string;
  readonly state: IncidentState;
  readonly problem: Finding["problem"];
  readonly severity: Severity;
  readonly firstSeen: Instant;
  readonly lastSeen: Instant;
}

export interface OpenIncident extends PotentialIncident {
  /** Keys of what its findings share: "indicator …", "host …". */
  readonly ties: readonly string[];
}

export type Change =
  | { readonly kind: "opened"; readonly incident: PotentialIncident }
  /** `absorbed`: ids of open incidents that turn out to be the same story; their findings move here. */
  | { readonly kind: "extended"; readonly incident: PotentialIncident; readonly absorbed: readonly string[] };

/** Silence after which the same signs are a new story. One day: a nightly bot stays one story, last month's wave does not. */
export const quietMs: number = day;

export const hostTie = (organisation: string, asset: string): string => `host ${organisation} ${asset}`;
export const problemTie = (organisation: string, problem: Finding["problem"]): string =>
  `problem ${organisation} ${problemKey(problem)}`;
export const indicatorTie = (problem: Finding["problem"], indicator: string): string =>
  `indicator ${problemKey(problem)} ${indicator}`;

/**
 * What ties findings into one story: the same organisation's same asset, the same problem in one organisation, or the
 * same known-bad value for the same problem anywhere in the community (a phishing wave, one botnet).
 */
export const tiesOf = (
  { organisation, asset, problem }: Pick<Finding, "organisation" | "asset" | "problem">,
  indicators: readonly string[],
): string[] => [
  hostTie(organisation, asset),
  problemTie(organisation, problem),
  ...indicators.map((indicator) => indicatorTie(problem, indicator)),
];

/**
 * The open incident a finding joins, or a new one. A finding tied to several says that they are one: the oldest takes
 * the others in. Pure: the caller loads `open` in any order and stores the result; the outcome depends on neither.
 */
export const correlate = (
  finding: Finding,
  indicators: readonly string[],
  open: readonly OpenIncident[],
  id: string,
): Change => {
  const ties = new Set(tiesOf(finding, indicators));
  return joinTied(
    finding,
    open.filter((incident) => incident.ties.some((tie) => ties.has(tie))),
    id,
  );
};

/** The same for incidents that share a tie with the finding, all of them. */
export const joinTied = (finding: Finding, sharing: readonly PotentialIncident[], id: string): Change => {
  const [tied, ...others] = sharing
    .filter((incident) => incident.state !== "closed" && incident.state !== "dismissed")
    .filter(
      (incident) =>
        finding.firstSeen <= incident.lastSeen + quietMs && finding.lastSeen >= incident.firstSeen - quietMs,
    )
    .sort((a, b) => a.firstSeen - b.firstSeen || (a.id < b.id ? -1 : 1));
  if (tied === undefined)
    return {
      kind: "opened",
      incident: {
        id,
        state: "suspected",
        problem: finding.problem,
        severity: finding.severity,
        firstSeen: finding.firstSeen,
        lastSeen: finding.lastSeen,
      },
    };
  const story = [tied, ...others, finding];
  return {
    kind: "extended",
    incident: {
      id: tied.id,
      state: tied.state,
      problem: tied.problem,
      severity: story.map((one) => one.severity).reduce(worse),
      firstSeen: Math.min(...story.map((one) => one.firstSeen)) as Instant,
      lastSeen: Math.max(...story.map((one) => one.lastSeen)) as Instant,
    },
    absorbed: others.map((one) => one.id),
  };
};
