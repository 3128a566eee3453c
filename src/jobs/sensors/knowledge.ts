import { hash } from "node:crypto";
import { derive } from "#community/derive.ts";
import type { LedgerEntry } from "#community/ledger-entry.ts";
import type { Recipient } from "#community/recipient.ts";
import { release } from "#community/release.ts";
import type { Sensor } from "#community/sensor.ts";
import type { Instant } from "#core/instant.ts";
import type { Marking } from "#core/marking.ts";
import type { Exclusions } from "#intel/exclusions.ts";
import type { Known } from "#jobs/community/directory-memory.ts";
import { fieldKeyOf } from "#jobs/batches/field-hash.ts";
import { keptMembers, MemberKeys } from "#jobs/lists/members.ts";
import type { ListedClaim } from "#jobs/lists/out-port.ts";
import { Spool } from "#jobs/packed-text.ts";
import type { State, Tx } from "#jobs/ports.ts";
import { partyClass, recipientOf } from "#jobs/alerts/recipient-of.ts";
import { type ExclusionLists, listsFor, writeLists } from "./exclusions.ts";
import type { Knowledge, KnowledgeCursor, KnowledgeViews, KnownRow } from "./port.ts";
import { knowledgeVersion, type KnownValue, printKnowledgeLine } from "./wire.ts";

/** What knowledge is made from. */
export interface Giving {
  readonly state: State;
  readonly views: KnowledgeViews;
  readonly known: () => Known;
  readonly exclusions: () => Exclusions;
  /** Names what is excluded: the same name, the same exclusions. */
  readonly exclusionsNamed: () => string;
  /** The lists behind them; absent: sensors are not told what is harmless. */
  readonly exclusionLists?: () => ExclusionLists | undefined;
  readonly idOf: (kind: string, key: string) => string;
  /** Of the deployment: an organisation's key for hashed fields comes from it. */
  readonly secret: string;
}

/** An answer to a sensor, packed, so that a million values fit into memory. */
export interface GivenKnowledge {
  /** gzip in pieces, in order. */
  readonly packed: readonly Uint8Array[];
  readonly cursor: string;
  readonly full: boolean;
  /** Values that come or go. */
  readonly count: number;
}

/**
 * What one sensor may know, since it last asked or whole: everything in it went through `release` under the terms of its
 * organisation. What parties under the same terms may have is kept up by the change feed, in state, as rows that say from
 * which version until which they stood: so what changed between two answers is the exact difference of the two, and a claim
 * that may not leave changes no byte of either, the cursor among them. The ledger and the evidence have an entry for each
 * answer that says something.
 *
 * @param since the cursor the sensor has; one that is not known, or is of other terms, is answered whole
 * @returns undefined: the organisation is not in the directory
 */
export const giveKnowledge = async (
  giving: Giving,
  sensor: Sensor,
  since: string | undefined,
  now: Instant,
): Promise<GivenKnowledge | undefined> => {
  const recipient = recipientOf(giving.known(), sensor.organisation);
  if (recipient === undefined) return undefined;
  const of = hash("sha256", partyClass(recipient, now), "hex").slice(0, 32);
  const lists = listsFor(giving, recipient, now);
  const { from, standing, cursor } = await giving.state.act(async (tx) => {
    const found = since === undefined ? undefined : await tx.knowledge.cursor(since, of);
    const fresh = await bringUp(tx, giving, of, recipient, now);
    const named = Object.keys(lists.digests).length === 0 ? "" : ` ${JSON.stringify(lists.digests)}`;
    const name = giving.idOf("knowledge", `${sensor.organisation} ${of} ${fresh.sum} ${fresh.held}${named}`);
    const at = { version: fresh.version, place: fresh.place?.xid ?? "0", lists: lists.digests };
    await tx.knowledge.putCursor(name, of, at, now);
    return { from: found, standing: fresh, cursor: name };
  });
  const spool = new Spool(1);
  const policy = { hash: fieldKeyOf(giving.secret, sensor.organisation) };
  const { key, format, networks } = sensor;
  await spool.write(
    printKnowledgeLine({
      head: { version: knowledgeVersion, cursor, full: from === undefined, sensor: { key, format, networks }, policy },
    }),
  );
  const keys = new MemberKeys();
  let count = await writeLists(spool, lists, from?.lists ?? {});
  await giving.views.knowledgeRows(of, from?.version, standing.version, async (rows) => {
    let text = "";
    for (const { id, kind, value, until, gone } of rows) {
      if (gone) text += printKnowledgeLine({ drop: { kind, value } });
      else {
        keys.add(id);
        text += printKnowledgeLine({ add: { kind, value, ...(until === undefined ? {} : { until }) } });
      }
    }
    count += rows.length;
    await spool.write(text);
  });
  await spool.write(printKnowledgeLine({ end: { cursor, lines: count + 2 } }));
  const { packed, contentHash } = await spool.end();
  await giving.state.act(async (tx) => {
    await tx.sensors.pulled(sensor.id, cursor, now);
    if (count > 0) await enter(tx, sensor, { from, standing, contentHash, count, keys, of }, now);
  });
  return { packed, cursor, full: from === undefined, count };
};

