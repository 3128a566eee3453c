import type { Flag } from "#core/flag.ts";
import type { Grade } from "#core/grade.ts";
import type { Instant } from "#core/instant.ts";
import type { Licence, Pap, Tlp } from "#core/marking.ts";
import type { Observable } from "#core/observable.ts";
import type { Problem, Result } from "#core/result.ts";
import type { RsitType } from "#core/rsit.ts";
import type { Severity } from "#core/severity.ts";
import type { Affect, AffectedStatus } from "./affect.ts";
import type { ColumnFill } from "./column-fill.ts";

/** What a row can be: something bad, a statement about somebody's asset, something known about a weakness, or a name people gave. */
export type Raw = RawIndicator | RawReport | RawAdvisory | RawThreatName;

/** One thing a source calls bad, in our words, before it is merged with what other sources say. */
export interface RawIndicator {
  /** Absent, so that lists of a million rows stay small. */
  readonly is?: undefined;
  readonly observable: Observable;
  /** Malware families, list names, tags as the source gives them; lower case, trimmed, distinct. */
  readonly labels: readonly string[];
  /** When the source saw it; absent: the moment of collection. */
  readonly seenAt?: Instant;
  /** Only where the row is graded otherwise than its feed. */
  readonly grade?: Grade;
  readonly tlp?: Tlp;
  /** The value is stored and shown but must not reach block-lists; why, as a code of `flags` (core/flag.ts). */
  readonly flags?: readonly Flag[];
  /** Until when its author stands by it; absent: `liveDays` of its feed after it was last seen. */
  readonly validUntil?: Instant;
  /**
   * The publisher's own ids of the statements about this value ("indicator--…"), in feeds that give news: withdrawing one
   * then leaves the others, and a later sighting finds it. A row has one; values said twice in a list have those of all.
   */
  readonly by?: readonly string[];
}

/** A statement about a value that its author takes back. */
export interface Withdrawn {
  readonly observable: Observable;
  /** One of `RawIndicator.by`; absent: all that this list said of the value. */
  readonly by?: string;
}

/** A statement its author made before was seen to hold again. */
export interface Resighted {
  readonly by: string;
  readonly seenAt: Instant;
}

/**
 * A third party's statement about an asset: infected, exposed, attacked, leaked. Whose it is, is not the source's to
 * say: owners are looked up for `asset`.
 */
export interface RawReport {
  readonly is: "report";
  /** The reported thing itself; where a row names several, what an owner declares: url's host and domain before address. */
  readonly asset: Observable;
  /** Other values of the same thing, for owners who declared those: the address beside a domain. */
  readonly also?: readonly Observable[];
  readonly type: RsitType;
  /** Malware family, CVE, service, account kind; lower case, "" when not known. With `type` it is the problem. */
  readonly about: string;
  /** Only where the source says; else where `type` begins (core/rsit.ts). */
  readonly severity?: Severity;
  /** When the source saw it; absent: the moment of collection. */
  readonly seenAt?: Instant;
  readonly labels: readonly string[];
  readonly grade?: Grade;
  readonly tlp?: Tlp;
  /** What finds the host behind a shared address: the asset's own side, and whom it talked to. */
  readonly source?: ReportedEnd;
  readonly destination?: ReportedEnd;
  readonly transport?: "tcp" | "udp" | "icmp" | "sctp";
  /** Application protocol, lower case: "coap". */
  readonly protocol?: string;
  /** The row's own fields by the source's names, at most 64 of 2,000 characters: shown to the owner as evidence. */
  readonly evidence: Readonly<Record<string, string>>;
}

export interface ReportedEnd {
  readonly ip?: string;
  readonly port?: number;
  readonly host?: string;
  readonly url?: string;
  readonly account?: string;
}

/**
 * Something known about a weakness or a threat, by one source; several sources about one CVE stand side by side and are
 * joined when read (intel/priority.ts), never overwritten.
 */
export interface RawAdvisory {
  readonly is: "advisory";
  /** The publisher's own id: "ICSA-24-030-01", "CVE-2024-3400", an Atom id. Unique in its feed. */
  readonly id: string;
  /** advisory: CSAF, CERT text · vulnerability: NVD, CVE, KEV, EPSS record of one CVE · news: RSS item */
  readonly kind: "advisory" | "vulnerability" | "news";
  readonly title: string;
  /** Plain text, at most 20,000 characters; markup of the source is removed, never kept. */
  readonly summary: string;
  readonly language?: string;
  readonly url?: string;
  readonly publishedAt?: Instant;
  readonly updatedAt?: Instant;
  /** The publisher's version of this id: "3", "1.2.0". */
  readonly version?: string;
  /** Distinct, upper case. */
  readonly cves: readonly string[];
  /** "CWE-79". */
  readonly cwes: readonly string[];
  readonly products: readonly AffectedProduct[];
  /** The same for machines, whole: what inventories are compared with. Absent: the source names no product. */
  readonly affects?: readonly Affect[];
  readonly scores: readonly Score[];
  /** Known to be exploited (KEV). */
  readonly exploited?: { readonly since?: Instant; readonly due?: Instant; readonly ransomware: boolean };
  /** EPSS: probability of exploitation in 30 days, and rank; 0 to 1. */
  readonly epss?: { readonly probability: number; readonly percentile: number; readonly model?: string };
  /** What to do, in the source's words; plain text. */
  readonly action?: string;
  readonly labels: readonly string[];
  readonly references: readonly string[];
  readonly tlp?: Tlp;
  /** Withdrawn or rejected by its publisher. */
  readonly withdrawn?: true;
}

