import type { Instant } from "#core/instant.ts";
import type { Fact } from "./behaviour.ts";
import { Recent, usualLot } from "./recent.ts";
import { Waiting } from "./waiting.ts";

/** Facts ordered as detectors want them, and what was wrong with the others. */
export interface InTimeCounts {
  /** Came after their moment had been handed on. */
  readonly late: number;
  /** Had come before. */
  readonly twice: number;
  readonly waiting: number;
}

/** What became of a fact that was put in; "waits": it is handed on in its turn. */
export type Put = "waits" | "late" | "twice";

/**
 * Facts handed on at once, about: they are made, looked at and gone before the garbage collector takes them for something that
 * stays. It moved and walked over those of a whole batch.
 */
const atOnce = 512;

/** Who was silent for so long is not expected back any minute. */
const forgottenMs = 7 * 86_400_000;

/** Facts of one delivery, made when they are due: as objects they are ten times as large. What it says is of those left in it. */
export interface HeldFacts {
  /** `at` of the oldest; Infinity: none is left. */
  readonly oldest: number;
  readonly count: number;
  /** Takes out all up to this moment, and whoever stands before one of them. */
  readonly take: (border: number) => readonly Fact[];
  /** Some were taken out. */
  readonly begun: boolean;
  /** Plain data, from which the caller makes it again, all of it. */
  readonly save: () => unknown;
  /** Those left in it, which stay there. */
  readonly left: () => readonly Fact[];
}

/** Plain data, so that a checkpoint can hold it. */
export interface SavedInTime {
  readonly sensors: readonly (readonly [sensor: string, newest: number, heard: number])[];
  readonly waiting: readonly Fact[];
  readonly held?: readonly unknown[];
  /** Absent: nothing was handed on yet. */
  readonly handed?: number;
  readonly border?: number;
  /** Handed on at the border's own moment; what is older is late in any case. */
  readonly recent: readonly (readonly [id: string, at: number])[];
  readonly late: number;
  readonly twice: number;
}

/**
 * Puts facts into the order of their time. What is handed on is bounded by the sensor that is least far: `toleranceMs`
 * behind its newest fact. So a clock that is a day ahead or behind makes nobody late, as long as its sensor goes on
 * sending; one that was silent for `silentMs`, by our own clock, is not waited for.
 *
 * `due` hands on what is settled, in the order of `at`, then `id`; `end` the rest. Both in pieces, of which all have to be taken.
 */
export class InTime {
  readonly #toleranceMs: number;
  readonly #silentMs: number;
  /** Of each sensor its newest fact, and when we last heard of it. */
  readonly #sensors = new Map<string, { newest: number; heard: number }>();
  readonly #waiting = new Waiting();
  /** In the order in which they came. */
  #held: HeldFacts[] = [];
  #heldFacts = 0;
  #handed = Number.NEGATIVE_INFINITY;
  /** Up to here all sensors were heard, whether or not they said anything. */
  #border = Number.NEGATIVE_INFINITY;
  /** Ids handed on lately, so that the same record is handed on once. */
  readonly #recent: Recent;
  /** Facts handed on after a batch whose times were corrected, that are looked for among the recent ones (recent.ts). */
  readonly #carefulFor: number;
  /** Of them those at the moment up to which was handed on: what is older is late in any case. */
  #edge: string[] = [];
  /**
   * The same record has the same time, and so comes late the second time, or stands beside the first in their order. Not so
   * where times were corrected: while this is more than 0, each fact handed on is looked for among the recent ones, and it
   * is one less.
   */
  #careful = 0;
  #late = 0;
  #twice = 0;

  readonly #returnMs: number;

