import { type Instant, minute } from "#core/instant.ts";
import type { ExclusionMemory } from "#jobs/indicators/exclusion-memory.ts";
import type { State } from "#jobs/ports.ts";
import { type Reweighed, reweigh } from "./reweigh.ts";

/** Findings weighed in one transaction. */
const atOnce = 200;

/**
 * Milliseconds after which what a decision concerns is weighed once more: a process that had begun to record before the
 * decision was committed has ended by then.
 */
export const again = minute / 2;

/**
 * Takes one piece of the queued work of weighing findings again: `{ indicators }`, or without them all that telemetry
 * made. The exclusions are brought up to date in the same transaction, so that none is weighed by an old one.
 *
 * @returns undefined when nothing is due
 */
export const reweighQueued = (
  state: State,
  exclusions: ExclusionMemory,
  now: Instant,
): Promise<Reweighed | undefined> =>
  state.act(async (tx) => {
    const [job] = await tx.queue.take("reweigh", now, 1);
    if (!job) return undefined;
    await exclusions.refresh(tx.care);
    const { indicators, after = 0 } = job.payload as { indicators?: readonly string[]; after?: number };
    const waiting = (await tx.incidents.standingOn(indicators)).filter((n) => n > after);
    const some = waiting.slice(0, atOnce);
    const weighed = await reweigh(tx, some, (value) => exclusions.known.excluded(value) !== undefined, now);
    await tx.queue.done([job.n]);
    const last = some.at(-1);
    if (waiting.length > some.length && last !== undefined)
      await tx.queue.put("reweigh", job.key, { ...job.payload, after: last }, now);
    return weighed;
  });
