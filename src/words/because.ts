import { behaviours as en } from "./en/behaviours.ts";
import type { Language } from "./language.ts";
import { printNumber, printBytes } from "./number.ts";
import { visible } from "./say.ts";
import type { Sentence } from "./sentence.ts";
import { behaviours as hans } from "./zh-hans/behaviours.ts";
import { behaviours as hant } from "./zh-hant/behaviours.ts";

const sentences: Readonly<Record<Language, Readonly<Record<string, Sentence>>>> = {
  en,
  "zh-Hans": hans,
  "zh-Hant-HK": hant,
};

/** Parameters that are numbers of bytes. */
const sizes: ReadonlySet<string> = new Set(["size", "usual", "bytes"]);

/**
 * A step of a because-chain in the reader's language: sizes with their unit, other numbers in the reader's way, a
 * behaviour that is named by its id under its title. An unknown sentence is its key, so that old hits stay readable.
 *
 *   { says: "exfiltration.new-hour", with: { source: "10.1.0.5", size: 8e9, … } } → "10.1.0.5 sent 8 GB within an hour …"
 */
export const sayBecause = (
  language: Language,
  { says, with: params }: { readonly says: string; readonly with: Readonly<Record<string, string | number>> },
): string => {
  const sentence = sentences[language][says];
  if (sentence === undefined) return says;
  const form =
    typeof sentence === "string"
      ? sentence
      : sentence[language === "en" && Number(params["count"] ?? 0) === 1 ? "one" : "other"];
  return form.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name];
    if (value === undefined) return whole;
    if (typeof value === "number") return sizes.has(name) ? printBytes(language, value) : printNumber(language, value);
    return name === "title" ? titleOf(language, value) : visible(value);
  });
};

/** A behaviour's title by its id; a rule's own title as it is. */
export const titleOf = (language: Language, title: string): string => {
  const known = sentences[language][`${title}.title`];
  return typeof known === "string" ? known : visible(title);
};