  /**
   * @param toleranceMs Infinity: nothing is handed on before the end, and nothing is ever late
   * @param returnMs so long by our own clock, after a fact's time, a sensor that fell silent within a week may still
   *   bring older ones: after a quiet night one of two sensors is always the first. 0: it is not waited for at all
   * @param recent of the ids handed on so many are known again at least
   */
  constructor(toleranceMs: number, silentMs: number, returnMs: number = 0, recent: number = usualLot) {
    this.#recent = new Recent(recent);
    this.#carefulFor = 2 * recent;
    this.#toleranceMs = toleranceMs;
    this.#silentMs = silentMs;
    this.#returnMs = returnMs;
  }

  get counts(): InTimeCounts {
    return { late: this.#late, twice: this.#twice, waiting: this.#size };
  }

  get #size(): number {
    return this.#waiting.size + this.#heldFacts;
  }

  /**
   * @param heard when it came to us
   * @param upTo how far its sensor is by now, where that is known better than by this fact: one wrong stamp moves nothing
   */
  put(fact: Fact, heard: Instant, upTo: number = fact.at): Put {
    this.hear(fact.sensor, upTo, heard);
    this.#careful = this.#carefulFor + this.#size;
    return this.#put(fact);
  }

  /**
   * What one sensor sent at once. @returns how many of them were late
   * @param sensor as the facts call it
   * @param corrected times of it were, or are when it came: another delivery of the same record may have others
   */
  putAll(facts: readonly Fact[], sensor: string, heard: Instant, upTo: number, corrected: boolean): number {
    this.hear(sensor, upTo, heard);
    if (corrected) this.#careful = this.#carefulFor + this.#size + facts.length;
    const before = this.#late;
    for (const fact of facts) this.#put(fact);
    return this.#late - before;
  }

  /**
   * As `putAll`, of facts none of which is late.
   *
   * @throws when the oldest is: it would have to be looked at
   */
  hold(held: HeldFacts, sensor: string, heard: Instant, upTo: number, corrected: boolean): void {
    if (held.oldest <= this.#handed) throw new Error("waglan is wrong: facts were held that are due");
    this.hear(sensor, upTo, heard);
    if (corrected) this.#careful = this.#carefulFor + this.#size + held.count;
    this.#held.push(held);
    this.#heldFacts += held.count;
  }

  #put(fact: Fact): Put {
    if (fact.at > this.#handed) {
      // whether it came before shows in its turn
      this.#waiting.add(fact);
      return "waits";
    }
    if (this.#recent.has(fact.id)) {
      this.#twice++;
      return "twice";
    }
    this.#late++;
    return "late";
  }

  /** A sensor spoke: it is this far. */
  hear(sensor: string, upTo: number, heard: Instant): void {
    const known = this.#sensors.get(sensor);
    if (known === undefined) this.#sensors.set(sensor, { newest: upTo, heard });
    else {
      known.newest = Math.max(known.newest, upTo);
      known.heard = Math.max(known.heard, heard);
    }
  }

  /** Nobody waits for this sensor any more; what it said stays. */
  leave(sensor: string): void {
    this.#sensors.delete(sensor);
  }

