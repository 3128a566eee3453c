import { countsTo, type Plan } from "./correlation-plan.ts";

/**
 * What one group has in its window. Events come in the order of time; those of one moment in any order, since every
 * measure here is a function of their set. Memory is bounded by what the condition can tell apart, or by `valuesAtMost`.
 */
export interface Measure {
  /** `input`: place in the plan's inputs. `value` is absent for types that read none. */
  readonly add: (time: number, input: number, value: string | number | undefined) => void;
  /** Forgets what lies at or before `time`. */
  readonly drop: (time: number) => void;
  readonly clear: () => void;
  /** undefined: nothing to compare (no value in the window). For temporal types: inputs there, in order where asked. */
  readonly value: () => number | undefined;
  /** Time of the oldest event that counts. */
  readonly first: () => number;
  /** Of temporal types: whether this input is in the window. */
  readonly has?: (input: number) => boolean;
  readonly save: () => SavedMeasure;
}

/** Plain data, so that a checkpoint can hold it. */
export type SavedMeasure = readonly (readonly [time: number, input: number, value?: string | number])[];

/** Numbers kept for sums and percentiles of one group's window. Beyond it the oldest go, and `spilled` says so. */
export const valuesAtMost = 100_000;

export const measureOf = (plan: Plan): Measure => {
  switch (plan.type) {
    case "event_count":
      return new EventCount(countsTo(plan.condition));
    case "value_count":
      return new ValueCount();
    case "temporal":
      return new Together(plan.inputs.length);
    case "temporal_ordered":
      return new InOrder(plan.inputs.length);
    case "value_sum":
      return new Numbers((values, total) => (values.length === 0 ? undefined : total()));
    case "value_avg":
      return new Numbers((values, total) => (values.length === 0 ? undefined : total() / values.length));
    case "value_median":
      return new Numbers((values) => quantile(values, 50));
    case "value_percentile":
      return new Numbers((values) => quantile(values, plan.percentile));
  }
};

/** As it was when it was saved. */
export const restoredMeasure = (plan: Plan, saved: SavedMeasure): Measure => {
  if (plan.type === "temporal_ordered") return new InOrder(plan.inputs.length, saved);
  const measure = measureOf(plan);
  for (const [time, input, value] of saved) measure.add(time, input, value);
  return measure;
};

/** Only as many times as decide the condition: of "at least 10" the last ten. */
class EventCount implements Measure {
  readonly #most: number;
  #times: number[] = [];
  #from = 0;

  constructor(most: number) {
    this.#most = Math.max(1, Math.ceil(most));
  }

