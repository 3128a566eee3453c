import { createHash } from "node:crypto";
import { canonicalJson } from "#core/canonical-json.ts";
import { day, type Instant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import { indicatorId } from "#intel/indicator.ts";
import type { ChangeCursor, IndicatorState, LiveClaim } from "#intel/ports.ts";
import { huntPage, type HuntedRecord, type Quarry, quarryBeside, seenOf } from "#jobs/hunt-past.ts";
import { claimMatches } from "#jobs/findings/matches.ts";
import type { Matching } from "#jobs/batches/match-telemetry.ts";
import type { Past, RecordPlace, SeenValues } from "./past.ts";
import type { Tx } from "#jobs/ports.ts";
import { recordBack } from "./record-back.ts";
import type { ClaimedHit } from "#jobs/findings/record-hits.ts";

/** Join (a) the other way in time: what is listed now × what was seen before. */
export interface Hunting extends Omit<Matching, "threads"> {
  readonly past: Past;
}

/** Records read in one turn: some milliseconds of this thread at a time, and one short transaction. */
export const recordsAtOnce = 250;
/** Indicators looked at before others have their turn. */
const claimsAtOnce = 500;
/** As far back as anything is kept, and a day ahead for clocks that are wrong. */
const aheadMs = day;

/** Name of this reader of the change feed. */
export const huntReader = "hunt";

/**
 * Where hunting stands. A change that is under way keeps the batch up to which history must have everything, for what
 * was matched before the change was known may be on its way there; and the page it is at.
 */
interface HuntCursor {
  readonly from?: ChangeCursor;
  readonly upTo?: number;
  readonly after?: RecordPlace;
}

export interface Hunted {
  /** "waiting": history has not all yet of what was matched before the change. */
  readonly kind: "hunted" | "waiting";
  readonly indicators: number;
  readonly records: number;
  readonly hits: number;
  readonly opened: number;
  /** There may be more at once. */
  readonly more: boolean;
}

/**
 * One turn: the oldest change of intel that was not hunted yet, or its next page. What is alive now and may alert is
 * looked for in all that is kept; what is found goes the way of a live match (claims in force, exclusions, direction,
 * ids of hits), with the time it was seen. So what live matching has told already is not told again, and a process that
 * dies goes on, or does a page again, to the same end.
 *
 * History is asked outside of any transaction: an open one would hold up every reader of the change feed.
 *
 * @returns undefined when nothing changed, or another process hunts
 */
export const huntChanges = (hunting: Hunting): Promise<Hunted | undefined> =>
  hunting.state.alone("hunt", () => turn(hunting));

/** A change that this process is at: what it wants is worked out once, and not for every page. */
interface Underway {
  /** The cursor as it must stand for this to go on. */
  at: string;
  readonly next: { readonly cursor: ChangeCursor; readonly more: boolean };
  readonly worth: Worth;
  readonly quarry: Quarry;
  readonly seen: SeenValues;
}

const underway = new WeakMap<Hunting, Underway>();

const turn = async (hunting: Hunting): Promise<Hunted | undefined> => {
  const { state } = hunting;
  const now = hunting.now();
  const before = underway.get(hunting);
  const news = await state.act(async (tx) => {
    const kept = await tx.queue.cursor(huntReader);
    if (kept === "held") return undefined;
    const cursor = (kept ?? {}) as HuntCursor;
    if (before !== undefined && before.at === canonicalJson(kept))
      return { cursor, upTo: cursor.upTo ?? 0, changes: before.next, ready: true, worth: before.worth };
    const changes = await tx.intel.changes(cursor.from, 1);
    if (changes.ids.length === 0) {
      // from the first turn on nothing is let go of that is not hunted
      if (kept === undefined) await tx.queue.moveCursor(huntReader, { from: changes.cursor } satisfies HuntCursor);
      return undefined;
    }
    const upTo = cursor.upTo ?? (await tx.hunts.newestBatch());
    if (upTo === 0) {
      // nothing was ever seen: what comes from now on is matched with what changed
      await tx.queue.moveCursor(huntReader, { from: changes.cursor } satisfies HuntCursor);
      return { more: changes.more };
    }
    if (cursor.upTo === undefined)
      await tx.queue.moveCursor(huntReader, { ...cursor, from: cursor.from ?? start, upTo });
    const ready = await tx.hunts.keptTo(upTo);
    const worth = ready ? await worthHunting(tx, hunting, changes.ids, now) : nothingWorth;
    return { cursor, upTo, changes: { cursor: changes.cursor, more: changes.more }, ready, worth };
  });
  underway.delete(hunting);
  if (news === undefined) return undefined;
  if ("more" in news) return { kind: "hunted", indicators: 0, records: 0, hits: 0, opened: 0, more: news.more };
  const { cursor, upTo, changes, worth } = news;
  const count = { indicators: worth.wanted.length, records: 0, hits: 0, opened: 0 };
  if (!news.ready) return { kind: "waiting", ...count, more: false };

  const ground = { scope: "all", from: 0 as Instant, to: (now + aheadMs) as Instant, pace: "behind" } as const;
  const quarry =
    before?.worth === worth
      ? before.quarry
      : await quarryBeside(
          worth.wanted.map((one) => one.observable),
          hunting.secret,
        );
  const seen = before?.worth === worth ? before.seen : await seenOf(hunting.past, quarry, ground);
  const ownOf = (sensor: string): readonly string[] => hunting.directory.known.sensor(sensor)?.networks ?? [];
  const page = await huntPage(hunting.past, quarry, seen, ground, cursor.after, recordsAtOnce, ownOf);
  const next: HuntCursor =
    page.place === undefined ? { from: changes.cursor } : { from: cursor.from ?? start, upTo, after: page.place };
  const recorded = await state.act(async (tx) => {
    // a hit is known by its line: of what is kept without it nobody can tell whether it was told
    const whole = page.records.filter((one) => one.whole);
    const told = await recordPage(tx, hunting, whole, now);
    const said = new Map<string, string | undefined>(worth.dead.map((id) => [id, undefined]));
    // what is not through yet would be passed over when its next page is due
    if (page.place === undefined) {
      for (const id of told.indicators) worth.told.add(id);
      for (const id of worth.told) if (worth.said.has(id)) said.set(id, worth.said.get(id));
    }
    await tx.hunts.keepHuntedAs(said);
    await tx.queue.moveCursor(huntReader, next);
    return told;
  });
  if (page.place !== undefined) underway.set(hunting, { at: canonicalJson(next), next: changes, worth, quarry, seen });
  return {
    ...{ kind: "hunted", indicators: worth.wanted.length, records: page.read, hits: recorded.fresh },
    opened: recorded.opened,
    more: page.place !== undefined || changes.more,
  };
};

const start: ChangeCursor = { xid: "0", seq: 0 };

/** What a change gives to hunt for. */
interface Worth {
  readonly wanted: readonly IndicatorState[];
  readonly dead: readonly string[];
  readonly said: ReadonlyMap<string, string>;
  /** Ids of those that were found so far. */
  readonly told: Set<string>;
}

const nothingWorth: Worth = { wanted: [], dead: [], said: new Map(), told: new Set() };

/**
 * Of what changed, what lives, may alert and is not excluded; but not what was hunted while the same was said of it and
 * lived on: since then live matching has seen to it.
 */
const worthHunting = async (tx: Tx, hunting: Hunting, ids: readonly string[], now: Instant): Promise<Worth> => {
  const out = (one: IndicatorState): boolean => hunting.exclusions?.().excluded(one.observable) !== undefined;
  const alive: IndicatorState[] = [];
  const dead: string[] = [];
  const said = new Map<string, string>();
  for (let at = 0; at < ids.length; at += claimsAtOnce) {
    const all = await tx.intel.indicators(ids.slice(at, at + claimsAtOnce), now);
    const some = all.filter((one) => one.live && !out(one));
    const claims = await tx.intel.liveClaims(
      some.map(({ id }) => id),
      now,
    );
    for (const [id, each] of Map.groupBy(claims, (one) => one.indicator))
      if (each.some((claim) => claim.voice === "alert")) said.set(id, sayingOf(each));
    alive.push(...some);
    dead.push(...all.flatMap((one) => (said.has(one.id) ? [] : one.id)));
  }
  const before = await tx.hunts.huntedAs([...said.keys()]);
  return {
    wanted: alive.filter(({ id }) => said.has(id) && before.get(id) !== said.get(id)),
    ...{ dead, said, told: new Set() },
  };
};

/** What decides over a hit of these claims, but for their age: two that say the same make the same hits. */
const sayingOf = (claims: readonly LiveClaim[]): string =>
  createHash("sha256")
    .update(
      JSON.stringify(
        claims
          .map(({ feed, voice, shadow, tlp, grade, labels }) => ({ feed, voice, shadow, tlp, grade, labels }))
          .toSorted((a, b) => (a.feed < b.feed ? -1 : 1)),
      ),
    )
    .digest("base64");

interface RecordedPage {
  readonly fresh: number;
  readonly opened: number;
  /** Ids of the indicators that matched. */
  readonly indicators: ReadonlySet<string>;
}

/** Matches of the past become hits as live ones do, all of a page in one act. */
const recordPage = async (
  tx: Tx,
  hunting: Hunting,
  records: readonly HuntedRecord[],
  now: Instant,
): Promise<RecordedPage> => {
  const { known } = hunting.directory;
  const idOf = (one: HuntedRecord["matches"][number]): string => indicatorId(hunting.secret, one.indicator);
  const indicators = new Set(records.flatMap((one) => one.matches.map(idOf)));
  const claims = Map.groupBy(await tx.intel.liveClaims([...indicators], now), (claim) => claim.indicator);
  const asked = {
    intel: { liveClaims: async (ids: readonly string[]) => ids.flatMap((id) => claims.get(id) ?? []) },
  };
  const numberOf = (batch: string): number => Number(batch.slice(batch.lastIndexOf("/") + 1));
  const keys = await tx.hunts.batchKeys([...new Set(records.map((one) => numberOf(one.batch)))]);
  const claimed: ClaimedHit[] = [];
  for (const [batch, some] of Map.groupBy(records, (one) => one.batch)) {
    const [first] = some;
    const organisation = first?.organisation as OrganisationId;
    // what was seen belongs to whom it was seen for; who is no member any more is told nothing
    if (first === undefined || known.organisation(organisation) === undefined) continue;
    const sensor = { id: first.sensor, key: known.sensor(first.sensor)?.key ?? first.sensor, organisation };
    const key = keys.get(numberOf(batch)) ?? batch;
    const matches = some.flatMap((one) => one.matches);
    const made = await claimMatches(
      asked,
      hunting,
      sensor as Parameters<typeof claimMatches>[2],
      { key },
      matches,
      now,
    );
    claimed.push(...made.claimed);
  }
  if (claimed.length === 0) return { fresh: 0, opened: 0, indicators };
  const back = new Set(claimed.map(({ hit }) => hit.id));
  const recorded = await recordBack(tx, claimed, back, undefined, hunting.community, now);
  return { fresh: recorded.fresh, opened: recorded.opened.length, indicators };
};
