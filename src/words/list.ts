import type { Language } from "./language.ts";

/** ["a", "b", "c"] → "a, b and c", "a、b及c", "a、b和c". */
export const printList = (language: Language, items: readonly string[]): string =>
  new Intl.ListFormat(language === "en" ? "en-GB" : language, { type: "conjunction" }).format(items);
