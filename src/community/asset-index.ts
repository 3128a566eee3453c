import type { Instant } from "#core/instant.ts";
import { ipv4NumberIn } from "#core/ip.ts";
import type { OrganisationId } from "#core/marking.ts";
import type { Observable } from "#core/observable.ts";
import { type Asset, type AssetId, heldAt, proven } from "./asset.ts";
import { ipv6Words } from "./ipv6-words.ts";
import {
  changed,
  emptyPrefixTable,
  holds,
  isHeldBy,
  lastBefore,
  lengthOf,
  type PrefixTable,
  parentOf,
  slotOf,
} from "./prefix-table.ts";

/** Whose is it? Built in memory from all assets, never changed: a change makes the next index, so a running job keeps its own. */
export interface AssetIndex {
  /**
   * Every organisation that holds the observable at `at`, most specific first: the longest prefix or suffix, then proven
   * before claimed, then by asset id. What covers an own network (`covers`) comes after what lies in one. Hashes and
   * paths are nobody's.
   *
   *   cidr 198.51.0.0/16 → [ { organisation: "o7", asset: 198.51.100.0/24, specificity: 24, covers: true } ]
   */
  readonly owners: (observable: Observable, at: Instant) => Ownership[];
  /** The index after these changes; 20 to 100 ms at 600 000 assets. */
  readonly with: (change: AssetChange) => AssetIndex;
  /** Assets in it, of all kinds and times. */
  readonly size: number;
}

export interface Ownership {
  readonly organisation: OrganisationId;
  readonly asset: Asset;
  /** Prefix length in bits, labels of the domain, or 0 for an AS number: comparable within one answer. */
  readonly specificity: number;
  /** The observable is a network that is wider than the asset: it speaks of more than this holder. */
  readonly covers: boolean;
}

export interface AssetChange {
  /** New assets, and new versions of assets whose id is known; of two with one id the last. */
  readonly put?: readonly Asset[];
  /** Wins over `put`. */
  readonly removed?: readonly AssetId[];
}

export const buildAssetIndex = (assets: readonly Asset[]): AssetIndex => indexOf(nothing, { put: assets });

interface Tables {
  /** A holding's number is its place here. */
  readonly assets: readonly Asset[];
  readonly ipv4: PrefixTable;
  readonly ipv6: PrefixTable;
  readonly names: Readonly<Record<Name, ReadonlyMap<string, readonly number[]>>>;
  /** Bit n: some domain has n labels (31: or more), so that a look-up cuts no name that nobody can hold. */
  readonly labels: Readonly<Record<"domain" | "email-domain", number>>;
}

/** Kinds of assets found by their text. */
type Name = "domain" | "email-domain" | "asn";

const nothing: Tables = {
  assets: [],
  ipv4: emptyPrefixTable(1),
  ipv6: emptyPrefixTable(4),
  names: { domain: new Map(), "email-domain": new Map(), asn: new Map() },
  labels: { domain: 0, "email-domain": 0 },
};

const indexOf = (before: Tables, change: AssetChange): AssetIndex => {
  const tables = after(before, change);
  return {
    size: tables.assets.length,
    with: (next) => indexOf(tables, next),
    owners: (observable, at) => {
      const found: Ownership[] = [];
      lookUps[observable.kind](tables, observable.value, at, found);
      return found.length > 1 ? found.sort(moreSpecific) : found;
    },
  };
};

type LookUp = (tables: Tables, value: string, at: Instant, found: Ownership[]) => void;

