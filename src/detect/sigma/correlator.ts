import { hash } from "node:crypto";
import type { Instant } from "#core/instant.ts";
import { type Measure, measureOf, restoredMeasure, type SavedMeasure } from "./correlation-measure.ts";
import {
  asks,
  type Correlated,
  evidenceAtMost,
  type FieldOf,
  holds,
  type Input,
  type Plan,
  tumblingStart,
} from "./correlation-plan.ts";

/** One event that a detection rule matched. */
export interface Matched {
  /** The caller's number of the rule. */
  readonly rule: number;
  readonly time: Instant;
  /** Stable: the same record delivered again has the same id, and counts once. */
  readonly id: string;
  readonly field: FieldOf;
}

/** What was left out, so that nobody takes silence for peace. */
export interface CorrelatorCounts {
  /** Events older than what was settled already. */
  readonly late: number;
  /** Events that lack a field their rule groups by. */
  readonly ungrouped: number;
  /** Groups let go because there were more than `groupsAtMost`. */
  readonly evicted: number;
}

/** State of all plans, as plain data. */
export interface SavedCorrelator {
  readonly settled: number;
  readonly waiting: readonly Waiting[];
  readonly groups: readonly SavedGroup[];
}

interface SavedGroup {
  readonly plan: number;
  readonly key: readonly string[];
  readonly measure: SavedMeasure;
  readonly last: number;
  readonly began: number;
  readonly was: boolean;
  readonly events: readonly string[];
  readonly shown: readonly string[];
  readonly ids: readonly string[];
}

/** An event on its way to one plan. */
interface Waiting {
  readonly time: number;
  readonly plan: number;
  readonly input: number;
  /** Of its group, and as the event wrote it. */
  readonly key: readonly string[];
  readonly shown: readonly string[];
  readonly value?: string | number;
  readonly id: string;
}

/** Groups of all plans together; idle ones go by themselves when their window is over. */
export const groupsUsually = 200_000;

/**
 * Runs correlation rules over events that come in any order, some twice. Events wait until the caller says that nothing
 * older will come (`settle`); then they are taken in the order of their time. So the result is a function of the set of
 * events, and a test holds it to a reading of the definition word by word:
 *
 * A group's condition is looked at whenever the group has events, over the window as it is then. It becomes a hit where
 * it is true and was not true at the group's event before, or that event's window was another one (over before this began).
 * One flood is one hit, spoken at its first moment.
 *
 * An event without one of the fields a rule groups by belongs to no group: absent is absent. It is counted.
 */
export class Correlator {
  readonly #plans: readonly Plan[];
  readonly #listeners = new Map<number, readonly { readonly plan: number; readonly input: number }[]>();
  readonly #above: readonly (readonly { readonly plan: number; readonly input: number }[])[];
  readonly #groupsAtMost: number;
  readonly #groups = new Map<string, Group>();
  #waiting: Waiting[] = [];
  #settled = Number.NEGATIVE_INFINITY;
  #late = 0;
  #ungrouped = 0;
  #evicted = 0;

  /** @param plans in an order in which each listens to earlier ones only */
  constructor(plans: readonly Plan[], groupsAtMost: number = groupsUsually) {
    this.#plans = plans;
    this.#groupsAtMost = groupsAtMost;
    const above: { plan: number; input: number }[][] = plans.map(() => []);
    const listeners = new Map<number, { plan: number; input: number }[]>();
    for (const [plan, { inputs }] of plans.entries())
      for (const [input, { of }] of inputs.entries()) {
        if ("plan" in of) {
          if (of.plan >= plan)
            throw new RangeError(`Cannot run plan ${plan} before plan ${of.plan}, to which it listens`);
          above[of.plan]?.push({ plan, input });
          continue;
        }
        const known = listeners.get(of.rule);
        if (known) known.push({ plan, input });
        else listeners.set(of.rule, [{ plan, input }]);
      }
    this.#above = above;
    this.#listeners = listeners;
  }

