import { randomBytes } from "node:crypto";
import type { Writable } from "node:stream";
import { type Instant, instant } from "#core/instant.ts";
import { WaglanError } from "#core/result.ts";

/** Everything a verb may touch of the process it runs in. Files are read below `cwd` by `input.ts`. */
export interface Io {
  readonly stdout: Writer;
  readonly stderr: Writer;
  readonly stdin: AsyncIterable<Uint8Array>;
  /** Standard error is a terminal: progress may be drawn there. */
  readonly isTTY: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly now: () => Instant;
  /** Milliseconds on a clock that only goes forward. */
  readonly elapsed: () => number;
  readonly random: (bytes: number) => Uint8Array;
  /** Aborted when somebody asks the program to stop (Ctrl-C, SIGTERM); before the first call such a signal just kills. */
  readonly stopped: () => AbortSignal;
}

export interface Writer {
  /** Waits only when the far side is slower than we are. */
  readonly write: (text: string) => Promise<void> | undefined;
}

/** Standard output's reader went away (`waglan scan … | head`): nothing more needs to be said. */
export class Unread extends Error {}

/** The process itself. */
export const processIo = (): Io => {
  const stop = new AbortController();
  let listening = false;
  return {
    stdout: writer(process.stdout),
    stderr: writer(process.stderr),
    stdin: process.stdin,
    isTTY: process.stderr.isTTY,
    env: process.env,
    cwd: process.cwd(),
    now: () => instant(Date.now()),
    elapsed: () => performance.now(),
    random: (bytes) => randomBytes(bytes),
    stopped: () => {
      if (!listening) for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
      listening = true;
      return stop.signal;
    },
  };
};

const writer = (stream: Writable): Writer => {
  let broken: Error | undefined;
  stream.on("error", (error: NodeJS.ErrnoException) => {
    broken ??=
      error.code === "EPIPE" ? new Unread() : new WaglanError("WGL_OUTPUT", { code: error.code ?? error.message });
  });
  return {
    write: (text) => {
      if (broken !== undefined) throw broken;
      if (stream.write(text)) return undefined;
      return new Promise((resolve, reject) => {
        stream.once("drain", resolve);
        stream.once("error", () => reject(broken));
      });
    },
  };
};
