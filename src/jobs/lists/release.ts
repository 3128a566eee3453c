import { createHash } from "node:crypto";
import type { LedgerEntry } from "#community/ledger-entry.ts";
import type { Recipient } from "#community/recipient.ts";
import { hour, type Instant } from "#core/instant.ts";
import { type Licence, type OrganisationId, stricterTlp, type Tlp } from "#core/marking.ts";
import { no, ok, type Result } from "#core/result.ts";
import { listDecider } from "./decide.ts";
import type { Known } from "#jobs/community/directory-memory.ts";
import { keptMembers, MemberKeys } from "./members.ts";
import type { Listing } from "#jobs/listing.ts";
import type { ListedClaim, ListMoment, ListVersion, ListViews } from "./out-port.ts";
import { Spool } from "#jobs/packed-text.ts";
import { partyClass, recipientOf } from "#jobs/alerts/recipient-of.ts";
import type { Exclusions } from "#intel/exclusions.ts";
import type { ListFormat } from "#share/formats/format.ts";
import { type FormatId, formats } from "#share/formats/list-formats.ts";
import { stixRevoked } from "#share/formats/stix-bundle.ts";
import type { ListAbout } from "#share/list-entry.ts";
import { type ListQuery, type ListWords, printListQuery, readListQuery } from "#share/list-query.ts";
import { nameIn } from "#words/language.ts";

/** A list as it was asked for, and read. */
export interface ListAsked {
  /** "addresses", or the name the party saved it under. */
  readonly name: string;
  readonly query: ListQuery;
  readonly format: FormatId;
  /** Canonical: "addresses?label=bot". */
  readonly words: string;
}

/** A list ready to leave: packed, so that a million lines fit into memory. */
export interface BuiltList {
  /** gzip in pieces, in order. */
  readonly packed: readonly Uint8Array[];
  /** sha-256 of the body before compression. */
  readonly contentHash: string;
  readonly rowsHash: string;
  readonly members: string;
  readonly count: number;
  /** Released, but not sayable in this format. */
  readonly unsaid: number;
  readonly changed: Instant;
  /** By then a value dies of age, or scores are looked at again. */
  readonly until: Instant;
}

/** What `sendList` answers. */
export interface SentList {
  readonly etag: string;
  readonly changed: Instant;
  readonly type: string;
  readonly count: number;
  readonly unsaid: number;
  /** Absent: the reader has it already, and nothing left. */
  readonly packed?: readonly Uint8Array[];
}

/** What the reader says it has (RFC 9110 §13.1). */
export interface Holding {
  readonly etags?: readonly string[];
  readonly since?: Instant;
}

/**
 * Reads what was asked: a name of `listKinds`, or one that the party saved a query under.
 *
 * @returns WGL_ABSENT, WGL_LIST_KIND, WGL_LIST_SCORE, WGL_LIST_MIXED, WGL_LIST_SOURCES, WGL_GRADE, WGL_TLP, WGL_TIME
 */
export const readList = async (
  listing: Pick<Listing, "state">,
  recipient: Recipient & { readonly party: OrganisationId },
  name: string,
  format: FormatId,
  words: ListWords,
): Promise<Result<ListAsked>> => {
  const named = readListQuery(name, words);
  const saved =
    named.ok || named.problem.code !== "WGL_ABSENT"
      ? undefined
      : (await listing.state.act((tx) => tx.out.savedLists(recipient.party))).find((one) => one.name === name);
  const [base = name, rest = ""] = saved === undefined ? [] : saved.query.split(/\?(.*)/s);
  const query =
    saved === undefined ? named : readListQuery(base, { ...Object.fromEntries(new URLSearchParams(rest)), ...words });
  if (!query.ok) return query;
  // Whoever may not know the sources must not find them out by asking for one after the other
  if (query.value.feeds !== undefined && (recipient.agreement?.anonymiseSources ?? true)) return no("WGL_LIST_SOURCES");
  const shape: ListFormat = formats[format];
  const { oneOf } = shape;
  if (oneOf !== undefined && !oneOf.some((set) => query.value.kinds.every((kind) => set.includes(kind))))
    return no("WGL_LIST_MIXED", { format, wanted: oneOf.map((set) => set.join(" + ")).join(", ") });
  return ok({ name, query: query.value, format, words: printListQuery(base, query.value) });
};

/**
 * A list as one party may have it: everything in it went through `release`. What was made for a party of the same class is
 * used again while it is true, so that a reader who has it is answered at once; the ledger and the evidence have an entry
 * for each answer that had a body.
 */
