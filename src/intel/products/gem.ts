import { type Compare, compareDigits, compareLists, compareText, isDigits, orderedBy } from "./order.ts";

const parse = (text: string): readonly string[] | undefined =>
  /^\d+(?:\.[0-9A-Za-z]+)*(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/.test(text)
    ? (text.replaceAll("-", ".pre.").match(/\d+|[A-Za-z]+/g) ?? [])
    : undefined;

/** Words (a pre-release) before numbers; what is not there is 0. @see RubyGems, Gem::Version */
export const compareGem: Compare = orderedBy(parse, (a, b) =>
  compareLists(a, b, "0", (x, y) => {
    const [left, right] = [isDigits(x), isDigits(y)];
    return left && right ? compareDigits(x, y) : Number(left) - Number(right) || compareText(x, y);
  }),
);
