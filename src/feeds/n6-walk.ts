import { day, type Instant, instant, minute, printInstant } from "#core/instant.ts";
import type { Walk, WalkStart } from "./feed.ts";
import { numberAt } from "./json-shape.ts";

/** One question covers this much of `modified`, so that no answer of a big n6 is too large to read. */
const windowMs = day / 4;
/** At the first turn, or after a longer silence of ours. */
const firstDays = 7;
/**
 * `time.min` must be given. An event becomes known long after it happened: a delivery of last month is found too, a
 * black-list entry of last winter that is updated today is not lost.
 */
const happenedDays = 400;
/** n6 writes events in more than one process: what carries an older `modified` may be seen a little later. */
const overlapMs = 5 * minute;

/**
 * Events of an n6 by its REST API, by when they were made available: window by window from where the last turn came to.
 * The operator's own conditions (`category=bots`) stand in the address and are kept. What stands in two windows is told
 * twice and counts once.
 *
 * @see https://n6.readthedocs.io/usage/restapi/ (Request, Query Parameters)
 */
export function* n6Walk({ url, cursor, now }: WalkStart): Walk {
  let from = sinceOf(cursor, now);
  while (from < now) {
    const until = instant(Math.min(now, from + windowMs));
    const question = new URL(url);
    question.searchParams.set("time.min", print(from - happenedDays * day));
    question.searchParams.set("modified.min", print(from - overlapMs));
    question.searchParams.set("modified.until", print(until));
    const answer = yield { ask: question.href };
    if (answer !== undefined && !isNothing(answer.body)) yield { take: answer.body, name: print(from) };
    from = until;
    yield { reached: { until: from } };
  }
  return { until: from };
}

/** Whatever lies ahead of the clock, or is no moment, begins anew. */
const sinceOf = (cursor: unknown, now: Instant): Instant => {
  const until = numberAt(cursor, "until");
  const first = now - firstDays * day;
  return instant(Math.max(0, until !== undefined && until <= now ? Math.max(until, first) : first));
};

const print = (at: number): string => printInstant(instant(Math.max(0, at)));

/** No event: no line of the streamed format, or an empty list of the other. */
const isNothing = (body: Uint8Array): boolean =>
  body.byteLength < 16 && /^\s*(?:\[\s*\]\s*)?$/.test(Buffer.from(body).toString("latin1"));
