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
