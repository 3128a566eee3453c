import { type Instant, minute, second } from "#core/instant.ts";

/** Two checkpoints of a partition are so far apart at least. */
const leastApart = 5 * second;
/** However little was done since: what a restart would do again stays short, and rows behind a checkpoint are let go. */
const mostApart = minute;
/**
 * A checkpoint is worth its cost when the work that it saves from being done again was so many times as much: 3 % of the
 * detectors' time. A takeover does that work again: with 150 ms a checkpoint less than five seconds.
 */
const worth = 30;
/** Bytes a second that checkpoints of one partition may write, on average. */
const bytesPerSecond = 2_097_152;

/** When to save what a partition remembers: by what saving costs, and by what would be lost without it. */
export class CheckpointPace {
  #savedAt: Instant;
  #apart = leastApart;
  /** How long the thread was busy with facts since, and with the last checkpoint. */
  #workedMs = 0;
  #savingMs = 0;

  constructor(now: Instant) {
    this.#savedAt = now;
  }

  worked(tookMs: number): void {
    this.#workedMs += tookMs;
  }

  saved(now: Instant, tookMs: number, bytes: number): void {
    this.#savedAt = now;
    this.#savingMs = tookMs;
    this.#workedMs = 0;
    this.#apart = Math.max(leastApart, (bytes / bytesPerSecond) * second);
  }

  /** Of a partition of which something happened since. */
  isDue(now: Instant): boolean {
    const apart = now - this.#savedAt;
    if (apart < this.#apart) return false;
    return this.#workedMs >= worth * this.#savingMs || apart >= mostApart;
  }
}
