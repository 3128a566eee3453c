import { day, type Instant, after } from "#core/instant.ts";
import { type Grade, printGrade } from "#core/grade.ts";
import type { Problem } from "#core/result.ts";
import type { Feed, RawIndicator } from "#feeds/feed.ts";
import { guard } from "#feeds/guard.ts";
import { type Counts, type PartReading, type ReadPolicy, readParts } from "#feeds/read.ts";
import { indicatorDigest, uuidOf } from "#intel/indicator.ts";
import { bothClaims } from "#intel/both-claims.ts";
import { contentHash, ListDiff, rowBytes } from "#intel/list-diff.ts";
import type { ClaimRow, FeedState, RejectedRow, RememberedList, Turn, TurnNext } from "#intel/ports.ts";
import type { State } from "#jobs/ports.ts";

/** What one turn needs beside the body. */
export interface Collecting {
  readonly state: State;
  /** Of the deployment: makes indicator ids opaque. */
  readonly secret: string;
  readonly policy: ReadPolicy;
  /** A feed met for the first time starts in shadow unless the configuration trusts it. */
  readonly shadow: boolean;
  readonly now: Instant;
  /** Milliseconds on a clock that only goes forward, for `tookMs`. */
  readonly elapsed: () => number;
  /** A person released a held body: its volume is not compared with the past. */
  readonly acceptHeld?: boolean;
}

/** Rows merged in one transaction: about a second of work, so that an operator's query never waits longer. */
const batchRows = 40_000;
/** Rejected rows kept with their reason, a turn. */
const keptRejects = 200;

/**
 * One turn of a feed whose body is here: read, compare with the lists' own past, guard, and merge what is new or changed.
 * Not one transaction but many, each of at most a second: a list is remembered in the transaction that merges its last
 * row, so that a turn cut short is simply done again. Two turns of one feed never run at once.
 *
 * The body is read twice: once to count and compare (nothing is published before the guard has seen the whole), once to
 * merge the rows that changed. An unchanged body is read once and writes one row.
 *
 * @returns the turn; undefined when another process is at this feed
 */
export const collect = async (
  collecting: Collecting,
  feed: Feed,
  body: Uint8Array,
  file: string,
  next: TurnNext & { readonly archive?: string } = {},
): Promise<Turn | undefined> =>
  collecting.state.alone(`feed:${feed.id}`, async () => {
    const began = collecting.elapsed();
    const past = await collecting.state.act((tx) => tx.intel.feed(feed, collecting.shadow));
    const read = await compare(collecting, feed, body, file);
    const verdict = guard(
      read.counts,
      collecting.acceptHeld || past.accepted === undefined ? undefined : { accepted: knownOf(past, read) },
    );
    const delta = { added: 0, changed: 0, delisted: 0 };
    if (verdict.verdict === "accept") {
      if (read.added + read.changed > 0) await merge(collecting, feed, body, file, read);
      delta.delisted = await delist(collecting, feed, read);
      delta.added = read.added;
      delta.changed = read.changed;
    }
    const reason = verdict.verdict === "accept" ? undefined : verdict.reason;
    const turn: Turn = {
      feed: feed.id,
      at: collecting.now,
      state: verdict.verdict === "accept" ? "healthy" : verdict.verdict === "hold" ? "held" : "quarantined",
      ...(reason ? { reason } : {}),
      file,
      bytes: body.byteLength,
      rows: read.counts.rows,
      accepted: read.counts.accepted,
      rejected: read.counts.rejected,
      ...delta,
      tookMs: Math.round(collecting.elapsed() - began),
      ...(next.archive === undefined ? {} : { archive: next.archive }),
    };
    await collecting.state.act((tx) => tx.intel.turn(turn, read.rejects, next));
    return turn;
  });

