import type { Stretch } from "#jobs/history/value-fingerprint.ts";

/**
 * Which records of a segment show a value: one sorted list of 64-bit words, the upper 44 bits of the value's keyed
 * fingerprint and the record's number in 20. So a list of a million is eight megabytes, is sorted by the machine, and is
 * searched in two reads. Two values of one list share 44 bits once in 10⁷ lists; whoever asks compares the values.
 */
export const recordBits = 20n;
const recordMask = (1n << recordBits) - 1n;
/** Words of a page: a search reads the fence (the first word of every page) and one page. */
export const pageWords = 512;

export const postingOf = (fingerprint: bigint, record: number): bigint =>
  ((fingerprint >> recordBits) << recordBits) | BigInt(record);

export const recordOf = (posting: bigint): number => Number(posting & recordMask);

const recordMaskLow = (1 << Number(recordBits)) - 1;

/** The lower half of `postingOf`; the upper one is the fingerprint's. */
export const postingLow = (fingerprintLow: number, record: number): number =>
  (fingerprintLow & ~recordMaskLow) | (record & recordMaskLow);

export const fenceOf = (words: BigUint64Array): BigUint64Array =>
  BigUint64Array.from({ length: Math.ceil(words.length / pageWords) }, (_, page) => words[page * pageWords] as bigint);

/** A sorted list, wherever it lies. */
export interface WordList {
  readonly length: number;
  readonly fence: BigUint64Array;
  /** Words [from, to); they stand until the next are read. */
  readonly read: (from: number, to: number) => BigUint64Array;
}

export const inMemory = (sorted: BigUint64Array): WordList => ({
  length: sorted.length,
  fence: fenceOf(sorted),
  read: (from, to) => sorted.subarray(from, to),
});

/** The first place in `words` that is not below `word`. */
const lowerBound = (words: BigUint64Array, word: bigint): number => {
  let [low, high] = [0, words.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((words[middle] as bigint) < word) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** Words from `from` on that are below `to`, in order. */
const eachBetween = (list: WordList, from: bigint, to: bigint, tell: (word: bigint) => void): void => {
  // the page before the first whose beginning is not below: it may hold the first ones
  for (let page = Math.max(0, lowerBound(list.fence, from) - 1); page < list.fence.length; page++) {
    if ((list.fence[page] as bigint) >= to) break;
    const words = list.read(page * pageWords, Math.min(list.length, (page + 1) * pageWords));
    for (let at = lowerBound(words, from); at < words.length; at++) {
      const word = words[at] as bigint;
      if (word >= to) return;
      tell(word);
    }
  }
};

/** Numbers of the records that show a value of this fingerprint, in order. */
export const recordsOf = (list: WordList, fingerprint: bigint): readonly number[] => {
  const records: number[] = [];
  const first = postingOf(fingerprint, 0);
  eachBetween(list, first, first + (1n << recordBits), (word) => void records.push(recordOf(word)));
  return records;
};

/** Each word of fingerprints of a stretch, in order; a hash that lies in it by chance is among them. */
export const eachWithin = (list: WordList, { from, to }: Stretch, tell: (word: bigint) => void): void =>
  eachBetween(list, postingOf(from, 0), postingOf(to, 0) + (1n << recordBits), tell);
