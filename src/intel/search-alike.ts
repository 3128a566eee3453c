import { registeredName } from "#core/registered-name.ts";
import { skeletonOf } from "./search-keys.ts";

/** Words at least this long may differ in two places. */
const longWord = 9;

/**
 * How far a listed name is from the one that was pasted, 0 (looks the same) to 2; undefined: nobody takes one for the
 * other, they only met under one key. A name that holds the pasted word as a part of its own is at 1.
 */
export const alikeness = (pasted: string, listed: string): number | undefined => {
  const wanted = skeletonOf(wordOf(pasted));
  const { word = "", under } = registeredName(listed);
  const apart = editsBetween(wanted, skeletonOf(word), wanted.length >= longWord ? 2 : 1);
  if (apart !== undefined) return apart;
  return [...under.split("."), ...word.split("-")].some((token) => skeletonOf(token) === wanted) ? 1 : undefined;
};

const wordOf = (nameOrWord: string): string =>
  nameOrWord.includes(".") ? (registeredName(nameOrWord).word ?? nameOrWord) : nameOrWord;

/**
 * Insertions, deletions, exchanges and swaps of neighbours that make one word the other (optimal string alignment);
 * undefined when more than `most` are needed.
 */
export const editsBetween = (a: string, b: string, most: number): number | undefined => {
  if (Math.abs(a.length - b.length) > most) return undefined;
  let before: number[] = [];
  let last: number[] = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const row: number[] = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let least = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, (before[j - 2] ?? 0) + 1);
      row.push(least);
    }
    before = last;
    last = row;
  }
  const apart = last[b.length] ?? 0;
  return apart <= most ? apart : undefined;
};
