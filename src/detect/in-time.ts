import type { Instant } from "#core/instant.ts";
import type { Fact } from "./behaviour.ts";

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

/** Who was silent for so long is not expected back any minute. */
const forgottenMs = 7 * 86_400_000;

/** Plain data, so that a checkpoint can hold it. */
export interface SavedInTime {
  readonly sensors: readonly (readonly [sensor: string, newest: number, heard: number])[];
  readonly waiting: readonly Fact[];
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
 * `due` hands on what is settled, in the order of `at`, then `id`; `end` the rest.
 */
export class InTime {
  readonly #toleranceMs: number;
  readonly #silentMs: number;
  /** Of each sensor its newest fact, and when we last heard of it. */
  readonly #sensors = new Map<string, { readonly newest: number; readonly heard: number }>();
  #waiting: Fact[] = [];
  #sorted = true;
  #handed = Number.NEGATIVE_INFINITY;
  /** Up to here all sensors were heard, whether or not they said anything. */
  #border = Number.NEGATIVE_INFINITY;
  /** Ids at the moments around the border, so that the same record is handed on once. */
  #recent = new Map<string, number>();
  #late = 0;
  #twice = 0;

  readonly #returnMs: number;

  /**
   * @param toleranceMs Infinity: nothing is handed on before the end, and nothing is ever late
   * @param returnMs so long by our own clock, after a fact's time, a sensor that fell silent within a week may still
   *   bring older ones: after a quiet night one of two sensors is always the first. 0: it is not waited for at all
   */
  constructor(toleranceMs: number, silentMs: number, returnMs: number = 0) {
    this.#toleranceMs = toleranceMs;
    this.#silentMs = silentMs;
    this.#returnMs = returnMs;
  }

  get counts(): InTimeCounts {
    return { late: this.#late, twice: this.#twice, waiting: this.#waiting.length };
  }

  /**
   * @param heard when it came to us
   * @param upTo how far its sensor is by now, where that is known better than by this fact: one wrong stamp moves nothing
   */
  put(fact: Fact, heard: Instant, upTo: number = fact.at): Put {
    this.hear(fact.sensor, upTo, heard);
    if (this.#recent.has(fact.id)) {
      this.#twice++;
      return "twice";
    }
    if (fact.at <= this.#handed) {
      this.#late++;
      return "late";
    }
    this.#waiting.push(fact);
    this.#sorted = false;
    return "waits";
  }

  /** A sensor spoke: it is this far. */
  hear(sensor: string, upTo: number, heard: Instant): void {
    const before = this.#sensors.get(sensor);
    this.#sensors.set(sensor, {
      newest: Math.max(before?.newest ?? upTo, upTo),
      heard: Math.max(before?.heard ?? heard, heard),
    });
  }

  /** Nobody waits for this sensor any more; what it said stays. */
  leave(sensor: string): void {
    this.#sensors.delete(sensor);
  }

  /** Everything whose order can no longer change; `now` by our own clock. */
  due(now: Instant): readonly Fact[] {
    if (!Number.isFinite(this.#toleranceMs)) return [];
    let least = Number.POSITIVE_INFINITY;
    let asleep = false;
    for (const [sensor, { newest, heard }] of this.#sensors) {
      if (heard > now - this.#silentMs) least = Math.min(least, newest);
      else if (heard > now - forgottenMs) asleep = true;
      else this.#sensors.delete(sensor);
    }
    if (least === Number.POSITIVE_INFINITY) {
      this.#border = Math.max(this.#border, now - this.#silentMs);
      return this.end();
    }
    const border = least - this.#toleranceMs;
    return this.#until(asleep && this.#returnMs > 0 ? Math.min(border, now - this.#returnMs) : border);
  }

  /** Nothing older will be handed on, of those that are waited for. */
  get border(): Instant | undefined {
    return Number.isFinite(this.#border) ? (this.#border as Instant) : undefined;
  }

  end(): readonly Fact[] {
    return this.#until(Number.POSITIVE_INFINITY);
  }

  /** Up to here everything was handed on. */
  get handed(): Instant | undefined {
    return Number.isFinite(this.#handed) ? (this.#handed as Instant) : undefined;
  }

  save(): SavedInTime {
    const recent = [...this.#recent].filter(([, at]) => at >= this.#handed);
    return {
      sensors: [...this.#sensors].map(([sensor, { newest, heard }]) => [sensor, newest, heard] as const),
      waiting: this.#waiting,
      ...(Number.isFinite(this.#handed) ? { handed: this.#handed } : {}),
      ...(Number.isFinite(this.#border) ? { border: this.#border } : {}),
      ...{ recent, late: this.#late, twice: this.#twice },
    };
  }

  restore(saved: SavedInTime): void {
    this.#sensors.clear();
    for (const [sensor, newest, heard] of saved.sensors) this.#sensors.set(sensor, { newest, heard });
    this.#waiting = [...saved.waiting];
    this.#sorted = false;
    this.#handed = saved.handed ?? Number.NEGATIVE_INFINITY;
    this.#border = saved.border ?? Number.NEGATIVE_INFINITY;
    this.#recent = new Map(saved.recent);
    this.#late = saved.late;
    this.#twice = saved.twice;
  }

  #until(border: number): readonly Fact[] {
    if (!this.#sorted) {
      this.#waiting.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
      this.#sorted = true;
    }
    if (Number.isFinite(border)) this.#border = Math.max(this.#border, border);
    let end = 0;
    while (end < this.#waiting.length && (this.#waiting[end] as Fact).at <= border) end++;
    if (end === 0) return [];
    const due: Fact[] = [];
    for (const fact of this.#waiting.slice(0, end)) {
      if (this.#recent.has(fact.id)) this.#twice++;
      else {
        this.#recent.set(fact.id, fact.at);
        due.push(fact);
      }
    }
    this.#waiting = this.#waiting.slice(end);
    this.#handed = Math.max(this.#handed, Number.isFinite(border) ? border : (due.at(-1)?.at ?? this.#handed));
    if (this.#recent.size > 100_000) this.#forget();
    return due;
  }

  /** The same record again has the same time; what is older than the border is late in any case. */
  #forget(): void {
    for (const [id, at] of this.#recent) if (at < this.#handed) this.#recent.delete(id);
  }
}
