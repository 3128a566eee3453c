/** Languages waglan speaks, in the order a mail prints them unless the organisation says otherwise. BCP 47. */
export const languages = ["en", "zh-Hant-HK", "zh-Hans"] as const;
export type Language = (typeof languages)[number];

/** How a language calls itself: on switches the word stands in its own language, never translated. */
export const languageNames = {
  en: { full: "English", short: "EN" },
  "zh-Hant-HK": { full: "繁體中文", short: "繁" },
  "zh-Hans": { full: "简体中文", short: "简" },
} as const;
void (languageNames satisfies Record<Language, { full: string; short: string }>);

/** Regions and scripts that read Traditional characters; other Chinese reads Simplified. */
const traditional = /^zh-(?:hant|hk|mo|tw)\b|^yue\b/i;

/** The nearest language we speak to a BCP 47 tag ("zh-TW" → zh-Hant-HK, "en-US" → en); absent when there is none. */
export const languageOf = (tag: string): Language | undefined => {
  const plain = tag.trim().replaceAll("_", "-");
  if (/^en\b/i.test(plain)) return "en";
  if (traditional.test(plain)) return "zh-Hant-HK";
  return /^zh\b/i.test(plain) ? "zh-Hans" : undefined;
};

/** The first of a reader's languages that we speak, in the reader's order: `Accept-Language`, or a list. */
export const preferredLanguage = (tags: readonly string[], otherwise: Language): Language => {
  for (const tag of tags) {
    const found = languageOf(tag);
    if (found) return found;
  }
  return otherwise;
};

/** A name in some of our languages; `nameIn` finds the nearest. At least one is there, or the reader sees "". */
export type Names = { readonly [L in Language]?: string };

const nearest = {
  en: ["en", "zh-Hant-HK", "zh-Hans"],
  "zh-Hant-HK": ["zh-Hant-HK", "zh-Hans", "en"],
  "zh-Hans": ["zh-Hans", "zh-Hant-HK", "en"],
} as const satisfies Record<Language, readonly Language[]>;

export const nameIn = (names: Names, language: Language): string => {
  for (const candidate of nearest[language]) {
    const name = names[candidate];
    if (name !== undefined && name !== "") return name;
  }
  return "";
};
