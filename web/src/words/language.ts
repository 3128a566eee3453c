import { type Language, languages, preferredLanguage } from "@words/language.ts";

const kept = "waglan.language";

/** The reader's choice on this device, else what the browser asks for, else English. */
export const startLanguage = (): Language => {
  const chosen = languages.find((language) => language === localStorage.getItem(kept));
  return chosen ?? preferredLanguage(navigator.languages, "en");
};

/** Whether the reader ever chose; until then the account's own language is taken on signing in. */
export const languageChosen = (): boolean => localStorage.getItem(kept) !== null;

export const keepLanguage = (language: Language): void => localStorage.setItem(kept, language);

/** react-aria has no zh-Hant-HK and would take "zh-HK" for zh-CN, so Traditional is asked for as zh-TW. */
export const ariaLocale = { en: "en-GB", "zh-Hant-HK": "zh-TW", "zh-Hans": "zh-CN" } as const satisfies Record<
  Language,
  string
>;
