import { createHmac } from "node:crypto";
import type { Feed } from "#feeds/feed.ts";

/** How a request shows the operator's key, and what must then never be shown. */
export interface Keyed {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  /** What is posted, when something is: a JSON document. */
  readonly body?: Uint8Array;
}

/**
 * A request of a feed with its key where the feed's publisher wants it. `url` is as it is configured, its key a
 * placeholder; the key goes to the origin of `home` and to no other.
 *
 * A key that goes into the header `Authorization` without a prefix says itself which scheme it is ("Token x",
 * "Bearer x"); "user:password" is Basic.
 *
 * @param post the document that is sent by POST; absent: nothing is
 * @see RFC 7617 §2 Basic
 */
export const keyedRequest = (
  feed: Feed,
  url: string,
  home: string,
  key: string | undefined,
  post?: Readonly<Record<string, unknown>>,
): Keyed => {
  const by = feed.auth?.by;
  const isHome = URL.parse(url)?.origin === URL.parse(home)?.origin;
  const plain = post === undefined ? {} : { body: jsonBytes(post) };
  if (key === undefined || by === undefined || !isHome)
    return { url, headers: {}, secrets: key ? [key] : [], ...plain };
  const secrets = [key, encodeURIComponent(key)];
  if ("signed" in by) {
    const pair = halvesOf(key);
    if (post === undefined || pair === undefined) return { url, headers: {}, secrets, ...plain };
    const body = jsonBytes({ ...post, [by.signed.field]: pair.name });
    const signature = createHmac("sha256", pair.secret).update(body).digest("hex");
    return { url, headers: { [by.signed.header]: signature }, secrets: [...secrets, pair.name, pair.secret], body };
  }
  if ("inUrl" in by)
    return { url: url.replaceAll(placeholder, encodeURIComponent(key)), headers: {}, secrets, ...plain };
  if ("basic" in by) return { url, headers: { authorization: basic(key) }, secrets, ...plain };
  const header = by.header.toLowerCase();
  const isPair = header === "authorization" && by.prefix === undefined && /^[^\s:]+:/.test(key);
  return { url, headers: { [header]: isPair ? basic(key) : `${by.prefix ?? ""}${key}` }, secrets, ...plain };
};

/** "KEY:SECRET"; undefined when it is not two halves. */
export const halvesOf = (key: string): { readonly name: string; readonly secret: string } | undefined => {
  const colon = key.indexOf(":");
  const [name, secret] = [key.slice(0, colon).trim(), key.slice(colon + 1).trim()];
  return colon < 0 || name === "" || secret === "" ? undefined : { name, secret };
};

const jsonBytes = (document: Readonly<Record<string, unknown>>): Uint8Array => Buffer.from(JSON.stringify(document));

/** As it stands in addresses that were parsed, and in those that were not. */
const placeholder = /\{key\}|%7Bkey%7D/gi;

const basic = (pair: string): string => `Basic ${Buffer.from(pair, "utf8").toString("base64")}`;
