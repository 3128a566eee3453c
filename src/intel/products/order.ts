/** Negative: a before b; positive: after; 0: the same place; `undefined`: one of them is no version of this scheme. */
export type Compare = (a: string, b: string) => number | undefined;

/** Characters of a version we look at; longer ones are no versions. Bounds every expression below. */
const longestVersion = 200;

/** Versions remembered as they parse; then all are forgotten. The bounds of one product's advisories are met again and again. */
const parsedAtMost = 20_000;

/** An order of texts from what they parse to. Total over texts that parse; of others it says nothing. */
export const orderedBy = <K>(parse: (text: string) => K | undefined, compare: (a: K, b: K) => number): Compare => {
  const parsed = new Map<string, K | undefined>();
  const read = (text: string): K | undefined => {
    if (text.length > longestVersion) return undefined;
    const known = parsed.get(text);
    if (known !== undefined || parsed.has(text)) return known;
    if (parsed.size >= parsedAtMost) parsed.clear();
    const one = parse(text.trim());
    parsed.set(text, one);
    return one;
  };
  return (a, b) => {
    const [left, right] = [read(a), read(b)];
    return left === undefined || right === undefined ? undefined : compare(left, right);
  };
};

/** Whole numbers of any length, as text: "9" before "10", "007" beside "7". */
export const compareDigits = (a: string, b: string): number => {
  const [x, y] = [a.replace(/^0+/, ""), b.replace(/^0+/, "")];
  return x.length - y.length || compareText(x, y);
};

/** By UTF-16 units, as every specification here means "ASCII order". */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export const isDigits = (text: string): boolean => /^\d+$/.test(text);

/** The first difference of two lists, `filler` standing where one has ended. */
export const compareLists = <T>(
  a: readonly T[],
  b: readonly T[],
  filler: T,
  compare: (a: T, b: T) => number,
): number => {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const order = compare(a[at] ?? filler, b[at] ?? filler);
    if (order !== 0) return order;
  }
  return 0;
};
