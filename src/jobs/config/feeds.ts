import { type Grade, parseGrade } from "#core/grade.ts";
import { type Licence, licences, type Pap, paps, type Tlp, tlps } from "#core/marking.ts";
import { type Problem, problem } from "#core/result.ts";
import { type RsitType, rsitTypes } from "#core/rsit.ts";
import type { Feed } from "#feeds/feed.ts";
import { feedId, flag, oneOf, path, type Reading, url, whole, words } from "./values.ts";
import { isSaidList, isSaidMap, type Said, type SaidMap } from "./yaml.ts";

/** What the operator says of one feed. Whatever is absent comes from the feed it `use`s, or the built-in of this id. */
export interface FeedSetting {
  readonly id: string;
  /** Id of the built-in feed whose reader and policy this one has. */
  readonly use?: string;
  readonly url?: string;
  /** Where the publisher pushes the same, beside `url`: "stomps://host:port/destination". */
  readonly stream?: string;
  /** As whom we come to `stream`; `key` is the passcode. */
  readonly login?: string;
  /** A file instead of a URL; relative to the data folder. */
  readonly path?: string;
  readonly title?: string;
  readonly publisher?: string;
  readonly licence?: Licence;
  readonly tlp?: Tlp;
  readonly pap?: Pap;
  readonly grade?: Grade;
  readonly voice?: Feed["voice"];
  readonly liveDays?: number;
  readonly everyMinutes?: number;
  /** Of the operator at the publisher; never printed. */
  readonly key?: string;
  /** A file that holds the key and nothing else. */
  readonly keyFile?: string;
  /** Days its raw bodies and refused rows are kept. */
  readonly keepDays?: number;
  readonly means?: { readonly contacted?: RsitType; readonly listed?: RsitType };
  /** The shape of its body, for generic feeds (feeds/declared.ts). */
  readonly map?: Readonly<Record<string, string>>;
  /** It may speak to members at once; else it starts in shadow, until a person lets it speak. */
  readonly trusted: boolean;
  /** It is collected. */
  readonly enabled: boolean;
}

const grade: Reading<Grade> = {
  wanted: "a letter A to F and a digit 1 to 6",
  read: (text) => {
    const read = parseGrade(text);
    return read.ok ? read.value : undefined;
  },
};
const keysOf = <T extends object>(table: T): readonly (keyof T & string)[] =>
  Object.keys(table) as (keyof T & string)[];
const rsit: Reading<RsitType> = oneOf(keysOf(rsitTypes));

/** The scalar keys of an entry of `feeds`, in the order of the documentation; `means` stands beside them. */
export const feedKeys = {
  id: feedId,
  use: feedId,
  url: url("http", "https"),
  stream: url("stomps"),
  login: words,
  path,
  title: words,
  publisher: words,
  licence: oneOf(keysOf(licences)),
  tlp: oneOf(tlps),
  pap: oneOf(paps),
  grade,
  voice: oneOf(["alert", "corroborate", "context"]),
  liveDays: whole(1, 3650),
  everyMinutes: whole(1, 43_200),
  key: words,
  keyFile: path,
  keepDays: whole(1, 3650),
  trusted: flag,
  enabled: flag,
} as const;
void (feedKeys satisfies Record<string, Reading<unknown>>);
type FeedKey = keyof typeof feedKeys;
type FeedValue<K extends FeedKey> = (typeof feedKeys)[K] extends Reading<infer T> ? T : never;

export const meansKeys = ["contacted", "listed"] as const;

/** Reads the list `feeds`, telling each problem at its place. */
export const readFeedSettings = (said: Said | undefined, problems: Problem[]): readonly FeedSetting[] => {
  if (said === undefined || said.value === "") return [];
  if (!isSaidList(said.value)) {
    problems.push(problem("WGL_CONFIG_VALUE", { key: "feeds", value: shown(said.value), wanted: "a list" }, said.at));
    return [];
  }
  const seen = new Set<string>();
  return said.value.flatMap((item, index) => {
    const name = `feeds[${index}]`;
    if (!isSaidMap(item.value)) {
      problems.push(problem("WGL_CONFIG_VALUE", { key: name, value: shown(item.value), wanted: "keys" }, item.at));
      return [];
    }
    const read = readFeedSetting(name, item.value, item.at, problems);
    if (read === undefined) return [];
    if (seen.has(read.id)) problems.push(problem("WGL_CONFIG_TWICE", { key: "feed", value: read.id }, item.at));
    seen.add(read.id);
    return [read];
  });
};

