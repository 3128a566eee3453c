import { PassThrough, type Readable } from "node:stream";
import type { ChangeTopic } from "#api/stream.ts";
import { no, ok, type Result } from "#core/result.ts";
import type { Acts, Session } from "#jobs/acts/port.ts";

/** The open server-sent event streams of this process (WHATWG HTML §9.2). */
export interface ChangeStreams {
  /** @returns the answer's body | WGL_HTTP_BUSY */
  readonly open: (acts: Acts, session: Session, stillGood: () => Promise<boolean>) => Result<Readable>;
  readonly count: () => number;
  /** Ends them all; browsers come back by themselves. */
  readonly close: () => void;
}

export interface StreamLimits {
  /** In all; each holds a socket and 20 KiB. */
  readonly most: number;
  /** Of one session: tabs of one reader. More is a script that does not close what it opens. */
  readonly perSession: number;
  /** Milliseconds between comments that keep proxies from closing (most wait 60 s), and between looks at the session. */
  readonly beatMs: number;
}

export const streamLimits: StreamLimits = { most: 1000, perSession: 12, beatMs: 15_000 };

/** A reader that lets this many bytes pile up is gone or asleep; the browser reconnects and asks anew. */
const unreadAtMost = 65_536;

export const openChangeStreams = (limits: StreamLimits, now: () => number): ChangeStreams => {
  const streams = new Map<PassThrough, string>();
  const ofSession = (id: string): number => [...streams.values()].filter((one) => one === id).length;
  return {
    open: (acts, session, stillGood) => {
      if (streams.size >= limits.most || ofSession(session.id) >= limits.perSession)
        return no("WGL_HTTP_BUSY", { seconds: 15 });
      const stream = new PassThrough();
      streams.set(stream, session.id);
      const write = (text: string): void => {
        if (stream.writableEnded || stream.destroyed) return;
        if (stream.writableLength > unreadAtMost) stream.destroy();
        else stream.write(text);
      };
      const told = (topic: ChangeTopic, changed: number): void =>
        write(`event: ${topic}\ndata: ${JSON.stringify({ changed })}\n\n`);
      const end = (): void => {
        if (!stream.writableEnded) stream.end();
      };
      const beat = setInterval(() => {
        // What acts tell at once is looked at here again: a stream must not outlive its session because a message was lost.
        if (now() >= session.until) end();
        else
          void stillGood().then(
            (good) => (good ? write(":\n\n") : end()),
            () => write(":\n\n"),
          );
      }, limits.beatMs);
      const last = setTimeout(end, Math.min(Math.max(0, session.until - now()), longestTimer));
      const stop = acts.watch(session, told, end);
      stream.once("close", () => {
        clearInterval(beat);
        clearTimeout(last);
        stop();
        streams.delete(stream);
      });
      // Three seconds before a browser comes back: soon for a reader, spread enough for a server that restarts.
      write("retry: 3000\n\n");
      return ok(stream);
    },
    count: () => streams.size,
    close: () => {
      for (const stream of streams.keys()) stream.end();
    },
  };
};

/** setTimeout's own limit, 24.8 days. */
const longestTimer = 2_147_483_647;
