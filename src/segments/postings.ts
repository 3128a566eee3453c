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

/** Sorted, each once. The argument is sorted in place, and what is behind the result in it stands twice. */
export const sortedOnce = (words: BigUint64Array): BigUint64Array => {
  words.sort();
  // by their halves, with a sign: a bigint is an object each time it is looked at, and so is a number above 2³¹; there are
  // hundreds of thousands
  const halves = new Int32Array(words.buffer, words.byteOffset, words.length * 2);
  let to = 0;
  for (let at = 0; at < words.length; at++) {
    const [one, before] = [at * 2, to * 2 - 2];
    if (to > 0 && halves[one] === halves[before] && halves[one + 1] === halves[before + 1]) continue;
    halves[to * 2] = halves[one] as number;
    halves[to * 2 + 1] = halves[one + 1] as number;
    to++;
  }
  return words.subarray(0, to);
};

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
export const wordsBetween = (list: WordList, from: bigint, to: bigint): readonly bigint[] => {
  const found: bigint[] = [];
  // the page before the first whose beginning is not below: it may hold the first ones
  for (let page = Math.max(0, lowerBound(list.fence, from) - 1); page < list.fence.length; page++) {
    if ((list.fence[page] as bigint) >= to) break;
    const words = list.read(page * pageWords, Math.min(list.length, (page + 1) * pageWords));
    for (let at = lowerBound(words, from); at < words.length; at++) {
      const word = words[at] as bigint;
      if (word >= to) return found;
      found.push(word);
    }
  }
  return found;
};

/** Numbers of the records that show a value of this fingerprint, in order. */
export const recordsOf = (list: WordList, fingerprint: bigint): readonly number[] => {
  const first = postingOf(fingerprint, 0);
  return wordsBetween(list, first, first + (1n << recordBits)).map(recordOf);
};
