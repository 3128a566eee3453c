import { createHash } from "node:crypto";

/**
 * Which indicators stood in a list, small enough to keep for every version that left: sorted 8-byte keys, and for a version
 * like an earlier one only what differs from it. Recall reads it, so that nobody is told of a value they never received.
 */
export interface MembersKept {
  /** Names the set: equal sets have one row. */
  readonly hash: string;
  /** The set this one is told by; absent: `added` is the whole set. */
  readonly base?: string;
  readonly added: BigUint64Array;
  readonly removed: BigUint64Array;
}

/** The first 8 bytes of an indicator's id, which is a keyed digest: two alike are as likely as a broken disk. */
export const memberKey = (id: string): bigint => BigInt(`0x${id.slice(0, 8)}${id.slice(9, 13)}${id.slice(14, 18)}`);

/** Grows as rows come: 8 bytes a row, and at most twice that. */
export class MemberKeys {
  #keys = new BigUint64Array(1024);
  #size = 0;

  add(id: string): void {
    if (this.#size === this.#keys.length) {
      const wider = new BigUint64Array(this.#size * 2);
      wider.set(this.#keys);
      this.#keys = wider;
    }
    this.#keys[this.#size++] = memberKey(id);
  }

  sorted(): BigUint64Array {
    return this.#keys.slice(0, this.#size).sort();
  }
}

export const membersHash = (sorted: BigUint64Array): string =>
  createHash("sha256").update(bytesOf(sorted)).digest("hex");

export const bytesOf = (keys: BigUint64Array): Buffer => Buffer.from(keys.buffer, keys.byteOffset, keys.byteLength);

export const keysOf = (bytes: Uint8Array): BigUint64Array => {
  const own = Uint8Array.from(bytes);
  return new BigUint64Array(own.buffer, 0, own.byteLength >>> 3);
};

/** Against `base` where that is much shorter (a tenth), else whole. */
export const keptMembers = (
  sorted: BigUint64Array,
  base: { readonly hash: string; readonly keys: BigUint64Array } | undefined,
): MembersKept => {
  const hash = membersHash(sorted);
  const none = new BigUint64Array(0);
  if (base === undefined) return { hash, added: sorted, removed: none };
  const [added, removed] = [without(sorted, base.keys), without(base.keys, sorted)];
  return (added.length + removed.length) * 10 <= sorted.length
    ? { hash, base: base.hash, added, removed }
    : { hash, added: sorted, removed: none };
};

/** Of `a` what is not in `b`; both sorted. */
const without = (a: BigUint64Array, b: BigUint64Array): BigUint64Array => {
  const found: bigint[] = [];
  let at = 0;
  for (const key of a) {
    while (at < b.length && (b[at] ?? 0n) < key) at++;
    if (b[at] !== key || at >= b.length) found.push(key);
  }
  return BigUint64Array.from(found);
};

export const holdsKey = (sorted: BigUint64Array, key: bigint): boolean => {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((sorted[middle] ?? 0n) < key) from = middle + 1;
    else to = middle;
  }
  return from < sorted.length && sorted[from] === key;
};
