import { day, type Instant, instant } from "#core/instant.ts";
import type { Observable } from "#core/observable.ts";
import { problem } from "#core/result.ts";
import type { EdgeEntry, EdgeState, HuntTask } from "./edge-state.ts";
import type { EdgeShelf } from "./shelf-port.ts";
import { type Ground, huntPage, type Quarry, quarryOf, seenOf } from "#jobs/hunt-past.ts";
import { type ParcelContent, parcelLimits } from "#jobs/sensors/parcel.ts";
import type { Past, SeenValues } from "#jobs/hunt/past.ts";
import type { BatchMatch } from "#jobs/batches/read.ts";
import type { SensorAsk, SensorAsks } from "#jobs/sensors/wire.ts";

/** Records read in one turn: some tens of milliseconds, and then live work goes first. */
const recordsAtOnce = 400;
/** Sightings of one ask that are sent; the rest is counted. */
export const sightingsAtMost = 10_000;

export interface EdgeHunting {
  readonly past: Past;
  readonly shelf: EdgeShelf;
  /** Of this sensor, in hexadecimal digits. */
  readonly secret: string;
  readonly networks: () => readonly string[];
  readonly asks: () => SensorAsks;
  /** Whether a value is listed still. */
  readonly lives: (observable: Observable, at: Instant) => boolean;
}

interface Underway {
  readonly id: string;
  readonly quarry: Quarry;
  readonly seen: SeenValues;
  readonly ground: Ground;
}

const noDays: HuntTask["days"] = [];

/**
 * Looks for new knowledge, and for what the centre asks, in the local past: a page a turn, the oldest task first, each page and
 * its place written down together. So a kill repeats nothing and loses nothing.
 */
export class EdgeHunts {
  readonly #hunting: EdgeHunting;
  #underway: Underway | undefined;

  constructor(hunting: EdgeHunting) {
    this.#hunting = hunting;
  }

