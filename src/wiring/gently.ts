import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism, setPriority } from "node:os";
import { setTimeout as rest } from "node:timers/promises";
import type { Loop } from "#jobs/loops.ts";

/**
 * Rests for as long as a turn took that leaves more to do: each way of hunting works half of the time at most, and whoever
 * accepts and matches has the rest.
 */
export const gently =
  (turn: Loop["turn"]): Loop["turn"] =>
  async () => {
    const began = performance.now();
    const more = await turn();
    if (more) await rest(Math.min(performance.now() - began, 2000));
    return more;
  };

/** Nice values of threads that read batches and of those that look into the past: who acknowledges goes first, then who matches. */
const behind: Readonly<Record<string, number>> = { WorkerThread: 10, hunt: 15 };

/**
 * From now on every worker thread of this process steps behind the thread that serves: what a sensor sends is acknowledged
 * before anything of it is matched, and matched before the past is looked at. Linux alone gives each thread a priority of its
 * own; elsewhere nothing is done.
 */
export const workBehind = (): void => {
  if (process.platform !== "linux") return;
  process.on("worker", (worker) => worker.once("online", () => stepBehind()));
};

/** Threads by the names that they were started under. */
const stepBehind = (): void => {
  for (const thread of readdirSync("/proc/self/task"))
    try {
      const nice = behind[readFileSync(`/proc/self/task/${thread}/comm`, "latin1").trim()];
      if (nice !== undefined) setPriority(Number(thread), nice);
    } catch {
      // it ended meanwhile, or a container forbids it: then all are alike
    }
};

/** Threads that are started unasked at most: each holds the rules once more. */
const unaskedAtMost = 4;

/** Threads that read batches. @param asked 0: one for each core, of which history, the database and who serves use some. */
export const readingThreads = (asked: number): number =>
  asked > 0 ? asked : Math.min(availableParallelism(), unaskedAtMost);
