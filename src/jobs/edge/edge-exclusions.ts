import type { Observable } from "#core/observable.ts";
import { ExclusionBuilder, type ListedKeys } from "#intel/exclusions.ts";
import { fingerprintKey } from "#intel/fingerprint.ts";
import { Fingerprint64 } from "#jobs/history/value-fingerprint.ts";
import { allowType, type KnowledgeLine } from "#jobs/sensors/wire.ts";

/** Of a table's places, how many are taken before it grows. */
const fullest = 0.7;

/**
 * Values by their keyed fingerprints alone, eleven bytes each in the place of a hundred: whether one is among them is all that a
 * sensor asks. Nobody outside knows the key, so that nobody can make up a name that is taken for another.
 */
export class HashedKeys implements ListedKeys {
  readonly #print: Fingerprint64;
  #table = new Int32Array(2 * 256);
  #count = 0;

  constructor(print: Fingerprint64) {
    this.#print = print;
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  /** @returns 0: it is there */
  get(key: string): number | undefined {
    const [hi, lo] = this.#of(key);
    const at = place(this.#table, hi, lo);
    return this.#table[at] === 0 && this.#table[at + 1] === 0 ? undefined : 0;
  }

  set(key: string): void {
    const [hi, lo] = this.#of(key);
    if (2 * (this.#count + 1) > this.#table.length * fullest) this.#grow();
    const at = place(this.#table, hi, lo);
    if (this.#table[at] !== 0 || this.#table[at + 1] !== 0) return;
    this.#table[at] = hi;
    this.#table[at + 1] = lo;
    this.#count++;
  }

  #of(key: string): readonly [hi: number, lo: number] {
    const { hi, lo } = this.#print.read("domain", key);
    // 0 0 is an empty place
    return hi === 0 && lo === 0 ? [0, 1] : [hi, lo];
  }

  #grow(): void {
    const before = this.#table;
    this.#table = new Int32Array(before.length * 2);
    for (let at = 0; at < before.length; at += 2) {
      const [hi = 0, lo = 0] = [before[at], before[at + 1]];
      if (hi === 0 && lo === 0) continue;
      const to = place(this.#table, hi, lo);
      this.#table[to] = hi;
      this.#table[to + 1] = lo;
    }
  }
}

/** Where it stands, or would. */
const place = (table: Int32Array, hi: number, lo: number): number => {
  const mask = table.length / 2 - 1;
  for (let at = lo & mask; ; at = (at + 1) & mask) {
    const [h, l] = [table[2 * at], table[2 * at + 1]];
    if ((h === hi && l === lo) || (h === 0 && l === 0)) return 2 * at;
  }
};

/** Where a list stands in the streams of knowledge: the stream, and the line of its head. */
interface ListPlace {
  readonly stream: string;
  readonly line: number;
}

/**
 * What is known to be harmless, as the centre would say it: lists come with knowledge, each whole when it changed, and stand on
 * the shelf in its streams. In memory are their values' fingerprints.
 */
export class EdgeExclusions {
  readonly #print: Fingerprint64;
  #places = new Map<string, ListPlace>();
  #changed = false;
  #known: ExclusionBuilder | undefined;

  /** @param secret of this sensor alone */
  constructor(secret: Uint8Array) {
    this.#print = new Fingerprint64(fingerprintKey(secret));
  }

  /** Whether such traffic is ranked down; before the centre said what it excludes nothing is. */
  readonly harmless = (observable: Observable): boolean => this.#known?.excluded(observable) !== undefined;

  /** Entries in force. */
  get size(): number {
    return this.#known?.size ?? 0;
  }

  /** A stream that says all there is begins. */
  beginWhole(): void {
    this.#changed ||= this.#places.size > 0;
    this.#places = new Map();
  }

  /** A line of a stream, in their order. */
  note(said: KnowledgeLine, stream: string, line: number): void {
    if ("list" in said) this.#places.set(said.list.id, { stream, line });
    else if ("unlist" in said) this.#places.delete(said.unlist);
    else return;
    this.#changed = true;
  }

  /**
   * Makes what is in force anew where something changed. Values are never all in memory.
   *
   * @param lines of a stream; `read` reads one of them
   */
  async settle(
    lines: (stream: string) => AsyncIterable<string>,
    read: (text: string, line: number) => KnowledgeLine | undefined,
  ): Promise<void> {
    if (!this.#changed) return;
    this.#changed = false;
    if (this.#places.size === 0) {
      this.#known = undefined;
      return;
    }
    const known = new ExclusionBuilder([], () => new HashedKeys(this.#print));
    for (const stream of new Set([...this.#places.values()].map((one) => one.stream))) {
      let take: ((value: string) => unknown) | undefined;
      let line = 0;
      for await (const text of lines(stream)) {
        line++;
        if (line % linesAtOnce === 0) await pause();
        // values to look for are the most of it, and need not be read for this
        if (!text.startsWith(listStart) && !text.startsWith(entriesStart)) continue;
        const said = read(text, line);
        if (said === undefined) continue;
        if ("list" in said) {
          const at = this.#places.get(said.list.id);
          take = at?.stream === stream && at.line === line ? takerOf(known, said.list) : undefined;
        } else if ("entries" in said && take) for (const value of said.entries) take(value);
      }
    }
    this.#known = known;
  }
}

const [listStart, entriesStart] = ['{"list":', '{"entries":'];
/** Lines read before whatever waits is done. */
const linesAtOnce = 5_000;

const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const takerOf = (
  known: ExclusionBuilder,
  { id, type, reach, kinds }: Extract<KnowledgeLine, { readonly list: unknown }>["list"],
): ((value: string) => unknown) | undefined =>
  type === allowType
    ? (value) => known.allow(value)
    : known.begin({ id, name: "", type, kinds: new Set(kinds) }, reach);
