import { type Instant, instant } from "#core/instant.ts";
import type { Problem } from "#core/result.ts";
import type { HuntTask } from "./edge-state.ts";
import type { BatchMatch } from "#jobs/batches/read.ts";
import type { BatchRuled } from "#jobs/batches/rules.ts";
import {
  type ParcelAnswer,
  type ParcelContent,
  parcelLimits,
  type ParcelLooked,
  type ParcelPatterned,
  type ParcelTogether,
} from "#jobs/sensors/parcel.ts";

/** Sightings of one ask that are sent; the rest is counted. */
export const sightingsAtMost = 10_000;
/** UTF-16 units of the sightings of one line of an answer, as JSON: far below what a line may have. */
const unitsAtMost = 1_048_576;

/** Something that was asked for, seen in the local past. */
export type Sighting =
  | { readonly match: BatchMatch }
  | { readonly ruled: BatchRuled }
  | { readonly together: ParcelTogether }
  | { readonly patterned: ParcelPatterned };

/** What a page of the past gave to an ask. */
export interface AnswerPage {
  readonly found: readonly Sighting[];
  readonly done: boolean;
  readonly looked?: ParcelLooked;
  /** A page in which nothing stood is no news, but for the last, and now and then for how far it is. */
  readonly anyway?: boolean;
}

/** The lines of an answer, and the ask as it stands behind them. */
export const answerOf = (
  task: HuntTask,
  { found, done, looked, anyway = false }: AnswerPage,
): { readonly out: readonly ParcelContent[]; readonly task: HuntTask } => {
  const times = found.map(timeOf);
  const days = daysOf(task.days, times);
  const count = task.count + found.length;
  const first = edge([...(task.first === undefined ? [] : [task.first]), ...found.map(firstOf)], Math.min);
  const last = edge([...(task.last === undefined ? [] : [task.last]), ...times], Math.max);
  const when = { ...(first === undefined ? {} : { first }), ...(last === undefined ? {} : { last }) };
  const sent = linesOf(found.slice(0, Math.max(0, sightingsAtMost - task.count)));
  if (sent.length === 0 && (done || anyway)) sent.push([]);
  const out = sent.map((some, nth): ParcelContent => {
    const answer: ParcelAnswer = {
      ...{ ask: task.id, page: task.page + 1 + nth, count, ...when, days },
      ...{ done: done && nth === sent.length - 1 },
      matches: some.flatMap((one) => ("match" in one ? [one.match] : [])),
      ...present(
        "ruled",
        some.flatMap((one) => ("ruled" in one ? [one.ruled] : [])),
      ),
      ...present(
        "together",
        some.flatMap((one) => ("together" in one ? [one.together] : [])),
      ),
      ...present(
        "patterned",
        some.flatMap((one) => ("patterned" in one ? [one.patterned] : [])),
      ),
      ...(looked === undefined ? {} : { looked }),
    };
    return { answer };
  });
  return { out, task: { ...task, page: task.page + out.length, count, days, ...when } };
};

/** Why an ask cannot be answered: the end of it. */
export const refusalOf = (task: HuntTask, { code, message, with: params }: Problem): ParcelContent => ({
  answer: {
    ...{ ask: task.id, page: task.page + 1, count: task.count, days: task.days, done: true, matches: [] },
    problem: { code, message: message.slice(0, 1024), ...(params === undefined ? {} : { with: params }) },
  },
});

const present = <K extends string, T>(name: K, some: readonly T[]): { readonly [key in K]?: readonly T[] } =>
  (some.length === 0 ? {} : { [name]: some }) as { readonly [key in K]?: readonly T[] };

/** Codes and their counts, as parcels have them. */
export const codesOf = (counts: Readonly<Record<string, number>>): ParcelLooked["unread"] =>
  Object.entries(counts).map(([code, n]) => ({ code, n }));

const timeOf = (one: Sighting): Instant => {
  if ("match" in one) return one.match.time;
  if ("ruled" in one) return one.ruled.time;
  return "together" in one ? one.together.time : one.patterned.time;
};

const firstOf = (one: Sighting): Instant => ("together" in one ? one.together.first : timeOf(one));

/** As many in one line as it may have. */
const linesOf = (found: readonly Sighting[]): (readonly Sighting[])[] => {
  const lines: Sighting[][] = [];
  let units = 0;
  for (const one of found) {
    const size = JSON.stringify(one).length;
    const line = lines.at(-1);
    if (line === undefined || line.length >= parcelLimits.matches || units + size > unitsAtMost) {
      lines.push([one]);
      units = size;
    } else {
      line.push(one);
      units += size;
    }
  }
  return lines;
};

const edge = (times: readonly Instant[], of: (a: number, b: number) => number): Instant | undefined =>
  times.length === 0 ? undefined : instant(times.reduce((a, b) => of(a, b) as Instant));

const daysOf = (before: HuntTask["days"], times: readonly Instant[]): HuntTask["days"] => {
  const counts = new Map(before.map(({ day: of, n }) => [of, n]));
  for (const time of times) {
    const of = new Date(time).toISOString().slice(0, 10);
    counts.set(of, (counts.get(of) ?? 0) + 1);
  }
  return [...counts].map(([of, n]) => ({ day: of, n })).sort((a, b) => (a.day < b.day ? -1 : 1));
};
