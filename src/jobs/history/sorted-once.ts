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
