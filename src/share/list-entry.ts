import type { Released } from "#community/release.ts";
import type { Grade } from "#core/grade.ts";
import type { Instant } from "#core/instant.ts";
import type { Licence, Tlp } from "#core/marking.ts";
import { type ObservableKind, observableKinds } from "#core/observable.ts";

/** What a list says of one value; its handling is in the `note` of its release. */
export interface ListEntry {
  /** Public id of the indicator. */
  readonly id: string;
  /** 0 to 2³⁰-1, the same for ever, no two alike, in no order: what Suricata's sid is made from. */
  readonly serial: number;
  readonly kind: ObservableKind;
  readonly value: string;
  readonly labels: readonly string[];
  /** Names of the sources that may be named, joined by "; "; empty: none may. */
  readonly sources: string;
  readonly grade: Grade;
  readonly firstSeen: Instant;
  readonly lastSeen: Instant;
  /** Absent: as long as its source lists it. */
  readonly liveUntil?: Instant;
}

/** A line of a list, as `release` let it go. */
export type ListRow = Released<Pick<ListEntry, "id" | "serial" | "kind" | "value"> & Partial<ListEntry>>;

/** What heads and foots say of a list as a whole. The party is not named: parties of one class get the same bytes. */
export interface ListAbout {
  readonly community: string;
  /** Name of the list and its query, canonical: "addresses?label=bot". */
  readonly name: string;
  /** When the content last changed. */
  readonly changed: Instant;
  /** "https://waglan.cert.example", no slash at the end. */
  readonly portal: string;
  /** Opaque, unordered, the same for the same key in one deployment. */
  readonly idOf: (kind: string, key: string) => string;
  /** Values that were taken back from this reader once, with what tells the new statement from the old. */
  readonly again?: ReadonlyMap<string, string>;
}

/** What is known when the last row is out. */
export interface ListTotals {
  readonly count: number;
  /** Released, but this format cannot say them: a path in a zone file. */
  readonly unsaid: number;
  /** Names of sources that may be named. */
  readonly sources: readonly string[];
  readonly tlp: Tlp;
  readonly licences: readonly Licence[];
}

/** Lists by what a firewall, resolver or proxy takes; every kind by its own name too. */
export const listKinds: Readonly<Record<string, readonly ObservableKind[]>> = {
  all: observableKinds,
  addresses: ["ipv4", "ipv6", "cidr"],
  domains: ["domain"],
  urls: ["url"],
  hashes: ["md5", "sha1", "sha256", "sha512"],
  ...Object.fromEntries(observableKinds.map((kind) => [kind, [kind]])),
};