  /** Everything whose order can no longer change; `now` by our own clock. */
  *due(now: Instant): Generator<readonly Fact[]> {
    if (!Number.isFinite(this.#toleranceMs)) return;
    let least = Number.POSITIVE_INFINITY;
    let asleep = false;
    for (const [sensor, { newest, heard }] of this.#sensors) {
      if (heard > now - this.#silentMs) least = Math.min(least, newest);
      else if (heard > now - forgottenMs) asleep = true;
      else this.#sensors.delete(sensor);
    }
    if (least === Number.POSITIVE_INFINITY) {
      this.#border = Math.max(this.#border, now - this.#silentMs);
      yield* this.end();
      return;
    }
    const border = least - this.#toleranceMs;
    yield* this.#inPieces(asleep && this.#returnMs > 0 ? Math.min(border, now - this.#returnMs) : border);
  }

  /** Nothing older will be handed on, of those that are waited for. */
  get border(): Instant | undefined {
    return Number.isFinite(this.#border) ? (this.#border as Instant) : undefined;
  }

  *end(): Generator<readonly Fact[]> {
    yield this.#until(Number.POSITIVE_INFINITY);
  }

  /** Up to here everything was handed on. */
  get handed(): Instant | undefined {
    return Number.isFinite(this.#handed) ? (this.#handed as Instant) : undefined;
  }

  save(): SavedInTime {
    const whole = this.#held.filter(({ begun }) => !begun);
    const left = this.#held.filter(({ begun }) => begun).flatMap((one) => one.left());
    return {
      sensors: [...this.#sensors].map(([sensor, { newest, heard }]) => [sensor, newest, heard] as const),
      waiting: [...this.#waiting.all(), ...left],
      ...(whole.length > 0 ? { held: whole.map((one) => one.save()) } : {}),
      ...(Number.isFinite(this.#handed) ? { handed: this.#handed } : {}),
      ...(Number.isFinite(this.#border) ? { border: this.#border } : {}),
      ...{ recent: this.#edge.map((id) => [id, this.#handed] as const), late: this.#late, twice: this.#twice },
    };
  }

  /** @param held as they were saved, made again */
  restore(saved: SavedInTime, held: readonly HeldFacts[] = []): void {
    this.#sensors.clear();
    for (const [sensor, newest, heard] of saved.sensors) this.#sensors.set(sensor, { newest, heard });
    this.#waiting.clear();
    for (const fact of saved.waiting) this.#waiting.add(fact);
    this.#held = [...held];
    this.#heldFacts = held.reduce((sum, { count }) => sum + count, 0);
    this.#handed = saved.handed ?? Number.NEGATIVE_INFINITY;
    this.#border = saved.border ?? Number.NEGATIVE_INFINITY;
    this.#edge = saved.recent.map(([id]) => id);
    this.#recent.clear();
    for (const id of this.#edge) this.#recent.note(id);
    this.#careful = this.#carefulFor + this.#size;
    this.#late = saved.late;
    this.#twice = saved.twice;
  }

  /** Up to one moment after the other, so that each piece has about as many. */
  *#inPieces(border: number): Generator<readonly Fact[]> {
    let [count, from] = [0, Number.POSITIVE_INFINITY];
    for (const { oldest, count: facts } of this.#held)
      if (oldest <= border) {
        count += facts;
        from = Math.min(from, oldest);
      }
    const pieces = Math.ceil(count / atOnce);
    for (let n = 1; n < pieces; n++) yield this.#until(Math.floor(from + ((border - from) * n) / pieces));
    yield this.#until(border);
  }

  #until(border: number): readonly Fact[] {
    if (Number.isFinite(border)) this.#border = Math.max(this.#border, border);
    this.#release(border);
    const ready = this.#waiting.take(border);
    if (ready.length === 0) return ready;
    const due: Fact[] = [];
    for (const fact of ready)
      if (this.#isAgain(fact, due.at(-1))) this.#twice++;
      else {
        this.#recent.note(fact.id);
        due.push(fact);
      }
    const handed = Math.max(this.#handed, Number.isFinite(border) ? border : (due.at(-1)?.at ?? this.#handed));
    if (handed > this.#handed) this.#edge = [];
    this.#handed = handed;
    for (let n = due.length - 1; n >= 0 && due[n]?.at === handed; n--) this.#edge.push(due[n]?.id ?? "");
    return due;
  }

  /** What is held and due by then waits like any other. */
  #release(border: number): void {
    let emptied = false;
    for (const one of this.#held) {
      if (one.oldest > border) continue;
      this.#heldFacts -= one.count;
      for (const fact of one.take(border)) this.#waiting.add(fact);
      this.#heldFacts += one.count;
      emptied ||= one.count === 0;
    }
    if (emptied) this.#held = this.#held.filter(({ count }) => count > 0);
  }

  #isAgain({ id, at }: Fact, before: Fact | undefined): boolean {
    if (this.#careful === 0) return before !== undefined && before.at === at && before.id === id;
    this.#careful--;
    return this.#recent.has(id);
  }
}
