import { day, type Instant, instant } from "#core/instant.ts";
import type { Observable } from "#core/observable.ts";
import { problem, type Problem } from "#core/result.ts";
import { answerOf, refusalOf } from "./answering.ts";
import type { EdgeEntry, EdgeState, HuntTask } from "./edge-state.ts";
import type { PastRows } from "./past-rows.ts";
import { PatternTasks } from "./pattern-tasks.ts";
import { type RuleAround, RuleTasks } from "./rule-tasks.ts";
import type { EdgeShelf } from "./shelf-port.ts";
import { type Ground, huntPage, type Quarry, quarryOf, seenOf } from "#jobs/hunt-past.ts";
import type { ParcelContent } from "#jobs/sensors/parcel.ts";
import type { Past, SeenValues } from "#jobs/hunt/past.ts";
import { textAtMost } from "#jobs/hunt/state.ts";
import type { BatchMatch } from "#jobs/batches/read.ts";
import type { SensorAsk, SensorAsks } from "#jobs/sensors/wire.ts";

/** Records read in one turn: some tens of milliseconds, and then live work goes first. */
const recordsAtOnce = 400;

export interface EdgeHunting {
  readonly past: Past & PastRows;
  readonly shelf: EdgeShelf;
  /** Of this sensor, in hexadecimal digits. */
  readonly secret: string;
  readonly networks: () => readonly string[];
  readonly asks: () => SensorAsks;
  /** Whether a value is listed still. */
  readonly lives: (observable: Observable, at: Instant) => boolean;
  /** As the shelf has them: a hunt compiles what it asks, and nobody holds the rest. */
  readonly filesOf: RuleAround["filesOf"];
  readonly trouble: (problem: Problem) => void;
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
  readonly #rules: RuleTasks;
  readonly #patterns: PatternTasks;
  #underway: Underway | undefined;

  constructor(hunting: EdgeHunting) {
    this.#hunting = hunting;
    const { past, networks } = hunting;
    const around: RuleAround = {
      ...{ past, networks, trouble: hunting.trouble, filesOf: hunting.filesOf },
    };
    this.#rules = new RuleTasks(around);
    this.#patterns = new PatternTasks({ past, networks, secret: hunting.secret });
  }

  /** What is still to be done, in its order: what was asked before what was learned, of that values before rules. */
  waiting(state: EdgeState): readonly string[] {
    const asked = this.#hunting.asks().asks.filter(({ id }) => !state.wasHunted(id));
    return [...asked.map(({ id }) => id), ...this.#hunting.shelf.hunts.list()];
  }

  /** Nothing is to be done, and nothing that was called off is to be let go. */
  isIdle(state: EdgeState): boolean {
    return this.waiting(state).length === 0 && this.#calledOff(state) === undefined;
  }

  /** One page. @returns the entry to be written down; undefined: there is nothing to do, or nothing to write down yet */
  async turn(state: EdgeState, now: Instant): Promise<EdgeEntry | undefined> {
    const gone = this.#calledOff(state);
    if (gone !== undefined) return { kind: "found", at: now, out: [], hunted: gone };
    const [id] = this.waiting(state);
    if (id === undefined) return undefined;
    const ask = this.#hunting.asks().asks.find((one) => one.id === id);
    // done in a run that was killed before it could say so
    if (ask === undefined && state.wasHunted(id)) {
      this.#hunting.shelf.hunts.drop(id);
      return undefined;
    }
    const task = state.hunts.find((one) => one.id === id) ?? { id, page: 0, count: 0, days: noDays };
    if (ask !== undefined) {
      const { rules, records } = ask.what;
      if (rules !== undefined) return this.#rules.asked(task, ask, rules, now);
      return records === undefined ? this.#asked(task, ask, now) : this.#patterns.asked(task, ask, records, now);
    }
    return isOfRules(id) ? this.#rules.learned(task, this.#hunting.shelf.hunts.read(id), now) : this.#known(task, now);
  }

  /** An entry was written: what it ended needs no keeping. */
  done(entry: EdgeEntry): void {
    if (entry.kind !== "found") return;
    this.#rules.written(entry);
    this.#patterns.written(entry);
    if (entry.hunted === undefined) return;
    this.#hunting.shelf.hunts.drop(entry.hunted);
    if (this.#underway?.id === entry.hunted) this.#underway = undefined;
  }

  /** The centre asked anew: what it asks no more is let go. */
  heard(state: EdgeState): void {
    const waiting = this.waiting(state);
    this.#rules.keep(waiting);
    this.#patterns.keep(waiting);
    if (this.#underway !== undefined && !waiting.includes(this.#underway.id)) this.#underway = undefined;
  }

  /** The rules in force are others: what was learned of those before is asked as it is now, or not at all. */
  otherRules(): void {
    this.#rules.keep(this.#hunting.asks().asks.map(({ id }) => id));
  }

  /** Rules that say something new are asked of all that is kept up to here. */
  learned(rules: readonly string[], end: { readonly segment: number; readonly record: number }, now: Instant): void {
    for (let at = 0; at < rules.length; at += rulesOfHunt) {
      const some = rules.slice(at, at + rulesOfHunt);
      const id = `${ofRules}${String(now).padStart(15, "0")}-${String(at / rulesOfHunt).padStart(4, "0")}`;
      this.#hunting.shelf.hunts.put(
        id,
        [end, ...some].map((one) => JSON.stringify(one)),
      );
    }
  }

  #calledOff(state: EdgeState): string | undefined {
    const { cancelled } = this.#hunting.asks();
    return cancelled.find((id) => !state.wasHunted(id) && state.hunts.some((task) => task.id === id));
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
    // of a centre that asks what this version does not know
    if (ask.what.observables.length === 0) {
      const why = problem("WGL_SENSOR_ASK", { what: "it names neither values nor rules nor a pattern" });
      return { kind: "found", at, out: [refusalOf(task, why)], hunted: ask.id };
    }
    const underway = await this.#open(ask.id, () => ({
      values: ask.what.observables,
      from: ask.from,
      to: ask.to,
    }));
    const { matches, after } = await this.#page(underway, task);
    const found = matches.map((match) => ({ match: { ...match, text: match.text.slice(0, textAtMost) } }));
    const answered = answerOf(task, { found, done: after === undefined });
    if (after === undefined) return { kind: "found", at, out: answered.out, hunted: ask.id };
    return { kind: "found", at, out: answered.out, hunt: { ...answered.task, after } };
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

/** Rules of one hunt: compiled, some ten megabytes while it goes on. */
const rulesOfHunt = 500;
/** Files of values are called "known-…" (learning.ts), and come before these. */
const ofRules = "rules-";
const isOfRules = (id: string): boolean => id.startsWith(ofRules);
