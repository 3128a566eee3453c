import type { Instant } from "#core/instant.ts";
import { parseIp } from "#core/ip.ts";
import type { Behaviour, BehaviourHit, Entity, Fact, Surroundings } from "#detect/behaviour.ts";
import { problemOfDoing } from "#detect/doing.ts";
import { type HeldFacts, InTime, type SavedInTime } from "#detect/in-time.ts";
import { Lately } from "#detect/lately.ts";
import type { Correlated } from "#detect/sigma/correlation-plan.ts";
import { Correlator, type SavedCorrelator } from "#detect/sigma/correlator.ts";
import { type SavedWatchers, Watchers } from "#detect/watchers.ts";
import type { PackedMatched } from "#jobs/batches/facts-pack.ts";
import type { LivePlans, SpokenCorrelation } from "#jobs/lists/live-plans.ts";
import type { PartitionCounts } from "./port.ts";

/** What a partition is opened with. */
export interface PartitionWorld {
  readonly behaviours: readonly Behaviour[];
  readonly around: Surroundings;
  readonly plans: LivePlans;
  /** Behaviours whose word is for staff alone. */
  readonly hidden: (behaviour: string) => boolean;
  /** Facts handed on lately that are known when they come again, at least; absent: as many as a server has room for (recent.ts). */
  readonly recent?: number;
}

/** What a behaviour says, or a correlation in the same words. */
export interface SpokenHit extends BehaviourHit {
  /** Of a correlation. */
  readonly rule?: SpokenCorrelation;
}

export interface SavedLane {
  readonly inTime: SavedInTime;
  readonly watchers: SavedWatchers;
  readonly correlator?: SavedCorrelator;
  readonly places: readonly (readonly [id: string, place: Place])[];
}

/** Where an event of a correlation stands, for the evidence. */
interface Place {
  readonly from: string;
  readonly line: number;
  readonly time: number;
  readonly host?: string;
}

/** Events remembered for evidence; those beyond are counted by their correlation all the same. */
const placesKept = 50_000;

/** Facts put in order, and the detectors that read them so. */
export class Lane {
  readonly #world: PartitionWorld;
  readonly #inTime: InTime;
  readonly #watchers: Watchers;
  readonly #correlator: Correlator | undefined;
  readonly #places = new Lately<Place>(placesKept);

  constructor(
    world: PartitionWorld,
    { toleranceMs, silentMs, returnMs }: Readonly<Record<"toleranceMs" | "silentMs" | "returnMs", number>>,
  ) {
    this.#world = world;
    this.#inTime = new InTime(toleranceMs, silentMs, returnMs, world.recent);
    this.#watchers = new Watchers(world.behaviours, world.around, {}, { hidden: world.hidden });
    this.#correlator = world.plans.plans.length > 0 ? new Correlator(world.plans.plans) : undefined;
  }

  get handed(): Instant | undefined {
    return this.#inTime.handed;
  }

