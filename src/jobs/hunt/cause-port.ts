import type { Instant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import type { Observable } from "#core/observable.ts";
import type { Problem } from "#core/result.ts";
import type { Hit } from "#detect/hit.ts";
import type { StandingWord, StoredFinding } from "#incidents/ports.ts";
import type { LiveClaim } from "#intel/ports.ts";
import type { RecordPlace } from "./past.ts";
import type { HuntState } from "./state.ts";

/**
 * What sets a hunt off beside a change of intel, which the change feed brings:
 *   exclusion     ended, or lost entries        payload: the list as it was
 *   feed          leaves shadow                 subject: the feed
 *   asset         new, or of another period     payload: the asset
 *   rule          new, changed or let speak     subject: the rule's id; payload: what `hunt-rule.ts` wants
 *   agreement     new or wider                  subject: the organisation
 *   organisation  new, or leaves shadow         subject: the organisation
 */
export const causeKinds = ["exclusion", "feed", "asset", "rule", "agreement", "organisation"] as const;
export type CauseKind = (typeof causeKinds)[number];

export interface WantedHunt {
  readonly kind: CauseKind;
  readonly subject: string;
  readonly payload?: Readonly<Record<string, unknown>>;
  /** Who did what sets it off; "waglan" itself. */
  readonly who: string;
}

export interface HuntCause extends WantedHunt {
  /** In the order in which they came. */
  readonly n: number;
  readonly at: Instant;
  readonly state: HuntState;
  readonly begun?: Instant;
  readonly ended?: Instant;
  readonly problem?: Problem;
  /** Looked at so far: indicators, records, findings, as the kind has it. */
  readonly read: number;
  /** Of these, what the hunt is for: indicators to look for in the past, hits. */
  readonly found: number;
  /** Findings opened, or let speak. */
  readonly opened: number;
  /** Where the next turn begins, in the words of its kind; absent: at the beginning. */
  readonly place?: Readonly<Record<string, unknown>>;
}

/** A veiled finding with all that made it. */
export interface VeiledFinding {
  readonly finding: StoredFinding;
  readonly hits: readonly Hit[];
  readonly sources: readonly StandingWord[];
}

/** What the correlations of a hunt know, and at which place of it. */
export interface CauseCheckpoint {
  readonly about: {
    /** Of the rules that it was made with: others read something else in it. */
    readonly said: string;
    /** Behind it the hunt goes on; absent: nothing was read. */
    readonly after?: RecordPlace;
    /** As they were counted until there. */
    readonly read: number;
    readonly found: number;
  };
  readonly body: Uint8Array;
}

/** A hit of a correlation that is recorded. */
export interface SaidTogether {
  readonly id: string;
  readonly time: Instant;
  /** The newest record it rests on. */
  readonly file: string;
  readonly line: number;
  readonly group: string;
  /** It was found backwards. */
  readonly back: boolean;
}

/** What hunts that nobody asked for keep in state; defined by `test/hunt-cause.test.ts`. */
export interface HuntCausesState {
  /** In the transaction of what sets it off. One of the same kind and subject that waits is replaced: the newest payload counts. */
  readonly want: (wanted: WantedHunt, at: Instant) => Promise<void>;
  /** Records of this organisation are kept, as far as was counted. */
  readonly hasPast: (organisation: OrganisationId) => Promise<boolean>;
  /** Of these kinds that is not over, the one whose last turn is longest ago: a long one holds up no other. Held until the transaction ends. */
  readonly nextCause: (kinds: readonly CauseKind[]) => Promise<HuntCause | undefined>;
  /** Held until the transaction ends. */
  readonly cause: (n: number) => Promise<HuntCause | undefined>;
  readonly saveCause: (cause: HuntCause) => Promise<void>;
  /** Where the correlations of a hunt were taken down last; undefined: never, or it is over. */
  readonly checkpointOf: (n: number) => Promise<CauseCheckpoint | undefined>;
  /** In the place of the one before, while it runs. */
  readonly keepCheckpoint: (n: number, checkpoint: CauseCheckpoint) => Promise<void>;
  /** What a correlation said of these groups (`groupOf` of findings/behaved.ts), live or backwards, in this time. */
  readonly saidTogether: (
    organisation: OrganisationId,
    rule: string,
    groups: readonly string[],
    from: Instant,
    to: Instant,
  ) => Promise<readonly SaidTogether[]>;
  /** Newest first, behind `before`. */
  readonly causes: (before: number | undefined, limit: number) => Promise<readonly HuntCause[]>;

  /** In the order of their ids, behind `after`: of all, or of those a feed has a claim on that was not taken off its list. */
  readonly indicatorsAfter: (
    after: string | undefined,
    limit: number,
    feed?: string,
  ) => Promise<readonly { readonly id: string; readonly observable: Observable }[]>;
  /** Says in the change feed that these are to be looked at again: by matching, joining, hunting, search. */
  readonly touch: (feed: string, indicators: readonly string[], at: Instant) => Promise<void>;
  /** Veiled findings in shadow for the newness of feeds, this among them, behind `after` in the order of their numbers. */
  readonly veiledOf: (feed: string, after: number, limit: number) => Promise<readonly VeiledFinding[]>;
  /** Whole, newest first. */
  readonly hitsOf: (finding: number, limit: number) => Promise<readonly Hit[]>;
  /** Claims of any time on these indicators, dead ones with when they ended; those that people judged false are left out. */
  readonly claimsEver: (indicators: readonly string[]) => Promise<readonly PastClaim[]>;
  /** Open findings, told to nobody: for want of an agreement, or because the organisation was in shadow. In order of number. */
  readonly untold: (
    organisation: OrganisationId,
    why: "agreement" | "shadow",
    limit: number,
  ) => Promise<readonly StoredFinding[]>;
  /** Somebody can be told of these now. */
  readonly deliverable: (findings: readonly number[]) => Promise<void>;
  /** Findings about assets of the organisation, of hits since `from` and before `to`, behind `after` in the order of their numbers. */
  readonly findingsBetween: (
    organisation: OrganisationId,
    from: Instant,
    to: Instant,
    after: number,
    limit: number,
  ) => Promise<readonly StoredFinding[]>;
  /** Days before it was known that a finding of the past was first seen; undefined: it was found live. */
  readonly foundBack: (finding: number) => Promise<number | undefined>;
}

/** A claim that lived from `from` until `to`; absent: it lives. */
export interface PastClaim extends LiveClaim {
  readonly observable: Observable;
  readonly from: Instant;
  readonly to?: Instant;
}
