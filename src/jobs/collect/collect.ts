import { day, type Instant, after } from "#core/instant.ts";
import { type Grade, printGrade } from "#core/grade.ts";
import type { Problem } from "#core/result.ts";
import type { Feed, Frame, RawIndicator, Resighted, Withdrawn } from "#feeds/feed.ts";
import { type Profile, Profiler } from "#feeds/profile.ts";
import { guard, guardLimits, newsLimits } from "#feeds/guard.ts";
import type { Counts, PartReading, ReadPolicy } from "#feeds/read.ts";
import { indicatorDigest, uuidOf } from "#intel/indicator.ts";
import { bothClaims } from "#intel/both-claims.ts";
import { contentHash, ListDiff, rowBytes } from "#intel/list-diff.ts";
import type { ClaimRow, FeedState, RejectedRow, RememberedList, Turn, TurnNext, WithdrawnClaim } from "#intel/ports.ts";
import { type AdvisoriesTaken, collectAdvisories } from "#jobs/advisories/collect.ts";
import { collectNames } from "#jobs/threat-names/collect.ts";
import type { State, Tx } from "#jobs/ports.ts";
import { queueTightened } from "#jobs/recall/queue.ts";
import { again } from "#jobs/findings/reweigh-queued.ts";
import { collectReports } from "./reports.ts";
import { type Pieces, pieceOf, readPieces } from "#jobs/pieces.ts";

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
  /** The body is all the feed has: lists that are not in it any more are over. False for single files given by hand. */
  readonly whole?: boolean;
  /** The body's rows are added to what their lists hold: nothing that is absent is delisted. */
  readonly add?: boolean;
  /** Runs in the transaction that writes the turn: what must be true of both or of neither. */
  readonly committing?: (tx: Tx, turn: Turn) => Promise<void>;
}

/** Rows merged in one transaction: about a second of work, so that an operator's query never waits longer. */
const batchRows = 40_000;
/**
 * Bytes of a body that is read once and stands in memory until it is merged: about a hundred megabytes of rows. A larger one is
 * read twice.
 */
const keptBytes = 12_582_912;
/** Rejected rows kept with their reason, a turn. */
const keptRejects = 200;

/**
 * One turn of a feed whose body is here: read, compare with the lists' own past, guard, and merge what is new or changed.
 * Not one transaction but many, each of at most a second: a list is remembered in the transaction that merges its last
 * row, so that a turn cut short is simply done again. Two turns of one feed never run at once.
 *
 * A large body is read twice: once to count and compare (nothing is published before the guard has seen the whole), once to
 * merge the rows that changed; a small one stays in memory between the two. An unchanged body is read once and writes one row.
 * A body in pieces is read piece by piece.
 *
 * Of a feed that gives news every row is merged, absence says nothing, and only what its author takes back ends.
 *
 * @returns the turn; undefined when another process is at this feed
 */
export const collect = async (
  collecting: Collecting,
  feed: Feed,
  body: Uint8Array | Pieces,
  file: string,
  next: TurnNext & { readonly archive?: string } = {},
): Promise<Turn | undefined> =>
  collecting.state.alone(`feed:${feed.id}`, async () => {
    const began = collecting.elapsed();
    const past = await collecting.state.act((tx) => tx.intel.feed(feed, collecting.shadow));
    const pieces = body instanceof Uint8Array ? pieceOf(body, file) : body;
    const read = await compare(collecting, feed, pieces);
    const verdict = judge(collecting, feed, past, read);
    const delta = { added: 0, changed: 0, delisted: 0 };
    if (verdict.verdict === "accept") {
      await collecting.state.act((tx) => tx.intel.heard(feed.id, collecting.now));
      delta.added = read.added;
      delta.changed = read.changed;
      if (read.news) Object.assign(delta, await mergeNews(collecting, feed, pieces, read));
      else if (read.added + read.changed > 0 || read.statements + read.advised > 0)
        count(delta, await merge(collecting, feed, pieces, read));
      // before the lists' own differences: what its author takes back is more than not listed any more
      delta.delisted += await withdraw(collecting, feed, read.withdrawn);
      delta.delisted += await delist(collecting, feed, read);
    }
    const reason = verdict.verdict === "accept" ? undefined : verdict.reason;
    const looks = read.profile === undefined ? {} : { profile: read.profile };
    const turn: Turn = {
      feed: feed.id,
      at: collecting.now,
      state: verdict.verdict === "accept" ? "healthy" : verdict.verdict === "hold" ? "held" : "quarantined",
      ...(reason ? { reason } : {}),
      file,
      bytes: pieces.bytes,
      rows: read.counts.rows,
      accepted: read.counts.accepted,
      rejected: read.counts.rejected,
      ...delta,
      tookMs: Math.round(collecting.elapsed() - began),
      ...(next.archive === undefined ? {} : { archive: next.archive }),
    };
    return collecting.state.act(async (tx) => {
      const counted = { ...turn, expired: await tx.intel.expire(feed.id, collecting.now) };
      await tx.intel.turn(counted, read.rejects, { ...next, ...looks });
      await collecting.committing?.(tx, counted);
      return counted;
    });
  });

