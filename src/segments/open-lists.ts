import type { PackedRows, RowsAbout } from "#jobs/edge/log-port.ts";
import { postingOf, sortedOnce, Words } from "./postings.ts";
import type { BlockPlace, Directory, Lists } from "./segment-footer.ts";

/** What leads into the segment under way, in memory until it is finished; made again from its blocks after a kill. */
export class OpenLists {
  readonly blocks: BlockPlace[] = [];
  readonly abouts: RowsAbout[] = [];
  records = 0;
  from = Number.POSITIVE_INFINITY;
  to = Number.NEGATIVE_INFINITY;
  #times = new Float64Array(1024);
  readonly #postings = new Words();
  readonly #covers = new Words();
  readonly #values = new Words();
  readonly #numbers = new Map<bigint, number>();
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
    for (let n = 0; n < values.length; n++) {
      const value = values[n] as bigint;
      this.#postings.add(postingOf(value, base + (records[n] as number)));
      if (this.#numbers.has(value)) continue;
      const number = this.#numbers.size;
      this.#numbers.set(value, number);
      this.#values.add(value);
      for (const cover of covers.get(value) ?? []) this.#covers.add(postingOf(cover, number));
    }
  }

  /** Fingerprints whose covers are known. */
  has(value: bigint): boolean {
    return this.#numbers.has(value);
  }

  get times(): Float64Array {
    return this.#times.subarray(0, this.records);
  }

  value(number: number): bigint {
    return this.#values.all[number] ?? 0n;
  }

  /** Sorted copies, made again when the segment has grown. */
  lists(): Lists {
    return (this.#sorted ??= {
      times: this.times,
      postings: sortedOnce(this.#postings.all.slice()),
      values: this.#values.all,
      covers: sortedOnce(this.#covers.all.slice()),
    });
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