interface Given {
  readonly from: KnowledgeCursor | undefined;
  readonly standing: Knowledge;
  readonly contentHash: string;
  readonly count: number;
  readonly keys: MemberKeys;
  readonly of: string;
}

/** What left, in the ledger and the evidence; which values, so that whoever takes one back knows that it was here. */
const enter = async (
  tx: Tx,
  sensor: Sensor,
  { from, standing, contentHash, count, keys, of }: Given,
  now: Instant,
): Promise<void> => {
  const name = `knowledge ${of}`;
  const before = await tx.out.version(name);
  const base = before === undefined ? undefined : await tx.out.baseOf(before.members);
  const members = keptMembers(keys.sorted(), base);
  await tx.out.putMembers(members, now);
  if (from === undefined)
    await tx.out.putVersion(name, { rowsHash: String(standing.sum), members: members.hash, changed: now });
  const query = `/api/v1/sensor/knowledge?sensor=${sensor.key}`;
  const entry: LedgerEntry = {
    ...{ party: sensor.organisation, query, after: from?.place ?? "0", upTo: standing.place?.xid ?? "0" },
    ...{ contentHash, count, at: now, members: members.hash },
  };
  await tx.ledger.write(entry);
  await tx.evidence.leaf({
    kind: "release",
    subject: `sensor ${sensor.key}`,
    at: now,
    data: { party: sensor.organisation, query, count, contentHash, members: members.hash, full: from === undefined },
  });
};

/** Changes read at once; a change is a batch of at most 40,000 rows. */
const changesAtOnce = 4;

/**
 * Brings knowledge up to now, inside the caller's transaction, one process at a time: from the change feed, or anew where that
 * is not enough (sources that began or ceased to speak, exclusions, changes that are no longer kept).
 */
const bringUp = async (tx: Tx, giving: Giving, of: string, recipient: Recipient, now: Instant): Promise<Knowledge> => {
  const before = await tx.knowledge.knowledge(of);
  const about = hash("sha256", `${await tx.knowledge.sourcesStand(now)} ${giving.exclusionsNamed()}`, "hex");
  const decide = knowledgeDecider(giving, recipient, now);
  const fresh =
    before.place === undefined || before.about !== about
      ? undefined
      : await fromChanges(tx, of, before, before.place, decide, now);
  const after = fresh ?? (await anew(tx, giving, of, before, decide, now));
  await tx.knowledge.saveKnowledge(of, { ...after, about }, now);
  return after;
};

type Decide = (claims: readonly ListedClaim[]) => KnownRow | undefined;

/** @returns undefined: what changed can no longer be told */
const fromChanges = async (
  tx: Tx,
  of: string,
  before: Knowledge,
  place: NonNullable<Knowledge["place"]>,
  decide: Decide,
  now: Instant,
): Promise<Knowledge | undefined> => {
  const version = before.version + 1;
  let [{ sum, held }, at, moved] = [before, place, false];
  const change = async (was: readonly KnownRow[], is: readonly KnownRow[]): Promise<void> => {
    const same = new Map(was.map((row) => [row.id, row.mark]));
    const come = is.filter((row) => same.get(row.id) !== row.mark);
    const stays = new Set(is.filter((row) => same.get(row.id) === row.mark).map(({ id }) => id));
    const gone = was.filter((row) => !stays.has(row.id));
    if (come.length + gone.length === 0) return;
    moved = true;
    for (const { mark } of come) sum += BigInt(mark);
    for (const { mark } of gone) sum -= BigInt(mark);
    held += come.length - gone.length;
    await tx.knowledge.change(
      of,
      version,
      gone.map(({ id }) => id),
      come,
    );
  };
  for (;;) {
    const news = await tx.intel.changes(at, changesAtOnce);
    if (news.lost) return undefined;
    if (news.ids.length > 0)
      await change(await tx.knowledge.held(of, news.ids), await decided(tx, news.ids, decide, now));
    at = news.cursor;
    if (!news.more) break;
  }
  const ended = await tx.knowledge.ended(of, now);
  if (ended.length > 0) {
    const ids = ended.map(({ id }) => id);
    await change(ended, await decided(tx, ids, decide, now));
  }
  return { version: moved ? version : before.version, sum, held, place: at, about: before.about };
};

