import type { Instant } from "#core/instant.ts";
import { hour, minute } from "#core/instant.ts";
import { type Problem, problem } from "#core/result.ts";
import type { Fact, Said } from "#detect/behaviour.ts";
import { ClockSkew, type SavedClock, skewFrom, skewUpTo } from "#detect/clock-skew.ts";
import type { HeldFacts } from "#detect/in-time.ts";
import {
  type FactReader,
  type Facts,
  openFacts,
  type OpenedFacts,
  type PackedMatched,
} from "#jobs/batches/facts-pack.ts";
import { Lane, type PartitionWorld, type SavedLane, type SpokenHit } from "./lane.ts";
import type { PartitionCounts, SaidOfBatch, SensorClock } from "./port.ts";

/**
 * Names what can read a checkpoint: raised when what a behaviour or this file saves means something else than before.
 *   1  pairs of beacon, dns-tunnel and exfiltration each by itself, targets of port-scan as names of an object
 *   2  in columns
 *   3  facts that wait are packed, as they came
 */
export const partitionVersion = "3";

/** Checkpoints of another version are left aside, and it is said so. */
export const readableVersions: ReadonlySet<string> = new Set(["1", "2", partitionVersion]);

/** Facts wait so long behind the newest of their sensor: what is written in parallel comes a little out of order. */
const toleranceMs = 2 * minute;
/** A sensor that was silent for longer is not waited for; most post every few minutes. */
const silentMs = 15 * minute;
/** Who was silent and comes back may bring what is so old: most post every five minutes. */
const returnMs = 6 * minute;
/** An hour strikes for who is silent only so long after it was over: what was on its way then has come. */
const strikeAfterMs = hour;

/** A batch of one sensor, as it came. */
interface Came {
  readonly batch: number;
  /** Sensor id; the facts themselves are said by its key. */
  readonly sensor: string;
  readonly received: Instant;
  readonly newest: Instant;
  readonly said: SaidOfBatch;
}

/** One batch's facts, unpacked. */
export interface FactsBatch extends Came, Facts {}

/** One batch's facts, which are unpacked when they are due. */
export interface PackedBatch extends Came {
  /** By which the facts call their sensor. */
  readonly key: string;
  readonly body: Uint8Array;
  /** `body`, opened. */
  readonly opened: OpenedFacts;
}

