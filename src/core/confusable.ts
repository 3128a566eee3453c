import type { Flag } from "./flag.ts";
import { unicodeName } from "./domain.ts";

/**
 * Whether a name is written to look like another: `mixed-script` when one label mixes scripts that no language mixes
 * (UTS 39 §5.2, highly restrictive), `confusable` when a label of a Latin-ending name consists only of Cyrillic or Greek
 * letters with a Latin twin. Only names with an a-label are looked at.
 */
export const scriptFlag = (name: string): Flag | undefined => {
  if (!name.includes("xn--")) return undefined;
  const labels = unicodeName(name).split(".");
  if (labels.some(mixes)) return "mixed-script";
  const latinEnd = /^[a-z]+$/.test(labels.at(-1) ?? "");
  return latinEnd && labels.some((label) => twins.test(label)) ? "confusable" : undefined;
};

/** Cyrillic, then Greek, letters whose usual shape is a Latin letter's. @see UTS 39 confusables.txt */
const twins =
  /^(?:[\u0430\u0432\u0433\u0435\u0437\u0438\u043a\u043c\u043d\u043e\u043f\u0440\u0441\u0442\u0443\u0445\u0455\u0456\u0458\u0475\u04bb\u04cf\u0501\u051b\u051d0-9-]*[\u0430-\u052f][\u0430\u0432\u0433\u0435\u0437\u0438\u043a\u043c\u043d\u043e\u043f\u0440\u0441\u0442\u0443\u0445\u0455\u0456\u0458\u0475\u04bb\u04cf\u0501\u051b\u051d0-9-]*|[\u03b1\u03b3\u03b7\u03b9\u03ba\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7\u03c90-9-]*[\u03b1-\u03c9][\u03b1\u03b3\u03b7\u03b9\u03ba\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7\u03c90-9-]*)$/;

const scripts = {
  latin: /\p{Script=Latin}/u,
  cyrillic: /\p{Script=Cyrillic}/u,
  greek: /\p{Script=Greek}/u,
  armenian: /\p{Script=Armenian}/u,
  cherokee: /\p{Script=Cherokee}/u,
  georgian: /\p{Script=Georgian}/u,
  eastAsian: /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}]/u,
  other:
    /(?![\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}\p{Script=Georgian}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\p{Script=Common}\p{Script=Inherited}])\p{L}/u,
} as const;

const mixes = (label: string): boolean => {
  const found = Object.entries(scripts).filter(([, letter]) => letter.test(label));
  return (
    found.length > 2 || (found.length === 2 && !found.every(([script]) => script === "latin" || script === "eastAsian"))
  );
};
