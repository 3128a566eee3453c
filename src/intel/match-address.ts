/**
 * Reads an address from the bytes `[start, end)` of a log line without making a string; strict as `core/ip.ts` is
 * (four decimal octets without leading zeros; RFC 4291 §2.2 text for IPv6, no zone). An IPv4-mapped IPv6 address is the
 * IPv4 address.
 *
 * @param words IPv4 in `words[0]`, IPv6 in `words[0..3]`, most significant first
 * @returns 4, 6, or 0 for anything else
 */
export const readAddress = (buffer: Uint8Array, start: number, end: number, words: Uint32Array): 0 | 4 | 6 => {
  const length = end - start;
  if (length < 2 || length > 45) return 0;
  if (length <= 15 && readIpv4(buffer, start, end)) {
    words[0] = ipv4;
    return 4;
  }
  return readIpv6(buffer, start, end, words);
};

/** Result of the last `readIpv4`, int32. */
let ipv4 = 0;

const readIpv4 = (buffer: Uint8Array, start: number, end: number): boolean => {
  let address = 0;
  let octet = 0;
  let digits = 0;
  let dots = 0;
  for (let i = start; i < end; i++) {
    const b = (buffer[i] as number) - 48;
    if (b >= 0 && b <= 9) {
      if (digits > 0 && octet === 0) return false;
      octet = octet * 10 + b;
      if (++digits > 3 || octet > 255) return false;
    } else if (b === -2 && digits > 0 && dots < 3) {
      address = (address << 8) | octet;
      octet = 0;
      digits = 0;
      dots++;
    } else return false;
  }
  if (dots !== 3 || digits === 0) return false;
  ipv4 = (address << 8) | octet;
  return true;
};

/** Sixteen-bit groups of the address being read; this module is one thread's own. */
const groups = new Uint16Array(8);

const readIpv6 = (buffer: Uint8Array, start: number, end: number, words: Uint32Array): 0 | 4 | 6 => {
  let count = 0;
  let gap = -1;
  let at = start;
  if (buffer[at] === 58) {
    if (buffer[at + 1] !== 58) return 0;
    gap = 0;
    at += 2;
  }
  while (at < end) {
    if (count === 8) return 0;
    let group = 0;
    let digits = 0;
    const from = at;
    for (; at < end; at++) {
      const digit = hexDigit(buffer[at] as number);
      if (digit < 0) break;
      group = (group << 4) | digit;
      if (++digits > 4) return 0;
    }
    if (at < end && buffer[at] === 46) {
      // The last 32 bits as dotted quad.
      if (count > 6 || !readIpv4(buffer, from, end)) return 0;
      groups[count++] = ipv4 >>> 16;
      groups[count++] = ipv4 & 0xffff;
      at = end;
      break;
    }
    if (digits === 0) return 0;
    groups[count++] = group;
    if (at === end) break;
    if (buffer[at] !== 58) return 0;
    at++;
    if (at === end) return 0;
    if (buffer[at] === 58) {
      if (gap >= 0) return 0;
      gap = count;
      at++;
    }
  }
  if (gap < 0 ? count !== 8 : count > 7) return 0;
  if (gap >= 0) {
    const shift = 8 - count;
    for (let i = 7; i >= gap + shift; i--) groups[i] = groups[i - shift] as number;
    for (let i = gap; i < gap + shift; i++) groups[i] = 0;
  }
  for (let i = 0; i < 4; i++) words[i] = ((groups[2 * i] as number) << 16) | (groups[2 * i + 1] as number);
  if (words[0] === 0 && words[1] === 0 && words[2] === 0xffff) {
    words[0] = words[3] as number;
    return 4;
  }
  return 6;
};

/** Value of a hexadecimal digit, or −1. */
export const hexDigit = (b: number): number =>
  b >= 48 && b <= 57 ? b - 48 : b >= 97 && b <= 102 ? b - 87 : b >= 65 && b <= 70 ? b - 55 : -1;

/** RFC 5952 text of the four words. */
export const printIpv6 = (words: Uint32Array, from: number): string => {
  const parts: number[] = [];
  for (let i = 0; i < 4; i++) {
    const word = words[from + i] as number;
    parts.push(word >>> 16, word & 0xffff);
  }
  let best = -1;
  let bestLength = 1;
  for (let i = 0; i < 8; i++) {
    let run = 0;
    while (i + run < 8 && parts[i + run] === 0) run++;
    if (run > bestLength) {
      best = i;
      bestLength = run;
    }
    i += run;
  }
  const text = parts.map((part) => part.toString(16));
  return best < 0 ? text.join(":") : `${text.slice(0, best).join(":")}::${text.slice(best + bestLength).join(":")}`;
};

/** "203.0.113.7" of a word. */
export const printIpv4 = (word: number): string =>
  `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`;
