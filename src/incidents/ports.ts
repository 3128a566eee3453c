import type { Instant } from "#core/instant.ts";
import type { OrganisationId, Tlp } from "#core/marking.ts";
import type { End, Evidence, Hit } from "#detect/hit.ts";
import type { Observable, ObservableKind } from "#core/observable.ts";
import type { Answer } from "#incidents/answer.ts";
import type { SeenEntity, Tie } from "#incidents/correlate.ts";
import type { Finding, FindingSource } from "#incidents/finding.ts";
import type { Mutable, Which } from "#incidents/inhibition.ts";
import type { StoryStanding } from "#incidents/risk.ts";
import type { Silence, Silenceable } from "#incidents/silence.ts";
import type { FindingState, Verdict } from "#incidents/state.ts";
import type { KnownStory, OpenStory, ToldStory } from "#incidents/stories.ts";
import type { ShownAttack } from "#incidents/tactics.ts";
import type { IncidentState as StoryState } from "#incidents/correlate.ts";

export interface StoredFinding extends Finding {
  /** Inside the store only; never leaves. */
  readonly n: number;
  /** Numbers of the story it is in: the whole, and its organisation's own part. */
  readonly incident?: number;
  readonly part?: number;
  /** Numbers of the silence that holds it, and of the finding that mutes it: it is kept and counted, and speaks to nobody. */
  readonly silence?: number;
  readonly mutedBy?: number;
  /** What staff judged it to be. */
  readonly verdict?: Verdict;
  readonly snoozedUntil?: Instant;
  /** The state it had while it stood; present: everything behind it was taken back. */
  readonly stood?: FindingState;
}

/** Why a source speaks for a finding no more: a person judged it false, its author took it back, or the value is excluded. */
export type Retraction = "false" | "withdrawn" | "excluded";

/** One source behind a finding, as taking back needs it. */
export interface StandingSource {
  readonly feed: string;
  readonly indicator: string;
  /** Absent: no indicator (a report). */
  readonly observable?: Observable;
  readonly voice: "alert" | "corroborate" | "context";
  /** To the organisation concerned: by TLP, and never while the feed is in shadow. */
  readonly mayBeShown: boolean;
  readonly retracted?: Retraction;
  /** As the store has it now: a verdict on the value or this source's claim; the claim was withdrawn. */
  readonly judged: boolean;
  readonly withdrawn: boolean;
  /** A person took this step back for this finding, or every hit that it rests on. */
  readonly refuted: boolean;
}

/** A recorded hit, as evidence. */
export interface StoredHit extends Pick<Hit, "time" | "where" | "direction" | "observable" | "indicator" | "noticed"> {
  readonly source?: End;
  readonly destination?: End;
  readonly evidence: Evidence;
}

/** How old the claim behind a source is now, and what the source is worth (intel/ports.ts, LiveClaim); absent: no claim. */
export interface ClaimAge {
  readonly kind: ObservableKind;
  readonly lastSeen: Instant;
  readonly listedAt?: Instant;
  readonly trust?: number;
}

/** A source behind a finding, as the store has it now. */
export interface StandingWord extends FindingSource {
  readonly firstSeen: Instant;
  readonly lastSeen: Instant;
  readonly claimed?: ClaimAge;
  /** It was taken back in one way or another; `refuted`: by a person, for this finding. */
  readonly fallen: boolean;
  readonly refuted: boolean;
}

/** What a finding was given: hits that were not recorded before, at least one, and one source per feed and indicator. */
export interface RecordedFinding {
  readonly finding: number;
  readonly organisation: OrganisationId;
  /** Of these hits. */
  readonly entities: readonly SeenEntity[];
  readonly attack: readonly ShownAttack[];
  readonly hits: readonly Hit[];
  readonly sources: readonly FindingSource[];
}

/** A hit of a detector that may not speak: evidence that adds risk, and opens nothing. */
export interface QuietHit {
  readonly hit: Hit;
  readonly feed: string;
  readonly tlp: Tlp;
  readonly keys: readonly string[];
}

/** What happened to a finding, as data; `words/` says it. */
export interface Event {
  readonly at: Instant;
  /** A person's name; absent: waglan itself. */
  readonly who?: string;
  readonly what:
    | "opened"
    | "reopened"
    | "found-back"
    | "released"
    | "told"
    | "answered"
    | "acknowledged"
    | "snoozed"
    | "woken"
    | "suppressed"
    | "false"
    | "risk-accepted"
    | "noted"
    | "gone"
    | "withdrawn"
    | "restored"
    | "unveiled"
    | "severity"
    | "undeliverable"
    | "confirmed"
    | "benign"
    | "duplicate"
    | "muted"
    | "silenced"
    | "unmuted"
    | "step-refuted"
    | "step-restored";
  readonly detail?: Readonly<Record<string, string | number>>;
  readonly note?: string;
}