/** A turn that brought no body: the network, or the server's answer. Earlier knowledge stays. */
export const failedTurn = async (
  state: State,
  feed: Feed,
  why: Problem,
  now: Instant,
  next: TurnNext,
): Promise<Turn> => {
  const turn: Turn = {
    ...{ feed: feed.id, at: now, state: "failing", reason: why, file: feed.url ?? "", bytes: 0, rows: 0, accepted: 0 },
    ...{ rejected: {}, added: 0, changed: 0, delisted: 0, tookMs: 0 },
  };
  await state.act((tx) => tx.intel.turn(turn, [], next));
  return turn;
};

/** The server says nothing changed: the list was seen again, whole. */
export const unchangedTurn = async (
  state: State,
  feed: Feed,
  past: FeedState,
  now: Instant,
  next: TurnNext,
): Promise<Turn> => {
  const turn: Turn = {
    ...{
      feed: feed.id,
      at: now,
      state: "healthy",
      file: feed.url ?? "",
      bytes: 0,
      rows: 0,
      accepted: past.accepted ?? 0,
    },
    ...{ rejected: {}, added: 0, changed: 0, delisted: 0, tookMs: 0 },
  };
  await state.act((tx) => tx.intel.turn(turn, [], next));
  return turn;
};

interface ComparedPart {
  readonly diff: ListDiff;
  /** By place in the part's indicators: 1 when new or changed. */
  readonly marks: Uint8Array;
  /** The list is as it was, in content: neither merged nor remembered again. */
  readonly same: boolean;
  /** Rows of the past are not in the list any more. */
  readonly lost: boolean;
}

interface Compared {
  readonly parts: ReadonlyMap<string, ComparedPart>;
  readonly counts: Counts & { readonly bad?: Problem };
  readonly rejects: readonly RejectedRow[];
  readonly added: number;
  readonly changed: number;
  /** Rows these lists held before. */
  readonly past: number;
}

/** Past of the lists that came, where the feed comes in pieces; of the whole feed otherwise. */
const knownOf = (past: FeedState, read: Compared): number => (read.parts.size > 0 ? read.past : (past.accepted ?? 0));

const add = (into: Record<string, number>, from: Readonly<Record<string, number>>): void => {
  for (const [code, count] of Object.entries(from)) into[code] = (into[code] ?? 0) + count;
};

/** What the claim says, as text: a changed row is one whose text changed. */
const said = (raw: RawIndicator): number =>
  contentHash(
    `${raw.labels.join("\u0001")}\u0002${raw.seenAt ?? ""}\u0002${raw.grade ? printGrade(raw.grade) : ""}\u0002${raw.tlp ?? ""}\u0002${raw.flags?.join(",") ?? ""}`,
  );

const compare = async (collecting: Collecting, feed: Feed, body: Uint8Array, file: string): Promise<Compared> => {
  const parts = new Map<string, ComparedPart>();
  const counts = { rows: 0, accepted: 0, duplicates: 0, rejected: {}, skipped: {}, notes: {}, kinds: {} };
  const rejects: RejectedRow[] = [];
  let [added, changed, past] = [0, 0, 0];
  let bad: Problem | undefined;
  const lists = await collecting.state.act((tx) => tx.intel.lists(feed.id));
  for (const part of readParts(feed, body, file, collecting.policy)) {
    bad ??= part.bad;
    counts.rows += part.rows;
    counts.accepted += part.accepted;
    counts.duplicates += part.duplicates;
    add(counts.rejected, part.rejected);
    for (const why of part.problems)
      if (rejects.length < keptRejects) rejects.push({ part: part.name, row: rowOf(why), problem: why });
    if (part.bad) continue;
    const before = lists.get(part.name) ?? nothing;
    const diff = new ListDiff(before);
    past += before.byteLength / rowBytes;
    const marks = new Uint8Array(part.indicators.length);
    let [fresh, moved] = [0, 0];
    part.indicators.forEach((raw, place) => {
      const how = diff.see(indicatorDigest(collecting.secret, raw.observable), said(raw));
      if (how === "new") fresh++;
      else if (how === "changed") moved++;
      if (how === "new" || how === "changed") marks[place] = 1;
    });
    added += fresh;
    changed += moved;
    const lost = (diff.size - fresh) * rowBytes < before.byteLength;
    parts.set(part.name, { diff, marks, same: fresh === 0 && moved === 0 && !lost, lost });
  }
  return { parts, counts: { ...counts, ...(bad ? { bad } : {}) }, rejects, added, changed, past };
};

