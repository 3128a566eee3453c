import { type Compare, compareDigits, compareText, isDigits, orderedBy } from "./order.ts";

/** Words that stand before the release they lead to, in this order. */
const before = ["dev", "snapshot", "alpha", "beta", "milestone", "preview", "pre", "rc", "cr"];

/** "v9.1(3)-rc1" → 9, 1, 3, "rc", 1. A zero before a word or the end says nothing: 1.0-rc1 leads to 1, and 1.0 is 1. */
const parse = (text: string): readonly string[] | undefined => {
  const runs = text.toLowerCase().match(/\d+|\p{L}+/gu) ?? [];
  const from = runs[0] === "v" || runs[0] === "version" || runs[0] === "release" ? 1 : 0;
  if (!isDigits(runs[from] ?? "")) return undefined;
  const kept: string[] = [];
  const dropZeros = (): void => {
    while (kept.length > 1 && /^0+$/.test(kept.at(-1) ?? "")) kept.pop();
  };
  for (const run of runs.slice(from)) {
    if (!isDigits(run)) dropZeros();
    kept.push(run);
  }
  dropZeros();
  return kept;
};

/** Pre-release words, then the end, then other words (1.1.1 before 1.1.1t), then numbers. */
const rank = (run: string | undefined): number =>
  run === undefined ? 1 : isDigits(run) ? 3 : before.includes(run) ? 0 : 2;

const compareRuns = (a: string | undefined, b: string | undefined): number => {
  const order = rank(a) - rank(b);
  if (order !== 0 || a === undefined || b === undefined) return order;
  return rank(a) === 3
    ? compareDigits(a, b)
    : rank(a) === 0
      ? before.indexOf(a) - before.indexOf(b)
      : compareText(a, b);
};

/**
 * Versions of products whose makers follow no written scheme, which is most of what CPE names: dotted numbers with words
 * between. Ours, and told as such: no document decides it.
 */
export const compareGeneric: Compare = orderedBy(parse, (a, b) => {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const order = compareRuns(a[at], b[at]);
    if (order !== 0) return order;
  }
  return 0;
});
