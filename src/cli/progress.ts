import { printBytes } from "#words/number.ts";
import type { Io } from "./io.ts";
import type { Talk } from "./talk.ts";

/** How far a verb is through its bytes. */
export interface Progress {
  /** Bytes more were read, as they lie on the disk. */
  readonly read: (bytes: number) => void;
  readonly done: () => void;
}

/** Milliseconds between two drawings: people read no faster, and a slow terminal must not slow the work. */
const everyMs = 200;

/** @param total bytes to be read; absent: nobody knows (standard input), then only the rate is shown */
export const openProgress = (io: Io, talk: Talk, what: string, total: number | undefined): Progress => {
  const began = io.elapsed();
  let read = 0;
  let drawn = began;
  return {
    read: (bytes) => {
      read += bytes;
      if (!io.isTTY) return;
      const now = io.elapsed();
      if (now - drawn < everyMs) return;
      drawn = now;
      talk.progress(`${what} ${progressWords(read, total, now - began)}`);
    },
    done: talk.settle,
  };
};

/** "42% of 1.2 GB, 84.1 MB/s, 0:08 left"; without a total "512 MB, 84.1 MB/s". @param tookMs milliseconds, above 0 */
export const progressWords = (read: number, total: number | undefined, tookMs: number): string => {
  const rate = (read / Math.max(tookMs, 1)) * 1000;
  const speed = `${printBytes("en", Math.round(rate))}/s`;
  if (total === undefined || total === 0) return `${printBytes("en", read)}, ${speed}`;
  const share = Math.min(100, Math.floor((read / total) * 100));
  const left = rate > 0 ? Math.ceil(Math.max(0, total - read) / rate) : 0;
  return `${share}% of ${printBytes("en", total)}, ${speed}, ${clockOf(left)} left`;
};

/** Seconds as "0:08", "12:40", "1:02:03". */
const clockOf = (seconds: number): string => {
  const two = (n: number): string => String(n).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
};