const nothing = new Uint8Array(0);

const rowOf = (why: Problem): number => Number(/^row (\d+)/.exec(why.at ?? "")?.[1] ?? 0);

const merge = async (
  collecting: Collecting,
  feed: Feed,
  body: Uint8Array,
  file: string,
  read: Compared,
): Promise<void> => {
  let rows = new Map<string, ClaimRow>();
  let lists: RememberedList[] = [];
  // one batch is with the database while the next is read: two cores, and still one writer
  let underWay: Promise<void> = Promise.resolve();
  const flush = async (): Promise<void> => {
    const [some, whole] = [[...rows.values()], lists];
    [rows, lists] = [new Map(), []];
    await underWay;
    underWay = collecting.state.act(async (tx) => {
      await tx.intel.merge(feed.id, some, collecting.now);
      for (const list of whole) await tx.intel.rememberList(feed.id, list);
    });
    underWay.catch(() => {}); // awaited by the next flush, or at the end
  };
  for (const part of readParts(feed, body, file, collecting.policy)) {
    const compared = read.parts.get(part.name);
    if (compared === undefined || compared.same) continue;
    for (const [place, raw] of part.indicators.entries()) {
      if (compared.marks[place] !== 1) continue;
      const row = claimRow(collecting, feed, part, raw);
      const twin = rows.get(row.id);
      rows.set(row.id, twin ? bothClaims(twin, row) : row);
      if (rows.size >= batchRows) await flush();
    }
    // a list that lost rows is remembered when they are delisted, and not before: a turn cut short between the two would
    // never hear of them again
    if (!compared.lost) lists.push({ part: part.name, items: compared.diff.items() });
  }
  await flush();
  await underWay;
};

const claimRow = (collecting: Collecting, feed: Feed, part: PartReading, raw: RawIndicator): ClaimRow => ({
  id: uuidOf(indicatorDigest(collecting.secret, raw.observable)),
  observable: raw.observable,
  parts: [part.name],
  seenAt: raw.seenAt ?? collecting.now,
  ...(raw.seenAt === undefined ? {} : { liveUntil: after(raw.seenAt, feed.liveDays * day) }),
  grade: raw.grade ? gradeOf(raw.grade, feed.grade) : feed.grade,
  labels: raw.labels,
  flags: raw.flags ?? [],
  tlp: raw.tlp ?? feed.tlp,
  pap: feed.pap,
  licence: feed.licence,
});

/** A row that grades only its statement keeps the letter of its source. */
const gradeOf = (row: Grade, feed: Grade): Grade =>
  row.source === "F" ? { source: feed.source, statement: row.statement } : row;

const delist = async (collecting: Collecting, feed: Feed, read: Compared): Promise<number> => {
  let gone = 0;
  for (const [part, { diff, lost }] of read.parts) {
    if (!lost) continue;
    const ids = [...diff.gone()].map(uuidOf);
    for (let at = 0; at < ids.length; at += batchRows)
      gone += await collecting.state.act(async (tx) => {
        const ended = await tx.intel.delist(feed.id, part, ids.slice(at, at + batchRows), collecting.now);
        if (at + batchRows >= ids.length) await tx.intel.rememberList(feed.id, { part, items: diff.items() });
        return ended;
      });
  }
  return gone;
};

/** For messages: "abusech-feodo: 412 rows, 400 accepted, 12 rejected; 3 new, 1 changed, 0 delisted". */
export const printTurn = (turn: Turn): string =>
  `${turn.feed}: ${turn.state}, ${turn.rows} rows, ${turn.accepted} accepted, ${Object.values(turn.rejected).reduce((sum, n) => sum + n, 0)} rejected; ${turn.added} new, ${turn.changed} changed, ${turn.delisted} delisted${turn.reason ? ` (${turn.reason.message})` : ""}`;