export const sendList = async (
  listing: Listing,
  shelf: ListShelf,
  party: OrganisationId,
  asked: ListAsked,
  now: Instant,
  has: Holding = {},
): Promise<SentList | undefined> => {
  const recipient = recipientOf(listing.known(), party);
  if (recipient === undefined) return undefined;
  const built = await shelf.get(listing, recipient, asked, now);
  const etag = built.contentHash.slice(0, 32);
  const changed = await changedFor(listing, recipient.party, asked, built, now);
  const sent: SentList = {
    ...{ etag, changed, type: formats[asked.format].type, count: built.count, unsaid: built.unsaid },
  };
  const same =
    has.etags === undefined
      ? has.since !== undefined && Math.floor(changed / 1000) <= Math.floor(has.since / 1000)
      : has.etags.some((one) => one === "*" || one === etag);
  if (same) return sent;
  await listing.state.act(async (tx) => {
    const [base = "", rest] = asked.words.split("?", 2);
    const query = `/lists/${base}.${asked.format}${rest === undefined ? "" : `?${rest}`}`;
    const entry: LedgerEntry = {
      ...{ party, query, after: "0", upTo: String(now), contentHash: built.contentHash },
      ...{ count: built.count, at: now, members: built.members },
    };
    await tx.ledger.write(entry);
    const { count, contentHash } = entry;
    await tx.evidence.leaf({
      kind: "release",
      subject: `list ${asked.name}`,
      at: now,
      data: { party, query, count, contentHash, members: built.members },
    });
  });
  return { ...sent, packed: built.packed };
};

/** STIX says too what was taken back from this very party, and a head says when its own list changed. */
const isOwn = (id: FormatId): boolean => {
  const format: ListFormat = formats[id];
  return id === "stix.json" || format.dated === true;
};

/**
 * When this list changed *for this party*: a time that another party's asking left behind would tell that there is one
 * with the same agreement, and when it comes.
 */
export const changedFor = async (
  { state }: Pick<Listing, "state">,
  party: OrganisationId,
  { format, words }: ListAsked,
  { rowsHash, members, changed }: BuiltList,
  now: Instant,
): Promise<Instant> =>
  isOwn(format)
    ? changed
    : state.act(async (tx) => {
        const key = `party ${party} ${format} ${words}`;
        const before = await tx.out.version(key);
        if (before?.rowsHash === rowsHash) return before.changed;
        await tx.out.putVersion(key, { rowsHash, members, changed: now });
        return now;
      });

/** Lists that were made and may be true still, by class of party and query. */
export interface ListShelf {
  readonly get: (
    listing: Listing,
    recipient: Recipient & { readonly party: OrganisationId },
    asked: ListAsked,
    now: Instant,
  ) => Promise<BuiltList>;
}

interface Shelved {
  readonly built: BuiltList;
  readonly moment: ListMoment;
  readonly known: Known;
  readonly exclusions: Exclusions;
}

/** @param bytesAtMost of packed bodies; the one asked for longest ago goes first */
export const listShelf = (bytesAtMost: number = 256 * 1024 * 1024): ListShelf => {
  const shelved = new Map<string, Shelved>();
  const making = new Map<string, Promise<BuiltList>>();
  const sizeOf = ({ built }: Shelved): number => built.packed.reduce((sum, { length }) => sum + length, 0);
  const make = async (
    listing: Listing,
    recipient: Recipient & { readonly party: OrganisationId },
    asked: ListAsked,
    now: Instant,
    key: string,
  ): Promise<BuiltList> => {
    const [known, exclusions] = [listing.known(), listing.exclusions()];
    const moment = await listing.views.listMoment(now);
    const built = await buildList(listing, recipient, asked, now, key);
    shelved.set(key, { built, moment, known, exclusions });
    let bytes = [...shelved.values()].reduce((sum, one) => sum + sizeOf(one), 0);
    for (const [oldest, one] of shelved) {
      if (bytes <= bytesAtMost || oldest === key) break;
      shelved.delete(oldest);
      bytes -= sizeOf(one);
    }
    return built;
  };
  return {
    get: async (listing, recipient, asked, now) => {
      const who = isOwn(asked.format) ? recipient.party : "";
      const key = `${partyClass(recipient, now)} ${who} ${asked.format} ${asked.words}`;
      const found = shelved.get(key);
      if (
        found !== undefined &&
        found.built.until > now &&
        found.known === listing.known() &&
        found.exclusions === listing.exclusions() &&
        (await listing.views.sameMoment(found.moment, now))
      ) {
        shelved.delete(key);
        shelved.set(key, found);
        return found.built;
      }
      const waiting = making.get(key);
      if (waiting !== undefined) return waiting;
      const made = make(listing, recipient, asked, now, key).finally(() => making.delete(key));
      making.set(key, made);
      return made;
    },
  };
};