const lookUps: Readonly<Record<Observable["kind"], LookUp>> = {
  ipv4: (tables, value, at, found) => byNetwork(tables, value, 0, value.length, at, found),
  ipv6: (tables, value, at, found) => byNetwork(tables, value, 0, value.length, at, found),
  cidr: (tables, value, at, found) => byNetwork(tables, value, 0, value.length, at, found),
  domain: (tables, value, at, found) => bySuffix(tables, "domain", value, at, found),
  endpoint: (tables, value, at, found) => byHost(tables, value.slice(0, value.lastIndexOf(":")), at, found),
  url: (tables, value, at, found) => byHost(tables, hostOf(value), at, found),
  email: (tables, value, at, found) => {
    const domain = value.slice(value.lastIndexOf("@") + 1);
    bySuffix(tables, "email-domain", domain, at, found);
    bySuffix(tables, "domain", domain, at, found);
  },
  asn: (tables, value, at, found) => byName(tables, "asn", value, 0, at, found),
  path: () => {},
  md5: () => {},
  sha1: () => {},
  sha256: () => {},
  sha512: () => {},
};

const moreSpecific = (a: Ownership, b: Ownership): number =>
  Number(a.covers) - Number(b.covers) ||
  b.specificity - a.specificity ||
  Number(proven(b.asset)) - Number(proven(a.asset)) ||
  (a.asset.id < b.asset.id ? -1 : a.asset.id > b.asset.id ? 1 : 0);

/** The host of a canonical URL or of a scheme-relative one ("//bad.example/x"), brackets kept, port and user gone. */
const hostOf = (url: string): string => {
  const slashes = url.indexOf("//");
  if (slashes < 0) return "";
  const start = slashes + 2;
  let end = start;
  let from = start;
  let colon = -1;
  for (; end < url.length; end++) {
    const code = url.charCodeAt(end);
    if (code === 0x2f || code === 0x3f || code === 0x23) break; // / ? #
    if (code === 0x40) {
      from = end + 1; // @ ends the user part
      colon = -1;
    } else if (code === 0x3a) colon = end;
    else if (code === 0x5d) colon = -1; // ] ends an IPv6 address: its colons are no port
  }
  return url.slice(from, colon >= from ? colon : end);
};

const byHost = (tables: Tables, host: string, at: Instant, found: Ownership[]): void => {
  if (host.startsWith("[")) return byNetwork(tables, host, 1, host.length - 1, at, found);
  if (ipv4NumberIn(host, 0, host.length) >= 0) return byNetwork(tables, host, 0, host.length, at, found);
  bySuffix(tables, "domain", host, at, found);
};

const byNetwork = (tables: Tables, text: string, start: number, end: number, at: Instant, found: Ownership[]): void => {
  const length = readNetwork(text, start, end);
  if (length < 0) return;
  const table = tables[family];
  const last = lastBefore(table, sought);
  let row = last;
  while (row >= 0 && !holds(table, row, sought)) row = parentOf(table, row);
  for (; row >= 0; row = parentOf(table, row)) push(tables, slotOf(table, row), lengthOf(table, row), false, at, found);
  if (length < table.width * 32)
    for (row = last + 1; row < table.size && isHeldBy(table, row, sought); row++)
      push(tables, slotOf(table, row), lengthOf(table, row), true, at, found);
};

/** The name itself and each name above it, label by label. */
const bySuffix = (
  tables: Tables,
  kind: "domain" | "email-domain",
  name: string,
  at: Instant,
  found: Ownership[],
): void => {
  const present = tables.labels[kind];
  if (present === 0) return;
  let labels = labelsOf(name);
  for (let start = 0; labels > 0; labels--) {
    if ((present & labelBit(labels)) !== 0)
      byName(tables, kind, start === 0 ? name : name.slice(start), labels, at, found);
    start = name.indexOf(".", start) + 1;
  }
};

const labelsOf = (name: string): number => {
  let labels = 1;
  for (let dot = name.indexOf("."); dot >= 0; dot = name.indexOf(".", dot + 1)) labels++;
  return labels;
};

const labelBit = (labels: number): number => 1 << Math.min(labels, 31);

const byName = (
  tables: Tables,
  kind: Name,
  name: string,
  specificity: number,
  at: Instant,
  found: Ownership[],
): void => {
  const slots = tables.names[kind].get(name);
  if (slots !== undefined) for (const slot of slots) push(tables, slot, specificity, false, at, found);
};

