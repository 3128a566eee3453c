import { type Sink, scanned, type Where, wheres } from "#telemetry/format.ts";
import { aboutKey, behindKey, keyAfter, learnKey, noKey } from "./known-keys.ts";

/** What stands under a key, for the scanner. `mail` stands in prose and is rare, so it is always parsed. */
type Holds = "ip" | "host" | "hash" | "url" | "name" | "mail" | "hops" | "time" | "event";

/** Every key whose value `seenIn` may read, wherever in the record it stands: nesting is not followed. */
const spots: readonly (readonly [key: string, holds: Holds, where: Where])[] = [
  ["src_ip", "ip", "source"],
  ["dest_ip", "ip", "destination"],
  ["assigned_ip", "ip", "source"],
  ["rrname", "host", "dns-query"],
  ["rdata", "host", "dns-answer"],
  ["A", "host", "dns-answer"],
  ["AAAA", "host", "dns-answer"],
  ["CNAME", "host", "dns-answer"],
  ["NS", "host", "dns-answer"],
  ["PTR", "host", "dns-answer"],
  ["MX", "host", "dns-answer"],
  ["hostname", "host", "http-host"],
  ["url", "url", "http-url"],
  ["http_refer", "url", "http-referrer"],
  ["xff", "hops", "x-forwarded-for"],
  ["sni", "host", "tls-sni"],
  ["subject", "name", "tls-subject"],
  ["fingerprint", "hash", "certificate"],
  ["subjectaltname", "host", "certificate"],
  ["hash", "hash", "ja3"],
  ["md5", "hash", "file-hash"],
  ["sha1", "hash", "file-hash"],
  ["sha256", "hash", "file-hash"],
  ["mail_from", "mail", "mail-from"],
  ["rcpt_to", "mail", "mail-to"],
  ["from", "mail", "mail-from"],
  ["reply_to", "mail", "mail-from"],
  ["to", "mail", "mail-to"],
  ["cc", "mail", "mail-to"],
  ["x_originating_ip", "mail", "original-source"],
  ["timestamp", "time", "source"],
  ["event_type", "event", "source"],
];

const holdsNumber: Readonly<Record<Holds, number>> = {
  ip: 0,
  host: 1,
  hash: 2,
  url: 3,
  name: 4,
  mail: 5,
  hops: 6,
  // 7 | 8: both were there
  time: 7,
  event: 8,
};

const longestKey = 31;
/** First spot by length and first byte of its key, counted from 1; 0: no such key. Others of the same follow by `after`. */
const firstSpot = new Uint8Array((longestKey + 1) << 8);
const after = new Uint8Array(spots.length + 1);
const holdsOf = new Uint8Array(spots.length + 1);
const whereOf = new Uint8Array(spots.length + 1);
const keyBytes: Uint8Array[] = [new Uint8Array(0)];
for (const [index, [key, holds, where]] of spots.entries()) {
  const bytes = new TextEncoder().encode(key);
  const slot = (bytes.length << 8) | (bytes[0] as number);
  keyBytes.push(bytes);
  after[index + 1] = firstSpot[slot] as number;
  firstSpot[slot] = index + 1;
  holdsOf[index + 1] = holdsNumber[holds];
  whereOf[index + 1] = wheres.indexOf(where);
}

const quote = 34;
const backslash = 92;

/**
 * One pass over the bytes of an EVE record. A text with a colon behind it is a key; the texts from there to the next key
 * are its value or the items of its list, and are reported where the key is one of `spots`. Nothing is decoded. Left to
 * `parse`: a wanted value or a key with an escape, a record whose quotes or braces do not close, and one without time or
 * event, so that a cut line is counted and not passed over.
 *
 * Records of one sensor name the same keys in the same order, so the key that followed last time is compared first
 * (`known-keys.ts`). Other texts are crossed four bytes at a time: a byte of `x` is zero exactly where
 * `(x - 0x01010101) & ~x & 0x80808080` has its lowest bit set (Warren, Hacker's Delight §6–1).
 */
export const scanEve = (buffer: Uint8Array, start: number, end: number, sink: Sink): void => {
  const four = viewOf(buffer);
  const lastFour = end - 4;
  let at = start;
  let depth = 0;
  let key = noKey;
  let spot = 0;
  let basics = 0;
  for (;;) {
    let b = 0;
    // Numbers and the comma behind them, four bytes at a time: neither letters nor braces are among them.
    while (at <= lastFour) {
      const word = four.getInt32(at, true);
      const q = word ^ 0x22222222;
      const ends = (q - 0x01010101) & ~q & 0x80808080;
      const first = ends & -ends;
      if ((word & (first - 1) & 0x40404040) !== 0) break;
      if (ends !== 0) {
        at += (31 - Math.clz32(first)) >>> 3;
        break;
      }
      at += 4;
    }
    while (at < end && (b = buffer[at] as number) !== quote) {
      if (b >= 123) depth += b === 123 ? 1 : b === 125 ? -1 : 0;
      at++;
    }
    if (at >= end) break;
    let from = ++at;
    const guess = keyAfter(key);
    const behind = behindKey(four, from, end, guess);
    if (behind !== 0) {
      key = guess;
      spot = aboutKey(guess);
      at = behind;
      if (buffer[at] !== quote) continue;
      from = ++at;
    }
    let hit = 0;
    while (at <= lastFour) {
      const word = four.getInt32(at, true);
      const q = word ^ 0x22222222;
      const s = word ^ 0x5c5c5c5c;
      hit = (((q - 0x01010101) & ~q) | ((s - 0x01010101) & ~s)) & 0x80808080;
      if (hit !== 0) {
        at += (31 - Math.clz32(hit & -hit)) >>> 3;
        break;
      }
      at += 4;
    }
    if (hit === 0) while (at < end && buffer[at] !== quote && buffer[at] !== backslash) at++;
    let escaped = false;
    if (at < end && buffer[at] === backslash) {
      at = closing(buffer, at, end);
      escaped = true;
    }
    if (at >= end) return sink.slow();
    const to = at++;
    b = buffer[at] as number;
    if (b !== 58 && b <= 32) {
      at = afterBlanks(buffer, at, end);
      b = buffer[at] as number;
    }
    if (b === 58) {
      if (escaped) return sink.slow();
      spot = spotOf(buffer, from, to);
      key = learnKey(four, from, to, spot, key);
      at++;
    } else if (spot !== 0) {
      if (escaped) return sink.slow();
      const holds = holdsOf[spot] as number;
      if (holds >= 7) basics |= holds;
      else if (to > from && !report(buffer, from, to, end, holds, whereOf[spot] as number, sink)) return sink.slow();
    }
  }
  if (depth !== 0 || basics !== 15) sink.slow();
};

