import type { Scope } from "#community/visibility.ts";
import type { Instant } from "#core/instant.ts";
import type { Severity } from "#core/severity.ts";
import type { IncidentState, PotentialIncident } from "#incidents/correlate.ts";
import type { Entity } from "#incidents/entities.ts";
import type { Silence } from "#incidents/silence.ts";
import type { ShownAttack } from "#incidents/tactics.ts";
import type { SeenFinding } from "#jobs/findings/seen-finding.ts";

export type IncidentView = "open" | "muted" | "closed";

/** "Where a reader stood": the last row's risk, time and id. */
export interface IncidentPlace {
  readonly risk: number;
  readonly last: Instant;
  readonly id: string;
}

export interface IncidentsWanted {
  readonly view: IncidentView;
  readonly organisation?: string;
  readonly after?: IncidentPlace;
  readonly limit: number;
}

/** A potential incident, of the findings that this reader may see. */
export interface SeenIncident
  extends Pick<PotentialIncident, "id" | "problem" | "severity" | "firstSeen" | "lastSeen"> {
  /** The whole's, for staff; absent of an organisation's own part. */
  readonly state?: IncidentState;
  readonly risk: number;
  /** Its worst finding, which titles it. */
  readonly worst: SeenFinding;
  readonly organisations: readonly string[];
  readonly shown: readonly ShownAttack[];
  readonly findings: number;
  readonly open: number;
  readonly muted: number;
  readonly hits: number;
  /** When it was last more or less than it was: with the risk the place in the list. */
  readonly place: IncidentPlace;
}

export interface SeenIncidentDetail {
  readonly incident: SeenIncident;
  /** Most at stake first. */
  readonly findings: readonly SeenFinding[];
  readonly entities: readonly (Entity & {
    readonly findings: number;
    readonly hits: number;
    readonly risks: readonly number[];
    readonly first: Instant;
    readonly last: Instant;
  })[];
  readonly quiet: readonly {
    readonly feed: string;
    readonly asset: string;
    readonly severity: Severity;
    readonly hits: number;
    readonly last: Instant;
  }[];
  /** Other organisations whose own part has met the same value; exact, and for whoever rounds it. */
  readonly others: number;
}

export interface SeenSilence extends Silence {
  readonly endedBy?: string;
  readonly holds: number;
  readonly findings: number;
  readonly hits: number;
}

/** Reads of potential incidents under a Scope; defined by `test/incident-acts.test.ts`. */
export interface IncidentViews {
  readonly incidents: (
    scope: Scope,
    wanted: IncidentsWanted,
  ) => Promise<{
    readonly incidents: readonly SeenIncident[];
    readonly counts: Readonly<Record<IncidentView, number>>;
  }>;
  /** By its id or one it had before. Undefined: absent, or hidden from this scope. */
  readonly incident: (scope: Scope, id: string) => Promise<SeenIncidentDetail | undefined>;
  /** In force first, then the latest that ended. */
  readonly silences: (now: Instant, limit: number) => Promise<readonly SeenSilence[]>;
  /** Techniques that collected ATT&CK objects name and that stand; in order of their ids. */
  readonly techniques: (
    scope: Scope,
  ) => Promise<readonly { readonly id: string; readonly name: string; readonly url?: string }[]>;
  /** Tactics and techniques that hits showed since then, of findings and of hits that were kept quiet. */
  readonly attackSeen: (
    scope: Scope,
    since: Instant,
  ) => Promise<readonly { readonly name: string; readonly hits: number; readonly last: Instant }[]>;
}
