import { hour, type Instant, minute } from "#core/instant.ts";

/** Plain data, so that a checkpoint can hold it. */
export interface SavedClock {
  readonly seen: readonly (readonly [received: number, behind: number])[];
  readonly corrected: number;
}

/** A clock that is off by less is as good as right: networks, queues and batches of a minute explain it. */
export const skewFrom = 5 * minute;

/**
 * A clock that is off by more is not corrected: time zones are 14 hours apart, a wrong date makes it a day; beyond that
 * it is old logs that are handed in, and moving those to today would be a lie.
 */
export const skewUpTo = 26 * hour;

/** Batches looked back on. */
const kept = 8;
/** A clock that is behind cannot be told from late delivery by one batch: so many, as far apart, as alike. */
const batchesBehind = 4;
const spanBehind = 10 * minute;
const spreadBehind = 2 * minute;
/** A correction stands until the estimate moved by this: times that jump with every batch would hide what is regular. */
const steadyWithin = 2 * minute;

/**
 * How far the clock of one sensor is off, from when its batches came and where they end by its own clock.
 *
 * Ahead is certain at once: nothing is received before it happened. Behind looks like late delivery; it is taken for the
 * clock when four batches over ten minutes are behind by the same, within two minutes. Who always delivers a quarter of
 * an hour late is moved by as much, which changes no order within the sensor.
 */
export class ClockSkew {
  #seen: (readonly [received: number, behind: number])[] = [];
  #corrected = 0;

  /** @returns what is to be added to the sensor's times, ms; 0 within five minutes and beyond 26 hours */
  note(received: Instant, newest: number): number {
    this.#seen.push([received, received - newest]);
    if (this.#seen.length > kept) this.#seen.shift();
    const behind = this.behindMs;
    const off = Math.abs(behind) > skewFrom && Math.abs(behind) <= skewUpTo && (behind < 0 || this.#steadilyBehind());
    if (!off) {
      if (behind < 0 || Math.abs(behind) <= skewFrom) this.#corrected = 0;
    } else if (Math.abs(this.#corrected - behind) > steadyWithin) this.#corrected = behind;
    return this.#corrected;
  }

  /** Of the least late of the last batches; negative: ahead. */
  get behindMs(): number {
    return this.#seen.reduce((least, [, behind]) => Math.min(least, behind), Number.POSITIVE_INFINITY);
  }

  get correctedMs(): number {
    return this.#corrected;
  }

  save(): SavedClock {
    return { seen: this.#seen, corrected: this.#corrected };
  }

  restore({ seen, corrected }: SavedClock): void {
    this.#seen = [...seen];
    this.#corrected = corrected;
  }

  #steadilyBehind(): boolean {
    const last = this.#seen.slice(-batchesBehind);
    const behind = last.map(([, one]) => one);
    const came = last.map(([at]) => at);
    return (
      last.length === batchesBehind &&
      Math.max(...behind) - Math.min(...behind) <= spreadBehind &&
      Math.max(...came) - Math.min(...came) >= spanBehind
    );
  }
}
