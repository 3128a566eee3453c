import { after, type Instant, minute } from "#core/instant.ts";
import { type Problem, problem, WaglanError } from "#core/result.ts";
import type { Feed } from "#feeds/feed.ts";
import { limits } from "#feeds/limits.ts";
import type { ReadPolicy } from "#feeds/read.ts";
import type { FeedState, Turn, TurnNext } from "#intel/ports.ts";
import { type Collecting, collect, failedTurn, unchangedTurn, waitingTurn } from "./collect.ts";
import type { State } from "#jobs/ports.ts";
import type { Archive } from "./archive.ts";
import { collectFolder, type Folder } from "./folder.ts";
import { halvesOf, keyedRequest } from "./feed-key.ts";
import { openBody } from "./intake.ts";
import { refusal, walkFeed, type WalkEnd, type WalkLimits, type Walking } from "./walk-feed.ts";

/** Where a feed's body comes from. */
export interface Source {
  readonly feed: Feed;
  /** Fetched by egress. A key's place in it is `{key}`. */
  readonly url?: string;
  /** Where the publisher pushes the same besides (jobs/collect/stream-feed.ts), and as whom we come. */
  readonly stream?: { readonly url: string; readonly login?: string };
  /** Read from a folder of this machine. */
  readonly path?: string;
  /** The operator's key, or the file it stands in; read each turn, so that a new one needs no restart. */
  readonly key?: string;
  readonly keyFile?: string;
  /** Days its raw bodies and refused rows are kept. */
  readonly keepDays?: number;
  /** Speaks from its first turn; otherwise a person lets it. */
  readonly trusted: boolean;
}

export interface Fetched {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly notModified: boolean;
}

/** The one way out, and the folder: what `main.ts` joins in. */
export interface Fetching {
  readonly get: (
    url: string,
    request: {
      readonly purpose: string;
      readonly etag?: string;
      readonly lastModified?: string;
      readonly maxBytes: number;
      readonly deadlineMs: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly secrets?: readonly string[];
    },
  ) => Promise<Fetched>;
  /** For walks that have to post their questions. */
  readonly post: Walking["post"];
  readonly read: (path: string) => Promise<Uint8Array>;
  readonly archive: Archive;
  /** For feeds whose bodies lie in a folder (mail). */
  readonly folder: Folder;
}

export interface CollectingFeeds {
  readonly state: State;
  readonly fetching: Fetching;
  readonly secret: string;
  readonly policy: (now: Instant) => ReadPolicy;
  readonly now: () => Instant;
  readonly elapsed: () => number;
  /** 0 to 1, for jitter: publishers are not all asked in the same second. */
  readonly random: () => number;
  /** What a turn of a walk may cost; absent: `walkLimits`. */
  readonly walkLimits?: WalkLimits;
}

/** Milliseconds a publisher may take for everything. */
const deadlineMs = 120_000;
/** Doublings of the interval after failures; 2⁵ turns a quarter-hourly feed into one try in eight hours. */
const doublingsAtMost = 5;
/** When there is more than a turn may take, the next one follows soon. */
const moreSoonMs = minute;

/** When to come again: the feed's own interval, a tenth of it as jitter, doubled for each failure in a row. */
export const nextTurn = (feed: Feed, failures: number, now: Instant, random: number): Instant => {
  const every = feed.everyMinutes * minute * 2 ** Math.min(failures, doublingsAtMost);
  return after(now, Math.round(every * (1 + 0.1 * random)));
};

/** One turn of one source: fetch (conditionally), keep the raw body, collect. */
export const collectFeed = async (
  collecting: CollectingFeeds,
  source: Source,
  options: { readonly acceptHeld?: boolean } = {},
): Promise<Turn | undefined> => {
  const { feed } = source;
  const { state, fetching } = collecting;
  const now = collecting.now();
  const past = await state.act((tx) => tx.intel.feed(feed, !source.trusted));
  const next = (failures: number): TurnNext => ({ nextTurn: nextTurn(feed, failures, now, collecting.random()) });
  const key = await keyOf(collecting, source);
  if (!key.ok) return failedTurn(state, feed, key.problem, now, next(past.failures + 1));
  const { walk } = feed;
  if (walk !== undefined && source.url !== undefined && source.path === undefined)
    // two processes may find it due at once; one of them speaks with the publisher
    return state.alone(`walk:${feed.id}`, () =>
      collectWalk(collecting, source, { ...feed, walk }, source.url ?? "", key.value, past, options),
    );
  const { path } = source;
  // what brings news may lie in many bodies, which other programs write: a client of a stream, a copy of somebody's storage
  const isFolder = path !== undefined && (feed.opens !== undefined || (feed.gives === "news" && /[\\/]$/.test(path)));
  if (path !== undefined && isFolder) {
    const turn = turnOf(collecting, source, now, options);
    return collectFolder({ state, ...fetching }, { feed, path }, past, next(0), turn);
  }
  const got = await bodyOf(collecting, source, key.value, past, options.acceptHeld === true);
  if (got.kind === "failed") return failedTurn(state, feed, got.problem, now, next(past.failures + 1));
  if (got.kind === "wait") return waitingTurn(state, feed, got.problem, now, { nextTurn: got.until });
  const seen: TurnNext = {
    ...next(0),
    ...(got.etag === undefined ? {} : { etag: got.etag }),
    ...(got.lastModified === undefined ? {} : { lastModified: got.lastModified }),
  };
  if (got.kind === "unchanged") return unchangedTurn(state, feed, past, now, seen);
  const archive = await fetching.archive.keep(feed.id, now, got.body);
  const { pieces, file } = await openBody(feed, got.body, got.file);
  return collect(turnOf(collecting, source, now, options), feed, pieces, file, { ...seen, archive });
};