export interface AffectedProduct {
  readonly vendor: string;
  readonly product: string;
  /** As the source writes them: "< 4.2", "vers:all/*"; empty: it does not say. */
  readonly versions: readonly string[];
  readonly status: AffectedStatus;
  readonly cpe?: string;
  readonly purl?: string;
}

/**
 * A name people gave to a technique, a group or a malware family, with the other names in use for it. It says nothing about
 * any value: it tells a reader what a label means, and joins labels that mean the same (intel/family-names.ts).
 */
export interface RawThreatName {
  readonly is: "name";
  /** The list of names it stands in: "enterprise-attack", "threat-actor". A body has all names of its lists. */
  readonly list: string;
  /** The collection's own: "T1059.001", a cluster's uuid. Unique in its feed. */
  readonly id: string;
  /** As its collection calls it: "technique", "group", "malware", "ransomware", "threat-actor". */
  readonly kind: string;
  readonly name: string;
  /** Distinct, without `name`. */
  readonly aliases: readonly string[];
  readonly url?: string;
  /** Its collection took it back (revoked, deprecated). */
  readonly gone: boolean;
}

/** One CVSS vector by one scorer. */
export interface Score {
  readonly version: "2.0" | "3.0" | "3.1" | "4.0";
  readonly vector: string;
  /** 0.0 to 10.0. */
  readonly score: number;
  /** Who scored: "nvd@nist.gov", "CISA-ADP"; "" when not said. */
  readonly by: string;
}

/** One named list inside a body: the body itself (name ""), or a member of an archive. Lists are compared with their own past. */
export interface Part {
  readonly name: string;
  readonly rows: Iterable<Row>;
  /** What stands before, between and after the texts of single rows, so that refused ones make a body again; absent: a line each. */
  readonly frame?: Frame;
  /** How often its columns say something, counted while its rows are read; absent: it has none. */
  readonly columns?: ColumnFill;
}

export interface Frame {
  readonly before: string;
  readonly between: string;
  readonly after: string;
}

/** `row` counts from 1 in the source's own terms (line, record, object). */
export interface Row {
  readonly row: number;
  readonly result: Result<Raw>;
  /** The row is right, and its problem only says why we have no use for it yet: counted apart from rejects. */
  readonly legal?: true;
  /** The indicator is taken, but something beside its value could not be read (a time that is no time). */
  readonly note?: Problem;
  /** The row as it came, so that a refused one can be read, repaired and replayed; only the first `keptText` of it are kept. */
  readonly text?: string;
  /** What the row takes back; its `result` is then legal and of no use. */
  readonly withdraws?: readonly Withdrawn[];
  /** The row says nothing but this; its `result` is then legal and of no use. */
  readonly resights?: Resighted;
}

/**
 * What a source is and how it speaks; policy beside the parser.
 *   alert        a match makes a finding
 *   corroborate  raises the certainty of a finding others made, never makes one
 *   context      shown beside, moves nothing
 */