  get counts(): Pick<PartitionCounts, "late" | "twice" | "waiting" | "forgotten"> {
    const { late, twice, waiting } = this.#inTime.counts;
    const { evicted = 0 } = this.#correlator?.counts ?? {};
    return {
      ...{ late, twice, waiting },
      forgotten: Object.values(this.#watchers.forgotten()).reduce((sum, one) => sum + one, 0) + evicted,
    };
  }

  /**
   * A batch of one sensor, which is up to here by now. @returns how many of its facts were late
   * @param corrected times of it were
   */
  put(facts: readonly Fact[], sensor: string, heard: Instant, upTo: number, corrected: boolean): number {
    return this.#inTime.putAll(facts, sensor, heard, upTo, corrected);
  }

  /** As `put`, of facts none of which lies behind `handed`. */
  hold(held: HeldFacts, sensor: string, heard: Instant, upTo: number, corrected: boolean): void {
    this.#inTime.hold(held, sensor, heard, upTo, corrected);
  }

  leave(sensor: string): void {
    this.#inTime.leave(sensor);
  }

  /** A record that a rule matched to which some correlation may listen. */
  offer({ rule, time, id, line, fields, host }: PackedMatched, batch: number): void {
    const number = this.#world.plans.numbers.get(rule);
    if (!this.#correlator || number === undefined || !this.#correlator.wants(number)) return;
    this.#places.set(id, { from: String(batch), line, time, ...(host === undefined ? {} : { host }) });
    this.#correlator.offer({ rule: number, time, id, field: (name) => fields[name] });
  }

  /** What can be said now that our clock is at `now`. */
  due(now: Instant): readonly SpokenHit[] {
    return this.#look(this.#inTime.due(now));
  }

  /** Nobody is waited for. */
  end(): readonly SpokenHit[] {
    return this.#look(this.#inTime.end(), Number.MAX_SAFE_INTEGER);
  }

  strike(now: Instant): readonly SpokenHit[] {
    return this.#watchers.strike(now);
  }

  save(): SavedLane {
    return {
      inTime: this.#inTime.save(),
      watchers: this.#watchers.save(),
      ...(this.#correlator ? { correlator: this.#correlator.save() } : {}),
      places: [...this.#places],
    };
  }

  /**
   * @param keys of the plans under which it was saved
   * @param heldOf makes again what was held
   */
  restore(saved: SavedLane, keys: readonly string[], heldOf: (saved: unknown) => HeldFacts): void {
    this.#inTime.restore(saved.inTime, saved.inTime.held?.map(heldOf));
    this.#watchers.restore(saved.watchers);
    this.#places.restore(saved.places, 0);
    if (this.#correlator && saved.correlator)
      this.#correlator.restore(underNow(saved.correlator, keys, this.#world.plans));
  }

  /** @param until to which correlations are settled; absent: as far as everything was handed on */
  #look(due: Iterable<readonly Fact[]>, until?: number): readonly SpokenHit[] {
    const hits: SpokenHit[] = [];
    for (const piece of due) for (const fact of piece) hits.push(...this.#watchers.take(fact));
    const border = until ?? this.#inTime.border;
    for (const one of border === undefined || !this.#correlator ? [] : this.#correlator.settle(border)) {
      const hit = this.#spoken(one);
      if (hit) hits.push(hit);
    }
    return hits;
  }

  #spoken(one: Correlated): SpokenHit | undefined {
    const rule = this.#world.plans.spoken[one.plan];
    if (!rule) return undefined;
    const places = one.events.flatMap((id) => {
      const place = this.#places.get(id);
      return place ? [{ id, ...place }] : [];
    });
    return correlatedHit(rule, one, places);
  }
}

/** What a correlation says, in the words of behaviours, whether of live records or of kept ones. @param places of its evidence, oldest first */
export const correlatedHit = (
  rule: SpokenCorrelation,
  one: Pick<Correlated, "time" | "first" | "group" | "value">,
  places: readonly { readonly id: string; readonly from: string; readonly line: number; readonly host?: string }[],
): SpokenHit => {
  const group = Object.entries(one.group).map(([name, value]) => `${name}=${value}`);
  const hosts = [...new Set(places.flatMap(({ host }) => host ?? []))];
  return {
    ...{ rule, behaviour: rule.rule, time: one.time, first: one.first, last: one.time },
    entities: [...hosts.slice(0, 4).map(entityOf), ...Object.entries(one.group).map(groupEntity)],
    problem: { type: problemOfDoing({ ...rule, logsource: {} }), about: "" },
    ...{ severity: rule.severity, certainty: "possible", score: 0.5, attack: rule.attack },
    because: [{ says: "correlation.held", with: { count: one.value, group: group.join(", ") || "*" } }],
    evidence: places.map(({ id, from, line }) => ({ id, from, line })),
  };
};

const entityOf = (value: string): Entity => ({ kind: parseIp(value).ok ? "address" : "host", value });

/** A field's name says whether a person stands in it. */
const groupEntity = ([name, value]: readonly [string, string]): Entity =>
  /user|account/i.test(name) ? { kind: "account", value: value.toLowerCase() } : entityOf(value.toLowerCase());

/** What was counted under plans that are as they were; the others begin anew. */
const underNow = (saved: SavedCorrelator, keys: readonly string[], { keys: now }: LivePlans): SavedCorrelator => {
  const number = (plan: number): number => now.indexOf(keys[plan] ?? "");
  return {
    settled: saved.settled,
    waiting: saved.waiting.flatMap((one) => (number(one.plan) < 0 ? [] : { ...one, plan: number(one.plan) })),
    groups: saved.groups.flatMap((one) => (number(one.plan) < 0 ? [] : { ...one, plan: number(one.plan) })),
  };
};
