import { type Problem, problem } from "#core/result.ts";
import { driftOf, type Profile } from "./profile.ts";
import { type Counts, total } from "./read.ts";

/** What a list did the last time it was taken. */
export interface Past {
  readonly accepted: number;
  /** Absent: the list was not looked at then, or only a part of it came. */
  readonly profile?: Profile;
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
 * A list that had rows and has none is always held, however small: an empty list would let everything expire. One that
 * is as long as ever and is made of something else (feeds/profile.ts) is held with what moved.
 */
export const guard = (
  reading: Counts & { readonly bad?: Problem; readonly profile?: Profile },
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
  const drift = past.profile && reading.profile && driftOf(past.profile, reading.profile);
  if (drift)
    return {
      verdict: "hold",
      reason: problem(driftCodes[drift.what], {
        ...{ before: drift.before, now: drift.now },
        ...(drift.column === undefined ? {} : { column: drift.column }),
      }),
    };
  return { verdict: "accept" };
};

/** A sentence for each thing that can move, since a person decides on it. */
const driftCodes = {
  kinds: "WGL_FEED_DRIFT_KINDS",
  times: "WGL_FEED_DRIFT_TIMES",
  labels: "WGL_FEED_DRIFT_LABELS",
  length: "WGL_FEED_DRIFT_LENGTH",
  entropy: "WGL_FEED_DRIFT_ENTROPY",
  crowd: "WGL_FEED_DRIFT_CROWD",
  columns: "WGL_FEED_DRIFT_COLUMNS",
} as const;

/** Lists of fewer rows are not distrusted for their share of refused ones: of three rows two may be wrong any day. */
const fewRows = 20;

/** What a body of news is held to: it has no past, and is often no more than a row or two. */
export const newsLimits = (rows: number): GuardLimits =>
  rows < fewRows ? { ...guardLimits, rejectShare: 1 } : guardLimits;
