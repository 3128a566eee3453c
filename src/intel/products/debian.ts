import { type Compare, compareDigits, orderedBy } from "./order.ts";

interface Debian {
  readonly epoch: string;
  readonly upstream: string;
  readonly revision: string;
}

const parse = (text: string): Debian | undefined => {
  const [whole, epoch = "0", upstream = "", revision = ""] =
    /^(?:(\d+):)?([A-Za-z0-9.+:~-]*?)(?:-([A-Za-z0-9.+~]+))?$/.exec(text) ?? [];
  return whole === undefined || !/\d/.test(upstream) ? undefined : { epoch, upstream, revision };
};

const compare = (a: Debian, b: Debian): number =>
  compareDigits(a.epoch, b.epoch) || compareParts(a.upstream, b.upstream) || compareParts(a.revision, b.revision);

/** Runs of other characters and of digits by turns; what is not there is an empty run, or 0. */
const compareParts = (a: string, b: string): number => {
  const [x, y] = [runsOf(a), runsOf(b)];
  for (let at = 0; at < Math.max(x.length, y.length); at++) {
    const [left, right] = [x[at] ?? "", y[at] ?? ""];
    const order = at % 2 === 0 ? compareWords(left, right) : compareDigits(left, right);
    if (order !== 0) return order;
  }
  return 0;
};

const runsOf = (text: string): readonly string[] =>
  [...text.matchAll(/(\D*)(\d*)/g)].flatMap(([whole, word = "", digits = ""]) => (whole === "" ? [] : [word, digits]));

const compareWords = (a: string, b: string): number => {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const order = weight(a[at]) - weight(b[at]);
    if (order !== 0) return order;
  }
  return 0;
};

/** "~" before the end, the end before letters, letters before everything else. */
const weight = (character: string | undefined): number =>
  character === undefined
    ? 0
    : character === "~"
      ? -1
      : character.charCodeAt(0) + (/[A-Za-z]/.test(character) ? 0 : 256);

/** @see Debian Policy Manual §5.6.12 */
export const compareDebian: Compare = orderedBy(parse, compare);