/** Plain data of a batch that waits; `body` in Base64. */
interface SavedHeld extends Omit<PackedBatch, "body" | "opened" | "newest"> {
  readonly body: string;
  readonly skew: number;
  readonly oldest: number;
  readonly count: number;
  /** Somebody signs in there; absent: not known. */
  readonly sessions?: boolean;
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

/** True when among the facts that waited there are sign-ins. */
export const waitsForSessions = ({ lanes }: SavedPartition): boolean =>
  lanes.some(
    ([, { inTime }]) =>
      inTime.waiting.some(({ session }) => session !== undefined) ||
      inTime.held?.some((one) => (one as SavedHeld).sessions !== false),
  );

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
  #trouble: Problem | undefined;

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
    const { facts, matched } = batch;
    const times = Float64Array.from(facts, ({ at }) => at);
    return this.#take(batch, facts[0]?.sensor ?? batch.sensor, matched, times, (timed, lane, skew, ...how) => {
      const told = toldBy(batch.said);
      const said = facts.map((fact, n) => moved(told(fact), timed[n] ?? fact.at, skew, batch.received));
      return lane.put(said, ...how);
    });
  }

  /** As `take`. Facts none of which is due are held as they came, and are objects for a moment only. */
  takePacked(batch: PackedBatch): readonly SpokenHit[] {
    const { batch: n, sensor, key, body, received, said, opened } = batch;
    const { matched, times } = opened;
    return this.#take(batch, key, matched, times, (timed, lane, skew, ...how) => {
      const oldest = timed.reduce((least, at) => Math.min(least, at), Number.POSITIVE_INFINITY);
      const saved = {
        ...{ batch: n, sensor, key, received, said, skew, oldest, count: times.length },
        sessions: opened.sessions,
      };
      const held = this.#held(saved, body);
      if (oldest <= (lane.handed ?? Number.NEGATIVE_INFINITY))
        return lane.put(held.take(Number.POSITIVE_INFINITY), ...how);
      if (times.length === 0) return lane.put([], ...how);
      lane.hold(held, ...how);
      return 0;
    });
  }

  /** What could not be read since this was asked last; nothing of it comes again. */
  trouble(): Problem | undefined {
    const trouble = this.#trouble;
    this.#trouble = undefined;
    return trouble;
  }

  /**
   * @param key   by which the facts call their sensor
   * @param times `at` of each fact
   * @param put   puts the facts into a lane, given their times by our clock. @returns how many were late
   */
  #take(
    { batch, sensor, received, newest }: Came,
    key: string,
    matched: readonly PackedMatched[],
    times: Float64Array,
    put: (timed: Float64Array, lane: Lane, skew: number, ...how: PutHow) => number,
  ): readonly SpokenHit[] {
    const { clock, counts } = this.#sensor(sensor);
    const skew = clock.note(received, newest);
    counts.at = received;
    this.#heard = Math.max(this.#heard, received);
    let future = 0;
    for (const at of times) if (isFuture(at, skew, received)) future++;
    counts.future += future;
    const timed = skew === 0 && future === 0 ? times : times.map((at) => inTime(at, skew, received));
    // dated by when they came, or held to it: delivered again they have another time
    const corrected = skew !== 0 || timed.some((at) => at >= received);
    const upTo = Math.min(newest + skew, received);
    const hits: SpokenHit[] = [];
    const lane = this.#laneOf(sensor, key, timed, upTo, hits);
    counts.late += put(timed, lane, skew, key, this.#heard as Instant, upTo, corrected);
    for (const one of matched) lane.offer(matchedAt(one, skew, received), batch);
    counts.facts += times.length;
    this.#facts += times.length;
    // every lane hears that time went on; the others may wait for who just spoke
    for (const each of this.#lanes.values()) hits.push(...each.due(this.#heard as Instant));
    this.#hits += hits.length;
    return hits;
  }

  #held(saved: Omit<SavedHeld, "body">, body: Uint8Array): HeldFacts {
    return new HeldBatch(saved, body, (why) => (this.#trouble = why));
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
    const heldOf = (one: unknown): HeldFacts => {
      const { body, ...held } = one as SavedHeld;
      return this.#held(held, Buffer.from(body, "base64"));
    };
    for (const [sensor, clock, counts] of saved.clocks) {
      const state: SensorState = { clock: new ClockSkew(), counts: { ...counts } };
      state.clock.restore(clock);
      this.#sensors.set(sensor, state);
    }
    for (const [name, lane] of saved.lanes) this.#open(name).restore(lane, saved.keys, heldOf);
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

  #laneOf(sensor: string, key: string, times: Float64Array, upTo: number, hits: SpokenHit[]): Lane {
    const shared = this.#open(common);
    // what is days older than its neighbours is a wrong stamp, and says nothing of the delivery
    const oldest = upTo - skewUpTo;
    const handed = shared.handed ?? -1;
    let late = 0;
    for (const at of times) if (at <= handed && at > oldest) late++;
    if (!this.#alone.has(sensor)) {
      if (late * 2 <= times.length && (late < lateAtLeast || late * lateShare <= times.length)) return shared;
      this.#alone.add(sensor);
      shared.leave(key);
      return this.#open(sensor);
    }
    const own = this.#open(sensor);
    if (late > 0 || times.length === 0) return own;
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

/** How a lane is given facts. */
type PutHow = [key: string, heard: Instant, upTo: number, corrected: boolean];

const isFuture = (at: number, skew: number, received: Instant): boolean => at + skew > received + skewFrom;

/** By our clock as far as the sensor's is known to be off; never later than it came. */
const inTime = (at: number, skew: number, received: Instant): number =>
  isFuture(at, skew, received) ? received : skew === 0 ? at : positive(at + skew);

/** @param at its time by our clock */
const moved = (fact: Fact, at: number, skew: number, received: Instant): Fact => {
  if (at === fact.at && skew === 0) return fact;
  const time = isFuture(fact.at, skew, received) ? Math.min(fact.time + skew, received) : positive(fact.time + skew);
  return { ...fact, at: at as Instant, time: time as Instant };
};

const positive = (time: number): Instant => Math.max(0, time) as Instant;

/** A batch that waits. Its facts are unpacked when they are due, told what was said of them and set right. */
class HeldBatch implements HeldFacts {
  readonly #saved: Omit<SavedHeld, "body">;
  readonly #body: Uint8Array;
  readonly #failed: (why: Problem) => void;
  /** Where some were taken out. */
  #begun: BegunBatch | undefined;

  /** @param failed told why it cannot be read; then there are none in it */
  constructor(saved: Omit<SavedHeld, "body">, body: Uint8Array, failed: (why: Problem) => void) {
    this.#saved = saved;
    this.#body = body;
    this.#failed = failed;
  }

  get oldest(): number {
    return this.#begun ? (this.#begun.oldest[this.#begun.out] ?? Number.POSITIVE_INFINITY) : this.#saved.oldest;
  }

  get count(): number {
    return this.#begun ? this.#begun.oldest.length - this.#begun.out : this.#saved.count;
  }

  take(border: number): readonly Fact[] {
    const begun = (this.#begun ??= this.#begin());
    const { oldest } = begun;
    let end = begun.out;
    while (end < oldest.length && (oldest[end] ?? 0) <= border) end++;
    begun.out = end;
    return this.#read(begun, end);
  }

  left(): readonly Fact[] {
    const again = this.#begin();
    const before = this.#begun?.out ?? 0;
    this.#read(again, before);
    return this.#read(again, again.oldest.length);
  }

  get begun(): boolean {
    return this.#begun !== undefined;
  }

  save(): SavedHeld {
    return { ...this.#saved, body: Buffer.from(this.#body).toString("base64") };
  }

  #begin(): BegunBatch {
    const { batch, key, skew, received, said } = this.#saved;
    const opened = openFacts(this.#body, { sensor: key, from: String(batch) });
    if (!opened.ok) return this.#broken(opened.problem);
    const { times } = opened.value;
    const oldest = times.map((at) => inTime(at, skew, received));
    for (let n = oldest.length - 2; n >= 0; n--) oldest[n] = Math.min(oldest[n] ?? 0, oldest[n + 1] ?? 0);
    try {
      return { oldest, read: opened.value.read(), told: toldBy(said), out: 0 };
    } catch (error) {
      return this.#broken(unreadableBody(error));
    }
  }

  #read(begun: BegunBatch, end: number): readonly Fact[] {
    const { skew, received } = this.#saved;
    try {
      return begun.read(end).map((fact) => moved(begun.told(fact), inTime(fact.at, skew, received), skew, received));
    } catch (error) {
      this.#begun = this.#broken(unreadableBody(error));
      return [];
    }
  }

  #broken(why: Problem): BegunBatch {
    this.#failed(why);
    return nothingLeft;
  }
}

const unreadableBody = (error: unknown): Problem =>
  problem("WGL_FACTS_BODY", { reason: error instanceof Error ? error.message : String(error) });

/** A batch of which some facts were taken out. */
interface BegunBatch {
  /** `at` of the oldest from each on. */
  readonly oldest: Float64Array;
  readonly read: FactReader;
  readonly told: (fact: Fact) => Fact;
  /** How many were taken out. */
  out: number;
}

const nothingLeft: BegunBatch = { oldest: new Float64Array(0), read: () => [], told: (fact) => fact, out: 0 };

const matchedAt = (one: PackedMatched, skew: number, received: Instant): PackedMatched => ({
  ...one,
  time: Math.max(0, Math.min(one.time + skew, received)) as Instant,
});

/** Tells a batch's fact what lists said of it, and which of all that the organisation may not read. */
const toldBy = (said: SaidOfBatch): ((fact: Fact) => Fact) => {
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
  return (fact) => {
    const lists = listed.get(fact.line);
    if (!fact.said && !lists) return fact;
    const rules = (fact.said ?? []).map((one): Said => (open.has(one.id) ? one : { ...one, hidden: true }));
    return { ...fact, said: [...(lists ?? []), ...rules] };
  };
};
