import type { Language } from "./language.ts";

/** 41203884032 → "41 203 884 032", thousands parted by a no-break space in every language (VISUAL §3); at most one decimal. */
export const printNumber = (language: Language, value: number): string =>
  numbers[language]
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

const numbers: Readonly<Record<Language, Intl.NumberFormat>> = {
  en: new Intl.NumberFormat("en", { maximumFractionDigits: 1 }),
  "zh-Hant-HK": new Intl.NumberFormat("zh-Hant-HK", { maximumFractionDigits: 1 }),
  "zh-Hans": new Intl.NumberFormat("zh-Hans", { maximumFractionDigits: 1 }),
};
