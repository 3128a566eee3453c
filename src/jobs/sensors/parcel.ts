import type { Instant } from "#core/instant.ts";
import type { ObservableKind } from "#core/observable.ts";
import type { Problem } from "#core/result.ts";
import type { BehaviourHit, Fact } from "#detect/behaviour.ts";
import type { End } from "#detect/hit.ts";
import type { BatchRuled } from "#jobs/batches/rules.ts";
import type { UnseenField } from "#jobs/rules/kept-rules.ts";
import type { BatchMatch } from "#jobs/batches/read.ts";

/**
 * What a sensor inside an organisation sends: NDJSON, one parcel a body, delivered to `/api/v1/telemetry` in this format
 * under the key `parcelKey`. The first line says which parcel it is, the last how many lines it has:
 *
 *   {"parcel":{"version":1,"number":41,"made":1792300000000,"sensor":"htd-edge-1"}}
 *   {"match":{…}}                                             what its records and our lists share
 *   {"ruled":{…}}                                             what rules say of its records
 *   {"behaviour":{…}}                                         what it noticed over time
 *   {"day":{"day":"2026-11-19","kind":"ipv4","value":"198.51.100.7","why":"source inbound","hits":212}}
 *   {"answer":{"ask":"…","page":1,"count":3,"days":[{"day":"2026-10-01","n":3}],"done":true,"matches":[…]}}
 *   {"state":{…}}                                             how it is
 *   {"end":{"lines":7}}                                       all lines, first and last among them
 *
 * Times are milliseconds since 1970. A line that is wrong is refused with its reason and counted; the others are taken (`read-parcel.ts`).
 */
export const parcelFormat = "waglan-parcel";
export const parcelVersion = 1;

/** Bounds of a parcel. Whoever has more to say makes another one. */
export const parcelLimits = {
  /** Unpacked. A sensor makes them of a mebibyte or so; a bomb stops here. */
  bytes: 32 * 1024 * 1024,
  lines: 50_000,
  /** Of one line, in bytes: evidence is at most a mebibyte, and JSON writes some characters as six. */
  line: 4 * 1024 * 1024,
  /** Sightings of one line of an answer, whatever they are of. */
  matches: 500,
} as const;

/** The key under which a parcel is accepted: the same parcel sent again is the same row. Under another key it is refused. */
export const parcelKey = ({ number, epoch }: Pick<ParcelHead, "number" | "epoch">): string =>
  epoch === undefined ? `parcel.${number}` : `parcel.${epoch}.${number}`;

export interface ParcelHead {
  readonly version: typeof parcelVersion;
  /** Counts from 1 at each sensor, without gaps: what is missing shows. */
  readonly number: number;
  /** Names a run of numbers, 8 to 32 hexadecimal digits: a sensor that was set up anew begins again at 1 under another. */
  readonly epoch?: string;
  readonly made: Instant;
  /** Its key in the directory. What counts is whose token brought it; a sensor that calls itself otherwise is refused. */
  readonly sensor: string;
}

/** As a sensor found it; `back`: in what it had kept, when it learned of the value. */
export interface ParcelMatch {
  readonly match: BatchMatch;
  readonly back?: true;
}

export interface ParcelRuled {
  readonly ruled: BatchRuled;
  readonly back?: true;
}

/** A fact a behaviour rests on, with its record after the field policy. */
export type ParcelEvidence = Pick<Fact, "id" | "from" | "line"> & { readonly text: string };

export interface ParcelBehaviour extends Omit<BehaviourHit, "evidence"> {
  readonly evidence: readonly ParcelEvidence[];
}

/** What makes no hit, counted by day: so many times that day, since the parcel before. */
export interface ParcelDay {
  /** "2026-11-19", UTC. */
  readonly day: string;
  readonly kind: ObservableKind | "rule";
  readonly value: string;
  /** "source inbound", "excluded", "beyond": as the server counts its own. */
  readonly why: string;
  readonly hits: number;
}

/** What the past kept at the sensor says to a question. Pages follow each other; counts are of all pages so far. */
export interface ParcelAnswer {
  readonly ask: string;
  /** From 1. A page that came before is not taken again. */
  readonly page: number;
  /** Sightings so far, those that are not sent among them. */
  readonly count: number;
  readonly first?: Instant;
  readonly last?: Instant;
  readonly days: readonly { readonly day: string; readonly n: number }[];
  readonly done: boolean;
  /** Why it cannot be answered; a code of the table of errors. */
  readonly problem?: {
    readonly code: string;
    readonly message: string;
    readonly with?: Readonly<Record<string, string | number>>;
  };
  /** Of this page; `indicator` is what was asked for. */
  readonly matches: readonly BatchMatch[];
  /** Of this page, where rules were asked: what they say of a record. */
  readonly ruled?: readonly BatchRuled[];
  /** What they say of several. */
  readonly together?: readonly ParcelTogether[];
  /** Of this page, where a pattern was asked of records: each record of a match. */
  readonly patterned?: readonly ParcelPatterned[];
  /** Where rules or a pattern were asked: how far it is. */
  readonly looked?: ParcelLooked;
}