  /** What is still to be done, in its order: what was asked before what was learned. */
  waiting(state: EdgeState): readonly string[] {
    const asked = this.#hunting.asks().asks.filter(({ id }) => !state.wasHunted(id));
    return [...asked.map(({ id }) => id), ...this.#hunting.shelf.hunts.list()];
  }

  /** One page. @returns the entry to be written down; undefined: there is nothing to do */
  async turn(state: EdgeState, now: Instant): Promise<EdgeEntry | undefined> {
    const cancelled = this.#cancelled(state, now);
    if (cancelled) return cancelled;
    const [id] = this.waiting(state);
    if (id === undefined) return undefined;
    const ask = this.#hunting.asks().asks.find((one) => one.id === id);
    // done in a run that was killed before it could say so
    if (ask === undefined && state.wasHunted(id)) {
      this.#hunting.shelf.hunts.drop(id);
      return undefined;
    }
    const task = state.hunts.find((one) => one.id === id) ?? { id, page: 0, count: 0, days: noDays };
    return ask === undefined ? this.#known(task, now) : this.#asked(task, ask, now);
  }

  /** An entry was written: what it ended needs no keeping. */
  done(entry: EdgeEntry): void {
    if (entry.kind !== "found" || entry.hunted === undefined) return;
    this.#hunting.shelf.hunts.drop(entry.hunted);
    if (this.#underway?.id === entry.hunted) this.#underway = undefined;
  }

  #cancelled(state: EdgeState, at: Instant): EdgeEntry | undefined {
    const { cancelled } = this.#hunting.asks();
    const gone = cancelled.find((id) => !state.wasHunted(id) && state.hunts.some((task) => task.id === id));
    return gone === undefined ? undefined : { kind: "found", at, out: [], hunted: gone };
  }

  async #known(task: HuntTask, at: Instant): Promise<EdgeEntry> {
    const { shelf } = this.#hunting;
    const underway = await this.#open(task.id, () => ({
      values: shelf.hunts.read(task.id).map((line): Observable => {
        const [kind, value] = JSON.parse(line) as [Observable["kind"], string];
        return { kind, value };
      }),
      from: instant(0),
      to: instant(at + day),
    }));
    const { matches, after } = await this.#page(underway, task);
    const out = matches
      .filter((match) => match.weight === "finding" && this.#hunting.lives(match.indicator, at))
      .map((match): ParcelContent => ({ match, back: true }));
    if (after === undefined) return { kind: "found", at, out, hunted: task.id };
    return { kind: "found", at, out, hunt: { ...task, after, count: task.count + out.length } };
  }

  async #asked(task: HuntTask, ask: SensorAsk, at: Instant): Promise<EdgeEntry> {
    // a rule: records are kept after the field policy, and what it takes out a rule may ask for
    if (ask.what.observables.length === 0) {
      const { code, message } = problem("WGL_SENSOR_ASK", { what: "it names no values" });
      const answer = { ask: ask.id, page: 1, count: 0, days: [], done: true, matches: [], problem: { code, message } };
      return { kind: "found", at, out: [{ answer }], hunted: ask.id };
    }
    const underway = await this.#open(ask.id, () => ({
      values: ask.what.observables,
      from: ask.from,
      to: ask.to,
    }));
    const { matches, after } = await this.#page(underway, task);
    const times = matches.map(({ time }) => time);
    const days = daysOf(task.days, times);
    const count = task.count + matches.length;
    const first = earliest([...(task.first === undefined ? [] : [task.first]), ...times], Math.min);
    const last = earliest([...(task.last === undefined ? [] : [task.last]), ...times], Math.max);
    const when = { ...(first === undefined ? {} : { first }), ...(last === undefined ? {} : { last }) };
    const room = Math.max(0, sightingsAtMost - task.count);
    const sent = matches.slice(0, room);
    const done = after === undefined;
    const page = task.page + 1;
    const out: ParcelContent[] = [];
    for (let from = 0; from < sent.length; from += parcelLimits.matches)
      out.push({
        answer: {
          ...{ ask: ask.id, page: page + out.length, count, ...when, days },
          ...{ done: done && from + parcelLimits.matches >= sent.length },
          matches: sent.slice(from, from + parcelLimits.matches),
        },
      });
    // a page in which nothing stood is no news, but for the last
    if (done && out.length === 0) out.push({ answer: { ask: ask.id, page, count, ...when, days, done, matches: [] } });
    if (done) return { kind: "found", at, out, hunted: ask.id };
    const hunt: HuntTask = { id: ask.id, after, page: task.page + out.length, count, days, ...when };
    return { kind: "found", at, out, hunt };
  }

  async #open(
    id: string,
    what: () => { readonly values: readonly Observable[]; readonly from: Instant; readonly to: Instant },
  ): Promise<Underway> {
    if (this.#underway?.id === id) return this.#underway;
    const { values, from, to } = what();
    const quarry = quarryOf(values, this.#hunting.secret);
    const ground: Ground = { scope: "all", from, to };
    const seen = await seenOf(this.#hunting.past, quarry, ground);
    this.#underway = { id, quarry, seen, ground };
    return this.#underway;
  }

  async #page(
    { quarry, seen, ground }: Underway,
    { after }: HuntTask,
  ): Promise<{ readonly matches: readonly BatchMatch[]; readonly after?: NonNullable<HuntTask["after"]> }> {
    if (seen.fingerprints.length === 0) return { matches: [] };
    const from = after === undefined ? undefined : { ...after, organisation: "here" };
    const { past, networks } = this.#hunting;
    const page = await huntPage(past, quarry, seen, ground, from, recordsAtOnce, networks);
    const matches = page.records.flatMap((one) => one.matches);
    if (page.place === undefined) return { matches };
    const { time, batch, line } = page.place;
    return { matches, after: { time, batch, line } };
  }
}

const earliest = (times: readonly Instant[], of: (a: number, b: number) => number): Instant | undefined =>
  times.length === 0 ? undefined : instant(times.reduce((a, b) => of(a, b) as Instant));

const daysOf = (before: HuntTask["days"], times: readonly Instant[]): HuntTask["days"] => {
  const counts = new Map(before.map(({ day: of, n }) => [of, n]));
  for (const time of times) {
    const of = new Date(time).toISOString().slice(0, 10);
    counts.set(of, (counts.get(of) ?? 0) + 1);
  }
  return [...counts].map(([of, n]) => ({ day: of, n })).sort((a, b) => (a.day < b.day ? -1 : 1));
};
