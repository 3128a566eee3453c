import { errors } from "#core/errors.ts";
import { fill, type Problem } from "#core/result.ts";
import { catalogue, type Key, type SentenceOf } from "./catalogue.ts";
import { errors as hans } from "./zh-hans/errors.ts";
import { errors as hant } from "./zh-hant/errors.ts";
import type { Language } from "./language.ts";
import { printNumber } from "./number.ts";
import type { Parameters, Sentence } from "./sentence.ts";

/** A sentence without parameters is said without an argument; with parameters, all of them must be given. */
type With<K extends Key> = [Parameters<SentenceOf<K>>] extends [never]
  ? readonly []
  : readonly [params: { readonly [Name in Parameters<SentenceOf<K>>]: string | number }];

/**
 * The sentence `key` in `language`. Numbers are written in the reader's way; text is made visible (control and
 * bidirectional characters become \u{…}) but neither cut nor escaped: pages and mails escape it, `core/html.ts`.
 *
 *   say("en", "mail.seen-often", { count: 3, first: "…", last: "…" }) → "Seen 3 times, …"
 */
export const say = <K extends Key>(language: Language, key: K, ...[params]: With<K>): string =>
  put(language, find(language, key), params ?? {});

/** The words of a problem in the reader's language; English is the table `core/errors.ts` itself. */
export const sayProblem = (language: Language, problem: Problem): string =>
  fill(
    language === "en" ? errors[problem.code].says : (language === "zh-Hans" ? hans : hant)[problem.code],
    problem.with ?? {},
  );

const find = (language: Language, key: Key): Sentence => {
  const dot = key.indexOf(".");
  const topics: Readonly<Record<string, Readonly<Record<string, Sentence>>>> = catalogue[language];
  // The type Key is made of the English catalogue and every language satisfies its shape; the test walks all of them.
  return topics[key.slice(0, dot)]?.[key.slice(dot + 1)] ?? key;
};

const put = (language: Language, sentence: Sentence, params: Readonly<Record<string, string | number>>): string => {
  const form = typeof sentence === "string" ? sentence : sentence[plural(language, params["count"])];
  return form.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name];
    return value === undefined ? whole : typeof value === "number" ? printNumber(language, value) : visible(value);
  });
};

const plural = (language: Language, count: string | number | undefined): "one" | "other" =>
  rulesOf(language).select(Number(count ?? 0)) === "one" ? "one" : "other";

/** Made when first needed, as numbers are (number.ts). */
const plurals = new Map<Language, Intl.PluralRules>();

const rulesOf = (language: Language): Intl.PluralRules => {
  const known = plurals.get(language);
  if (known) return known;
  const made = new Intl.PluralRules(language);
  plurals.set(language, made);
  return made;
};

/** Control, format, separator and lone surrogate characters, written out: an outside name cannot forge lines or turn text round. */
export const visible = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`);
