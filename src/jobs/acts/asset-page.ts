import type { Asset } from "#community/asset.ts";
import { heldAt } from "#community/asset.ts";
import type { Directory } from "#community/directory.ts";
import type { Instant } from "#core/instant.ts";
import { observableOf } from "#core/recognise.ts";
import type { AssetsAsked } from "./port.ts";
import type { Known } from "#jobs/community/directory-memory.ts";

export interface AssetsFound {
  readonly assets: readonly Asset[];
  readonly next?: string;
}

/**
 * A page of assets, by organisation, kind and value. The cursor holds the last row's own key, so that rows that come and
 * go between two pages shift nothing.
 *
 * @returns undefined for a cursor that is none of ours
 */
export const assetPage = (
  known: Known,
  asked: AssetsAsked,
  mine: (asset: Asset) => boolean,
  now: Instant,
): AssetsFound | undefined => {
  const from = asked.cursor === undefined ? undefined : readCursor(asked.cursor);
  if (asked.cursor !== undefined && from === undefined) return undefined;
  const text = asked.search?.trim().toLowerCase();
  const holders = text ? holdersOf(known, text, now) : undefined;
  const found: Asset[] = [];
  for (const asset of inOrder(known.directory)) {
    if (from !== undefined && compare(keyOf(asset), from) <= 0) continue;
    if (asked.organisation !== undefined && asset.organisation !== asked.organisation) continue;
    if (asked.kind !== undefined && asset.kind !== asked.kind) continue;
    if (!asked.past && asset.to !== undefined && !heldAt(asset, now) && asset.to <= now) continue;
    if (text && !asset.value.includes(text) && !holders?.has(asset.id)) continue;
    if (!mine(asset)) continue;
    found.push(asset);
    if (found.length > asked.limit) break;
  }
  const page = found.slice(0, asked.limit);
  const last = page.at(-1);
  return { assets: page, ...(found.length > asked.limit && last ? { next: writeCursor(keyOf(last)) } : {}) };
};

/** Assets that hold an address or name somebody typed. */
const holdersOf = (known: Known, text: string, now: Instant): ReadonlySet<string> => {
  const read = observableOf(text);
  return new Set(read.ok ? known.assets.owners(read.value, now).map((owner) => owner.asset.id) : []);
};

type Key = readonly [organisation: string, kind: string, value: string, id: string];
const keyOf = (asset: Asset): Key => [asset.organisation, asset.kind, asset.value, asset.id];

const compare = (a: Key, b: Key): number => {
  for (const at of [0, 1, 2, 3] as const) if (a[at] !== b[at]) return a[at] < b[at] ? -1 : 1;
  return 0;
};

/** Sorted once for each directory, not for each page: half a million assets are a second's work. */
const inOrder = (directory: Directory): readonly Asset[] => {
  const before = sorted.get(directory);
  if (before) return before;
  const assets = directory.assets.toSorted((a, b) => compare(keyOf(a), keyOf(b)));
  sorted.set(directory, assets);
  return assets;
};
const sorted = new WeakMap<Directory, readonly Asset[]>();

const writeCursor = (key: Key): string => Buffer.from(JSON.stringify(key)).toString("base64url");

const readCursor = (text: string): Key | undefined => {
  try {
    const key: unknown = JSON.parse(Buffer.from(text, "base64url").toString());
    return Array.isArray(key) && key.length === 4 && key.every((part) => typeof part === "string")
      ? (key as unknown as Key)
      : undefined;
  } catch {
    return undefined;
  }
};
