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
  /** Ids at the moments around the border, so that the same record is handed on once. */
  #recent = new Map<string, number>();
  #late = 0;
  #twice = 0;

  /** @param toleranceMs Infinity: nothing is handed on before the end, and nothing is ever late */
  constructor(toleranceMs: number, silentMs: number) {
    this.#toleranceMs = toleranceMs;
    this.#silentMs = silentMs;
  }

  get counts(): InTimeCounts {
    return { late: this.#late, twice: this.#twice, waiting: this.#waiting.length };
  }

  /** @param heard when it came to us */
  put(fact: Fact, heard: Instant): void {
    const newest = Math.max(this.#sensors.get(fact.sensor)?.newest ?? fact.at, fact.at);
    this.#sensors.set(fact.sensor, { newest, heard });
    if (fact.at < this.#handed || (fact.at === this.#handed && !this.#recent.has(fact.id))) {
      if (this.#recent.has(fact.id)) this.#twice++;
      else this.#late++;
      return;
    }
    if (this.#recent.has(fact.id)) {
      this.#twice++;
      return;
    }
    this.#waiting.push(fact);
    this.#sorted = false;
  }

  /** Everything whose order can no longer change; `now` by our own clock. */
  due(now: Instant): readonly Fact[] {
    if (!Number.isFinite(this.#toleranceMs)) return [];
    let least = Number.POSITIVE_INFINITY;
    for (const { newest, heard } of this.#sensors.values())
      if (heard > now - this.#silentMs) least = Math.min(least, newest);
    return least === Number.POSITIVE_INFINITY ? this.end() : this.#until(least - this.#toleranceMs);
  }

  end(): readonly Fact[] {
    return this.#until(Number.POSITIVE_INFINITY);
  }

  /** Up to here everything was handed on. */
  get handed(): Instant | undefined {
    return Number.isFinite(this.#handed) ? (this.#handed as Instant) : undefined;
  }

  #until(border: number): readonly Fact[] {
    if (!this.#sorted) {
      this.#waiting.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
      this.#sorted = true;
    }
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
