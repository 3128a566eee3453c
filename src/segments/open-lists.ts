import type { PackedRows, RowsAbout } from "#jobs/edge/log-port.ts";
import { ValueNumbers } from "#jobs/edge/value-numbers.ts";
import { halvesOf, highHalf, lowHalf, Words } from "#jobs/edge/words.ts";
import { sortedOnce } from "#jobs/history/sorted-once.ts";
import { postingLow, postingOf } from "./postings.ts";
import type { BlockPlace, Directory, Lists } from "./segment-footer.ts";

/** What leads into the segment under way, in memory until it is finished; made again from its blocks after a kill. */
export class OpenLists {
  blocks: BlockPlace[] = [];
  abouts: RowsAbout[] = [];
  records = 0;
  from = Number.POSITIVE_INFINITY;
  to = Number.NEGATIVE_INFINITY;
  #times = new Float64Array(1024);
  readonly #postings = new Words();
  readonly #covers = new Words();
  readonly #values = new ValueNumbers();
  #sorted: Lists | undefined;

  /** @param at where the first block of `rows` stands in the file */
  add({ about, blocks, counts, times, values, records, covers }: PackedRows, at: number): void {
    this.#sorted = undefined;
    const base = this.records;
    let place = at;
    let first = base;
    for (const [n, block] of blocks.entries()) {
      const count = counts[n] ?? 0;
      this.blocks.push({ at: place, length: block.length, first, count, about: this.#about(about) });
      place += block.length;
      first += count;
    }
    this.#keepTimes(times);
    const halves = halvesOf(values);
    for (let n = 0; n < values.length; n++) {
      const low = (halves[n * 2 + lowHalf] as number) | 0;
      const high = (halves[n * 2 + highHalf] as number) | 0;
      this.#postings.put(postingLow(low, base + (records[n] as number)), high);
      if (this.#values.of(low, high) >= 0) continue;
      const number = this.#values.add(low, high);
      for (const cover of covers.get(values[n] as bigint) ?? []) this.#covers.add(postingOf(cover, number));
    }
  }

  /** Fingerprints whose covers are known. */
  has(value: bigint): boolean {
    return this.#values.of(Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n))) >= 0;
  }

  get times(): Float64Array {
    return this.#times.subarray(0, this.records);
  }

  value(number: number): bigint {
    return this.#values.all[number] ?? 0n;
  }

  /** Sorted where they lie, for they need no order of their own; they stand until the segment grows. */
  lists(): Lists {
    return (this.#sorted ??= {
      times: this.times,
      postings: sortedOnce(this.#postings.all),
      values: this.#values.all,
      covers: sortedOnce(this.#covers.all),
    });
  }

  /** For the next segment, in the memory of this one: some ten megabytes would wait to be collected each time. */
  clear(): void {
    this.blocks = [];
    this.abouts = [];
    this.records = 0;
    this.from = Number.POSITIVE_INFINITY;
    this.to = Number.NEGATIVE_INFINITY;
    this.#sorted = undefined;
    this.#postings.clear();
    this.#covers.clear();
    this.#values.clear();
  }

  directory(frames: number, written: number): Omit<Directory, "lists"> {
    const { records, abouts, blocks, from, to } = this;
    return { ...{ records, written, frames, abouts, blocks }, ...(records === 0 ? {} : { from, to }) };
  }

  #about(about: RowsAbout): number {
    const last = this.abouts.at(-1);
    if (last && JSON.stringify(last) === JSON.stringify(about)) return this.abouts.length - 1;
    return this.abouts.push(about) - 1;
  }

  #keepTimes(times: Float64Array): void {
    if (this.records + times.length > this.#times.length) {
      const wider = new Float64Array(Math.max(this.#times.length * 2, this.records + times.length));
      wider.set(this.#times);
      this.#times = wider;
    }
    this.#times.set(times, this.records);
    this.records += times.length;
    for (const time of times) {
      if (time < this.from) this.from = time;
      if (time > this.to) this.to = time;
    }
  }
}
