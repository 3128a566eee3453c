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

/** Eight 16-bit groups of RFC 4291 §2.2 text, the IPv4 tail included. */
const ipv6Groups = (text: string): number[] | undefined => {
  if (text.length < 2 || text.length > 45) return undefined;
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const head = groupsOf(halves[0] ?? "", halves.length === 1);
  const tail = halves.length === 2 ? groupsOf(halves[1] ?? "", true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1) return missing === 0 ? head : undefined;
  return missing < 1 ? undefined : [...head, ...new Array<number>(missing).fill(0), ...tail];
};

const hexGroup = /^[0-9a-f]{1,4}$/i;

const groupsOf = (text: string, mayEndInIpv4: boolean): number[] | undefined => {
  if (text === "") return [];
  const parts = text.split(":");
  const groups: number[] = [];
  for (const [index, part] of parts.entries()) {
    if (hexGroup.test(part)) groups.push(Number.parseInt(part, 16));
    else {
      const v4 = mayEndInIpv4 && index === parts.length - 1 ? ipv4Number(part) : -1;
      if (v4 < 0) return undefined;
      groups.push(v4 >>> 16, v4 & 0xffff);
    }
  }
  return groups.length <= 8 ? groups : undefined;
};

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
  const hex = (from: number, to: number): string =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(":");
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