/** Makes a list from state, a few thousand claims in memory at a time, and remembers which indicators stand in it. */
export const buildList = async (
  listing: Listing,
  recipient: Recipient & { readonly party: OrganisationId },
  asked: ListAsked,
  now: Instant,
  key: string,
): Promise<BuiltList> => {
  const before = await listing.state.act((tx) => tx.out.version(key));
  let built = await writeList(listing, recipient, asked, now, now);
  const same = before !== undefined && before.rowsHash === built.rowsHash;
  const format: ListFormat = formats[asked.format];
  // The same rows are the same bytes: where the head says when they changed, that is when they did
  if (same && before.changed !== now && format.dated === true)
    built = await writeList(listing, recipient, asked, now, before.changed);
  const changed = same ? before.changed : now;
  const { keys, ...rest } = built;
  const sorted = keys.sorted();
  return listing.state.act(async (tx) => {
    const base = before === undefined ? undefined : await tx.out.baseOf(before.members);
    const members = keptMembers(sorted, base);
    const version: ListVersion = { rowsHash: rest.rowsHash, members: members.hash, changed };
    if (!same) {
      await tx.out.putMembers(members, now);
      await tx.out.putVersion(key, version);
    }
    return { ...rest, members: members.hash, changed };
  });
};

interface Written extends Omit<BuiltList, "members" | "changed"> {
  readonly keys: MemberKeys;
}

const writeList = async (
  listing: Listing,
  recipient: Recipient & { readonly party: OrganisationId },
  asked: ListAsked,
  now: Instant,
  changed: Instant,
): Promise<Written> => {
  const format: ListFormat = formats[asked.format];
  // Only STIX says again what was taken back: elsewhere it is enough to be gone
  const gone =
    asked.format === "stix.json"
      ? await listing.state.act((tx) => tx.out.recalledFrom(recipient.party, asked.query.kinds))
      : [];
  const plain = listAbout(listing, asked, changed);
  const about: ListAbout = {
    ...plain,
    ...(gone.length === 0 ? {} : { again: new Map(gone.map(({ id, at }) => [id, ` ${at}`])) }),
  };
  const decide = listDecider(listing, asked.query, recipient, now);
  const spool = new Spool();
  const rowsHash = createHash("sha256");
  const keys = new MemberKeys();
  let [count, unsaid, until] = [0, 0, (Math.floor(now / hour) + 1) * hour];
  let tlp: Tlp = "clear";
  const sources = new Set<string>();
  const licences = new Set<Licence>();
  await spool.write(format.head(about));

  /** Claims of one value, all of them. */
  const put = (claims: readonly ListedClaim[]): string => {
    for (const { liveUntil } of claims) if (liveUntil !== undefined && liveUntil < until) until = liveUntil;
    const decision = decide(claims);
    if (decision.kind !== "leaves") return "";
    const { row } = decision;
    const text = format.row(row, about);
    if (text === undefined) {
      unsaid++;
      return "";
    }
    keys.add(row.value.id);
    tlp = stricterTlp(tlp, row.note.tlp);
    licences.add(row.note.licence);
    for (const one of (row.value.sources ?? "").split("; ")) if (one !== "") sources.add(one);
    return `${count++ > 0 ? (format.between ?? "") : ""}${text}`;
  };
  await readGroups(listing.views, asked.query, now, async (groups) => {
    const text = groups.map(put).join("");
    rowsHash.update(text);
    await spool.write(text);
    return true;
  });
  for (const { id, kind, value, firstSeen, at, tlp: held } of gone) {
    const object = stixRevoked({ id, kind, value, firstSeen, recalledAt: at, tlp: held }, plain);
    const text = object === undefined ? "" : `,\n${JSON.stringify(object)}`;
    rowsHash.update(text);
    await spool.write(text);
  }
  await spool.write(
    format.foot({ count, unsaid, tlp, sources: [...sources].sort(), licences: [...licences].sort() }, about),
  );
  const { packed, contentHash } = await spool.end();
  return { packed, contentHash, rowsHash: rowsHash.digest("hex"), count, unsaid, until: until as Instant, keys };
};

export const listAbout = (listing: Listing, asked: Pick<ListAsked, "words">, changed: Instant): ListAbout => ({
  community: nameIn(listing.known().directory.community.names, "en"),
  name: asked.words,
  changed,
  portal: listing.portal,
  idOf: listing.idOf,
});

/** The claims of a query, grouped by value. `each` gets groups that are whole. */
export const readGroups = async (
  views: ListViews,
  query: ListQuery,
  now: Instant,
  each: (groups: readonly (readonly ListedClaim[])[]) => Promise<boolean>,
  from?: Parameters<ListViews["listClaims"]>[3],
): Promise<void> => {
  let open: ListedClaim[] = [];
  let going = true;
  await views.listClaims(
    query.kinds,
    now,
    async (rows) => {
      const groups: ListedClaim[][] = [];
      for (const row of rows) {
        if (open[0] !== undefined && open[0].id !== row.id) {
          groups.push(open);
          open = [];
        }
        open.push(row);
      }
      if (groups.length > 0) going = await each(groups);
      return going;
    },
    from,
  );
  if (going && open.length > 0) await each([open]);
};
