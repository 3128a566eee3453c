import { type Compare, compareDigits, compareText, isDigits, orderedBy } from "./order.ts";

interface Token {
  readonly before: "." | "-";
  readonly text: string;
}

/** Qualifiers that come before all others, in this order; "" is a release. */
const known = ["alpha", "beta", "milestone", "rc", "snapshot", "", "sp"];
const short: Readonly<Record<string, string>> = { a: "alpha", b: "beta", m: "milestone" };
const same: Readonly<Record<string, string>> = { cr: "rc", final: "", ga: "", release: "" };

const parse = (text: string): readonly Token[] | undefined => {
  if (!/^[0-9A-Za-z_.+-]+$/.test(text) || !/\d/.test(text)) return undefined;
  return trimmed(tokensOf(text.toLowerCase()));
};

/** Between "." and "-", and where digits and letters meet, which counts as "-". An empty token is 0. */
const tokensOf = (text: string): readonly Token[] => {
  const tokens: Token[] = [];
  let before: Token["before"] = "-";
  for (const part of text.split(/([.-])/)) {
    if (part === "." || part === "-") {
      before = part;
      continue;
    }
    const runs = part.match(/\d+|[^\d]+/g) ?? ["0"];
    for (const [at, run] of runs.entries()) {
      const followed = isDigits(runs[at + 1] ?? "");
      tokens.push({ before: at === 0 ? before : "-", text: (followed ? short[run] : undefined) ?? same[run] ?? run });
    }
  }
  return tokens;
};

/** Without what says nothing at the end, before each "-", and before a word: 1.0.rc2 is 1-rc2. */
const trimmed = (tokens: readonly Token[]): readonly Token[] => {
  const kept: Token[] = [];
  for (const token of tokens) {
    if (token.before === "-" || !isDigits(token.text)) dropNulls(kept);
    kept.push(token);
  }
  dropNulls(kept);
  return kept;
};

const dropNulls = (tokens: Token[]): void => {
  for (let last = tokens.at(-1); last !== undefined && /^0*$/.test(last.text); last = tokens.at(-1)) tokens.pop();
};

const compare = (a: readonly Token[], b: readonly Token[]): number => {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const order = compareTokens(a[at] ?? filler(b[at]), b[at] ?? filler(a[at]));
    if (order !== 0) return order;
  }
  return 0;
};

/**
 * What stands where a version has ended: 0 beside a number, a release beside a word. The page pads by the separator, by which
 * 2 < 2-x < 2.y < 2; Maven itself pads like this.
 */
const filler = (other: Token | undefined): Token => ({
  before: other?.before ?? "-",
  text: isDigits(other?.text ?? "") ? "0" : "",
});

const compareTokens = (a: Token, b: Token): number => {
  const rank = (token: Token): number => (isDigits(token.text) ? (token.before === "." ? 2 : 1) : 0);
  return rank(a) - rank(b) || (rank(a) > 0 ? compareDigits(a.text, b.text) : compareQualifiers(a.text, b.text));
};

const compareQualifiers = (a: string, b: string): number => {
  const [x, y] = [a, b].map((text) => (known.includes(text) ? known.indexOf(text) : known.length));
  return (x ?? 0) - (y ?? 0) || compareText(a, b);
};

/** @see Maven POM reference, "Version Order Specification" */
export const compareMaven: Compare = orderedBy(parse, compare);