/** What incidents needs from state; defined by `test/store-incidents.test.ts`. */
export interface IncidentState {
  /** Serialises writers of one organisation's findings until the transaction ends; ask in sorted order. */
  readonly lockOrganisations: (organisations: readonly OrganisationId[]) => Promise<void>;
  /** Ids among these that are recorded already: the same telemetry delivered again doubles nothing. */
  readonly known: (hitIds: readonly string[]) => Promise<ReadonlySet<string>>;
  /** Held until the transaction ends, so that no answer given meanwhile is written over. */
  readonly findingById: (id: string) => Promise<StoredFinding | undefined>;
  /** The same without waiting: "held" while somebody else works on it. For whoever holds what that somebody may wait for. */
  readonly findingFree: (id: string) => Promise<StoredFinding | "held" | undefined>;
  /** Those there are, in no order, all held until the transaction ends. */
  readonly findingsById: (ids: readonly string[]) => Promise<readonly StoredFinding[]>;
  /** No id twice. `incident`: the number of the one it joins; absent: it stays where it is. @returns them in this order */
  readonly save: (
    findings: readonly (Finding & { readonly incident?: number; readonly part?: number })[],
  ) => Promise<readonly StoredFinding[]>;
  readonly sources: (finding: number) => Promise<readonly StandingWord[]>;
  /** By finding; what has none is not there. */
  readonly sourcesOf: (findings: readonly number[]) => Promise<ReadonlyMap<number, readonly StandingWord[]>>;
  /** No finding twice. */
  readonly addHits: (recorded: readonly RecordedFinding[], batch: number | undefined) => Promise<void>;
  /** Newest first. */
  readonly hits: (finding: number, limit: number) => Promise<readonly StoredHit[]>;
  readonly background: (
    counts: readonly {
      organisation: OrganisationId;
      day: string;
      kind: string;
      value: string;
      why: string;
      hits: number;
    }[],
  ) => Promise<void>;
  readonly setState: (
    n: number,
    state: FindingState,
    at: Instant,
    extra?: { closed?: boolean; due?: Instant },
  ) => Promise<void>;
  readonly setStates: (
    findings: readonly number[],
    state: FindingState,
    at: Instant,
    extra?: { closed?: boolean; due?: Instant },
  ) => Promise<void>;
  readonly speak: (n: number, at: Instant) => Promise<void>;
  readonly snooze: (n: number, until: Instant | undefined) => Promise<void>;
  readonly undeliverable: (n: number) => Promise<void>;
  readonly event: (n: number, event: Event) => Promise<void>;
  /** In this order. */
  readonly events: (events: readonly (Event & { readonly finding: number })[]) => Promise<void>;
  readonly answer: (row: {
    finding: number;
    alert?: number;
    person?: string;
    who: string;
    answer: Answer;
    note?: string;
    at: Instant;
  }) => Promise<void>;
  /** One writer at a time, until the transaction ends: incidents tie organisations, so two would open one story twice. */
  readonly lockIncidents: () => Promise<void>;
  /** Those there are, by number. */
  readonly stories: (numbers: readonly number[]) => Promise<ReadonlyMap<number, KnownStory>>;
  /**
   * Stories that are not over and share one of these ties, near in time, each with the ties it shares.
   *
   * @param parts organisations' own; else wholes
   * @param known numbers of stories whose ties are told whether near or not
   */
  readonly openStories: (
    parts: boolean,
    ties: readonly Tie[],
    known: readonly number[],
  ) => Promise<readonly OpenStory[]>;
  /** Ties that two or more of these have, as far as they reach together. */
  readonly commonTies: (stories: readonly number[]) => Promise<readonly Tie[]>;
  /** Findings of those taken in move, their names become other names. @returns numbers by id of the findings that joined */
  readonly saveStories: (told: readonly ToldStory[], at: Instant) => Promise<ReadonlyMap<string, number>>;
  /** What of organisations' own parts others may have met as well. */
  readonly share: (shared: readonly { readonly part: number; readonly ties: readonly Tie[] }[]) => Promise<void>;
  readonly standings: (incidents: readonly number[]) => Promise<readonly StoryStanding[]>;
  readonly setRisks: (risks: readonly { readonly n: number; readonly risk: number }[]) => Promise<void>;
  /** By public id, or one it had before; held until the transaction ends. Wholes only. */
  readonly storyById: (id: string) => Promise<KnownStory | undefined>;
  readonly setStory: (n: number, state: StoryState, at: Instant) => Promise<void>;
  /** Kept once; a hit that is known changes nothing. @returns incidents whose risk they may move */
  readonly addQuiet: (
    hits: readonly QuietHit[],
    batch: number | undefined,
    at: Instant,
  ) => Promise<{ readonly fresh: number; readonly incidents: readonly number[] }>;
  readonly forgetQuiet: (before: Instant) => Promise<number>;
  readonly mutables: (findings: readonly number[]) => Promise<readonly (Mutable & { readonly n: number })[]>;
  /** Open findings that share an entity with one of these, near in time, and are of one of these kinds. */
  readonly around: (
    findings: readonly number[],
    which: readonly Which[],
    withinMs: number,
  ) => Promise<readonly number[]>;
  readonly mute: (muted: readonly { readonly n: number; readonly by: number | undefined }[]) => Promise<void>;
  /** Those of these that a finding mutes. */
  readonly mutedNow: (findings: readonly number[]) => Promise<ReadonlySet<number>>;
  /** Findings that are muted by what does not stand any more. */
  readonly unheld: () => Promise<readonly StoredFinding[]>;
  readonly silencesInForce: (now: Instant) => Promise<readonly (Silence & { readonly n: number })[]>;
  readonly putSilence: (silence: Silence) => Promise<number>;
  /** In force then; held until the transaction ends. */
  readonly silenceById: (id: string, now: Instant) => Promise<(Silence & { readonly n: number }) | undefined>;
  readonly endSilence: (n: number, by: string, reason: string, at: Instant) => Promise<void>;
  /** Ends those whose time is over. @returns their numbers */
  readonly silencesOver: (now: Instant) => Promise<readonly number[]>;
  /** Open findings in nobody's silence that may be of such a one. */
  readonly silenceable: (
    matcher: Silence["matcher"],
  ) => Promise<readonly (Silenceable & { readonly n: number; readonly id: string })[]>;
  readonly silence: (
    findings: readonly { readonly n: number; readonly hits: number; readonly silence: number }[],
  ) => Promise<void>;
  /** Lets the findings of these silences go. */
  readonly unsilence: (silences: readonly number[]) => Promise<readonly StoredFinding[]>;
  /** Sources' ids by finding. */
  readonly feedsOf: (findings: readonly number[]) => Promise<ReadonlyMap<number, readonly string[]>>;
  readonly judge: (finding: number, verdict: Verdict | undefined) => Promise<void>;
  /** A step of the chain is taken back for this finding, or stands again. @returns false: there is no such step */
  readonly refute: (
    finding: number,
    step: { readonly source: string } | { readonly hit: string },
    refuted: { readonly who: string; readonly reason: string; readonly at: Instant } | undefined,
  ) => Promise<boolean>;
  readonly setWeighed: (
    finding: number,
    weighed: Pick<Finding, "severity" | "certainty" | "grade" | "risk">,
  ) => Promise<void>;
  /**
   * Open findings about own assets listed under these indicators, which no living claim that may speak lists any more;
   * for what the organisation reads, no claim that it may see.
   */
  readonly unlisted: (indicators: readonly string[], now: Instant) => Promise<readonly StoredFinding[]>;
  /** Open findings made of reports, these among them, which no report keeps any more that may speak and that the organisation may see. */
  readonly unreported: (reports: readonly string[], now: Instant) => Promise<readonly StoredFinding[]>;
  /** Told findings whose signal has been quiet since `before`, while a sensor of theirs was heard after it. */
  readonly quiet: (before: Instant) => Promise<readonly StoredFinding[]>;
  /** Findings (their `n`) that stand, or stood, on one of these indicators; absent: all that telemetry made. In order. */
  readonly standingOn: (indicators: readonly string[] | undefined) => Promise<readonly number[]>;
  /** Held until the transaction ends. */
  readonly standing: (
    finding: number,
  ) => Promise<{ readonly finding: StoredFinding; readonly sources: readonly StandingSource[] } | undefined>;
  readonly retract: (
    finding: number,
    source: Pick<StandingSource, "feed" | "indicator">,
    why: Retraction | undefined,
  ) => Promise<void>;
  /** Keeps the state a finding had while it stood; undefined: it stands again. */
  readonly keepStood: (finding: number, stood: FindingState | undefined) => Promise<void>;
  readonly awake: (now: Instant) => Promise<readonly StoredFinding[]>;
}
