import { ipv4NumberIn } from "#core/ip.ts";

/**
 * Reads canonical IPv6 text (RFC 4291 §2.2 forms in lower case) of `text[start, end)` into four 32-bit words, most
 * significant first. As `ipv6Bytes` of core, without allocating: ownership is asked half a million times a second.
 *
 * @returns false for anything else; then `into` holds rubbish
 */
export const ipv6Words = (text: string, start: number, end: number, into: Uint32Array): boolean => {
  groups.fill(0);
  let count = 0;
  let gap = -1;
  let at = start;
  if (end - start >= 2 && text.charCodeAt(at) === 0x3a && text.charCodeAt(at + 1) === 0x3a) {
    gap = 0;
    at += 2;
  }
  while (at < end) {
    if (count === 8) return false;
    let value = 0;
    const first = at;
    let digit = hexDigit(text.charCodeAt(at));
    while (at < end && digit >= 0) {
      value = value * 16 + digit;
      at++;
      if (at - first > 4) return false;
      digit = at < end ? hexDigit(text.charCodeAt(at)) : -1;
    }
    if (at < end && text.charCodeAt(at) === 0x2e) {
      const tail = count > 6 ? -1 : ipv4NumberIn(text, first, end);
      if (tail < 0) return false;
      groups[count++] = tail >>> 16;
      groups[count++] = tail & 0xffff;
      break;
    }
    if (at === first) return false;
    groups[count++] = value;
    if (at === end) break;
    if (text.charCodeAt(at) !== 0x3a) return false;
    at++;
    if (at === end) return false;
    if (text.charCodeAt(at) === 0x3a) {
      if (gap >= 0) return false;
      gap = count;
      at++;
    }
  }
  if (gap < 0 ? count !== 8 : count > 7) return false;
  if (gap >= 0) {
    const behind = count - gap;
    for (let moved = 1; moved <= behind; moved++) {
      groups[8 - moved] = groups[count - moved] ?? 0;
      if (count - moved < 8 - behind) groups[count - moved] = 0;
    }
  }
  for (let word = 0; word < 4; word++)
    into[word] = ((groups[word * 2] ?? 0) * 65_536 + (groups[word * 2 + 1] ?? 0)) >>> 0;
  return true;
};

// One thread reads one address at a time; nothing is kept between calls.
const groups = new Uint16Array(8);

const hexDigit = (code: number): number =>
  code >= 0x30 && code <= 0x39 ? code - 0x30 : code >= 0x61 && code <= 0x66 ? code - 0x57 : -1;
