import type { ReactNode } from "react";
import { languageNames, languages } from "@words/language.ts";
import { useReader } from "@web/words/reader.tsx";

/** Each language under its own name: EN 繁 简 in the head, in full where there is room. */
export const LanguageSwitch = ({ full }: { readonly full?: boolean }): ReactNode => {
  const { language, say, setLanguage } = useReader();
  return (
    <div className="languages" role="group" aria-label={say("frame.language")} data-full={full ?? false}>
      {languages.map((each) => (
        <button
          key={each}
          type="button"
          lang={each}
          aria-pressed={each === language}
          {...(full ? {} : { "aria-label": `${languageNames[each].short} ${languageNames[each].full}` })}
          onClick={() => setLanguage(each)}
        >
          {full ? languageNames[each].full : languageNames[each].short}
        </button>
      ))}
    </div>
  );
};
