import type { Instant } from "#core/instant.ts";
import { hour, minute } from "#core/instant.ts";
import type { Fact, Said } from "#detect/behaviour.ts";
import { ClockSkew, type SavedClock, skewFrom, skewUpTo } from "#detect/clock-skew.ts";
import type { Facts, PackedMatched } from "#jobs/batches/facts-pack.ts";
import { Lane, type PartitionWorld, type SavedLane, type SpokenHit } from "./lane.ts";
import type { PartitionCounts, SaidOfBatch, SensorClock } from "./port.ts";

/**
 * Names what can read a checkpoint: raised when what a behaviour or this file saves means something else than before.
 *   1  pairs of beacon, dns-tunnel and exfiltration each by itself, targets of port-scan as names of an object
 *   2  in columns
 */
export const partitionVersion = "2";

/** Checkpoints of another version are left aside, and it is said so. */
export const readableVersions: ReadonlySet<string> = new Set(["1", partitionVersion]);

/** Facts wait so long behind the newest of their sensor: what is written in parallel comes a little out of order. */
const toleranceMs = 2 * minute;
/** A sensor that was silent for longer is not waited for; most post every few minutes. */
const silentMs = 15 * minute;
/** Who was silent and comes back may bring what is so old: most post every five minutes. */
const returnMs = 6 * minute;
/** An hour strikes for who is silent only so long after it was over: what was on its way then has come. */
const strikeAfterMs = hour;

/** One batch's facts, unpacked. */
export interface FactsBatch extends Facts {
  readonly batch: number;
  /** Sensor id; the facts themselves are said by its key. */
  readonly sensor: string;
  readonly received: Instant;
  readonly newest: Instant;
  readonly said: SaidOfBatch;
}

/** State as plain data; `version` names what can read it. */
export interface SavedPartition {
  readonly clocks: readonly (readonly [sensor: string, clock: SavedClock, counts: SensorCounts])[];
  readonly lanes: readonly (readonly [name: string, lane: SavedLane])[];
  readonly keys: readonly string[];
  readonly alone: readonly string[];
  readonly facts: number;
  readonly hits: number;
  /** Of lanes that are no more. */
  readonly past: Pick<PartitionCounts, "late" | "twice" | "forgotten">;
  readonly heard: number;
}

interface SensorCounts {
  facts: number;
  late: number;
  future: number;
  at: number;
}

interface SensorState {
  readonly clock: ClockSkew;
  readonly counts: SensorCounts;
}

/** A batch comes late when one in so many of its facts does, and so many at least; or most of them. */
const lateShare = 20;
const lateAtLeast = 5;

/** The lane that most sensors share. */
const common = "";

/**
 * All detectors over time of one organisation: facts of batches in, in the order in which the batches were read; hits out.
 * The same batches in the same order give the same hits, whoever runs them: it knows no clock but when a batch came.
 *
 * Sensors share a lane, so that what one saw and what another saw make one story. A batch of which more than a twentieth
 * lies behind what its lane handed on already came too late for the others (a log that is handed in once a night, an edge
 * that was cut off): its sensor is looked at in a lane of its own until it is in time again, and nothing of it is lost.
 * Fewer are wrong stamps, and counted.
 */
export class PartitionState {
  readonly #world: PartitionWorld;
  readonly #lanes = new Map<string, Lane>();
  readonly #sensors = new Map<string, SensorState>();
  readonly #alone = new Set<string>();
  #facts = 0;
  #hits = 0;
  #past = { late: 0, twice: 0, forgotten: 0 };
  /** When the newest batch came. */
  #heard = 0;

  constructor(world: PartitionWorld) {
    this.#world = world;
  }

