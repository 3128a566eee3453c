import { type Instant, parseInstant } from "#core/instant.ts";
import type { Result } from "#core/result.ts";
import { type Language, languages, type Names } from "#words/language.ts";
import { oneOf } from "./asset-row.ts";
import type { YamlPlace } from "./yaml-tree.ts";

/** The items of a list that may be absent. */
export const itemsOf = (place: YamlPlace | undefined): readonly YamlPlace[] => place?.items() ?? [];

/** The text of a place through a parser of values; its problem is told at the place. */
export const read = <T>(place: YamlPlace | undefined, parse: (text: string) => Result<T>): T | undefined => {
  const text = place?.text();
  if (place === undefined || text === undefined) return undefined;
  const result = parse(text);
  if (result.ok) return result.value;
  place.retell(result.problem);
  return undefined;
};

/** ISO 8601. */
export const readTime = (place: YamlPlace | undefined): Instant | undefined => read(place, parseInstant);

/** One of a closed list of words. */
export const readWord = <const W extends string>(
  place: YamlPlace | undefined,
  words: readonly W[],
  key: string,
): W | undefined => read(place, (text) => oneOf(words, key, text));

/** "true" or "false", and no other way to say so. */
export const readFlag = (place: YamlPlace | undefined): boolean | undefined => {
  const word = readWord(place, ["true", "false"], "value");
  return word === undefined ? undefined : word === "true";
};

/** A name by language; English must be there. */
export const readNames = (place: YamlPlace | undefined): Names | undefined => {
  const fields = place?.fields(languages);
  if (fields === undefined) return undefined;
  const names: { -readonly [L in Language]?: string } = {};
  for (const language of languages) {
    const name = (language === "en" ? fields.must(language) : fields.get(language))?.text();
    if (name !== undefined) names[language] = name;
  }
  return names.en === undefined ? undefined : names;
};

const kebab = /^(?=.{1,64}$)[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** A kebab-case name. */
export const readKey = (place: YamlPlace | undefined): string | undefined => {
  const text = place?.text();
  if (place === undefined || text === undefined) return undefined;
  if (kebab.test(text)) return text;
  place.tell("WGL_DIRECTORY_ID", { value: text });
  return undefined;
};

/** E.164: a plus sign and 5 to 15 digits; blanks, hyphens and brackets between them are for the eye. */
export const readPhone = (place: YamlPlace | undefined): string | undefined => {
  const text = place?.text();
  if (place === undefined || text === undefined) return undefined;
  const plain = text.replace(/[\s().-]/g, "");
  if (/^\+\d{5,15}$/.test(plain)) return plain;
  place.tell("WGL_DIRECTORY_PHONE", { value: text });
  return undefined;
};

/** An IANA time zone. */
export const readZone = (place: YamlPlace | undefined): string | undefined => {
  const zone = place?.text();
  if (place === undefined || zone === undefined) return undefined;
  if (isZone(zone)) return zone;
  place.tell("WGL_DIRECTORY_ZONE", { value: zone });
  return undefined;
};

/** Offsets such as "+08:00" are no zones: they know no summer time. */
const isZone = (zone: string): boolean => {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return /^[A-Za-z]/.test(zone);
  } catch {
    return false;
  }
};
