import type { Grade } from "#core/grade.ts";
import type { Instant } from "#core/instant.ts";
import type { Licence, OrganisationId, Pap, Tlp } from "#core/marking.ts";
import type { Observable, ObservableKind } from "#core/observable.ts";
import type { MembersKept } from "./members.ts";

/** A living claim that may stand in a list, as state gives it. */
export interface ListedClaim extends Observable {
  /** Public id of the indicator. */
  readonly id: string;
  /** Its own number, which never leaves. */
  readonly n: number;
  readonly feed: string;
  readonly labels: readonly string[];
  readonly tlp: Tlp;
  readonly pap: Pap;
  readonly licence: Licence;
  readonly grade: Grade;
  readonly firstSeen: Instant;
  readonly lastSeen: Instant;
  readonly liveUntil?: Instant;
  /** Its source's last good turn, where the source lists it without an end of its own. */
  readonly listedAt?: Instant;
  /** Of its source (intel/scorecard.ts). */
  readonly trust?: number;
}

/** What all lists are made from, at a moment: as long as it is the same, nothing need be read again. Opaque. */
export type ListMoment = string;

/** How a claim may be told, whether it lives or not. */
export interface SaidClaim {
  /** Public id of the indicator. */
  readonly id: string;
  readonly feed: string;
  readonly tlp: Tlp;
  readonly pap: Pap;
  readonly licence: Licence;
  readonly shadow: boolean;
}

/** Reading for lists, outside an act: a long read holds nobody up. */
export interface ListViews {
  readonly listMoment: (now: Instant) => Promise<ListMoment>;
  /** False when a claim, a verdict or a feed's standing changed since, or a feed fell silent. */
  readonly sameMoment: (moment: ListMoment, now: Instant) => Promise<boolean>;
  /**
   * Living, unflagged claims of feeds that speak and are out of shadow, by kind and value: all claims of one value follow each
   * other. `each` is waited for, so that memory is bounded; false ends the reading.
   *
   * @param from only values behind this one: where a page ended
   */
  readonly listClaims: (
    kinds: readonly ObservableKind[],
    now: Instant,
    each: (rows: readonly ListedClaim[]) => Promise<boolean>,
    from?: Observable,
  ) => Promise<void>;
}

/** The version of a list that was made last. */
export interface ListVersion {
  readonly rowsHash: string;
  /** Names its members (`MembersKept.hash`). */
  readonly members: string;
  readonly changed: Instant;
}

export interface SavedList {
  readonly party: OrganisationId;
  readonly name: string;
  /** "addresses?label=bot" */
  readonly query: string;
  readonly made: Instant;
}

/** A value that was recalled from a party, as its list of STIX still says it. */
export interface Recalled extends Observable {
  readonly id: string;
  readonly firstSeen: Instant;
  readonly at: Instant;
  readonly tlp: Tlp;
}

/** A value that stood in what a party was sent. */
export interface Received {
  readonly party: string;
  readonly key: bigint;
  /** What the party asked, sorted. */
  readonly queries: readonly string[];
  /** The last time. */
  readonly sent: Instant;
}

/** What a party may be told of over the network. */
export const webhookEvents = ["alert", "list.changed", "recall"] as const;
/** Why a webhook that a person paused is off. */
export const pausedWhy = "paused";
export type WebhookEvent = (typeof webhookEvents)[number];

/** Where a party's machine is told. Until its owner proved it by answering a challenge, nothing else is sent there. */
export interface Webhook {
  readonly id: string;
  readonly party: OrganisationId;
  readonly url: string;
  readonly events: readonly WebhookEvent[];
  /** v1: HMAC-SHA256 with a shared secret; v1a: Ed25519. */
  readonly algorithm: "v1" | "v1a";
  /** 32 bytes in base64: the shared secret, or the seed of the signing key. */
  readonly secret: string;
  readonly challenge: string;
  readonly made: Instant;
  readonly proven?: Instant;
  readonly disabled?: Instant;
  readonly why?: string;
  readonly failingSince?: Instant;
}

export interface WebhookMessage {
  readonly n: number;
  /** The same for every attempt: readers know a repeat by it. */
  readonly id: string;
  /** challenge: answered it proves the address; test: asked for by a person, says nothing. */
  readonly event: WebhookEvent | "challenge" | "test";
  readonly body: string;
  readonly objects: number;
  readonly attempts: number;
  readonly webhook: Webhook;
}

/** How the handing over of one message went. */
export interface WebhookDelivery extends Pick<WebhookMessage, "id" | "event" | "objects" | "attempts"> {
  readonly at: Instant;
  readonly sent?: Instant;
  readonly failed?: Instant;
  /** It is tried again then. */
  readonly next?: Instant;
  readonly problem?: string;
}