/** The spot of a key, 0 for one that nobody asks for. */
const spotOf = (buffer: Uint8Array, from: number, to: number): number => {
  const length = to - from;
  let spot = length > longestKey ? 0 : (firstSpot[(length << 8) | (buffer[from] as number)] as number);
  while (spot !== 0 && !isKey(buffer, from, length, spot)) spot = after[spot] as number;
  return spot;
};

let viewed: Uint8Array = new Uint8Array(0);
let view: DataView = new DataView(viewed.buffer);

/** One view a chunk, not one a line. */
const viewOf = (buffer: Uint8Array): DataView => {
  if (buffer !== viewed) {
    viewed = buffer;
    view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  }
  return view;
};

/** Where the text closes that has a backslash at `from`; `end` when it never does. */
const closing = (buffer: Uint8Array, from: number, end: number): number => {
  let at = from;
  while (at < end) {
    const b = buffer[at] as number;
    if (b === quote) return at;
    at += b === backslash ? 2 : 1;
  }
  return end;
};

/** The next byte that is no blank. */
const afterBlanks = (buffer: Uint8Array, from: number, end: number): number => {
  let at = from;
  while (at < end && (buffer[at] as number) <= 32) at++;
  return at;
};

const isKey = (buffer: Uint8Array, from: number, length: number, spot: number): boolean => {
  const bytes = keyBytes[spot] as Uint8Array;
  for (let i = 1; i < length; i++) if (buffer[from + i] !== bytes[i]) return false;
  return true;
};

/** False: the line must be parsed. */
const report = (
  buffer: Uint8Array,
  start: number,
  end: number,
  lineEnd: number,
  holds: number,
  where: number,
  sink: Sink,
): boolean => {
  switch (holds) {
    case 0:
      sink.value(scanned.ip, start, end, where, portBehind(buffer, end, lineEnd));
      return true;
    case 1:
      sink.value(scanned.host, start, end, where, 0);
      return true;
    case 2:
      sink.value(scanned.hash, start, end, where, 0);
      return true;
    case 3:
      sink.value(buffer[start] === 47 && buffer[start + 1] !== 47 ? scanned.path : scanned.url, start, end, where, 0);
      return true;
    case 4:
      return reportCommonName(buffer, start, end, where, sink);
    case 6:
      for (let i = start; i < end; i++) if (buffer[i] === 44 || buffer[i] === 32) return false;
      sink.value(scanned.ip, start, end, where, 0);
      return true;
    default:
      return false;
  }
};

/**
 * The port that Suricata writes right behind an address: `"src_ip":"…","src_port":443`. 0 when something else stands
 * there; then the port is not known here, and `parse` finds it.
 */
const portBehind = (buffer: Uint8Array, quoteAt: number, end: number): number => {
  // `","src_port":` and `","dest_port":` differ by one byte in length.
  const colon = buffer[quoteAt + 12] === 58 ? quoteAt + 12 : quoteAt + 13;
  if (
    colon + 1 >= end ||
    buffer[colon] !== 58 ||
    buffer[colon - 1] !== quote ||
    buffer[colon - 2] !== 116 ||
    buffer[colon - 3] !== 114 ||
    buffer[colon - 4] !== 111 ||
    buffer[colon - 5] !== 112 ||
    buffer[colon - 6] !== 95 ||
    buffer[quoteAt + 1] !== 44 ||
    buffer[quoteAt + 2] !== quote
  )
    return 0;
  let port = 0;
  for (let i = colon + 1; i < end && i < colon + 7; i++) {
    const digit = (buffer[i] as number) - 48;
    if (digit < 0 || digit > 9) return buffer[i] === 44 || buffer[i] === 125 ? port : 0;
    port = port * 10 + digit;
  }
  return 0;
};

/** `CN=` at the start or behind a comma, up to the next comma. */
const reportCommonName = (buffer: Uint8Array, start: number, end: number, where: number, sink: Sink): boolean => {
  for (let i = start; i + 3 < end; i++) {
    if (buffer[i] !== 67 || buffer[i + 1] !== 78 || buffer[i + 2] !== 61) continue;
    const behindComma = buffer[i - 1] === 44 || (buffer[i - 1] === 32 && buffer[i - 2] === 44);
    if (i !== start && !behindComma) continue;
    let to = i + 3;
    while (to < end && buffer[to] !== 44) to++;
    sink.value(scanned.host, i + 3, to, where, 0);
    return true;
  }
  return true;
};
