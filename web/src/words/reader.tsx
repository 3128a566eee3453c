import { createContext, type ReactNode, use, useEffect, useMemo, useState } from "react";
import { I18nProvider } from "react-aria-components/I18nProvider";
import type { answers } from "@words/en/answers.ts";
import type { glossary } from "@words/en/glossary.ts";
import type { inside } from "@words/en/inside.ts";
import type { portal } from "@words/en/portal.ts";
import type { Language } from "@words/language.ts";
import type { Parameters } from "@words/sentence.ts";
import { ariaLocale, keepLanguage } from "./language.ts";
import { put } from "./put.ts";
import type { Words } from "./topics.ts";

/** The topics of `words/` that the portal speaks with; its own sentences need no prefix. */
type English = typeof portal &
  Prefixed<"glossary", typeof glossary> &
  Prefixed<"answers", typeof answers> &
  Prefixed<"inside", typeof inside>;
type Prefixed<Name extends string, Words> = { [Key in keyof Words & string as `${Name}.${Key}`]: Words[Key] };

export type WordKey = keyof English & string;

/** A sentence without parameters is said without an argument; with parameters, all of them must be given. */
type With<K extends WordKey> = [Parameters<English[K]>] extends [never]
  ? readonly []
  : readonly [params: { readonly [Name in Parameters<English[K]>]: string | number }];

export type Say = <K extends WordKey>(key: K, ...params: With<K>) => string;

interface Reader {
  readonly language: Language;
  readonly say: Say;
  readonly setLanguage: (language: Language) => void;
}

const load = {
  en: () => import("./english.ts"),
  "zh-Hant-HK": () => import("./traditional.ts"),
  "zh-Hans": () => import("./simplified.ts"),
} as const satisfies Record<Language, () => Promise<{ words: Words }>>;

/** The sentences of one language; a chunk of their own, so that nobody loads the other two. */
export const loadWords = async (language: Language): Promise<Words> => (await load[language]()).words;

const ReaderContext = createContext<Reader | undefined>(undefined);

/** In which language this page speaks, and how it says a sentence of `words/<language>/portal.ts`. */
export const useReader = (): Reader => {
  const reader = use(ReaderContext);
  if (!reader) throw new Error("waglan is wrong: no reader around this part of the page");
  return reader;
};

interface Props {
  readonly first: Language;
  readonly words: Words;
  readonly children: ReactNode;
}

export const ReaderProvider = ({ first, words, children }: Props): ReactNode => {
  const [spoken, setSpoken] = useState({ language: first, words });
  useEffect(() => {
    document.documentElement.lang = spoken.language;
  }, [spoken.language]);
  const reader = useMemo<Reader>(
    () => ({
      language: spoken.language,
      say: (key, ...[params]) => put(spoken.language, spoken.words[key] ?? key, params),
      setLanguage: (language) => {
        keepLanguage(language);
        void loadWords(language).then((loaded) => setSpoken({ language, words: loaded }));
      },
    }),
    [spoken],
  );
  return (
    <ReaderContext value={reader}>
      <I18nProvider locale={ariaLocale[spoken.language]}>{children}</I18nProvider>
    </ReaderContext>
  );
};
