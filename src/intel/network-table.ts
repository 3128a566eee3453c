import type { CidrRange } from "#core/cidr.ts";

/**
 * Networks by prefix length, each with a number: a look-up costs one hash per length in use, most specific first.
 *   v4: 24 → { 0xcb007100 → 3 }      v6: 32 → { 0x20010db8…n → 5 }
 */
export class NetworkTable {
  readonly #v4 = new Map<number, Map<number, number>>();
  readonly #v6 = new Map<number, Map<bigint, number>>();
  #lengths4: readonly number[] = [];
  #lengths6: readonly number[] = [];

  /** The first number a network was added with stays. */
  add(range: CidrRange, number: number): void {
    if (range.family === 4) {
      this.#lengths4 = put(this.#v4, this.#lengths4, range.prefix, range.first, number);
    } else {
      this.#lengths6 = put(this.#v6, this.#lengths6, range.prefix, range.first, number);
    }
  }

  /** The number of the most specific network that holds the whole of `range`. */
  find(range: CidrRange): number | undefined {
    if (range.family === 4) {
      for (const length of this.#lengths4) {
        if (length > range.prefix) continue;
        const found = this.#v4.get(length)?.get(range.first - (range.first % 2 ** (32 - length)));
        if (found !== undefined) return found;
      }
      return undefined;
    }
    for (const length of this.#lengths6) {
      if (length > range.prefix) continue;
      const hosts = BigInt(128 - length);
      const found = this.#v6.get(length)?.get((range.first >> hosts) << hosts);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

/** Adds, and gives the lengths in use, longest first. */
const put = <N extends number | bigint>(
  table: Map<number, Map<N, number>>,
  lengths: readonly number[],
  prefix: number,
  first: N,
  number: number,
): readonly number[] => {
  const same = table.get(prefix);
  if (same !== undefined) {
    if (!same.has(first)) same.set(first, number);
    return lengths;
  }
  table.set(prefix, new Map([[first, number]]));
  return [...table.keys()].sort((a, b) => b - a);
};