const decided = async (tx: Tx, ids: readonly string[], decide: Decide, now: Instant): Promise<readonly KnownRow[]> =>
  [...Map.groupBy(await tx.knowledge.claims(ids, now), ({ id }) => id).values()].flatMap(
    (claims) => decide(claims) ?? [],
  );

const anew = async (
  tx: Tx,
  { views }: Giving,
  of: string,
  before: Knowledge,
  decide: Decide,
  now: Instant,
): Promise<Knowledge> => {
  const place = await tx.knowledge.floor();
  const version = before.version + 1;
  let open: ListedClaim[] = [];
  await tx.knowledge.stage([]);
  await views.knowledgeClaims(now, async (rows) => {
    const made: KnownRow[] = [];
    for (const row of rows) {
      if (open[0] !== undefined && open[0].id !== row.id) {
        made.push(...(asRow(open) ?? []));
        open = [];
      }
      open.push(row);
    }
    await tx.knowledge.stage(made);
  });
  await tx.knowledge.stage(asRow(open) ?? []);
  const { changed, sum, held } = await tx.knowledge.swap(of, version);
  return { version: changed > 0 ? version : before.version, sum, held, place, about: before.about };

  function asRow(claims: readonly ListedClaim[]): readonly KnownRow[] | undefined {
    const row = claims.length === 0 ? undefined : decide(claims);
    return row && [row];
  }
};

/**
 * Decides value after value what parties under the terms of `recipient` may look for. A claim that may not leave is as if it
 * were not there. Excluded values are not looked for; a value of the community's own is: whoever meets it is told of it by
 * the server as well.
 */
export const knowledgeDecider = (
  { exclusions, idOf }: Pick<Giving, "exclusions" | "idOf">,
  recipient: Recipient,
  now: Instant,
): Decide => {
  const excluded = exclusions();
  const mayGo = new Map<string, boolean>();
  /** Claims differ in few markings: each is asked about once. */
  const goes = (claim: ListedClaim): boolean => {
    const key = `${claim.tlp} ${claim.pap} ${claim.licence}`;
    let may = mayGo.get(key);
    if (may === undefined) {
      may = release({ marking: markingOf(claim), released: true, fields: {} }, recipient, policy(now, {})).ok;
      mayGo.set(key, may);
    }
    return may;
  };
  return (claims) => {
    const [one, ...others] = claims.filter(goes);
    if (one === undefined || excluded.excluded(one) !== undefined) return undefined;
    const marking = derive([markingOf(one), ...others.map(markingOf)]);
    if (!marking.ok) return undefined;
    const ends = [one, ...others].map(({ liveUntil }) => liveUntil);
    const until = ends.some((end) => end === undefined)
      ? undefined
      : (Math.max(...ends.map((end) => end ?? 0)) as Instant);
    const { id, kind, value } = one;
    const fields: KnownValue = { kind, value, ...(until === undefined ? {} : { until }) };
    const outcome = release(
      { marking: marking.value, released: true, fields },
      recipient,
      policy(now, { kind: "must", value: kind === "email" ? "personal" : "must", until: "may" } as const),
    );
    if (!outcome.ok || !Object.hasOwn(outcome.released.value, "value")) return undefined;
    const mark = Number.parseInt(
      idOf("known", `${kind} ${value} ${until ?? ""}`)
        .replaceAll("-", "")
        .slice(0, 13),
      16,
    );
    return { id, ...fields, mark };
  };
};

const policy = <R>(now: Instant, fields: R) => ({
  ...{ now, purpose: "detection" as const, fields, local: {}, anonymous: "" },
});

const markingOf = ({ tlp, pap, licence }: ListedClaim): Marking => ({ tlp, pap, licence });
