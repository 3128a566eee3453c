/**
 * Keys that stood in records before, and which key followed which: a scanner compares the one it expects, some words
 * of four bytes, instead of searching for its end, which no processor can foresee. What is remembered is only ever a
 * guess, and is compared with the bytes; a wrong one costs the search. One memory a thread, of a fixed size: a new key
 * takes the place of an old one when there is no other.
 */
const slots = 1024;
const slotsTried = 4;
/** With the `":` behind it. */
const longest = 32;
/** A single letter is not worth a guess, nor are its three bytes a word. */
const shortest = 4;

const words = new Int32Array((slots + 1) * (longest / 4));
/** The last four bytes, which overlap the words before. */
const lasts = new Int32Array(slots + 1);
/** With the `":` behind it; 0: nothing is remembered here. */
const lengths = new Uint8Array(slots + 1);
const abouts = new Uint8Array(slots + 1);
const following = new Uint16Array(slots + 1);

/** Before the first key of a record, and behind one that is not remembered. */
export const noKey = 0;

/** The key that followed `key` last time. */
export const keyAfter = (key: number): number => following[key] as number;

/** What was told of a key when it was learnt. */
export const aboutKey = (key: number): number => abouts[key] as number;

/** Just behind `KEY":` when exactly that stands at `from`, 0 when it does not. */
export const behindKey = (bytes: DataView, from: number, end: number, key: number): number => {
  const length = lengths[key] as number;
  const last = from + length - 4;
  if (length === 0 || last + 4 > end || bytes.getInt32(last, true) !== lasts[key]) return 0;
  for (let at = from, word = key * (longest / 4); at < last; at += 4, word++)
    if (bytes.getInt32(at, true) !== words[word]) return 0;
  return last + 4;
};

/**
 * Remembers the key `[from, to)` and that it followed `before`.
 *
 * @param about a byte of the caller's, of every key that reads so
 * @returns its name for the other functions; `noKey` when it is not one to remember (blanks before the colon, too long)
 */
export const learnKey = (bytes: DataView, from: number, to: number, about: number, before: number): number => {
  const length = to - from + 2;
  if (length < shortest || length > longest || bytes.getUint8(to + 1) !== 58) return noKey;
  let hash = length;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ bytes.getUint8(at), 0x01000193);
  const home = (hash ^ (hash >>> 15)) & (slots - 1);
  let key = home + 1;
  for (let tried = 0; tried < slotsTried; tried++) {
    const slot = ((home + tried) & (slots - 1)) + 1;
    if (behindKey(bytes, from, to + 2, slot) !== 0) {
      following[before] = slot;
      return slot;
    }
    if (lengths[slot] === 0) {
      key = slot;
      break;
    }
  }
  lengths[key] = length;
  lasts[key] = bytes.getInt32(to - 2, true);
  abouts[key] = about;
  for (let at = from, word = key * (longest / 4); at < to - 2; at += 4, word++) words[word] = bytes.getInt32(at, true);
  following[before] = key;
  return key;
};
