import { createHash } from "node:crypto";
import type { Recipient } from "#community/recipient.ts";
import { release } from "#community/release.ts";
import type { Instant } from "#core/instant.ts";
import type { Tlp } from "#core/marking.ts";
import type { Warninglist } from "#feeds/warninglist.ts";
import { reachOf } from "#intel/list-reach.ts";
import type { Spool } from "#jobs/packed-text.ts";
import { allowType, type KnownList, printKnowledgeLine } from "./wire.ts";

/** What is excluded here, as its memory holds it (exclusion-memory.ts). */
export interface ExclusionLists {
  readonly lists: readonly Warninglist[];
  /** Networks that are not reserved here. */
  readonly allow: readonly string[];
}

/** What is excluded is for members, and no further: what a community holds to be harmless is where to hide from it. */
const usualTlp: Tlp = "amber";

/** Entries of one line, and UTF-16 units of them. */
const entriesAtOnce = 500;
const unitsAtOnce = 60_000;

/** Lists that one party may have, and what each says. */
export interface GivenLists {
  readonly lists: ReadonlyMap<string, { readonly list: KnownList; readonly values: readonly string[] }>;
  readonly digests: Readonly<Record<string, string>>;
}

const nothing: GivenLists = { lists: new Map(), digests: {} };

/** Of a state of the exclusions, made once for all who ask. */
const made = new WeakMap<ExclusionLists, GivenLists>();

/**
 * What this party may know to be harmless, so that its sensors call what is called here. Lists go by opaque names and without
 * the words of who put them up: those are reasons of people. That an entry is there hangs on no claim, so that it tells of none.
 */
export const listsFor = (
  {
    exclusionLists,
    idOf,
  }: {
    readonly exclusionLists?: () => ExclusionLists | undefined;
    readonly idOf: (kind: string, key: string) => string;
  },
  recipient: Recipient,
  now: Instant,
): GivenLists => {
  const inForce = exclusionLists?.();
  if (inForce === undefined) return nothing;
  const outcome = release(
    { marking: { tlp: usualTlp, pap: "clear", licence: "own" }, released: true, fields: {} },
    recipient,
    { now, purpose: "detection", fields: {}, local: {}, anonymous: "" },
  );
  if (!outcome.ok) return nothing;
  const known = made.get(inForce) ?? givenOf(inForce, idOf);
  made.set(inForce, known);
  return known;
};

const givenOf = ({ lists, allow }: ExclusionLists, idOf: (kind: string, key: string) => string): GivenLists => {
  const all = [
    { key: allowType, list: { type: allowType, reach: "below", kinds: [] } as const, values: allow },
    ...lists
      .filter(({ id }) => reachOf(id) !== "nothing")
      .map(({ id, type, kinds, values }) => ({
        ...{ key: `list ${id}`, values },
        list: { type, reach: reachOf(id), kinds: [...kinds].toSorted() } as const,
      })),
  ];
  const given = all.map(({ key, list, values }) => ({ list: { id: idOf("exclusion", key), ...list }, values }));
  return {
    lists: new Map(given.map((one) => [one.list.id, one])),
    digests: Object.fromEntries(given.map((one) => [one.list.id, digestOf(one)])),
  };
};

const digestOf = ({ list, values }: { readonly list: KnownList; readonly values: readonly string[] }): string => {
  const hash = createHash("sha256").update(JSON.stringify(list));
  for (const value of values) hash.update("\n").update(value);
  return hash.digest("base64url").slice(0, 22);
};

/** Writes what differs from what the sensor has. @returns lines written */
export const writeLists = async (
  spool: Pick<Spool, "write">,
  { lists, digests }: GivenLists,
  has: Readonly<Record<string, string>>,
): Promise<number> => {
  let lines = 0;
  const write = async (text: string): Promise<void> => {
    await spool.write(text);
    lines++;
  };
  for (const id of Object.keys(has)) if (!lists.has(id)) await write(printKnowledgeLine({ unlist: id }));
  for (const [id, { list, values }] of lists) {
    if (has[id] === digests[id]) continue;
    await write(printKnowledgeLine({ list }));
    for (let at = 0; at < values.length; ) {
      const entries: string[] = [];
      for (let units = 0; at < values.length && entries.length < entriesAtOnce && units < unitsAtOnce; at++) {
        const value = values[at] ?? "";
        entries.push(value);
        units += value.length;
      }
      await write(printKnowledgeLine({ entries }));
    }
  }
  return lines;
};