/** What `collect` is told of a source whose whole body came. */
export const turnOf = (
  { state, secret, policy, elapsed }: CollectingFeeds,
  source: Source,
  now: Instant,
  options: { readonly acceptHeld?: boolean },
): Collecting => ({
  ...{ state, secret, policy: policy(now), shadow: !source.trusted, now, elapsed },
  whole: source.feed.gives !== "parts",
  ...(options.acceptHeld === undefined ? {} : { acceptHeld: options.acceptHeld }),
});

type Key =
  | { readonly ok: true; readonly value: string | undefined }
  | { readonly ok: false; readonly problem: Problem };

/** The operator's key as it is now, if the feed has one. */
export const keyOf = async ({ fetching }: CollectingFeeds, { feed, key, keyFile, path }: Source): Promise<Key> => {
  // what lies here already is shown to nobody's publisher
  if (path !== undefined) return { ok: true, value: undefined };
  let value = key;
  if (value === undefined && keyFile !== undefined)
    try {
      value = Buffer.from(await fetching.read(keyFile))
        .toString("utf8")
        .trim();
    } catch (error) {
      const reason = (error as NodeJS.ErrnoException).code;
      if (reason === undefined) throw error;
      return { ok: false, problem: problem("WGL_FEED_FILE", { path: keyFile, feed: feed.id, reason }) };
    }
  if (value !== undefined && !/^[\x21-\x7e](?:[\x20-\x7e]{0,2046}[\x21-\x7e])?$/.test(value))
    return { ok: false, problem: problem("WGL_FEED_KEY_SHAPE", { feed: feed.id }) };
  if (value !== undefined && feed.auth !== undefined && "signed" in feed.auth.by && halvesOf(value) === undefined)
    return { ok: false, problem: problem("WGL_FEED_KEY_PAIR", { feed: feed.id }) };
  if (value === undefined && feed.auth?.required)
    return { ok: false, problem: problem("WGL_FEED_KEY", { feed: feed.id }) };
  return { ok: true, value };
};

/** Where a walk stood, and of which address: another address is another conversation. */
interface KeptCursor {
  readonly url: string;
  readonly cursor: unknown;
}

const cursorFor = (past: FeedState, url: string): unknown => {
  const kept = past.cursor as KeptCursor | undefined;
  return kept?.url === url ? kept.cursor : undefined;
};

/**
 * A turn of a source that takes many requests. All bodies are fetched and kept first, and then read: nothing is
 * published before the guard has seen the whole, and the cursor is kept with what it covers. Of a feed that gives news or parts,
 * what came before the turn broke off is taken; of any other it is dropped, since half a list would delist its rest.
 */
