import type { Feed } from "#feeds/feed.ts";

/** How a request shows the operator's key, and what must then never be shown. */
export interface Keyed {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
}

/**
 * A request of a feed with its key where the feed's publisher wants it. `url` is as it is configured, its key a
 * placeholder; the key goes to the origin of `home` and to no other.
 *
 * A key that goes into the header `Authorization` without a prefix says itself which scheme it is ("Token x",
 * "Bearer x"); "user:password" is Basic.
 * @see RFC 7617 §2 Basic
 */
export const keyedRequest = (feed: Feed, url: string, home: string, key: string | undefined): Keyed => {
  const by = feed.auth?.by;
  const isHome = URL.parse(url)?.origin === URL.parse(home)?.origin;
  if (key === undefined || by === undefined || !isHome) return { url, headers: {}, secrets: key ? [key] : [] };
  const secrets = [key, encodeURIComponent(key)];
  if ("inUrl" in by) return { url: url.replaceAll(placeholder, encodeURIComponent(key)), headers: {}, secrets };
  if ("basic" in by) return { url, headers: { authorization: basic(key) }, secrets };
  const header = by.header.toLowerCase();
  const isPair = header === "authorization" && by.prefix === undefined && /^[^\s:]+:/.test(key);
  return { url, headers: { [header]: isPair ? basic(key) : `${by.prefix ?? ""}${key}` }, secrets };
};

/** As it stands in addresses that were parsed, and in those that were not. */
const placeholder = /\{key\}|%7Bkey%7D/gi;

const basic = (pair: string): string => `Basic ${Buffer.from(pair, "utf8").toString("base64")}`;
