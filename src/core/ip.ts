import { no, ok, type Result } from "#core/result.ts";
import type { Observable } from "./observable.ts";

/** An address, canonical: see `observable.ts`. IPv4-mapped IPv6 becomes IPv4; zone ids, leading zeros and short forms are problems. */
export const parseIp = (text: string): Result<Observable> => {
  if (ipv4Number(text) >= 0) return ok({ kind: "ipv4", value: text });
  const groups = ipv6Groups(text);
  return groups === undefined ? no("WGL_IP", { value: text }) : ok(addressOf(groups));
};

/** Four decimal parts without leading zeros as an unsigned 32-bit number; -1 for anything else. Allocates nothing. */
export const ipv4Number = (text: string): number => ipv4NumberIn(text, 0, text.length);

/** As `ipv4Number`, of `text[start, end)`. */
export const ipv4NumberIn = (text: string, start: number, end: number): number => {
  if (end - start < 7 || end - start > 15) return -1;
  let whole = 0;
  let part = 0;
  let digits = 0;
  let dots = 0;
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === 46) {
      if (digits === 0 || ++dots > 3) return -1;
      whole = whole * 256 + part;
      part = 0;
      digits = 0;
    } else if (code >= 48 && code <= 57) {
      if (digits > 0 && part === 0) return -1;
      part = part * 10 + code - 48;
      if (part > 255) return -1;
      digits++;
    } else return -1;
  }
  return dots === 3 && digits > 0 ? whole * 256 + part : -1;
};

/** The dotted form of an unsigned 32-bit number. */
export const ipv4Text = (number: number): string =>
  `${number >>> 24}.${(number >>> 16) & 255}.${(number >>> 8) & 255}.${number & 255}`;

/** RFC 4291 §2.2 text as 16 bytes, network order; `undefined` for anything else, zone ids included. */
export const ipv6Bytes = (text: string): Uint8Array | undefined => {
  const groups = ipv6Groups(text);
  return groups === undefined ? undefined : bytesOf(groups);
};

/** RFC 5952 text of 16 bytes. */
export const ipv6Text = (bytes: Uint8Array): string => {
  const groups: number[] = [];
  for (let at = 0; at < 16; at += 2) groups.push(((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0));
  return textOf(groups);
};

/** RFC 4291 text as an unsigned 128-bit number. */
export const ipv6Bigint = (text: string): bigint | undefined => {
  const groups = ipv6Groups(text);
  return groups === undefined ? undefined : bigintOf(groups);
};

/** RFC 5952 text of an unsigned 128-bit number. */
export const bigintIpv6 = (number: bigint): string => {
  const groups: number[] = [];
  for (let shift = 112n; shift >= 0n; shift -= 16n) groups.push(Number((number >> shift) & 0xffffn));
  return textOf(groups);
};

/** Eight 16-bit groups of RFC 4291 §2.2 text, the IPv4 tail included; one walk over the letters. */
const ipv6Groups = (text: string): number[] | undefined => {
  const { length } = text;
  if (length < 2 || length > 45) return undefined;
  const groups: number[] = [];
  /** Where "::" stands among the groups. */
  let gap = -1;
  let at = 0;
  if (text.charCodeAt(0) === colon) {
    if (text.charCodeAt(1) !== colon) return undefined;
    gap = 0;
    at = 2;
  }
  while (at < length) {
    const start = at;
    let group = 0;
    let digit = 0;
    while (at < length && (digit = hexDigit(text.charCodeAt(at))) >= 0) {
      group = group * 16 + digit;
      at++;
    }
    if (at < length && text.charCodeAt(at) === dot) {
      const v4 = ipv4NumberIn(text, start, length);
      if (v4 < 0) return undefined;
      groups.push(v4 >>> 16, v4 & 0xffff);
      at = length;
      break;
    }
    if (at === start || at - start > 4) return undefined;
    groups.push(group);
    if (at === length) break;
    if (text.charCodeAt(at) !== colon || ++at === length) return undefined;
    if (text.charCodeAt(at) !== colon) continue;
    if (gap >= 0) return undefined;
    gap = groups.length;
    at++;
  }
  const missing = 8 - groups.length;
  if (gap < 0) return missing === 0 ? groups : undefined;
  if (missing < 1) return undefined;
  return [...groups.slice(0, gap), ...new Array<number>(missing).fill(0), ...groups.slice(gap)];
};

const [dot, colon] = [46, 58] as const;

/** -1: the letter is none. */
const hexDigit = (code: number): number =>
  code >= 48 && code <= 57
    ? code - 48
    : code >= 97 && code <= 102
      ? code - 87
      : code >= 65 && code <= 70
        ? code - 55
        : -1;

/** RFC 5952 §4: lower case, no leading zeros, the longest run of two or more zero groups (the first of equals) as "::". */
const textOf = (groups: readonly number[]): string => {
  let best = -1;
  let bestLength = 1;
  for (let at = 0; at < 8; at++) {
    let length = 0;
    while (at + length < 8 && groups[at + length] === 0) length++;
    if (length > bestLength) {
      best = at;
      bestLength = length;
    }
    at += length;
  }
  const hex = (from: number, to: number): string => {
    let text = "";
    for (let at = from; at < to; at++) text += `${at === from ? "" : ":"}${(groups[at] ?? 0).toString(16)}`;
    return text;
  };
  return best < 0 ? hex(0, 8) : `${hex(0, best)}::${hex(best + bestLength, 8)}`;
};

const addressOf = (groups: readonly number[]): Observable => {
  const mapped = groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0);
  return mapped
    ? { kind: "ipv4", value: ipv4Text((((groups[6] ?? 0) << 16) | (groups[7] ?? 0)) >>> 0) }
    : { kind: "ipv6", value: textOf(groups) };
};

const bytesOf = (groups: readonly number[]): Uint8Array => {
  const bytes = new Uint8Array(16);
  for (const [index, group] of groups.entries()) {
    bytes[index * 2] = group >>> 8;
    bytes[index * 2 + 1] = group & 255;
  }
  return bytes;
};

const bigintOf = (groups: readonly number[]): bigint =>
  groups.reduce((whole, group) => (whole << 16n) | BigInt(group), 0n);