const push = (
  tables: Tables,
  slot: number,
  specificity: number,
  covers: boolean,
  at: Instant,
  found: Ownership[],
): void => {
  const asset = tables.assets[slot];
  if (asset !== undefined && heldAt(asset, at))
    found.push({ organisation: asset.organisation, asset, specificity, covers });
};

/**
 * Reads "203.0.113.0/24" or "2001:db8::7" into `sought` (address words, then length) and its family into `family`; gives
 * the length, -1 if it is neither.
 */
const readNetwork = (text: string, start: number, end: number): number => {
  const slash = text.indexOf("/", start);
  const stop = slash < 0 ? end : slash;
  const ipv4 = ipv4NumberIn(text, start, stop);
  if (ipv4 >= 0) sought[0] = ipv4;
  else if (!ipv6Words(text, start, stop, sought)) return -1;
  family = ipv4 >= 0 ? "ipv4" : "ipv6";
  const bits = ipv4 >= 0 ? 32 : 128;
  const length = slash < 0 ? bits : Number(text.slice(slash + 1, end));
  if (!Number.isInteger(length) || length < 0 || length > bits) return -1;
  sought[bits / 32] = length;
  return length;
};

// One thread looks up one observable at a time; nothing is kept between calls.
const sought: Uint32Array = new Uint32Array(5);
let family: "ipv4" | "ipv6" = "ipv4";

const after = (before: Tables, { put = [], removed = [] }: AssetChange): Tables => {
  const latest = new Map(put.map((asset) => [asset.id, asset]));
  for (const id of removed) latest.delete(id);
  const gone = new Set<AssetId>([...removed, ...latest.keys()]);
  const assets: Asset[] = [];
  const moved = new Int32Array(before.assets.length);
  let lost = false;
  for (const [slot, asset] of before.assets.entries()) {
    const stays = !gone.has(asset.id);
    lost ||= !stays;
    moved[slot] = stays ? assets.push(asset) - 1 : -1;
  }
  const rows = { ipv4: emptyRows(), ipv6: emptyRows() };
  const names = {
    domain: renumbered(before.names.domain, lost ? moved : undefined),
    "email-domain": renumbered(before.names["email-domain"], lost ? moved : undefined),
    asn: renumbered(before.names.asn, lost ? moved : undefined),
  };
  const labels = { ...before.labels };
  for (const asset of latest.values()) {
    const slot = assets.push(asset) - 1;
    if (asset.kind === "network") {
      const length = readNetwork(asset.value, 0, asset.value.length);
      if (length < 0) continue; // values are canonical by the time they come here
      const into = rows[family];
      for (let word = 0; word < (family === "ipv4" ? 1 : 4); word++) into.words.push(sought[word] ?? 0);
      into.lengths.push(length);
      into.slots.push(slot);
    } else if (asset.kind !== "product") {
      const slots = names[asset.kind].get(asset.value);
      names[asset.kind].set(asset.value, slots === undefined ? [slot] : [...slots, slot]);
      if (asset.kind !== "asn") labels[asset.kind] |= labelBit(labelsOf(asset.value));
    }
  }
  return {
    assets,
    ipv4: changed(before.ipv4, lost ? moved : undefined, rows.ipv4),
    ipv6: changed(before.ipv6, lost ? moved : undefined, rows.ipv6),
    names,
    labels,
  };
};

const emptyRows = (): { words: number[]; lengths: number[]; slots: number[] } => ({
  words: [],
  lengths: [],
  slots: [],
});

const renumbered = (
  names: ReadonlyMap<string, readonly number[]>,
  moved: Int32Array | undefined,
): Map<string, readonly number[]> => {
  if (moved === undefined) return new Map(names);
  const now = new Map<string, readonly number[]>();
  for (const [name, slots] of names) {
    const kept = slots.map((slot) => moved[slot] ?? -1).filter((slot) => slot >= 0);
    if (kept.length > 0) now.set(name, kept);
  }
  return now;
};
