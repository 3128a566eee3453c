import { after, type Instant, minute, second } from "#core/instant.ts";
import { type Problem, problem, WaglanError } from "#core/result.ts";
import { collect, failedTurn } from "./collect.ts";
import { type CollectingFeeds, keyOf, type Source, turnOf } from "./feed.ts";

/** A subscription that stands: messages in their order, each of them a body of the feed. */
export interface FeedStream {
  /**
   * Waits at most `waitMs` for the first message.
   *
   * @throws WGL_STREAM_… when the connection is over and everything that came was given
   */
  readonly gather: (atMost: number, waitMs: number) => Promise<readonly Uint8Array[]>;
  /** What was gathered is kept here: the publisher may forget it. */
  readonly acknowledge: () => void;
  readonly close: () => void;
}

/** Where a feed's messages come from: "stomps://stream.example:61614/exchange/harbour.example/*.*.*.*". */
export interface StreamPlace {
  readonly feed: string;
  readonly url: string;
  readonly login?: string;
  readonly passcode?: string;
}

/** @throws WGL_EGRESS_… where nobody answers */
export type OpenStream = (place: StreamPlace) => Promise<FeedStream>;

/** Messages read as one body: what comes in a burst is one turn. */
const messagesAtMost = 500;
/** How long a turn waits for a message, so that the loop can be stopped. */
const waitMs = 1000;
const firstRetryMs = 5 * second;
const retryAtMost = 10 * minute;

/**
 * A source that pushes. Whatever came since the last turn is kept, collected as news, and only then acknowledged: what a
 * crash leaves unacknowledged comes again, and counts once. What was pushed while the connection was down is not there any
 * more; the feed's own turns (`collectFeed`) bring it, so a feed with a stream keeps its address and its interval.
 */
export class StreamedFeed {
  readonly #collecting: CollectingFeeds;
  readonly #source: Source;
  readonly #open: OpenStream;
  #stream: FeedStream | undefined;
  /** Gathered and not yet collected: another process was at this feed. */
  #pending: readonly Uint8Array[] = [];
  #failures = 0;
  #retry: Instant | undefined;

  constructor(collecting: CollectingFeeds, source: Source, open: OpenStream) {
    this.#collecting = collecting;
    this.#source = source;
    this.#open = open;
  }

  /** @returns whether something was taken */
  async turn(): Promise<boolean> {
    const now = this.#collecting.now();
    if (this.#retry !== undefined && now < this.#retry) return false;
    try {
      this.#stream ??= await this.#connect();
      if (this.#pending.length === 0) this.#pending = await this.#stream.gather(messagesAtMost, waitMs);
    } catch (error) {
      if (!(error instanceof WaglanError)) throw error;
      await this.#broke(problem(error.code, error.with), now);
      return false;
    }
    if (this.#pending.length === 0) return false;
    if (!(await this.#take(this.#pending))) return false;
    this.#pending = [];
    this.#stream.acknowledge();
    // a broker that lets us in and throws us out again is not a good one
    this.#failures = 0;
    return true;
  }

  close(): void {
    this.#stream?.close();
    this.#stream = undefined;
  }

  async #connect(): Promise<FeedStream> {
    const { feed, stream, trusted } = this.#source;
    await this.#collecting.state.act((tx) => tx.intel.feed(feed, !trusted));
    const key = await keyOf(this.#collecting, this.#source);
    if (!key.ok) throw new WaglanError(key.problem.code, key.problem.with);
    return this.#open({
      ...{ feed: feed.id, url: stream?.url ?? "" },
      ...(stream?.login === undefined ? {} : { login: stream.login }),
      ...(key.value === undefined ? {} : { passcode: key.value }),
    });
  }

  async #take(messages: readonly Uint8Array[]): Promise<boolean> {
    const { fetching, now: clock } = this.#collecting;
    const { feed } = this.#source;
    const body = linesOf(messages);
    const now = clock();
    const archive = await fetching.archive.keep(feed.id, now, body);
    const turn = turnOf(this.#collecting, this.#source, now, {});
    return (await collect({ ...turn, whole: false }, feed, body, "stream", { archive })) !== undefined;
  }

  /** Told once a connection, and tried again after a while that doubles. */
  async #broke(why: Problem, now: Instant): Promise<void> {
    this.close();
    this.#pending = [];
    const wait = Math.min(retryAtMost, firstRetryMs * 2 ** this.#failures++);
    this.#retry = after(now, Math.round(wait * (1 + 0.1 * this.#collecting.random())));
    await failedTurn(this.#collecting.state, this.#source.feed, why, now, {});
  }
}

/** A message a line: line breaks inside one stand between its tokens, never in its texts (RFC 8259 §7). */
const linesOf = (messages: readonly Uint8Array[]): Uint8Array => {
  const line = Buffer.from("\n");
  return Buffer.concat(
    messages.flatMap((message) => [
      Buffer.from(
        Buffer.from(message)
          .toString("latin1")
          .replaceAll(/[\r\n]+/g, " "),
        "latin1",
      ),
      line,
    ]),
  );
};
