import type { Language } from "@words/language.ts";
import { printNumber } from "@words/number.ts";
import type { Sentence } from "@words/sentence.ts";

/** Fills `{name}` parameters; `count` chooses between a sentence's forms. Outside text is made visible, React escapes it. */
export const put = (
  language: Language,
  sentence: Sentence,
  params: Readonly<Record<string, string | number>> = {},
): string => {
  const form = typeof sentence === "string" ? sentence : sentence[plural(language, params["count"])];
  return form.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name];
    return value === undefined ? whole : typeof value === "number" ? printNumber(language, value) : visible(value);
  });
};

/** Control, format and separator characters written out, so that outside text cannot turn a line round or forge one. */
export const visible = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`);

const plural = (language: Language, count: string | number | undefined): "one" | "other" =>
  new Intl.PluralRules(language).select(Number(count ?? 0)) === "one" ? "one" : "other";
