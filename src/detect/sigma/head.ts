import { levels, relations, type Related, type RuleHead, statuses } from "./rule.ts";
import { kindOf, type Sheet } from "./sheet.ts";
import { entryOf, type YamlEntry, type YamlNode } from "./yaml-node.ts";

/** Longest values of Sigma's JSON schemas 2.1, UTF-16 units. */
const longest = { title: 256, name: 256, description: 65_535 } as const;

/** A text of a document; a number or a boolean that was meant as one is taken as it is written. */
export const textOf = (entry: YamlEntry | undefined, sheet: Sheet, atMost = 65_535): string | undefined => {
  if (entry === undefined) return undefined;
  const { key, value } = entry;
  if (value.is !== "scalar") return sheet.note(value.at, "WGL_SIGMA_KIND", { key, kind: value.is, wanted: "string" });
  if (value.text.length > atMost)
    return sheet.note(value.at, "WGL_SIGMA_LONG", { key, length: value.text.length, limit: atMost });
  return value.value === null ? undefined : value.text.trim();
};

/** Texts of a list; a lone text is a list of one where the specification allows it (`falsepositives`). */
export const textsOf = (entry: YamlEntry | undefined, sheet: Sheet): readonly string[] => {
  if (entry === undefined) return [];
  const { key, value } = entry;
  if (value.is === "scalar") return value.value === null ? [] : [value.text];
  if (value.is === "map") {
    sheet.note(value.at, "WGL_SIGMA_KIND", { key, kind: "map", wanted: "list" });
    return [];
  }
  return value.items.flatMap((item) => {
    if (item.is === "scalar" && item.value !== null) return [item.text];
    sheet.note(item.at, "WGL_SIGMA_KIND", { key, kind: kindOf(item), wanted: "string" });
    return [];
  });
};

/** One word of a closed list, case not minded. */
export const oneOf = <const T extends string>(
  entry: YamlEntry | undefined,
  wanted: readonly T[],
  sheet: Sheet,
): T | undefined => {
  const text = textOf(entry, sheet);
  if (entry === undefined || text === undefined) return undefined;
  const found = wanted.find((one) => one === text.toLowerCase());
  return (
    found ?? sheet.note(entry.value.at, "WGL_SIGMA_VALUE", { key: entry.key, value: text, wanted: wanted.join(", ") })
  );
};

/** "2025-08-02"; rules from before specification 2.0 have slashes, and some no zeros. */
const date = /^\d{4}([-/])(?:0?[1-9]|1[0-2])\1(?:0?[1-9]|[12]\d|3[01])$/;

const dateOf = (entry: YamlEntry | undefined, sheet: Sheet): string | undefined => {
  const text = textOf(entry, sheet);
  if (entry === undefined || text === undefined || date.test(text)) return text;
  return sheet.note(entry.value.at, "WGL_SIGMA_DATE", { key: entry.key, value: text });
};

/** JSON schema 2.1: `^[a-z0-9_-]+\.[a-z0-9._-]+$`; older rules write "attack.T1059", which is read in lower case. */
const tag = /^[a-z0-9_-]+\.[a-z0-9._-]+$/;

const tagsOf = (entry: YamlEntry | undefined, sheet: Sheet): readonly string[] => {
  if (entry?.value.is !== "list") return textsOf(entry, sheet);
  const tags: string[] = [];
  for (const item of entry.value.items) {
    const text = item.is === "scalar" ? item.text : kindOf(item);
    const lower = text.toLowerCase().trim();
    if (item.is === "scalar" && tag.test(lower)) tags.push(lower);
    else sheet.note(item.at, "WGL_SIGMA_TAG", { value: text });
  }
  return tags;
};

const relatedOf = (entry: YamlEntry | undefined, sheet: Sheet): readonly Related[] => {
  if (entry === undefined || (entry.value.is === "scalar" && entry.value.value === null)) return [];
  const items: readonly YamlNode[] = entry.value.is === "list" ? entry.value.items : [entry.value];
  return items.flatMap((item) => {
    const id = textOf(entryOf(item, "id"), sheet);
    const type = oneOf(entryOf(item, "type"), relations, sheet);
    if (id !== undefined && type !== undefined) return [{ id: id.toLowerCase(), type }];
    if (entryOf(item, "id") === undefined || entryOf(item, "type") === undefined)
      sheet.note(item.at, "WGL_SIGMA_MISSING", { key: item.is === "map" ? "related: id, type" : "related" });
    return [];
  });
};

/** What a document says about itself. Only a title is asked for; what else is wrong is told and left out. */
export const readHead = (document: YamlNode, sheet: Sheet): RuleHead => {
  const get = (key: string): YamlEntry | undefined => entryOf(document, key);
  const title = textOf(get("title"), sheet, longest.title);
  if (title === undefined || title === "") {
    if (get("title") === undefined || title === "" || get("title")?.value.is === "scalar")
      sheet.refuse(get("title")?.at ?? document.at, "WGL_SIGMA_MISSING", { key: "title" });
    else sheet.refuse(document.at, "WGL_SIGMA_MISSING", { key: "title" });
  }
  const id = textOf(get("id"), sheet, longest.name)?.toLowerCase();
  const name = textOf(get("name"), sheet, longest.name);
  const status = oneOf(get("status"), statuses, sheet);
  const level = oneOf(get("level"), levels, sheet);
  const description = textOf(get("description"), sheet, longest.description);
  const license = textOf(get("license"), sheet);
  const author = authorOf(get("author"), sheet);
  const written = dateOf(get("date"), sheet);
  const modified = dateOf(get("modified"), sheet);
  return {
    title: title ?? "",
    ...(id === undefined ? {} : { id }),
    ...(name === undefined ? {} : { name }),
    ...(status === undefined ? {} : { status }),
    ...(level === undefined ? {} : { level }),
    ...(description === undefined ? {} : { description }),
    ...(license === undefined ? {} : { license }),
    ...(author === undefined ? {} : { author }),
    ...(written === undefined ? {} : { date: written }),
    ...(modified === undefined ? {} : { modified }),
    references: textsOf(get("references"), sheet),
    tags: tagsOf(get("tags"), sheet),
    falsepositives: textsOf(get("falsepositives"), sheet),
    fields: textsOf(get("fields"), sheet),
    related: relatedOf(get("related"), sheet),
    scope: textsOf(get("scope"), sheet),
    place: sheet.place(document.at),
  };
};

/** One text, names divided by commas; some write a list. */
const authorOf = (entry: YamlEntry | undefined, sheet: Sheet): string | undefined =>
  entry?.value.is === "list" ? textsOf(entry, sheet).join(", ") : textOf(entry, sheet);
