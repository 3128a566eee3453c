import type { Scope } from "#community/visibility.ts";
import type { Grade } from "#core/grade.ts";
import type { Instant } from "#core/instant.ts";
import type { Severity } from "#core/severity.ts";
import type { Noticed } from "#detect/hit.ts";
import type { Event, Retraction } from "#incidents/ports.ts";
import type { FeedState, RejectedRow, Turn } from "#intel/ports.ts";
import type { AdvisoryViews } from "#jobs/advisories/views.ts";
import type { CareViews } from "#jobs/collect/care-views.ts";
import type { IncidentViews } from "#jobs/incidents/views.ts";
import type { SeenFinding } from "#jobs/findings/seen-finding.ts";
import type { HuntViews } from "#jobs/hunt/port.ts";
import type { InventoryViews } from "#jobs/inventory/views.ts";
import type { WeaknessViews } from "#jobs/inventory/weakness-views.ts";
import type { KnowledgeViews, SensorViews } from "#jobs/sensors/port.ts";
import type { IndicatorViews } from "#jobs/indicators/views.ts";
import type { LookUpViews } from "#jobs/search/look-up.ts";
import type { SearchViews } from "#jobs/search/port.ts";
import type { ListViews } from "#jobs/lists/out-port.ts";
import type { Direction, Where } from "#telemetry/format.ts";

export type View = "open" | "snoozed" | "suppressed" | "muted" | "shadow" | "closed";

export interface FindingsAsk {
  readonly view: View;
  readonly organisation?: string;
  readonly severity?: Severity;
  readonly text?: string;
  /** Rows whose title, in the reader's language, holds `text`: words are not in state. */
  readonly titled?: readonly { readonly detector: string; readonly type: string }[];
  /** From `next`; what is no cursor of ours reads from the beginning. */
  readonly cursor?: string;
  readonly limit: number;
  readonly now: Instant;
}

export interface FindingsSeen {
  readonly findings: readonly SeenFinding[];
  readonly next?: string;
  readonly counts: Readonly<Record<View, number>>;
  readonly groups: readonly {
    readonly organisation: string;
    readonly findings: number;
    readonly critical: number;
    readonly oldest: Instant;
  }[];
  readonly lastClosed?: Instant;
}

export interface SeenHit {
  readonly time: Instant;
  readonly file: string;
  readonly line: number;
  readonly text: string;
  readonly observable: string;
  /** Absent of what a rule or a behaviour noticed. */
  readonly indicator?: string;
  readonly indicatorId?: string;
  readonly noticed?: Noticed;
  readonly where: Where;
  readonly direction: Direction;
  /** Feeds whose claims made it a hit. */
  readonly sources: readonly string[];
  /** ATT&CK ids. */
  readonly attack: readonly string[];
  readonly id: string;
  /** A person said that this hit is wrong. */
  readonly refuted: boolean;
}

export interface FindingSeen {
  readonly finding: SeenFinding;
  readonly hits: readonly SeenHit[];
  readonly instances: readonly {
    readonly key: string;
    readonly firstSeen: Instant;
    readonly lastSeen: Instant;
    readonly hits: number;
  }[];
  readonly sources: readonly {
    readonly feed: string;
    readonly grade: Grade;
    readonly labels: readonly string[];
    readonly tlp: string;
    readonly firstSeen: Instant;
    readonly lastSeen: Instant;
    /** It speaks for the finding no more; "here": a person said so of this finding alone. */
    readonly takenBack?: Retraction | "here";
  }[];
  readonly history: readonly Event[];
  readonly answers: readonly {
    readonly who: string;
    readonly answer: string;
    readonly note?: string;
    readonly at: Instant;
  }[];
  readonly also: readonly SeenFinding[];
  /** Who holds it back, where this reader may see it; and how many of those it sees this one holds back. */
  readonly muter?: SeenFinding;
  readonly mutes: number;
  readonly sensor?: string;
  readonly alert?: {
    readonly ref: string;
    readonly version: number;
    readonly at: Instant;
    readonly due: Instant;
    readonly deliveries: readonly {
      readonly to: string;
      readonly channel: string;
      readonly state: "waiting" | "sent" | "failed";
      readonly at?: Instant;
    }[];
  };
}

export interface Totals {
  readonly sensors: { readonly heard: number; readonly total: number };
  readonly lastEvent?: Instant;
  readonly indicators: number;
  readonly mail: { readonly waiting: number; readonly failed: number };
}

/** What people look at: reads under a Scope, in one snapshot each; defined by `test/store-views.test.ts`. */
export interface Views
  extends AdvisoryViews,
    SearchViews,
    LookUpViews,
    IndicatorViews,
    ListViews,
    CareViews,
    IncidentViews,
    HuntViews,
    InventoryViews,
    WeaknessViews,
    KnowledgeViews,
    SensorViews {
  readonly findings: (scope: Scope, ask: FindingsAsk) => Promise<FindingsSeen>;
  /** Undefined: absent, or hidden from this scope; nobody can tell which. */
  readonly finding: (scope: Scope, id: string) => Promise<FindingSeen | undefined>;
  readonly sources: () => Promise<readonly { readonly state: FeedState; readonly last?: Turn }[]>;
  readonly source: (feed: string) => Promise<
    | {
        readonly state: FeedState;
        readonly turns: readonly Turn[];
        readonly rejected: readonly (RejectedRow & { readonly at: Instant })[];
      }
    | undefined
  >;
  readonly totals: (now: Instant) => Promise<Totals>;
  readonly sensors: () => Promise<
    ReadonlyMap<string, { readonly at: Instant; readonly events: number; readonly rejected: number }>
  >;
}