/** A turn that brought no body. */
const emptyTurn = (feed: Feed, at: Instant, state: Turn["state"], more: Partial<Turn>): Turn => ({
  ...{ feed: feed.id, at, state, file: feed.url ?? "", bytes: 0, rows: 0, accepted: 0 },
  ...{ rejected: {}, added: 0, changed: 0, delisted: 0, tookMs: 0 },
  ...more,
});

/** The network failed, or the server's answer. Earlier knowledge stays. */
export const failedTurn = async (
  state: State,
  feed: Feed,
  reason: Problem,
  now: Instant,
  next: TurnNext,
): Promise<Turn> => {
  const turn = emptyTurn(feed, now, "failing", { reason });
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
  const turn = emptyTurn(feed, now, "healthy", { accepted: past.accepted ?? 0 });
  return state.act(async (tx) => {
    const counted = { ...turn, expired: await tx.intel.expire(feed.id, now) };
    await tx.intel.turn(counted, [], next);
    return counted;
  });
};

/** A publisher asks us to come later: nothing was brought, nothing failed, and nothing was seen again. */
export const waitingTurn = async (
  state: State,
  feed: Feed,
  reason: Problem,
  now: Instant,
  next: TurnNext,
): Promise<Turn> => {
  const turn = emptyTurn(feed, now, "waiting", { reason });
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
  /** Rows these lists, and those that are over, held before. */
  readonly past: number;
  /** Reports, advisories and names. */
  readonly statements: number;
  /** Advisories and names these lists held before. */
  readonly advised: number;
  /** Absence says nothing. */
  readonly news: boolean;
  /** Lists the feed had and has no more, with what they held. */
  readonly over: ReadonlyMap<string, Uint8Array>;
  /** Values of lists that their author takes back. */
  readonly withdrawn: readonly Withdrawn[];
  /** What the feed's lists look like together; only of a body that is all of it. */
  readonly profile?: Profile;
  /** The lists themselves, of a body small enough. */
  readonly readings?: readonly PartReading[];
}

/** The lists once more, from memory or from the body. */
const readAgain = (
  collecting: Collecting,
  feed: Feed,
  pieces: Pieces,
  { readings }: Compared,
): Iterable<PartReading> | AsyncIterable<PartReading> => readings ?? readPieces(feed, pieces, collecting.policy);

/** Past of the lists that came, where the feed comes in pieces; of the whole feed otherwise. */
const knownOf = (past: FeedState, read: Compared): number => (read.parts.size > 0 ? read.past : (past.accepted ?? 0));

/** Whether the turn may alert anyone. News and additions have no past to be compared with: only their own rows speak. */
const judge = (collecting: Collecting, feed: Feed, past: FeedState, read: Compared): ReturnType<typeof guard> => {
  const alone = read.news || collecting.add === true;
  const limits = alone ? newsLimits(read.counts.rows) : guardLimits;
  const isFirst = alone || collecting.acceptHeld || past.accepted === undefined;
  const reading = { ...read.counts, ...(read.profile === undefined ? {} : { profile: read.profile }) };
  const known = { accepted: knownOf(past, read), ...(past.profile === undefined ? {} : { profile: past.profile }) };
  return guard(reading, isFirst ? undefined : known, limits);
};

const add = (into: Record<string, number>, from: Readonly<Record<string, number>>): void => {
  for (const [code, count] of Object.entries(from)) into[code] = (into[code] ?? 0) + count;
};

