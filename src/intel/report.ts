import { createHash } from "node:crypto";
import { betterGrade, type Grade } from "#core/grade.ts";
import { after, day, type Instant, printInstant } from "#core/instant.ts";
import { type Licence, type Pap, stricterTlp, type Tlp } from "#core/marking.ts";
import { type Observable, observableKey } from "#core/observable.ts";
import { type RsitType, rsitTypes } from "#core/rsit.ts";
import { type Severity, worse } from "#core/severity.ts";
import type { Feed, RawReport, ReportedEnd } from "#feeds/feed.ts";

/** What one source says is wrong with one asset, however often it said so. */
export interface Report {
  /** Opaque; the same for the same feed, asset, type and about in one deployment. */
  readonly id: string;
  readonly feed: string;
  readonly asset: Observable;
  /** Other values of the same thing, for owners who declared those. */
  readonly also: readonly Observable[];
  readonly type: RsitType;
  readonly about: string;
  /** Of the newest sighting; of two at one time the worse. */
  readonly severity: Severity;
  readonly grade: Grade;
  readonly labels: readonly string[];
  readonly firstSeen: Instant;
  readonly lastSeen: Instant;
  /** Sightings, each row of the source once. */
  readonly count: number;
  /** When it is over unless it is seen again: its feed's rhythm after the last sighting. */
  readonly ends: Instant;
  /** The newest sightings, newest first. */
  readonly instances: readonly ReportInstance[];
  readonly tlp: Tlp;
  readonly pap: Pap;
  readonly licence: Licence;
}

/** One row of a source, as evidence. */
export interface ReportInstance {
  /** 32 hex digits over everything the row says; tells it from any other. */
  readonly digest: string;
  readonly at: Instant;
  readonly source?: ReportedEnd;
  readonly destination?: ReportedEnd;
  readonly transport?: RawReport["transport"];
  readonly protocol?: string;
  readonly evidence: Readonly<Record<string, string>>;
}

/** Sightings kept with a report: enough to find the hosts behind one address, and no archive. */
export const instancesAtMost = 5;
/** Other values and labels kept, over all sightings. */
const alsoAtMost = 16;
const labelsAtMost = 32;

/** What feeds are to reports. */
export type ReportingFeed = Pick<Feed, "id" | "liveDays" | "grade" | "tlp" | "pap" | "licence" | "gives">;

const hexOf = (secret: string, parts: readonly string[]): string =>
  createHash("sha256")
    .update([secret, ...parts].join("\0"))
    .digest("hex")
    .slice(0, 32);

/** 32 hex digits as a uuid. */
const uuidOfHex = (hex: string): string =>
  `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;

/** @param secret of the deployment: makes ids opaque */
const reportId = (secret: string, feed: string, raw: Pick<RawReport, "asset" | "type" | "about">): string =>
  uuidOfHex(hexOf(secret, ["report", feed, observableKey(raw.asset), raw.type, raw.about]));

/**
 * Tells a row of a source from every other. A row without a time of its own, in a list that says all there is, says
 * "today": once a day it is a sighting.
 */
const rowDigest = (secret: string, feed: ReportingFeed, raw: RawReport, now: Instant): string => {
  const today = raw.seenAt === undefined && feed.gives !== "news" ? printInstant(now).slice(0, 10) : "";
  const said = JSON.stringify([
    ...[observableKey(raw.asset), raw.type, raw.about, raw.seenAt ?? today, raw.severity ?? "", raw.transport ?? ""],
    ...[raw.source ?? {}, raw.destination ?? {}, raw.evidence],
  ]);
  return hexOf(secret, ["row", feed.id, said]);
};

/** A single sighting as a report of its own: what `both` joins. */
export const sighting = (secret: string, feed: ReportingFeed, raw: RawReport, now: Instant): Report => {
  const at = raw.seenAt ?? now;
  return {
    id: reportId(secret, feed.id, raw),
    feed: feed.id,
    asset: raw.asset,
    also: raw.also ?? [],
    type: raw.type,
    about: raw.about,
    severity: raw.severity ?? rsitTypes[raw.type].severity,
    grade: raw.grade ?? feed.grade,
    labels: raw.labels,
    firstSeen: at,
    lastSeen: at,
    count: 1,
    ends: after(at, feed.liveDays * day),
    instances: [
      {
        digest: rowDigest(secret, feed, raw, now),
        at,
        ...(raw.source === undefined ? {} : { source: raw.source }),
        ...(raw.destination === undefined ? {} : { destination: raw.destination }),
        ...(raw.transport === undefined ? {} : { transport: raw.transport }),
        ...(raw.protocol === undefined ? {} : { protocol: raw.protocol }),
        evidence: raw.evidence,
      },
    ],
    tlp: raw.tlp ?? feed.tlp,
    pap: feed.pap,
    licence: feed.licence,
  };
};

/**
 * Two reports of one id, of disjoint rows, as one. Associative and commutative, so neither order nor batches matter.
 */
export const both = (a: Report, b: Report): Report => {
  const [newer, older] = b.lastSeen > a.lastSeen ? [b, a] : [a, b];
  return {
    ...newer,
    severity: a.lastSeen === b.lastSeen ? worse(a.severity, b.severity) : newer.severity,
    grade: betterOf(a.grade, b.grade),
    also: firsts([...a.also, ...b.also], observableKey, alsoAtMost),
    labels: firsts([...a.labels, ...b.labels], (label) => label, labelsAtMost),
    firstSeen: Math.min(a.firstSeen, b.firstSeen) as Instant,
    count: a.count + b.count,
    ends: Math.max(a.ends, b.ends) as Instant,
    instances: [...newer.instances, ...older.instances]
      .sort((x, y) => y.at - x.at || (x.digest < y.digest ? -1 : 1))
      .slice(0, instancesAtMost),
    tlp: stricterTlp(a.tlp, b.tlp),
  };
};

const betterOf = (a: Grade, b: Grade): Grade => {
  const ordered = a.source < b.source || (a.source === b.source && a.statement <= b.statement) ? [a, b] : [b, a];
  return betterGrade(ordered[0] as Grade, ordered[1] as Grade);
};

/** The first `most` in the order of their keys, each once: an order that does not know who came first. */
const firsts = <T>(all: readonly T[], keyOf: (one: T) => string, most: number): readonly T[] =>
  [...new Map(all.map((one) => [keyOf(one), one])).entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, most)
    .map(([, one]) => one);

/** Where a value lies, for owners of networks and names: an address or network, or a name. */
export interface Place {
  readonly net?: string;
  readonly host?: string;
}

export const placeOf = ({ kind, value }: Observable): Place | undefined => {
  switch (kind) {
    case "ipv4":
    case "ipv6":
    case "cidr":
      return { net: value };
    case "domain":
      return { host: value };
    case "email":
      return { host: value.slice(value.lastIndexOf("@") + 1) };
    case "endpoint":
      return hostPlace(value.slice(0, value.lastIndexOf(":")));
    case "url":
      return hostPlace(/\/\/(?:[^/@]*@)?(\[[^\]]+\]|[^/:?#]+)/.exec(value)?.[1] ?? "");
    default:
      return undefined;
  }
};

const hostPlace = (host: string): Place | undefined =>
  host === ""
    ? undefined
    : host.startsWith("[")
      ? { net: host.slice(1, -1) }
      : /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host)
        ? { net: host }
        : { host };