  get counts(): CorrelatorCounts {
    return { late: this.#late, ungrouped: this.#ungrouped, evicted: this.#evicted };
  }

  /** True when some plan listens to the rule. */
  wants(rule: number): boolean {
    return this.#listeners.has(rule);
  }

  offer(event: Matched): void {
    for (const { plan, input } of this.#listeners.get(event.rule) ?? []) {
      if (event.time <= this.#settled) {
        this.#late++;
        continue;
      }
      this.#wait(plan, input, event.time, event.id, event.field);
    }
  }

  /** Everything up to and with `until` is there: what it shows, in the order of time, then of plans. */
  settle(until: Instant | number): readonly Correlated[] {
    if (until <= this.#settled) return [];
    this.#settled = until;
    const [due, later] = [
      this.#waiting.filter(({ time }) => time <= until),
      this.#waiting.filter(({ time }) => time > until),
    ];
    this.#waiting = later;
    due.sort(inOrder);
    const found: Correlated[] = [];
    for (let at = 0; at < due.length; ) {
      const time = (due[at] as Waiting).time;
      let end = at;
      while (end < due.length && due[end]?.time === time) end++;
      this.#moment(time, due.slice(at, end), found);
      at = end;
    }
    this.#tidy(until);
    return found;
  }

  save(): SavedCorrelator {
    return {
      settled: this.#settled,
      waiting: this.#waiting,
      groups: [...this.#groups.values()].map((group) => group.save()),
    };
  }

  /** Goes on where `saved` stood, under the same plans. */
  restore(saved: SavedCorrelator): void {
    this.#settled = saved.settled;
    this.#waiting = [...saved.waiting];
    this.#groups.clear();
    for (const one of saved.groups) {
      const plan = this.#plans[one.plan];
      if (plan) this.#groups.set(groupKey(one.plan, one.key), new Group(plan, one.plan, one, one));
    }
  }

  #wait(plan: number, input: number, time: number, id: string, field: FieldOf): void {
    const to = this.#plans[plan] as Plan;
    const shown = partsOf(to.inputs[input] as Input, field);
    if (shown === undefined) {
      this.#ungrouped++;
      return;
    }
    // Sigma compares text without regard to case; a user is one user however a log writes it
    const key = shown.map((part) => part.toLowerCase());
    const value = valueOf(to, field);
    this.#waiting.push({ time, plan, input, key, shown, id, ...(value === undefined ? {} : { value }) });
  }

  /** All events of one moment; what a plan finds is an event of the same moment for the plans above it. */
  #moment(time: number, events: readonly Waiting[], found: Correlated[]): void {
    const byPlan = new Map<number, Waiting[]>();
    const put = (one: Waiting): void => {
      const known = byPlan.get(one.plan);
      if (known) known.push(one);
      else byPlan.set(one.plan, [one]);
    };
    for (const one of events) put(one);
    const ahead = this.#waiting;
    while (byPlan.size > 0) {
      const plan = Math.min(...byPlan.keys());
      const mine = byPlan.get(plan) ?? [];
      byPlan.delete(plan);
      this.#waiting = [];
      for (const one of this.#run(plan, time, mine)) {
        found.push(one);
        for (const above of this.#above[plan] ?? [])
          this.#wait(above.plan, above.input, time, idOf(one), (field) => one.group[field]);
      }
      for (const one of this.#waiting) put(one);
    }
    this.#waiting = ahead;
  }

  #run(plan: number, time: number, events: readonly Waiting[]): readonly Correlated[] {
    const touched = new Set<Group>();
    for (const event of events) {
      const key = groupKey(plan, event.key);
      let group = this.#groups.get(key);
      if (!group) {
        group = new Group(this.#plans[plan] as Plan, plan, event);
        this.#groups.set(key, group);
      }
      if (group.add(event)) touched.add(group);
    }
    return [...touched].flatMap((group) => group.look(time) ?? []);
  }

  /** Groups whose window is over hold nothing; when too many are left, those that were silent longest go, counted. */
  #tidy(now: number): void {
    if (this.#groups.size <= this.#groupsAtMost / 2) return;
    for (const [key, group] of this.#groups) if (group.over(now)) this.#groups.delete(key);
    const over = this.#groups.size - this.#groupsAtMost;
    if (over <= 0) return;
    const oldest = [...this.#groups].sort(([, a], [, b]) => a.last - b.last).slice(0, over);
    for (const [key] of oldest) this.#groups.delete(key);
    this.#evicted += oldest.length;
  }
}

const inOrder = (a: Waiting, b: Waiting): number =>
  a.time - b.time || a.plan - b.plan || (a.id < b.id ? -1 : a.id > b.id ? 1 : a.input - b.input);

const groupKey = (plan: number, key: readonly string[]): string => `${plan} ${JSON.stringify(key)}`;

const partsOf = (input: Input, field: FieldOf): readonly string[] | undefined => {
  const parts: string[] = [];
  for (const name of input.groupBy) {
    const value = field(name);
    if (value === undefined) return undefined;
    parts.push(String(value));
  }
  return parts;
};

const valueOf = (plan: Plan, field: FieldOf): string | number | undefined => {
  const [only, ...others] = plan.fields;
  if (only === undefined) return undefined;
  if (others.length === 0) {
    const value = field(only);
    return typeof value === "string" && plan.type === "value_count" ? value.toLowerCase() : value;
  }
  const values = plan.fields.map(field);
  return values.includes(undefined) ? undefined : JSON.stringify(values.map((value) => String(value).toLowerCase()));
};

const idOf = (one: Correlated): string =>
  hash("sha256", JSON.stringify([one.plan, one.time, Object.values(one.group)]), "hex").slice(0, 32);

/** One group of one plan. */
class Group {
  readonly #plan: Plan;
  readonly #number: number;
  readonly #key: readonly string[];
  /** The key as events of the moment under way write it; of several spellings the least, so that order is no matter. */
  #shown: readonly string[];
  readonly #measure: Measure;
  /** Events of the moment under way: the same one delivered again has the same time, and counts once. */
  readonly #ids: Set<string>;
  #events: string[];
  /** Where the tumbling window or the session under way began. */
  #began: number;
  /** The condition held at the last event. */
  #was: boolean;
  last: number;
  /** Time of the event looked at before `last`. */
  #looked: number;

  constructor(plan: Plan, number: number, of: Pick<Waiting, "key" | "shown">, saved?: SavedGroup) {
    this.#plan = plan;
    this.#number = number;
    this.#key = of.key;
    this.#shown = of.shown;
    this.#measure = saved ? restoredMeasure(plan, saved.measure) : measureOf(plan);
    this.#ids = new Set(saved?.ids ?? []);
    this.#events = [...(saved?.events ?? [])];
    this.#began = saved?.began ?? Number.NEGATIVE_INFINITY;
    this.#was = saved?.was ?? false;
    this.last = saved?.last ?? Number.NEGATIVE_INFINITY;
    this.#looked = this.last;
  }

  /** @returns false when it was there already */
  add({ time, input, value, id, shown }: Waiting): boolean {
    const one = `${input} ${id}`;
    if (time !== this.last) {
      this.#ids.clear();
      this.#move(time);
      this.#shown = shown;
    } else if (shown.join("\n") < this.#shown.join("\n")) this.#shown = shown;
    if (this.#ids.has(one)) return false;
    this.last = time;
    this.#ids.add(one);
    if (!this.#events.includes(id)) this.#events.push(id);
    if (this.#events.length > 2 * evidenceAtMost) this.#events = this.#events.slice(-evidenceAtMost);
    this.#measure.add(time, input, value);
    return true;
  }

  look(time: number): Correlated | undefined {
    const value = this.#measure.value();
    const is = value !== undefined && this.#holds(value);
    const news = is && !this.#was;
    this.#was = is;
    this.#looked = time;
    if (!news || value === undefined) return undefined;
    const group: Record<string, string> = Object.create(null);
    for (const [i, name] of this.#plan.groupBy.entries()) group[name] = this.#shown[i] ?? "";
    return {
      plan: this.#number,
      time: time as Instant,
      first: this.#measure.first() as Instant,
      group,
      value,
      events: this.#events.slice(-evidenceAtMost),
    };
  }

  #holds(value: number): boolean {
    const { asked, condition, inputs } = this.#plan;
    const measure = this.#measure;
    if (asked) return asks(asked, (input) => measure.has?.(input) === true);
    return condition.length === 0 ? value === inputs.length : holds(condition, value);
  }

  /** Nothing of it can matter to an event after `now`. */
  over(now: number): boolean {
    return this.last <= now - this.#plan.spanMs;
  }

  save(): SavedGroup {
    return {
      plan: this.#number,
      key: this.#key,
      shown: this.#shown,
      measure: this.#measure.save(),
      last: this.last,
      began: this.#began,
      was: this.#was,
      events: this.#events,
      ids: [...this.#ids],
    };
  }

  /** The window moves on to hold `time`. */
  #move(time: number): void {
    const { window, spanMs } = this.#plan;
    if (window.kind === "sliding") {
      const from = time - spanMs;
      if (this.#looked <= from) this.#was = false;
      this.#measure.drop(from);
      if (this.last <= from) this.#events = [];
      return;
    }
    const began =
      window.kind === "tumbling"
        ? tumblingStart(time, spanMs)
        : time - this.last <= window.gapMs && time - this.#began <= spanMs
          ? this.#began
          : time;
    if (began === this.#began) return;
    this.#began = began;
    this.#was = false;
    this.#measure.clear();
    this.#events = [];
  }
}