/** What the claim says, as text: a changed row is one whose text changed. */
const said = (raw: RawIndicator): number =>
  contentHash(
    `${raw.labels.join("\u0001")}\u0002${raw.seenAt ?? ""}\u0002${raw.grade ? printGrade(raw.grade) : ""}\u0002${raw.tlp ?? ""}\u0002${raw.flags?.join(",") ?? ""}\u0002${raw.validUntil ?? ""}`,
  );

const compare = async (collecting: Collecting, feed: Feed, pieces: Pieces): Promise<Compared> => {
  const parts = new Map<string, ComparedPart>();
  const withdrawn: Withdrawn[] = [];
  const counts = { rows: 0, accepted: 0, duplicates: 0, rejected: {}, skipped: {}, notes: {}, kinds: {} };
  const rejects: RejectedRow[] = [];
  let [added, changed, past, statements] = [0, 0, 0, 0];
  let bad: Problem | undefined;
  const readings: PartReading[] | undefined = pieces.bytes <= keptBytes ? [] : undefined;
  const news = feed.gives === "news";
  const profiler = news || collecting.add === true || collecting.whole !== true ? undefined : new Profiler();
  const told = news ? new Map<string, Uint8Array>() : await collecting.state.act((tx) => tx.advisories.lists(feed.id));
  const named = await collecting.state.act((tx) => tx.names.counts(feed.id));
  let advised = 0;
  const lists = news ? new Map<string, Uint8Array>() : await collecting.state.act((tx) => tx.intel.lists(feed.id));
  for await (const part of readPieces(feed, pieces, { ...collecting.policy, keepTexts: true })) {
    bad ??= part.bad;
    readings?.push(part);
    counts.rows += part.rows;
    counts.accepted += part.accepted;
    counts.duplicates += part.duplicates;
    add(counts.rejected, part.rejected);
    keepRejects(rejects, part);
    if (part.bad) continue;
    statements += part.reports.length + part.advisories.length + (part.names?.length ?? 0);
    if (news) continue;
    // of a list, whatever statement of it is meant: the list is one statement
    for (const { observable } of part.withdrawn ?? []) withdrawn.push({ observable });
    advised += (told.get(part.name)?.byteLength ?? 0) / rowBytes;
    for (const list of new Set(part.names?.map((one) => one.list))) advised += named.get(list) ?? 0;
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
      if (how !== "twice") profiler?.add(raw);
    });
    added += fresh;
    changed += moved;
    if (part.columns !== undefined) profiler?.columns(part.columns);
    const lost = collecting.add !== true && (diff.size - fresh) * rowBytes < before.byteLength;
    parts.set(part.name, { diff, marks, same: fresh === 0 && moved === 0 && !lost, lost });
  }
  const over = new Map<string, Uint8Array>();
  if (collecting.whole === true && collecting.add !== true && bad === undefined && parts.size > 0)
    for (const [part, items] of lists) if (!parts.has(part) && items.byteLength > 0) over.set(part, items);
  for (const items of over.values()) past += items.byteLength / rowBytes;
  past += advised;
  return {
    ...{ parts, counts: { ...counts, ...(bad ? { bad } : {}) }, rejects, added, changed, past, statements, news, over },
    ...{ advised, withdrawn },
    ...(readings === undefined ? {} : { readings }),
    ...(profiler === undefined ? {} : { profile: profiler.profile() }),
  };
};

/** Refused rows with their own text, where their reader gave it. */
const keepRejects = (rejects: RejectedRow[], part: PartReading): void => {
  const texts = new Map(part.texts?.map(({ place, text }) => [place, text]));
  for (const [place, why] of part.problems.entries()) {
    if (rejects.length >= keptRejects) return;
    const text = texts.get(place);
    rejects.push({
      part: part.name,
      row: rowOf(why),
      problem: why,
      ...(text === undefined ? {} : { text }),
      ...(text === undefined || part.frame === undefined ? {} : { frame: boundedFrame(part.frame) }),
    });
  }
};

/** Characters of a table's header kept with its refused rows. */
const frameAtMost = 4096;
const boundedFrame = ({ before, between, after: behind }: Frame): Frame => ({
  before: before.slice(0, frameAtMost),
  between,
  after: behind,
});

const nothing = new Uint8Array(0);

const rowOf = (why: Problem): number => Number(/^row (\d+)/.exec(why.at ?? "")?.[1] ?? 0);

