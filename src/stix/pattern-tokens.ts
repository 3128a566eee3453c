import { no, ok, type Result } from "#core/result.ts";

/** One token of a pattern; `column` counts characters from 1. */
export interface Token {
  readonly is: "word" | "string" | "number" | "timestamp" | "binary" | "sign" | "end";
  /** Strings without their quotes and escapes, everything else as written. */
  readonly text: string;
  readonly column: number;
}

/** Longest pattern we read, in UTF-16 units; the longest in public use is near 30,000. */
export const longestPattern = 65_536;

// STIX 2.1 §9.2 and Appendix: lexical elements, longest first
const rules: readonly (readonly [is: Token["is"] | "blank", shape: RegExp])[] = [
  ["blank", /(?:\s|\/\*[\s\S]*?\*\/|\/\/[^\n]*)+/y],
  ["timestamp", /t'[^'\\]*'/y],
  ["binary", /[bh]'[^'\\]*'/y],
  ["string", /'(?:[^'\\]|\\['\\])*'/y],
  ["number", /[+-]?(?:\d+\.\d*|\.\d+|\d+)/y],
  ["word", /[A-Za-z_][A-Za-z0-9_-]*/y],
  ["sign", /!=|<>|<=|>=|==|[[\]()=<>:.,*]/y],
];

/** Cuts a pattern into tokens, "end" last; a problem where no token fits (an unclosed string, a stray character). */
export const tokensOf = (text: string): Result<readonly Token[]> => {
  if (text.length > longestPattern) return no("WGL_VALUE_LONG", { length: text.length, limit: longestPattern });
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const found = tokenAt(text, at);
    if (found === undefined)
      return no("WGL_STIX_PATTERN", {
        column: at + 1,
        wanted: text[at] === "'" ? "a closed string" : "a pattern element",
      });
    if (found.is !== "blank") tokens.push({ is: found.is, text: unquoted(found.is, found.text), column: at + 1 });
    at += found.text.length;
  }
  tokens.push({ is: "end", text: "", column: text.length + 1 });
  return ok(tokens);
};

const tokenAt = (
  text: string,
  at: number,
): { readonly is: Token["is"] | "blank"; readonly text: string } | undefined => {
  for (const [is, shape] of rules) {
    shape.lastIndex = at;
    const found = shape.exec(text);
    if (found !== null) return { is, text: found[0] };
  }
  return undefined;
};

const unquoted = (is: Token["is"], text: string): string =>
  is === "string" ? text.slice(1, -1).replace(/\\(['\\])/g, "$1") : text;
