import { type Problem, problem } from "#core/result.ts";
import { type Counts, total } from "./read.ts";

/** What a list did the last time it was taken. */
export interface Past {
  readonly accepted: number;
}

export interface GuardLimits {
  /** Share of rows rejected above which the list is not what we think it is. */
  readonly rejectShare: number;
  /** Fewer than this share of the past rows: half a list gone is a broken export sooner than a cleaner world. */
  readonly shrinkTo: number;
  /** More than this many times the past rows. */
  readonly growTo: number;
  /** Lists that move by fewer rows than this move freely: a person could not tell such a change from a normal day. */
  readonly floorRows: number;
}

export const guardLimits: GuardLimits = { rejectShare: 0.5, shrinkTo: 0.5, growTo: 10, floorRows: 100 };

/**
 *   accept      take it
 *   quarantine  not the list we know: nothing of it is taken, earlier knowledge stays in force
 *   hold        well-formed but far from its own past: earlier knowledge stays until a person releases it
 */
export type Guarded =
  | { readonly verdict: "accept" }
  | { readonly verdict: "quarantine" | "hold"; readonly reason: Problem };

/**
 * Whether a list may alert anyone. `past` absent: the list was never taken before, so only its own rejects speak.
 * A list that had rows and has none is always held, however small: an empty list would let everything expire.
 */
export const guard = (
  reading: Counts & { readonly bad?: Problem },
  past: Past | undefined,
  limits: GuardLimits = guardLimits,
): Guarded => {
  if (reading.bad !== undefined) return { verdict: "quarantine", reason: reading.bad };
  const rejected = total(reading.rejected);
  if (rejected > reading.rows * limits.rejectShare)
    return { verdict: "quarantine", reason: problem("WGL_FEED_REJECTS", { rejected, rows: reading.rows }) };
  if (past === undefined) return { verdict: "accept" };
  const [before, now] = [past.accepted, reading.accepted];
  const isGone = before > 0 && now === 0;
  if (isGone || (now < before * limits.shrinkTo && before - now >= limits.floorRows))
    return { verdict: "hold", reason: problem("WGL_FEED_SHRUNK", { before, now }) };
  if (now > before * limits.growTo && now - before >= limits.floorRows)
    return { verdict: "hold", reason: problem("WGL_FEED_GREW", { before, now }) };
  return { verdict: "accept" };
};
