import { after, type Instant, minute } from "#core/instant.ts";
import { type Problem, problem, WaglanError } from "#core/result.ts";
import type { Feed } from "#feeds/feed.ts";
import { limits } from "#feeds/limits.ts";
import type { ReadPolicy } from "#feeds/read.ts";
import type { FeedState, Turn, TurnNext } from "#intel/ports.ts";
import { collect, failedTurn, unchangedTurn } from "#jobs/collect.ts";
import type { State } from "#jobs/ports.ts";

/** Where a feed's body comes from. */
export interface Source {
  readonly feed: Feed;
  /** Fetched by egress. */
  readonly url?: string;
  /** Read from a folder of this machine. */
  readonly path?: string;
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
    request: { purpose: string; etag?: string; lastModified?: string; maxBytes: number; deadlineMs: number },
  ) => Promise<Fetched>;
  readonly read: (path: string) => Promise<Uint8Array>;
  /** Keeps the raw body as it came; returns the name it is found by. */
  readonly archive: (feed: string, at: Instant, body: Uint8Array) => Promise<string>;
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
}

/** Milliseconds a publisher may take for everything. */
const deadlineMs = 120_000;
/** Doublings of the interval after failures; 2⁵ turns a quarter-hourly feed into one try in eight hours. */
const doublingsAtMost = 5;

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
  const got = await bodyOf(collecting, source, past, options.acceptHeld === true);
  if (got.kind === "failed") return failedTurn(state, feed, got.problem, now, next(past.failures + 1));
  const seen: TurnNext = {
    ...next(0),
    ...(got.etag === undefined ? {} : { etag: got.etag }),
    ...(got.lastModified === undefined ? {} : { lastModified: got.lastModified }),
  };
  if (got.kind === "unchanged") return unchangedTurn(state, feed, past, now, seen);
  const archive = await fetching.archive(feed.id, now, got.body);
  return collect(
    {
      ...{
        state,
        secret: collecting.secret,
        policy: collecting.policy(now),
        shadow: !source.trusted,
        now,
        elapsed: collecting.elapsed,
      },
      ...(options.acceptHeld === undefined ? {} : { acceptHeld: options.acceptHeld }),
    },
    feed,
    got.body,
    got.file,
    { ...seen, archive },
  );
};

type Got =
  | {
      readonly kind: "body";
      readonly body: Uint8Array;
      readonly file: string;
      readonly etag?: string;
      readonly lastModified?: string;
    }
  | { readonly kind: "unchanged"; readonly etag?: string; readonly lastModified?: string }
  | { readonly kind: "failed"; readonly problem: Problem };

const bodyOf = async ({ fetching }: CollectingFeeds, source: Source, past: FeedState, whole: boolean): Promise<Got> => {
  const { feed } = source;
  try {
    if (source.path !== undefined) return { kind: "body", body: await fetching.read(source.path), file: source.path };
    if (source.url === undefined)
      return {
        kind: "failed",
        problem: problem("WGL_FEED_FILE", { path: "", feed: feed.id, reason: "it has no address" }),
      };
    const conditional = past.state === "healthy" && !whole;
    const answer = await fetching.get(source.url, {
      purpose: `feed:${feed.id}`,
      ...(conditional && past.etag !== undefined ? { etag: past.etag } : {}),
      ...(conditional && past.lastModified !== undefined ? { lastModified: past.lastModified } : {}),
      maxBytes: limits.downloadBytes,
      deadlineMs,
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
    if (answer.status !== 200)
      return { kind: "failed", problem: problem("WGL_FEED_ANSWER", { feed: feed.id, status: answer.status }) };
    return { kind: "body", body: answer.body, file: new URL(source.url).pathname, ...validators };
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