  add(time: number): void {
    this.#times.push(time);
    if (this.#times.length - this.#from > this.#most) this.#from++;
    this.#tidy();
  }

  drop(time: number): void {
    while (this.#from < this.#times.length && (this.#times[this.#from] as number) <= time) this.#from++;
    this.#tidy();
  }

  clear(): void {
    this.#times = [];
    this.#from = 0;
  }

  value(): number {
    return this.#times.length - this.#from;
  }

  first(): number {
    return this.#times[this.#from] ?? 0;
  }

  save(): SavedMeasure {
    return this.#times.slice(this.#from).map((time) => [time, 0] as const);
  }

  #tidy(): void {
    if (this.#from < 64 || this.#from * 2 < this.#times.length) return;
    this.#times = this.#times.slice(this.#from);
    this.#from = 0;
  }
}

/** Distinct values by the time each was last seen: a map keeps the order in which they were set. */
class ValueCount implements Measure {
  readonly #last = new Map<string | number, number>();

  add(time: number, _input: number, value: string | number | undefined): void {
    if (value === undefined) return;
    this.#last.delete(value);
    this.#last.set(value, time);
  }

  drop(time: number): void {
    for (const [value, last] of this.#last) {
      if (last > time) return;
      this.#last.delete(value);
    }
  }

  clear(): void {
    this.#last.clear();
  }

  value(): number | undefined {
    return this.#last.size === 0 ? undefined : this.#last.size;
  }

  first(): number {
    for (const last of this.#last.values()) return last;
    return 0;
  }

  save(): SavedMeasure {
    return [...this.#last].map(([value, time]) => [time, 0, value] as const);
  }
}

/** Each input within the window, in any order. */
class Together implements Measure {
  readonly #last: number[];

  constructor(inputs: number) {
    this.#last = new Array<number>(inputs).fill(Number.NEGATIVE_INFINITY);
  }

  add(time: number, input: number): void {
    this.#last[input] = Math.max(this.#last[input] ?? time, time);
  }

  drop(time: number): void {
    for (const [input, last] of this.#last.entries()) if (last <= time) this.#last[input] = Number.NEGATIVE_INFINITY;
  }

  clear(): void {
    this.#last.fill(Number.NEGATIVE_INFINITY);
  }

  value(): number {
    return this.#last.filter((last) => last > Number.NEGATIVE_INFINITY).length;
  }

  first(): number {
    return this.#last.reduce(
      (least, last) => (last > Number.NEGATIVE_INFINITY && last < least ? last : least),
      Infinity,
    );
  }

  has(input: number): boolean {
    return (this.#last[input] ?? Number.NEGATIVE_INFINITY) > Number.NEGATIVE_INFINITY;
  }

  save(): SavedMeasure {
    return this.#last.flatMap((last, input) => (last > Number.NEGATIVE_INFINITY ? [[last, input] as const] : []));
  }
}

/**
 * Each input after the one before it; events of one moment count as in order, since logs with whole seconds cannot tell.
 * Kept is the latest start of every chain so far, which decides whether the chain lies in the window: constant memory.
 */
class InOrder implements Measure {
  /** `#start[k]`: of all chains over the inputs 0 … k, the latest beginning. */
  readonly #start: number[];
  /** Events of the moment under way, by input: a later input may come before an earlier one. */
  #now = Number.NEGATIVE_INFINITY;
  #there: boolean[];

  constructor(inputs: number, saved: SavedMeasure = []) {
    this.#start = new Array<number>(inputs).fill(Number.NEGATIVE_INFINITY);
    this.#there = new Array<boolean>(inputs).fill(false);
    for (const [start, k] of saved) this.#start[k] = start;
  }

  add(time: number, input: number): void {
    if (time !== this.#now) {
      this.#now = time;
      this.#there.fill(false);
    }
    this.#there[input] = true;
    for (const [k, there] of this.#there.entries()) {
      if (!there) continue;
      const begins = k === 0 ? time : (this.#start[k - 1] as number);
      this.#start[k] = Math.max(this.#start[k] as number, begins);
    }
  }

  drop(time: number): void {
    for (const [k, start] of this.#start.entries()) if (start <= time) this.#start[k] = Number.NEGATIVE_INFINITY;
  }

  clear(): void {
    this.#start.fill(Number.NEGATIVE_INFINITY);
    this.#there.fill(false);
    this.#now = Number.NEGATIVE_INFINITY;
  }

  value(): number {
    const open = this.#start.indexOf(Number.NEGATIVE_INFINITY);
    return open < 0 ? this.#start.length : open;
  }

  first(): number {
    return this.#start.at(-1) ?? 0;
  }

  /** A chain is its beginning: `[start, k]`. */
  save(): SavedMeasure {
    return this.#start.flatMap((start, k) => (start > Number.NEGATIVE_INFINITY ? [[start, k] as const] : []));
  }
}

type ReadNumbers = (values: readonly number[], total: () => number) => number | undefined;

/** Numbers of the window in the order of time. */
class Numbers implements Measure {
  readonly #read: ReadNumbers;
  #times: number[] = [];
  #values: number[] = [];
  /** Exact as long as nothing but whole numbers is in the window. */
  #whole = 0;
  #broken = 0;

  constructor(read: ReadNumbers) {
    this.#read = read;
  }

  add(time: number, _input: number, value: string | number | undefined): void {
    const number = numberOf(value);
    if (number === undefined) return;
    this.#times.push(time);
    this.#values.push(number);
    this.#count(number, 1);
    if (this.#times.length > 2 * valuesAtMost) this.#cut(this.#times.length - valuesAtMost);
  }

  drop(time: number): void {
    let from = 0;
    while (from < this.#times.length && (this.#times[from] as number) <= time) from++;
    if (from > 0) this.#cut(from);
  }

  clear(): void {
    this.#times = [];
    this.#values = [];
    this.#whole = 0;
    this.#broken = 0;
  }

  value(): number | undefined {
    return this.#read(this.#values, () =>
      this.#broken === 0 && Number.isSafeInteger(this.#whole) ? this.#whole : sumOf(this.#values),
    );
  }

  first(): number {
    return this.#times[0] ?? 0;
  }

  save(): SavedMeasure {
    return this.#times.map((time, i) => [time, 0, this.#values[i] as number] as const);
  }

  #count(number: number, by: 1 | -1): void {
    if (Number.isSafeInteger(number)) this.#whole += by * number;
    else this.#broken += by;
  }

  #cut(from: number): void {
    for (const gone of this.#values.slice(0, from)) this.#count(gone, -1);
    this.#times = this.#times.slice(from);
    this.#values = this.#values.slice(from);
  }
}

/** A number, or text that is one; other text is no value. */
export const numberOf = (value: string | number | undefined): number | undefined => {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (value === undefined || value.trim() === "") return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
};

/** In order of size, so that the same set of numbers has one sum whatever order it came in. */
export const sumOf = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b).reduce((total, value) => total + value, 0);

/** Between two neighbours in proportion (PostgreSQL's percentile_cont, NumPy's default). */
export const quantile = (values: readonly number[], percent: number): number | undefined => {
  if (values.length === 0) return undefined;
  const sorted = values.toSorted((a, b) => a - b);
  const at = ((sorted.length - 1) * percent) / 100;
  const below = sorted[Math.floor(at)] as number;
  const above = sorted[Math.ceil(at)] as number;
  return below + (above - below) * (at - Math.floor(at));
};
