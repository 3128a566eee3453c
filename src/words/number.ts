import type { Language } from "./language.ts";

/** 41203884032 → "41 203 884 032", thousands parted by a no-break space in every language (VISUAL §3); at most one decimal. */
export const printNumber = (language: Language, value: number): string =>
  numberFormat(language)
    .formatToParts(value)
    .map((part) => (part.type === "group" ? noBreak : part.value))
    .join("");

/** 41203884032 → "41.2 GB": powers of 1000 (SI), one decimal from kB on, no-break space before the unit. */
export const printBytes = (language: Language, bytes: number): string => {
  const step = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1);
  return `${printNumber(language, bytes / 1000 ** step)}${noBreak}${units[step]}`;
};

const units = ["B", "kB", "MB", "GB", "TB", "PB"] as const;
const noBreak = "\u00a0";

/** Made when the first number is said: what the system knows of languages is five megabytes of a process. */
const numbers = new Map<Language, Intl.NumberFormat>();

const numberFormat = (language: Language): Intl.NumberFormat => {
  const known = numbers.get(language);
  if (known) return known;
  const made = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  numbers.set(language, made);
  return made;
};
