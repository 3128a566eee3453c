import { safeRegex, type SafeRegex } from "#core/safe-regex.ts";
import type { RegexMatch } from "./detection.ts";
import { linearForm } from "./regex-linear.ts";
import type { Refusal } from "./value.ts";

/** Longest expression of a rule, UTF-16 units; the longest of the field has 480. */
const longest = 4000;

/** RE2's syntax has the flags in front. */
const written = (source: string, flags: string): string => (flags === "" ? source : `(?${flags})${source}`);

/** Why an expression is not taken: RE2 has no look-around and no back-references, so that no text makes it slow. */
export const checkRegex = (source: string, flags: string): Refusal | undefined =>
  safeRegex(written(source, flags), longest).ok ? undefined : { code: "WGL_SIGMA_REGEX", params: { value: source } };

const never: Pick<SafeRegex, "test"> = { test: () => false };

/** The expression, ready to run: by JavaScript's engine where that is proven to be linear, else by RE2's. */
export const compileRegex = (match: RegexMatch): Pick<SafeRegex, "test"> =>
  longLine(match) ?? linearForm(match.source, match.flags) ?? safeForm(match);

/** By RE2's engine. What `checkRegex` refused matches nothing. */
export const safeForm = (match: RegexMatch): Pick<SafeRegex, "test"> => {
  const compiled = safeRegex(written(match.source, match.flags), longest);
  return compiled.ok ? compiled.value : never;
};

/** `.{1000,}`: a line of so many characters. As a machine of a thousand states it is the slowest expression of the field. */
const longLine = ({ source, flags }: RegexMatch): Pick<SafeRegex, "test"> | undefined => {
  const found = flags === "" ? /^(?:\.|\(\.\))\{(\d{1,4})(?:,\d{0,4})?\}$/.exec(source) : null;
  if (found === null) return undefined;
  const wanted = Number(found[1]);
  return {
    test: (text) => {
      let characters = 0;
      for (let at = 0; at < text.length && characters < wanted; at++) {
        const code = text.charCodeAt(at);
        if (code === 10) characters = 0;
        // of two halves of one character the second does not count
        else if (code < 0xdc00 || code > 0xdfff || at === 0 || !isHigh(text.charCodeAt(at - 1))) characters++;
      }
      return characters >= wanted;
    },
  };
};

const isHigh = (code: number): boolean => code >= 0xd800 && code <= 0xdbff;