const collectWalk = async (
  collecting: CollectingFeeds,
  source: Source,
  feed: Feed & Pick<Required<Feed>, "walk">,
  url: string,
  key: string | undefined,
  past: FeedState,
  options: { readonly acceptHeld?: boolean },
): Promise<Turn | undefined> => {
  const { state, fetching, now: clock, elapsed } = collecting;
  const now = clock();
  const kept = await fetching.archive.begin(feed.id, now);
  const start = { url, cursor: cursorFor(past, url), ...(key === undefined ? {} : { key }) };
  const bounds = collecting.walkLimits;
  const walking = {
    get: fetching.get,
    post: fetching.post,
    now: clock,
    elapsed,
    ...(bounds === undefined ? {} : { limits: bounds }),
  };
  let end: WalkEnd;
  try {
    end = await walkFeed(walking, feed, start, kept);
  } catch (error) {
    await kept.drop();
    throw error;
  }
  const usable = end.kind === "done" || feed.gives === "news" || feed.gives === "parts";
  const goesOn = end.cursor !== undefined && usable;
  const next: TurnNext = {
    ...(goesOn ? { cursor: { url, cursor: end.cursor } satisfies KeptCursor } : {}),
    nextTurn: comesAgain(collecting, feed, past, end, goesOn, now),
  };
  const file = pathOf(url);
  const turn = turnOf(collecting, source, now, options);
  let taken: Turn | undefined;
  if (usable && end.pieces > 0) {
    const archived = await kept.end();
    taken = await collect(turn, feed, archived.pieces, file, { ...next, archive: archived.name });
    // what was not taken is in the archive, and the cursor stands where it stood
    if (taken === undefined || taken.state !== "healthy") return taken;
  } else await kept.drop();
  if (end.kind === "wait") return taken ?? waitingTurn(state, feed, end.problem, now, next);
  if (end.kind === "failed" || (end.kind === "limit" && !goesOn))
    return failedTurn(state, feed, end.problem, now, next);
  return taken ?? unchangedTurn(state, feed, past, now, next);
};

const comesAgain = (
  collecting: CollectingFeeds,
  feed: Feed,
  past: FeedState,
  end: WalkEnd,
  goesOn: boolean,
  now: Instant,
): Instant => {
  if (end.kind === "wait") return end.until;
  if (end.kind === "limit" && goesOn) return after(now, moreSoonMs);
  return nextTurn(feed, end.kind === "done" ? 0 : past.failures + 1, now, collecting.random());
};

/** A body's name for people: never with a query, which may hold a key. */
const pathOf = (url: string): string => new URL(url).pathname.replaceAll(/%7Bkey%7D/gi, "{key}");

type Got =
  | {
      readonly kind: "body";
      readonly body: Uint8Array;
      readonly file: string;
      readonly etag?: string;
      readonly lastModified?: string;
    }
  | { readonly kind: "unchanged"; readonly etag?: string; readonly lastModified?: string }
  | { readonly kind: "wait"; readonly problem: Problem; readonly until: Instant }
  | { readonly kind: "failed"; readonly problem: Problem };

const bodyOf = async (
  { fetching, now }: CollectingFeeds,
  source: Source,
  key: string | undefined,
  past: FeedState,
  whole: boolean,
): Promise<Got> => {
  const { feed } = source;
  try {
    if (source.path !== undefined) return { kind: "body", body: await fetching.read(source.path), file: source.path };
    if (source.url === undefined)
      return {
        kind: "failed",
        problem: problem("WGL_FEED_FILE", { path: "", feed: feed.id, reason: "it has no address" }),
      };
    const conditional = past.state === "healthy" && !whole;
    const { url, headers, secrets } = keyedRequest(feed, source.url, source.url, key);
    const answer = await fetching.get(url, {
      purpose: `feed:${feed.id}`,
      ...(conditional && past.etag !== undefined ? { etag: past.etag } : {}),
      ...(conditional && past.lastModified !== undefined ? { lastModified: past.lastModified } : {}),
      maxBytes: limits.downloadBytes,
      deadlineMs,
      headers,
      secrets,
    });
    const [etag, lastModified] = [answer.headers["etag"], answer.headers["last-modified"]];
    const validators = {
      ...(etag === undefined ? {} : { etag }),
      ...(lastModified === undefined ? {} : { lastModified }),
    };
    if (answer.notModified)
      return {
        kind: "unchanged",
        ...(past.etag === undefined ? {} : { etag: past.etag }),
        ...(past.lastModified === undefined ? {} : { lastModified: past.lastModified }),
        ...validators,
      };
    if (answer.status !== 200) {
      const end = refusal(feed, answer.status, answer.headers, now());
      return end.kind === "wait" ? end : { kind: "failed", problem: end.problem };
    }
    return { kind: "body", body: answer.body, file: pathOf(source.url), ...validators };
  } catch (error) {
    if (error instanceof WaglanError) return { kind: "failed", problem: problem(error.code, error.with) };
    const reason = (error as NodeJS.ErrnoException).code;
    if (reason === undefined) throw error;
    return { kind: "failed", problem: problem("WGL_FEED_FILE", { path: source.path ?? "", feed: feed.id, reason }) };
  }
};

/** Sources whose turn has come. */
export const dueSources = async (
  state: State,
  sources: readonly Source[],
  now: Instant,
): Promise<readonly Source[]> => {
  const known = new Map((await state.act((tx) => tx.intel.feeds())).map((one) => [one.feed, one]));
  return sources.filter((source) => {
    if (source.url === undefined && source.path === undefined) return false;
    const past = known.get(source.feed.id);
    return past?.nextTurn === undefined || past.nextTurn <= now;
  });
};