export interface Feed {
  /** Stable, kebab-case, publisher first: "abusech-feodo". */
  readonly id: string;
  readonly title: string;
  readonly publisher: string;
  /** Where it is fetched; absent: only by `--from` or by API. */
  readonly url?: string;
  /** Its publisher pushes the same objects by STOMP too, one a message; only of feeds that give news. */
  readonly pushes?: "stomp";
  /** Other hosts that `url` leads to; a redirect anywhere else is refused. */
  readonly hosts?: readonly string[];
  readonly licence: Licence;
  /** Shortest polite interval; the scheduler adds jitter and back-off. */
  readonly everyMinutes: number;
  readonly tlp: Tlp;
  readonly pap: Pap;
  readonly grade: Grade;
  /** Days a claim lives after its last sighting. */
  readonly liveDays: number;
  readonly voice: "alert" | "corroborate" | "context";
  /** What collecting touches: only the publisher, or also the hosts it speaks of. */
  readonly touches: "publisher" | "subjects";
  /** What it means when a member's host talks to a listed value, and when a member's own asset is listed. */
  readonly means: { readonly contacted: RsitType; readonly listed: RsitType };
  /** Shortest prefixes this publisher may list because it reviews each; absent: the usual limit of core/value-policy.ts. */
  readonly widest?: { readonly v4: number; readonly v6: number };
  /**
   * Does a body look like this source's? Told from its file's name and its first 4 KiB, unpacked, as latin1; for
   * `collect --from PATH` without `--feed`. What only this publisher writes is a good sign; absent: never guessed.
   */
  readonly looksLike?: (text: string, file: string) => boolean;
  /**
   * The body's lists and their rows, canonical but not yet under any value policy (`feeds/read.ts` applies it). Never throws for bad data: a bad row is a row with a problem, a bad body is a
   * `BadBody` thrown by the readers of `feeds/body.ts` and turned into quarantine by `feeds/read.ts`. It is thrown before
   * a part's first row, never after one.
   */
  readonly parts: (body: Uint8Array, file: string) => Iterable<Part>;
  /** Generic feeds: the reader of a source whose shape an operator declares (`map:` in waglan.yaml, feeds/declared.ts). */
  readonly mapped?: (map: Readonly<Record<string, string>>) => Result<Feed["parts"], readonly Problem[]>;
  /**
   *   whole  each body is all there now: what is absent was delisted (the usual case)
   *   parts  each part is whole for itself; a part that does not come says nothing (a walk that asks for what changed)
   *   news   each body is what came since: absence says nothing
   */
  readonly gives?: "whole" | "parts" | "news";
  /** Bodies that only an asynchronous library opens (mail, PDF): the body `parts` reads. Rejects with BadBody. */
  readonly prepare?: (body: Uint8Array, file: string) => Promise<Uint8Array>;
  /**
   * Bodies that carry other bodies (mail): each is read by the reader that knows its shape (jobs/collect/intake.ts), under this
   * feed's policy and never under that of the feed it looks like. Rejects with BadBody.
   */
  readonly opens?: (body: Uint8Array, file: string) => Promise<Opened>;
  /** Where the operator's key goes; `required`: without one the source does not answer at all. */
  readonly auth?: {
    readonly required: boolean;
    readonly by:
      | { readonly header: string; readonly prefix?: string }
      | { readonly basic: true }
      /** The text `{key}` in `url` is replaced. */
      | { readonly inUrl: true }
      /**
       * A key of two halves, "KEY:SECRET": the first becomes `field` of the document a walk posts, and the second signs the
       * bytes of that document, HMAC-SHA-256 in hexadecimal digits, in `header`.
       */
      | { readonly signed: { readonly field: string; readonly header: string } };
  };
  /**
   * The pieces of its walk are bodies of their own: one that cannot be read is a refused row of the turn, and spoils
   * nothing beside it.
   */
  readonly apart?: true;
  /** Sources that take more than one request; absent: `url` is asked once, conditionally. */
  readonly walk?: (start: WalkStart) => Walk;
}

/** What a carrying body held. */
export interface Opened {
  readonly pieces: readonly { readonly name: string; readonly body: Uint8Array }[];
  /** What could not be opened, each with its place. */
  readonly problems: readonly Problem[];
  /** Who sent it and under which id, for provenance: "from", "message-id", "subject", "date"; as the sender wrote them. */
  readonly said: Readonly<Record<string, string>>;
}

/** Where a walk begins. */
export interface WalkStart {
  readonly url: string;
  /** What the last good turn's walk returned; undefined at the first. */
  readonly cursor: unknown;
  readonly now: Instant;
}

/**
 * A conversation with a source, without I/O: yields what to ask and is sent the answer, yields bodies to collect and is
 * sent nothing, returns where to go on next time (plain JSON). Throws BadBody when the peer does not keep to its
 * protocol. The driver adds the key, bounds the number of requests and all bytes, and keeps to Retry-After.
 */
export type Walk = Generator<WalkStep, unknown, WalkAnswer | undefined>;

export type WalkStep =
  | {
      readonly ask: string;
      readonly headers?: Readonly<Record<string, string>>;
      /** Sent by POST as a JSON document; absent: the request is a GET. A redirect of it is not followed. */
      readonly post?: Readonly<Record<string, unknown>>;
      /** Statuses the walk wants to see; any other than these and 200 ends the turn as failed. */
      readonly expects?: readonly number[];
    }
  /** A body of the source; `name` becomes its parts' name, so the same piece has the same name each turn. */
  | { readonly take: Uint8Array; readonly name: string }
  /**
   * Where to go on if the turn ends here (a limit, a request to wait, a failure): everything taken so far is behind it.
   * For feeds that give news; a walk without such places begins again where it began.
   */
  | { readonly reached: unknown };

export interface WalkAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}
