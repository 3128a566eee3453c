import { type Fields, isFields } from "./check-notes.ts";
import { timeKey } from "./time-key.ts";

/**
 * The object in a language, as far as its translation goes: properties of the translation over those of the object; a list
 * is mirrored item by item, an empty string in it leaves the item as it is. A translation of another object, of another
 * version (`object_modified`) or of another language changes nothing. What comes back is for reading, never for passing on.
 *
 * @param language tag as in `contents`, such as "zh-Hant"
 * @see STIX 2.1 §7.1 Language Content
 */
export const inLanguage = (object: Fields, translation: Fields, language: string): Fields => {
  const { object_ref, object_modified, contents, revoked } = translation;
  if (object_ref !== object["id"] || revoked === true || !isFields(contents)) return object;
  if (object_modified !== undefined && timeKey(object_modified) !== timeKey(object["modified"])) return object;
  const said = Object.hasOwn(contents, language) ? contents[language] : undefined;
  return isFields(said) ? over(object, said) : object;
};

const over = (object: Fields, said: Fields): Fields => {
  const entries = Object.entries(object).map(([name, value]): readonly [string, unknown] => [
    name,
    Object.hasOwn(said, name) ? translated(value, said[name]) : value,
  ]);
  return Object.fromEntries(entries);
};

const translated = (value: unknown, said: unknown): unknown => {
  if (typeof value === "string") return typeof said === "string" && said !== "" ? said : value;
  if (Array.isArray(value))
    return Array.isArray(said) ? value.map((item: unknown, index) => translated(item, said[index])) : value;
  return isFields(value) && isFields(said) ? over(value, said) : value;
};