/** What several records showed together, by a correlation that was asked. */
export interface ParcelTogether {
  readonly rule: string;
  readonly time: Instant;
  readonly first: Instant;
  /** By what it groups. */
  readonly group: readonly { readonly name: string; readonly value: string }[];
  readonly value: number;
  /** The newest of its records after the field policy; "" when it is gone. */
  readonly text: string;
}

/** A record of which, with others or alone, a pattern that was asked is true. */
export interface ParcelPatterned {
  /** From 1, in the order in which it was found true at this sensor. */
  readonly match: number;
  /** Records that made it true together. */
  readonly records: number;
  readonly time: Instant;
  /** The machine's name, in lower case. */
  readonly asset?: string;
  readonly source?: End;
  readonly destination?: End;
  /** The record after the field policy. */
  readonly text: string;
}

/** Records that rules or a pattern were asked of, all pages so far. */
export interface ParcelLooked {
  readonly read: number;
  /** At most. */
  readonly toRead: number;
  /** Of which some rule was not asked: what it must see is not kept. */
  readonly blind: number;
  /** That could not be read again as they are kept, by the code of why. */
  readonly unread: readonly { readonly code: string; readonly n: number }[];
  /** What the rules ask for and is not kept. */
  readonly unseen: readonly UnseenField[];
  /** Of a pattern. */
  readonly pattern?: ParcelLookedPattern;
}

/** How it went with a pattern, all pages so far. */
export interface ParcelLookedPattern {
  /** How often it was true, each time of other records. */
  readonly matches: number;
  /** Records with a part in it that were let go of for want of room. */
  readonly letGo: number;
  /** Times it could not be decided, by the code of why. */
  readonly undecided: readonly { readonly code: string; readonly n: number }[];
}

/** How a sensor is. Counts are of the time since the state before this one, so that they can be added up. */
export interface ParcelState {
  readonly at: Instant;
  /** Version of waglan that runs there. */
  readonly program: string;
  /** Of the knowledge it works with; absent: it has none yet. */
  readonly cursor?: string;
  /** ETag of the rules it works with. */
  readonly rules?: string;
  readonly lines: number;
  readonly rejected: readonly { readonly format: string; readonly reason: string; readonly n: number }[];
  /** Records that came too late to be looked at over time. */
  readonly late: number;
  /** Things its detectors over time forgot for want of room. */
  readonly forgotten: number;
  /** Lines it could not take or had to let go: what must never happen in silence. */
  readonly lost: number;
  /** Milliseconds from a record's arrival to its match, the slowest of late. */
  readonly lagMs: number;
  /** Parcels that wait to be sent. */
  readonly waiting: number;
  /** Bytes. */
  readonly memory: number;
  /** Bytes its history and journal take, and that are free beside them. */
  readonly disk: { readonly used: number; readonly free: number };
}

export type ParcelLine =
  | { readonly parcel: ParcelHead }
  | ParcelMatch
  | ParcelRuled
  | { readonly behaviour: ParcelBehaviour }
  | { readonly day: ParcelDay }
  | { readonly answer: ParcelAnswer }
  | { readonly state: ParcelState }
  | { readonly end: { readonly lines: number } };

/** What stands between the first line and the last. */
export type ParcelContent = Exclude<ParcelLine, { readonly parcel: ParcelHead } | { readonly end: unknown }>;

/** One line, its newline with it. */
export const printParcelLine = (line: ParcelLine): string => `${JSON.stringify(line)}\n`;

/** A whole parcel. */
export const printParcel = (head: ParcelHead, content: readonly ParcelContent[]): string =>
  [{ parcel: head }, ...content, { end: { lines: content.length + 2 } }].map(printParcelLine).join("");

/** A parcel as it was read. */
export interface ReadParcel {
  /** Absent: it does not say which it is, and nothing of it is taken. */
  readonly head?: ParcelHead;
  readonly content: readonly { readonly line: number; readonly said: ParcelContent }[];
  readonly lines: number;
  readonly refused: readonly { readonly line: number; readonly problem: Problem }[];
  /** The last line stands there and counts right. */
  readonly whole: boolean;
}