const merge = async (collecting: Collecting, feed: Feed, pieces: Pieces, read: Compared): Promise<AdvisoriesTaken> => {
  const told = { added: 0, changed: 0, delisted: 0 };
  let rows = new Map<string, ClaimRow>();
  let lists: RememberedList[] = [];
  // one batch is with the database while the next is read: two cores, and still one writer
  let underWay: Promise<void> = Promise.resolve();
  const flush = async (): Promise<void> => {
    const [some, whole] = [[...rows.values()], lists];
    [rows, lists] = [new Map(), []];
    await underWay;
    underWay = collecting.state.act(async (tx) => {
      await queueTightened(tx, feed.id, some, collecting.now);
      await tx.intel.merge(feed.id, some, collecting.now);
      for (const list of whole) await tx.intel.rememberList(feed.id, list);
    });
    underWay.catch(() => {}); // awaited by the next flush, or at the end
  };
  for await (const part of readAgain(collecting, feed, pieces, read)) {
    // an act a list would be three thousand for an archive that has neither
    if (part.reports.length + part.advisories.length + (part.names?.length ?? 0) + read.advised > 0)
      count(told, await statementsOf(collecting, feed, part));
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
    if (!compared.lost)
      lists.push({ part: part.name, items: collecting.add ? compared.diff.union() : compared.diff.items() });
  }
  await flush();
  await underWay;
  return told;
};

const count = (into: { added: number; changed: number; delisted: number }, some: AdvisoriesTaken): void => {
  into.added += some.added;
  into.changed += some.changed;
  into.delisted += some.delisted;
};

/** What a list says beside indicators: reports about assets, advisories, names; what of them was new. */
const statementsOf = async (collecting: Collecting, feed: Feed, part: PartReading): Promise<AdvisoriesTaken> => {
  const { state, secret, now } = collecting;
  const reported =
    part.reports.length > 0 ? await collectReports({ state, secret, now }, feed, part.reports) : undefined;
  const taken = { added: 0, changed: 0, delisted: 0 };
  if (reported !== undefined)
    count(taken, { added: reported.added, changed: reported.reports - reported.added, delisted: 0 });
  count(taken, await collectAdvisories(collecting, feed, part));
  if (part.names !== undefined) count(taken, await collectNames(collecting, feed, part));
  return taken;
};

/**
 * News are merged as they come, every row of them: a row that was said before is a sighting and renews its claim. What
 * lists them is the statement's own id where it has one, so that withdrawing one leaves another's word in force.
 */
const mergeNews = async (
  collecting: Collecting,
  feed: Feed,
  pieces: Pieces,
  read: Compared,
): Promise<{ added: number; changed: number; delisted: number }> => {
  const delta = { added: 0, changed: 0, delisted: 0 };
  let rows = new Map<string, ClaimRow>();
  const flush = async (): Promise<void> => {
    const some = [...rows.values()];
    rows = new Map();
    if (some.length === 0) return;
    const fresh = await collecting.state.act(async (tx) => {
      await queueTightened(tx, feed.id, some, collecting.now);
      return tx.intel.merge(feed.id, some, collecting.now);
    });
    delta.added += fresh;
    delta.changed += some.length - fresh;
  };
  for await (const part of readAgain(collecting, feed, pieces, read)) {
    if (part.bad) continue;
    count(delta, await statementsOf(collecting, feed, part));
    for (const raw of part.indicators) {
      const row = claimRow(collecting, feed, part, raw);
      const twin = rows.get(row.id);
      rows.set(row.id, twin ? bothClaims(twin, row) : row);
      if (rows.size >= batchRows) await flush();
    }
    if (part.withdrawn === undefined && part.resighted === undefined) continue;
    // in the order of the pieces: what is said again after it was taken back is in force
    await flush();
    delta.delisted += await withdraw(collecting, feed, part.withdrawn ?? []);
    await resight(collecting, feed, part.resighted ?? []);
  }
  await flush();
  return delta;
};

const withdraw = async (collecting: Collecting, feed: Feed, gone: readonly Withdrawn[]): Promise<number> => {
  let ended = 0;
  for (let at = 0; at < gone.length; at += batchRows) {
    const rows = gone.slice(at, at + batchRows).map(
      ({ observable, by }): WithdrawnClaim => ({
        id: uuidOf(indicatorDigest(collecting.secret, observable)),
        ...(by === undefined ? {} : { part: by }),
      }),
    );
    ended += await collecting.state.act((tx) => takeBack(tx, feed, rows, collecting.now));
  }
  return ended;
};

