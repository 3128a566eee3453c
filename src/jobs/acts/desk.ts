import type { Readiness } from "#api/health.ts";
import type { Light } from "#api/session.ts";
import type { ChangeTopic } from "#api/stream.ts";
import type { Instant } from "#core/instant.ts";
import type { Observable } from "#core/observable.ts";
import type { Feed } from "#feeds/feed.ts";
import type { ReadPolicy } from "#feeds/read.ts";
import type { AddressTable } from "#intel/address-table.ts";
import type { DecayRule } from "#intel/decay.ts";
import type { Exclusions } from "#intel/exclusions.ts";
import type { MatchReader } from "#intel/match-reader.ts";
import type { Turn } from "#intel/ports.ts";
import type { Accounts } from "#jobs/community/accounts.ts";
import type { Source } from "#jobs/collect/feed.ts";
import type { DirectoryMemory } from "#jobs/community/directory-memory.ts";
import type { Pieces } from "#jobs/pieces.ts";
import type { State, Tx } from "#jobs/ports.ts";
import type { KeepDefaults } from "#jobs/history/prune.ts";
import type { RuleMemory, RuleTrouble } from "#jobs/rules/memory.ts";
import type { ExclusionLists } from "#jobs/sensors/exclusions.ts";
import type { RulesToGive } from "#jobs/sensors/rules.ts";
import type { Views } from "#jobs/views.ts";
import type { Language } from "#words/language.ts";

/** All that acts stand on; `main.ts` gives it. */
export interface Desk {
  readonly state: State;
  readonly views: Views;
  readonly accounts: Accounts;
  readonly directory: DirectoryMemory;
  /** Feeds this waglan knows, with where each comes from. */
  readonly sources: () => readonly Source[];
  readonly exclusions: () => Exclusions;
  /** Title of a rule by the id of its source ("rule:…"), while the rule is there; absent: no rules here. */
  readonly ruleTitle?: (source: string) => string | undefined;
  /** Folders of rules that are not read as they stand now; absent: no rules here. */
  readonly ruleTrouble?: () => readonly RuleTrouble[];
  /** Rules that telemetry is asked by; absent: none here. */
  readonly rules?: RuleMemory;
  readonly listed: ListedValues;
  /** What sensors inside organisations are given; absent: nothing here. */
  readonly sensors?: {
    /** Of the deployment. */
    readonly secret: string;
    readonly exclusions: () => Exclusions;
    /** Names what is excluded: the same name, the same exclusions. */
    readonly exclusionsNamed: () => string;
    /** The lists behind them, as sensors are told what is harmless. */
    readonly exclusionLists?: () => ExclusionLists | undefined;
    readonly rules: () => RulesToGive;
    /** Of waglan, here. */
    readonly version: string;
  };
  /** How long what telemetry left is kept where nothing is said of an organisation; absent: for ever. */
  readonly kept?: KeepDefaults;
  /** How what sources say grows old; absent: as usual. */
  readonly decay?: DecayRule;
  /** Starts a turn in the background; resolves when it has begun. */
  readonly collectNow: (feed: string, options: { readonly acceptHeld?: boolean }) => Promise<void>;
  /** Takes a body that a person brought; `committing` runs in the transaction that writes its turn. Undefined: another process is at this feed. */
  readonly collectPieces: (
    feed: Feed,
    pieces: Pieces,
    file: string,
    committing: (tx: Tx, turn: Turn) => Promise<void>,
    /** add: its rows stand beside what the lists hold, nothing is delisted */
    options?: { readonly add?: boolean },
  ) => Promise<Turn | undefined>;
  /** What feeds may name here, as of now. */
  readonly policy: () => ReadPolicy;
  readonly history: { readonly on: () => boolean; readonly says: (language: Language) => string };
  readonly light: () => Pick<Light, "collecting" | "matching" | "alerting">;
  /** Accounts of the sample community; absent everywhere else. */
  readonly sample?: NonNullable<Light["sample"]>;
  /** Never throws. */
  readonly checks: () => Promise<Readiness["checks"]>;
  /** "https://waglan.cert.example", no slash at the end. */
  readonly portal: string;
  readonly phone?: string;
  /** At least 32 bytes: what answer links are signed with. */
  readonly answerKey: Uint8Array;
  /** Opaque, unordered, the same for the same key in one deployment. */
  readonly idOf: (kind: string, key: string) => string;
  readonly random: (bytes: number) => Uint8Array;
  readonly now: () => Instant;
  /** Batches that may wait to be matched; more are told to come back. */
  readonly batchesAtMost: number;
  /** There is work for this loop now: it need not wait for its next turn. */
  readonly woke: (loop: Woken) => void;
  readonly changes: Changes;
}

/** What listed values are found and explained by. */
export interface ListedValues {
  /** Public id of a value, listed or not. */
  readonly indicatorId: (observable: Observable) => string;
  /** The match index of this process, once it is built; undefined where none is. */
  readonly index: () => MatchReader | undefined;
  /** Whose addresses are; undefined where the data packs are not installed. */
  readonly origin: () => Promise<AddressTable | undefined>;
}

export type Woken =
  | "match"
  | "join"
  | "alert"
  | "directory"
  | "collect"
  | "exclusions"
  | "hunts"
  | "products"
  | "reweigh";

export interface Changes {
  /** @returns ends the subscription */
  readonly subscribe: (listener: (change: Changed) => void) => () => void;
}

/** Rows that are not what they were. */
export interface Changed {
  readonly topic: ChangeTopic;
  /** At least 1. */
  readonly rows: number;
  /** Whose rows; absent: the community's, of which staff alone are told. */
  readonly organisation?: string;
  /** Rows in shadow: of them staff alone are told, whosever they are. */
  readonly shadow?: boolean;
}
