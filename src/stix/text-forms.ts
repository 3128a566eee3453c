import { ipv4Number, ipv6Bytes } from "#core/ip.ts";

/** Forms the specification demands of some strings, and what a message says was wanted. */
export const textForms = {
  ipv4: { wanted: "IPv4 address or CIDR", test: (text) => address(text, 32, (bare) => ipv4Number(bare) >= 0) },
  ipv6: { wanted: "IPv6 address or CIDR", test: (text) => address(text, 128, (bare) => ipv6Bytes(bare) !== undefined) },
  // §6.10: lower case, colons
  mac: { wanted: "MAC address, lower case with colons", test: (text) => /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/.test(text) },
  url: { wanted: "URL of RFC 3986", test: (text) => url.test(text) },
  cpe: { wanted: "CPE 2.3", test: (text) => text.length <= 2048 && cpe.test(text) },
  language: { wanted: "language tag of RFC 5646", test: (text) => text.length <= 250 && language.test(text) },
  // §5.1: lower-case letters, digits, hyphens
  "relationship-type": { wanted: "a-z, 0-9 and hyphens", test: (text) => /^[a-z0-9-]{1,250}$/.test(text) },
  "property-name": { wanted: "a-z, 0-9 and underscores", test: (text) => /^[a-z][a-z0-9_]{2,249}$/.test(text) },
} as const satisfies Readonly<Record<string, { wanted: string; test: (text: string) => boolean }>>;

export type TextForm = keyof typeof textForms;

/** RFC 3986 §3: a scheme and what may follow it; escapes whole, nothing outside ASCII, at least one character behind. */
const url = /^[a-z][a-z0-9+.-]*:(?:[a-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9a-f]{2})+$/i;

/** NISTIR 7695 §6.2: formatted string of eleven attributes. */
const cpe = /^cpe:2\.3:[aho*-](?::(?:\*|-|[?*]*(?:[a-zA-Z0-9\-._]|\\[\\*?!"#$%&'()+,/:;<=>@[\]^`{|}~])+[?*]*)){10}$/;

/** RFC 5646 §2.1: language, extended language, script, region, variants, extensions, private use; or private use alone. */
const language =
  /^(?:(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?(?:-(?:[a-z0-9]{5,8}|\d[a-z0-9]{3}))*(?:-[0-9a-wy-z](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?|x(?:-[a-z0-9]{1,8})+)$/i;

const address = (text: string, bits: number, isAddress: (bare: string) => boolean): boolean => {
  const slash = text.indexOf("/");
  if (slash < 0) return isAddress(text);
  const length = text.slice(slash + 1);
  return /^(?:0|[1-9]\d{0,2})$/.test(length) && Number(length) <= bits && isAddress(text.slice(0, slash));
};

/** RFC 4648 §4, padded; blanks are no part of it. STIX 2.1 §2.1 Binary. */
export const isBase64 = (text: string): boolean => text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);

/** Pairs of digits. STIX 2.1 §2.8 Hexadecimal. */
export const isHex = (text: string): boolean => text.length % 2 === 0 && /^[0-9a-fA-F]+$/.test(text);

const digest = (length: number): RegExp => new RegExp(`^[0-9a-fA-F]{${length}}$`);

/** What the digests of `hash-algorithm-ov` look like. STIX 2.1 §2.7 Hashes, §10.8 */
export const digests: Readonly<Record<string, RegExp>> = {
  MD5: digest(32),
  "SHA-1": digest(40),
  "SHA-256": digest(64),
  "SHA-512": digest(128),
  "SHA3-256": digest(64),
  "SHA3-512": digest(128),
  SSDEEP: /^\d+:[A-Za-z0-9/+]*:[A-Za-z0-9/+]*(?:,.*)?$/,
  TLSH: /^(?:T1)?[0-9a-fA-F]{70}$/,
};

/** RFC 9562 §4.1: the layout that variant 10 says, whatever its version: §2.9 names versions with SHOULD. */
export const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

/** Names of types. STIX 2.1 §2.9, §11.2: a-z, 0-9 and single hyphens, 3 to 250 characters. */
export const isTypeName = (text: string): boolean =>
  text.length >= 3 && text.length <= 250 && /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(text);

/** Keys of dictionaries. STIX 2.1 §2.3: a-z, A-Z, 0-9, hyphen, underscore; at most 250. */
export const isDictionaryKey = (text: string): boolean => /^[A-Za-z0-9_-]{1,250}$/.test(text);