const readFeedSetting = (name: string, map: SaidMap, at: string, problems: Problem[]): FeedSetting | undefined => {
  const known: readonly string[] = [...Object.keys(feedKeys), "means", "map"];
  for (const [key, { at: place }] of map.fields)
    if (!known.includes(key))
      problems.push(problem("WGL_CONFIG_KEY", { key: `${name}.${key}`, wanted: known.join(", ") }, place));
  const get = <K extends FeedKey>(key: K): FeedValue<K> | undefined =>
    scalar(`${name}.${key}`, map.fields.get(key), feedKeys[key] as Reading<FeedValue<K>>, problems, key === "key");
  const optional = <K extends FeedKey>(key: K): { readonly [P in K]?: FeedValue<K> } => {
    const value = get(key);
    return (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: FeedValue<K> };
  };
  const id = get("id");
  const rest = {
    ...optional("use"),
    ...optional("url"),
    ...optional("stream"),
    ...optional("login"),
    ...optional("path"),
    ...optional("title"),
    ...optional("publisher"),
    ...optional("licence"),
    ...optional("tlp"),
    ...optional("pap"),
    ...optional("grade"),
    ...optional("voice"),
    ...optional("liveDays"),
    ...optional("everyMinutes"),
    ...optional("key"),
    ...optional("keyFile"),
    ...optional("keepDays"),
    ...readMeans(`${name}.means`, map.fields.get("means"), problems),
    ...readMap(`${name}.map`, map.fields.get("map"), problems),
    trusted: get("trusted") ?? false,
    enabled: get("enabled") ?? true,
  };
  if (rest.url !== undefined && rest.path !== undefined)
    problems.push(
      problem("WGL_CONFIG_VALUE", { key: `${name}.path`, value: rest.path, wanted: "a url or a path, not both" }, at),
    );
  if (rest.key !== undefined && rest.keyFile !== undefined)
    problems.push(
      problem(
        "WGL_CONFIG_VALUE",
        { key: `${name}.keyFile`, value: rest.keyFile, wanted: "a key or a keyFile, not both" },
        at,
      ),
    );
  if (id !== undefined) return { id, ...rest };
  if (!map.fields.get("id")?.value) problems.push(problem("WGL_CONFIG_NEEDS", { key: name, other: `${name}.id` }, at));
  return undefined;
};

const readMeans = (
  name: string,
  said: Said | undefined,
  problems: Problem[],
): { readonly means?: { readonly contacted?: RsitType; readonly listed?: RsitType } } => {
  if (said === undefined || said.value === "") return {};
  if (!isSaidMap(said.value)) {
    problems.push(
      problem("WGL_CONFIG_VALUE", { key: name, value: shown(said.value), wanted: meansKeys.join(" and ") }, said.at),
    );
    return {};
  }
  const { fields } = said.value;
  for (const [key, { at }] of fields)
    if (!meansKeys.some((known) => known === key))
      problems.push(problem("WGL_CONFIG_KEY", { key: `${name}.${key}`, wanted: meansKeys.join(", ") }, at));
  const contacted = scalar(`${name}.contacted`, fields.get("contacted"), rsit, problems);
  const listed = scalar(`${name}.listed`, fields.get("listed"), rsit, problems);
  return { means: { ...(contacted ? { contacted } : {}), ...(listed ? { listed } : {}) } };
};

/** Texts by key, a list as one text with commas; the feed it is for knows which keys there are. */
const readMap = (
  name: string,
  said: Said | undefined,
  problems: Problem[],
): { readonly map?: Readonly<Record<string, string>> } => {
  if (said === undefined || said.value === "") return {};
  if (!isSaidMap(said.value)) {
    problems.push(problem("WGL_CONFIG_VALUE", { key: name, value: shown(said.value), wanted: "keys" }, said.at));
    return {};
  }
  const map: Record<string, string> = {};
  for (const [key, { value, at }] of said.value.fields) {
    const texts = isSaidList(value) ? value.map((one) => one.value) : [value];
    if (texts.every((text) => typeof text === "string")) map[key] = texts.join(",");
    else
      problems.push(problem("WGL_CONFIG_VALUE", { key: `${name}.${key}`, value: shown(value), wanted: "a text" }, at));
  }
  return { map };
};

/** One value read, or its problem told; absent when nothing was said. A secret is not quoted. */
export const scalar = <T>(
  key: string,
  said: Said | undefined,
  reading: Reading<T>,
  problems: Problem[],
  secret = false,
): T | undefined => {
  if (said === undefined || said.value === "") return undefined;
  const value = typeof said.value === "string" ? reading.read(said.value) : undefined;
  if (value === undefined)
    problems.push(
      problem("WGL_CONFIG_VALUE", { key, value: secret ? "…" : shown(said.value), wanted: reading.wanted }, said.at),
    );
  return value;
};

export const shown = (value: Said["value"]): string =>
  typeof value === "string" ? value : isSaidMap(value) ? `{ ${[...value.fields.keys()].join(", ")} }` : "[ … ]";
