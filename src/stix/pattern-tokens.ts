import { no, ok, type Result } from "#core/result.ts";

/** One token of a pattern; `column` counts UTF-16 units from 1. */
export interface Token {
  readonly is: "word" | "string" | "integer" | "float" | "timestamp" | "bytes" | "sign" | "end";
  /** Strings without their quotes and escapes, timestamps without t'', bytes as a character each; else as written. */
  readonly text: string;
  readonly column: number;
}

/** Longest pattern we read, in UTF-16 units; the longest in public use is near 30,000. */
export const longestPattern = 65_536;

// STIX 2.1 §9.2 and its grammar: lexical elements, longest first
const rules: readonly (readonly [is: Token["is"] | "blank" | "hex" | "base64", shape: RegExp])[] = [
  [
    "blank",
    /(?:[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]|\/\*[\s\S]*?\*\/|\/\/[^\r\n]*)+/y,
  ],
  [
    "timestamp",
    /t'\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?Z'/y,
  ],
  ["hex", /h'(?:[0-9a-fA-F]{2})*'/y],
  ["base64", /b'(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)?'/y],
  ["string", /'(?:[^'\\]|\\['\\])*'/y],
  ["float", /[+-]?\d*\.\d+/y],
  ["integer", /[+-]?(?:0|[1-9]\d*)/y],
  ["word", /[A-Za-z_][A-Za-z0-9_-]*/y],
  ["sign", /!=|<>|<=|>=|==|[[\]()=<>:.,*]/y],
];

/** What a literal that no rule took was meant to be, by the letter before its quote. */
const meant: Readonly<Record<string, string>> = {
  t: "a timestamp such as t'2026-01-31T08:15:00Z'",
  h: "pairs of hexadecimal digits",
  b: "base64",
};

/** Cuts a pattern into tokens, "end" last; a problem where no token fits (an unclosed string, a stray character). */
export const tokensOf = (text: string): Result<readonly Token[]> => {
  if (text.length > longestPattern) return no("WGL_VALUE_LONG", { length: text.length, limit: longestPattern });
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const found = tokenAt(text, at);
    if (found === undefined) return no("WGL_STIX_PATTERN", { column: at + 1, wanted: wantedAt(text, at) });
    if (found.is === "word" && text[at + 1] === "'" && Object.hasOwn(meant, found.text))
      return no("WGL_STIX_PATTERN", { column: at + 1, wanted: meant[found.text] ?? "" });
    if (found.is !== "blank") tokens.push({ ...valueOf(found.is, found.text), column: at + 1 });
    at += found.text.length;
  }
  tokens.push({ is: "end", text: "", column: text.length + 1 });
  return ok(tokens);
};

type Lexical = (typeof rules)[number][0];

const tokenAt = (text: string, at: number): { readonly is: Lexical; readonly text: string } | undefined => {
  for (const [is, shape] of rules) {
    shape.lastIndex = at;
    const found = shape.exec(text);
    if (found !== null) return { is, text: found[0] };
  }
  return undefined;
};

const wantedAt = (text: string, at: number): string => {
  if (text[at] !== "'") return "a pattern element";
  const ends = /'(?:[^'\\]|\\[\s\S])*'/y;
  ends.lastIndex = at;
  return ends.test(text)
    ? "a string in which a backslash stands only before a quote or a backslash"
    : "a closed string";
};

const valueOf = (is: Exclude<Lexical, "blank">, text: string): Pick<Token, "is" | "text"> => {
  switch (is) {
    case "string":
      return { is, text: text.slice(1, -1).replace(/\\(['\\])/g, "$1") };
    case "timestamp":
      return { is, text: text.slice(2, -1) };
    case "hex":
    case "base64":
      return { is: "bytes", text: Buffer.from(text.slice(2, -1), is).toString("latin1") };
    default:
      return { is, text };
  }
};
