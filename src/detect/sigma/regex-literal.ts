import type { RegexMatch } from "./detection.ts";

/**
 * The longest text that every match of an expression holds: `net\s+user` → "user". Empty when there is none that a look
 * at the expression's outermost level shows; being empty is never wrong, only slower.
 */
export const literalOf = ({ source, flags }: RegexMatch): string => {
  const inner = /^\(\?[ims]+\)/.exec(source)?.[0] ?? "";
  const insensitive = (flags + inner).includes("i");
  // flags in the middle, quotations and numbered characters: nothing is known
  if (/\(\?[^:]|\\[QEpPCx0-7]/.test(source.slice(inner.length))) return "";
  let best = "";
  let run = "";
  const end = (): void => {
    if (run.length > best.length) best = run;
    run = "";
  };
  for (let at = inner.length; at < source.length; ) {
    const letter = source.charAt(at);
    let width = 1;
    let plain: string | undefined;
    if (letter === "\\") {
      width = 2;
      const escaped = source.charAt(at + 1);
      // an escaped letter or digit is a class, an assertion or a control character; the rest stands for itself
      plain = /[A-Za-z0-9]/.test(escaped) ? undefined : escaped;
    } else if (letter === "[") width = classEnd(source, at) - at;
    else if (letter === "(") width = groupEnd(source, at) - at;
    else if (letter === "|") return "";
    else if (letter === ")") return "";
    else if (!".^$".includes(letter)) plain = letter;
    if (width <= 0) return "";
    const times = quantifier.exec(source.slice(at + width, at + width + 24))?.[0] ?? "";
    const needed = times === "" || times.startsWith("+") || /^\{[1-9]/.test(times);
    // without regard to case, "s" is also U+017F, which has no other lower case
    if (plain === undefined || !needed || (insensitive && /[sS]/.test(plain))) end();
    else {
      run += plain;
      if (times !== "") end();
    }
    at += width + times.length;
  }
  end();
  return isAscii(best) ? best : "";
};

/** Beyond it, lower case depends on what stands beside a letter. */
export const isAscii = (text: string): boolean => {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 127) return false;
  return true;
};

const quantifier = /^(?:[*+?]|\{\d*,?\d*\})[?+]?/;

/** Where a character class that begins at `at` ends. */
const classEnd = (source: string, at: number): number => {
  let i = at + 1;
  if (source.charAt(i) === "^") i++;
  if (source.charAt(i) === "]") i++;
  for (; i < source.length; i++) {
    if (source.charAt(i) === "\\") i++;
    else if (source.startsWith("[:", i)) {
      const close = source.indexOf(":]", i);
      if (close < 0) return 0;
      i = close + 1;
    } else if (source.charAt(i) === "]") return i + 1;
  }
  return 0;
};

/** Where a group that begins at `at` ends. */
const groupEnd = (source: string, at: number): number => {
  let depth = 0;
  for (let i = at; i < source.length; i++) {
    const letter = source.charAt(i);
    if (letter === "\\") i++;
    else if (letter === "[") {
      const end = classEnd(source, i);
      if (end === 0) return 0;
      i = end - 1;
    } else if (letter === "(") depth++;
    else if (letter === ")" && --depth === 0) return i + 1;
  }
  return 0;
};