/** What one party read of one collection. */
export interface CollectionRead {
  /** Its id. */
  readonly collection: string;
  readonly party: string;
  readonly reads: number;
  readonly objects: number;
  readonly last: Instant;
}

/** One response of the ledger, for people. */
export interface LedgerRow {
  readonly n: number;
  readonly party: string;
  readonly query: string;
  readonly count: number;
  readonly contentHash: string;
  readonly at: Instant;
}

/** What goes out and whom it reached, inside an act. */
export interface OutState {
  readonly version: (key: string) => Promise<ListVersion | undefined>;
  readonly putVersion: (key: string, version: ListVersion) => Promise<void>;
  /** The whole set that this one is told by: itself, when it is whole. */
  readonly baseOf: (members: string) => Promise<{ readonly hash: string; readonly keys: BigUint64Array } | undefined>;
  readonly putMembers: (members: MembersKept, now: Instant) => Promise<void>;
  /**
   * Of these member keys, those that stood in what each party was sent; answers of all parties, oldest first.
   *
   * @param path only what was asked under it: "/taxii2/"
   */
  readonly receivedBy: (keys: readonly bigint[], until: Instant, path?: string) => Promise<readonly Received[]>;
  readonly savedLists: (party: OrganisationId) => Promise<readonly SavedList[]>;
  /** False when the party has one of this name. */
  readonly saveList: (list: SavedList) => Promise<boolean>;
  readonly dropList: (party: OrganisationId, name: string) => Promise<boolean>;
  /** Notes that this party was told to remove this value; false when it was told before, and not sent it since. */
  readonly recall: (
    told: {
      readonly indicator: string;
      readonly party: string;
      readonly why: string;
      readonly tlp: Tlp;
      readonly sent: Instant;
    },
    now: Instant,
  ) => Promise<boolean>;
  readonly recalledFrom: (party: string, kinds: readonly string[]) => Promise<readonly Recalled[]>;
  /** Living claims of these values, as `listClaims` has them. */
  readonly claimsOf: (ids: readonly string[], now: Instant) => Promise<readonly ListedClaim[]>;
  /** All that was ever said of these values and not overwritten, living or not. */
  readonly saidOf: (ids: readonly string[]) => Promise<readonly SaidClaim[]>;
  /** These values, with the strictest TLP any claim ever gave them. */
  readonly observables: (
    ids: readonly string[],
  ) => Promise<readonly (Observable & { readonly id: string; readonly tlp: Tlp })[]>;
  /** Newest first, older than `before`. */
  readonly ledger: (party: string, before: number | undefined, limit: number) => Promise<readonly LedgerRow[]>;
  readonly sentSince: (
    since: Instant,
  ) => Promise<ReadonlyMap<string, { readonly responses: number; readonly objects: number; readonly last: Instant }>>;
  readonly webhooks: (party?: OrganisationId) => Promise<readonly Webhook[]>;
  readonly putWebhook: (webhook: Webhook) => Promise<void>;
  readonly dropWebhook: (party: OrganisationId, id: string) => Promise<Webhook | undefined>;
  /** Put once under its id; a repeat changes nothing. */
  readonly postMessage: (
    message: Pick<WebhookMessage, "id" | "event" | "body" | "objects"> & { readonly webhook: string },
    now: Instant,
  ) => Promise<void>;
  /** Due messages of webhooks that are not switched off, held until the transaction ends. */
  readonly dueMessages: (now: Instant, limit: number) => Promise<readonly WebhookMessage[]>;
  /** It arrived; with `proven` the challenge was answered. */
  readonly messageSent: (message: WebhookMessage, at: Instant, proven: boolean) => Promise<void>;
  /** Without `next` it is given up. */
  readonly messageFailed: (
    message: WebhookMessage,
    at: Instant,
    next: Instant | undefined,
    problem: string,
  ) => Promise<void>;
  readonly disableWebhook: (id: string, at: Instant, why: string) => Promise<void>;
  /** Nothing is handed over, what waits goes on waiting. */
  readonly pauseWebhook: (id: string, at: Instant) => Promise<void>;
  /** As if it had never failed. */
  readonly resumeWebhook: (id: string) => Promise<void>;
  /** Newest first. */
  readonly deliveries: (webhook: string, limit: number) => Promise<readonly WebhookDelivery[]>;
  /** Messages that wait, by webhook. */
  readonly waitingOf: (party: OrganisationId) => Promise<ReadonlyMap<string, number>>;
  /** From the ledger: queries that begin with `path` and a collection's id. */
  readonly collectionReads: (path: string, since: Instant) => Promise<readonly CollectionRead[]>;
}
