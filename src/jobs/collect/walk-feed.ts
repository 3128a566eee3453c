import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { after, day, type Instant } from "#core/instant.ts";
import { type Problem, problem, WaglanError } from "#core/result.ts";
import { BadBody } from "#feeds/bad-body.ts";
import type { Feed, WalkAnswer, WalkStep } from "#feeds/feed.ts";
import { limits } from "#feeds/limits.ts";
import type { ArchivingPieces } from "./archive.ts";
import { keyedRequest } from "./feed-key.ts";

/** What one turn of a walk may cost; beyond it the turn ends, and the next goes on where this one came to. */
export const walkLimits = {
  requests: 1000,
  /** Bytes of all answers, unpacked. */
  bytes: 1_073_741_824,
  /** Milliseconds from the first request to the last. */
  elapsedMs: 600_000,
  pieces: 20_000,
} as const;
export type WalkLimits = { readonly [K in keyof typeof walkLimits]: number };

/** Milliseconds one answer may take. */
const answerMs = 120_000;
/** A publisher who asks for more is asked again tomorrow: a wait of years would be a feed switched off in silence. */
const waitAtMost = day;
/** Where a publisher says "later" and not when. */
const waitUnsaid = 900_000;

/** A request as the walk makes it; the way out knows how to hold to its bounds. */
interface Request {
  readonly purpose: string;
  readonly maxBytes: number;
  readonly deadlineMs: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
}

/** What the walk leans on: the way out, and clocks. */
export interface Walking {
  readonly get: (url: string, request: Request) => Promise<WalkAnswer>;
  readonly post: (
    url: string,
    request: Request & { readonly body: Uint8Array; readonly type: string },
  ) => Promise<WalkAnswer>;
  readonly now: () => Instant;
  /** Milliseconds on a clock that only goes forward. */
  readonly elapsed: () => number;
  readonly limits?: WalkLimits;
}

/**
 * How the conversation ended:
 *   done    the walk came to its end              limit   it would cost more than a turn may: there is more
 *   wait    the publisher asks us to come later   failed  the network, an answer, a peer that breaks its protocol
 * `cursor` is where to go on; absent: where this turn began. `pieces` were taken, whatever the end.
 */
export type WalkEnd = { readonly pieces: number; readonly cursor?: unknown } & (
  | { readonly kind: "done" }
  | { readonly kind: "limit"; readonly problem: Problem }
  | { readonly kind: "wait"; readonly problem: Problem; readonly until: Instant }
  | { readonly kind: "failed"; readonly problem: Problem }
);

/** Ends the walk from inside a request. */
class Stop extends Error {
  readonly end:
    | { readonly kind: "limit" | "failed"; readonly problem: Problem }
    | { readonly kind: "wait"; readonly problem: Problem; readonly until: Instant };
  constructor(end: Stop["end"]) {
    super(end.problem.message);
    this.name = "Stop";
    this.end = end;
  }
}