  get counts(): PartitionCounts {
    const lanes = [...this.#lanes.values()].map(({ counts }) => counts);
    const sum = (of: (counts: Lane["counts"]) => number): number => lanes.reduce((all, one) => all + of(one), 0);
    return {
      ...{ facts: this.#facts, hits: this.#hits, waiting: sum(({ waiting }) => waiting) },
      late: this.#past.late + sum(({ late }) => late),
      twice: this.#past.twice + sum(({ twice }) => twice),
      forgotten: this.#past.forgotten + sum(({ forgotten }) => forgotten),
      future: [...this.#sensors.values()].reduce((all, { counts }) => all + counts.future, 0),
    };
  }

  /** Until here everything was looked at, in the lane that most share. */
  get through(): Instant | undefined {
    return this.#lanes.get(common)?.handed;
  }

  get clocks(): readonly SensorClock[] {
    return [...this.#sensors].map(([sensor, { clock, counts }]) => ({
      ...{ sensor, at: counts.at as Instant, behindMs: clock.behindMs, correctedMs: clock.correctedMs },
      ...{ facts: counts.facts, late: counts.late, future: counts.future, alone: this.#alone.has(sensor) },
    }));
  }

  take(batch: FactsBatch): readonly SpokenHit[] {
    const { sensor, received } = batch;
    const { clock, counts } = this.#sensor(sensor);
    const skew = clock.note(received, batch.newest);
    counts.at = received;
    this.#heard = Math.max(this.#heard, received);
    const facts = saidIn(batch).map((fact) => this.#inTime(fact, skew, received, counts));
    // dated by when they came, or held to it: delivered again they have another time
    const corrected = skew !== 0 || facts.some(({ at }) => at >= received);
    const upTo = Math.min(batch.newest + skew, received);
    const hits: SpokenHit[] = [];
    const lane = this.#laneOf(sensor, facts, upTo, hits);
    counts.late += lane.put(facts, facts[0]?.sensor ?? sensor, this.#heard as Instant, upTo, corrected);
    for (const one of batch.matched) lane.offer(moved(one, skew, received), batch.batch);
    counts.facts += facts.length;
    this.#facts += facts.length;
    // every lane hears that time went on; the others may wait for who just spoke
    for (const each of this.#lanes.values()) hits.push(...each.due(this.#heard as Instant));
    this.#hits += hits.length;
    return hits;
  }

  /**
   * It is `now`, by our own clock: nobody waits for who is silent, and hours strike. What this decides depends on when it
   * is asked: the caller saves the state together with it, so that it is decided once.
   */
  tick(now: Instant): readonly SpokenHit[] {
    const hits: SpokenHit[] = [];
    for (const lane of this.#lanes.values()) {
      hits.push(...lane.due(now));
      if (lane.counts.waiting === 0 && now - this.#heard > silentMs)
        hits.push(...lane.strike((now - strikeAfterMs) as Instant));
    }
    this.#hits += hits.length;
    return hits;
  }

  save(): SavedPartition {
    return {
      clocks: [...this.#sensors].map(([sensor, { clock, counts }]) => [sensor, clock.save(), counts] as const),
      lanes: [...this.#lanes].map(([name, lane]) => [name, lane.save()] as const),
      keys: this.#world.plans.keys,
      alone: [...this.#alone],
      ...{ facts: this.#facts, hits: this.#hits, past: this.#past, heard: this.#heard },
    };
  }

  restore(saved: SavedPartition): void {
    for (const [sensor, clock, counts] of saved.clocks) {
      const state: SensorState = { clock: new ClockSkew(), counts: { ...counts } };
      state.clock.restore(clock);
      this.#sensors.set(sensor, state);
    }
    for (const [name, lane] of saved.lanes) this.#open(name).restore(lane, saved.keys);
    for (const sensor of saved.alone) this.#alone.add(sensor);
    this.#facts = saved.facts;
    this.#hits = saved.hits;
    this.#past = { ...saved.past };
    this.#heard = saved.heard;
  }

  #sensor(sensor: string): SensorState {
    const known = this.#sensors.get(sensor);
    if (known) return known;
    const fresh: SensorState = { clock: new ClockSkew(), counts: { facts: 0, late: 0, future: 0, at: 0 } };
    this.#sensors.set(sensor, fresh);
    return fresh;
  }

  /** By our clock as far as the sensor's is known to be off; never later than it came. */
  #inTime(fact: Fact, skew: number, received: Instant, counts: SensorCounts): Fact {
    const at = fact.at + skew;
    if (at > received + skewFrom) {
      counts.future++;
      return { ...fact, at: received, time: Math.min(fact.time + skew, received) as Instant };
    }
    return skew === 0 ? fact : { ...fact, at: positive(at), time: positive(fact.time + skew) };
  }

  #laneOf(sensor: string, facts: readonly Fact[], upTo: number, hits: SpokenHit[]): Lane {
    const shared = this.#open(common);
    // what is days older than its neighbours is a wrong stamp, and says nothing of the delivery
    const oldest = upTo - skewUpTo;
    const handed = shared.handed ?? -1;
    let late = 0;
    for (const { at } of facts) if (at <= handed && at > oldest) late++;
    if (!this.#alone.has(sensor)) {
      if (late * 2 <= facts.length && (late < lateAtLeast || late * lateShare <= facts.length)) return shared;
      this.#alone.add(sensor);
      const key = facts[0]?.sensor;
      if (key !== undefined) shared.leave(key);
      return this.#open(sensor);
    }
    const own = this.#open(sensor);
    if (late > 0 || facts.length === 0) return own;
    // in time again
    this.#alone.delete(sensor);
    hits.push(...own.end());
    const { late: lost, twice, forgotten } = own.counts;
    const past = this.#past;
    this.#past = { late: past.late + lost, twice: past.twice + twice, forgotten: past.forgotten + forgotten };
    this.#lanes.delete(sensor);
    return shared;
  }

  #open(name: string): Lane {
    const known = this.#lanes.get(name);
    if (known) return known;
    const lane = new Lane(this.#world, { toleranceMs, silentMs, returnMs });
    this.#lanes.set(name, lane);
    return lane;
  }
}

const positive = (time: number): Instant => Math.max(0, time) as Instant;

const moved = (one: PackedMatched, skew: number, received: Instant): PackedMatched => ({
  ...one,
  time: Math.max(0, Math.min(one.time + skew, received)) as Instant,
});

/** The batch's facts with what lists said of them, and which of all that the organisation may not read. */
const saidIn = ({ facts, said }: FactsBatch): readonly Fact[] => {
  if (said.listed.length === 0 && !facts.some((fact) => fact.said)) return facts;
  const open = new Set(said.open);
  const listed = new Map<number, Said[]>();
  for (const { line, value, severity, attack, hidden } of said.listed) {
    const one: Said = {
      ...{ id: `indicator-match ${value}`, title: value, severity, attack, tactics: ["command-and-control"] },
      ...(hidden ? { hidden } : {}),
    };
    const known = listed.get(line);
    if (known) known.push(one);
    else listed.set(line, [one]);
  }
  return facts.map((fact) => {
    const lists = listed.get(fact.line);
    if (!fact.said && !lists) return fact;
    const rules = (fact.said ?? []).map((one): Said => (open.has(one.id) ? one : { ...one, hidden: true }));
    return { ...fact, said: [...(lists ?? []), ...rules] };
  });
};