/**
 * Claims that their author takes back end; in the same transaction it is queued that what rests on them is weighed again
 * and that who received them is told.
 */
const takeBack = async (tx: Tx, feed: Feed, rows: readonly WithdrawnClaim[], now: Instant): Promise<number> => {
  const indicators = await tx.intel.withdraw(feed.id, rows, now);
  if (indicators.length === 0) return 0;
  // a key of its own: what waits under another one is not forgotten
  const key = `withdrawn ${feed.id} ${contentHash(indicators.join())}`;
  await tx.queue.put("reweigh", key, { indicators }, now);
  await tx.queue.put("reweigh", `${key} again`, { indicators }, after(now, again));
  for (const indicator of indicators)
    await tx.queue.put("recall", `${indicator} ${feed.id}`, { indicator, feed: feed.id, why: "withdrawn" }, now);
  return indicators.length;
};

const resight = async (collecting: Collecting, feed: Feed, seen: readonly Resighted[]): Promise<void> => {
  for (let at = 0; at < seen.length; at += batchRows) {
    const rows = seen.slice(at, at + batchRows).map(({ by, seenAt }) => {
      // a clock ahead of ours renews nothing beyond now
      const time = seenAt > collecting.now ? collecting.now : seenAt;
      return { part: by, seenAt: time, liveUntil: after(time, feed.liveDays * day) };
    });
    await collecting.state.act((tx) => tx.intel.resight(feed.id, rows, collecting.now));
  }
};

const claimRow = (collecting: Collecting, feed: Feed, part: PartReading, raw: RawIndicator): ClaimRow => {
  const news = feed.gives === "news";
  const seenAt = raw.seenAt ?? collecting.now;
  // A list says "still" by listing; of news that nobody repeats the claim has to end by itself.
  const ends = raw.validUntil ?? (raw.seenAt !== undefined || news ? after(seenAt, feed.liveDays * day) : undefined);
  return {
    id: uuidOf(indicatorDigest(collecting.secret, raw.observable)),
    observable: raw.observable,
    parts: news ? (raw.by ?? [""]) : [part.name],
    seenAt,
    ...(ends === undefined ? {} : { liveUntil: ends }),
    grade: raw.grade ? gradeOf(raw.grade, feed.grade) : feed.grade,
    labels: raw.labels,
    flags: raw.flags ?? [],
    tlp: raw.tlp ?? feed.tlp,
    pap: feed.pap,
    licence: feed.licence,
  };
};

/** A row that grades only its statement keeps the letter of its source. */
const gradeOf = (row: Grade, feed: Grade): Grade =>
  row.source === "F" ? { source: feed.source, statement: row.statement } : row;

const delist = async (collecting: Collecting, feed: Feed, read: Compared): Promise<number> => {
  let gone = 0;
  const end = async (part: string, ids: readonly string[], items: Uint8Array): Promise<void> => {
    for (let at = 0; at < ids.length; at += batchRows)
      gone += await collecting.state.act(async (tx) => {
        const ended = await tx.intel.delist(feed.id, part, ids.slice(at, at + batchRows), collecting.now);
        if (at + batchRows >= ids.length) await tx.intel.rememberList(feed.id, { part, items });
        return ended;
      });
  };
  for (const [part, { diff, lost }] of read.parts)
    if (lost) await end(part, [...diff.gone()].map(uuidOf), diff.items());
  for (const [part, items] of read.over) await end(part, [...new ListDiff(items).gone()].map(uuidOf), nothing);
  return gone;
};

/** For messages: "abusech-feodo: 412 rows, 400 accepted, 12 rejected; 3 new, 1 changed, 0 delisted". */
export const printTurn = (turn: Turn): string =>
  `${turn.feed}: ${turn.state}, ${turn.rows} rows, ${turn.accepted} accepted, ${Object.values(turn.rejected).reduce((sum, n) => sum + n, 0)} rejected; ${turn.added} new, ${turn.changed} changed, ${turn.delisted} delisted, ${turn.expired ?? 0} expired${turn.reason ? ` (${turn.reason.message})` : ""}`;