/** Speaks a feed's walk with its publisher, and hands every body on to `kept` as it comes. */
export const walkFeed = async (
  walking: Walking,
  feed: Feed & Pick<Required<Feed>, "walk">,
  start: { readonly url: string; readonly key?: string; readonly cursor: unknown },
  kept: Pick<ArchivingPieces, "put">,
): Promise<WalkEnd> => {
  const bounds = walking.limits ?? walkLimits;
  const began = walking.elapsed();
  const spent = { requests: 0, bytes: 0, pieces: 0 };
  const answered = new Map<string, Set<string>>();
  let reached: { readonly cursor: unknown } | undefined;
  const walk = feed.walk({ url: start.url, cursor: start.cursor, now: walking.now() });

  const within = (what: keyof WalkLimits, value: number): void => {
    if (value > bounds[what])
      throw new Stop({
        kind: "limit",
        problem: problem("WGL_WALK_LONG", { feed: feed.id, what, limit: bounds[what] }),
      });
  };

  const ask = async (step: Extract<WalkStep, { ask: string }>): Promise<WalkAnswer> => {
    within("requests", ++spent.requests);
    within("elapsedMs", walking.elapsed() - began);
    const { url, headers, secrets, body: sent } = keyedRequest(feed, step.ask, start.url, start.key, step.post);
    const request: Request = {
      purpose: `feed:${feed.id}`,
      maxBytes: limits.downloadBytes,
      deadlineMs: answerMs,
      headers: { "accept-encoding": "gzip", ...step.headers, ...headers },
      secrets,
    };
    const got = await (sent === undefined
      ? walking.get(url, request)
      : walking.post(url, { ...request, body: sent, type: "application/json" }));
    const expected = got.status === 200 || (step.expects ?? []).includes(got.status);
    if (!expected) throw new Stop(refusal(feed, got.status, got.headers, walking.now()));
    const body = unpacked(feed, got.headers["content-encoding"], got.body);
    spent.bytes += body.byteLength;
    within("bytes", spent.bytes);
    // The same question with the same answer leads nowhere, however often it is asked.
    const question = JSON.stringify([step.ask, step.headers ?? {}, step.post ?? {}]);
    const answer = createHash("sha256").update(body).digest("base64");
    const before = answered.get(question);
    if (before?.has(answer)) throw new BadBody("WGL_WALK_CIRCLE", { feed: feed.id, url: shown(step.ask) });
    if (before) before.add(answer);
    else answered.set(question, new Set([answer]));
    return { status: got.status, headers: got.headers, body };
  };

  const ended = (end: Stop["end"]): WalkEnd => ({ ...end, pieces: spent.pieces, ...reached });
  try {
    let turn = walk.next();
    while (!turn.done) {
      const step = turn.value;
      if ("ask" in step) turn = walk.next(await ask(step));
      else if ("reached" in step) {
        reached = { cursor: step.reached };
        turn = walk.next(undefined);
      } else {
        within("pieces", ++spent.pieces);
        await kept.put(step.name, step.name, step.take);
        turn = walk.next(undefined);
      }
    }
    return { kind: "done", pieces: spent.pieces, cursor: turn.value };
  } catch (error) {
    if (error instanceof Stop) return ended(error.end);
    if (error instanceof BadBody) return ended({ kind: "failed", problem: error.problem });
    if (error instanceof WaglanError) return ended({ kind: "failed", problem: problem(error.code, error.with) });
    throw error;
  } finally {
    walk.return(undefined);
  }
};

/** What a status that nobody expected means. @see RFC 9110 §10.2.3 Retry-After, RFC 6585 §4 429 */
export const refusal = (
  feed: Feed,
  status: number,
  headers: Readonly<Record<string, string>>,
  now: Instant,
): Stop["end"] => {
  const said = headers["retry-after"];
  const until = said === undefined ? undefined : retryAt(said, now);
  if (status === 429 || (status === 503 && until !== undefined)) {
    const later = until ?? after(now, waitUnsaid);
    const minutes = Math.max(1, Math.ceil((later - now) / 60_000));
    return { kind: "wait", until: later, problem: problem("WGL_FEED_LATER", { feed: feed.id, status, minutes }) };
  }
  if (status === 401 || status === 403)
    return { kind: "failed", problem: problem("WGL_FEED_KEY_REFUSED", { feed: feed.id, status }) };
  return { kind: "failed", problem: problem("WGL_FEED_ANSWER", { feed: feed.id, status }) };
};

/** Seconds or a date; between a second and a day from now. */
const retryAt = (said: string, now: Instant): Instant | undefined => {
  const text = said.trim();
  const waitMs = /^\d{1,10}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isFinite(waitMs) ? after(now, Math.min(Math.max(waitMs, 1000), waitAtMost)) : undefined;
};

/** We ask for gzip alone; a server that packs otherwise, or more than it may, is named. */
const unpacked = (feed: Feed, encoding: string | undefined, body: Uint8Array): Uint8Array => {
  const coding = encoding?.trim().toLowerCase() ?? "";
  if (coding === "" || coding === "identity") return body;
  if (coding !== "gzip" && coding !== "x-gzip") throw new BadBody("WGL_WALK_CODING", { feed: feed.id, coding });
  const most = Math.min(limits.unpackedBytes, Math.max(body.byteLength, 1) * limits.ratio);
  try {
    return gunzipSync(body, { maxOutputLength: most });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (code === "ERR_BUFFER_TOO_LARGE") throw new BadBody("WGL_BODY_LARGE", { limit: most });
    throw new BadBody("WGL_BODY_GZIP", { code });
  }
};

/** Without query, which may hold a position nobody can read. */
const shown = (url: string): string => url.replace(/[?#].*/s, "");
