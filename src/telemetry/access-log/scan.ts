import { type Sink, scanned, type Where, wheres } from "#telemetry/format.ts";

const place = (where: Where): number => wheres.indexOf(where);
const source = place("source");
const httpHost = place("http-host");
const httpUrl = place("http-url");
const referrer = place("http-referrer");

const blank = 0x20;
const quote = 0x22;
const hyphen = 0x2d;
const comma = 0x2c;
const slash = 0x2f;

/**
 * The usual line as bytes: `[vhost] address ident user [time] "METHOD /target VERSION" … "referrer" "agent"`. Left to
 * `parse`: escapes, text beyond ASCII, a syslog head, client names, targets that are no path, and whatever stands in
 * quotes behind the agent and is not "-".
 */
export const scanAccess = (buffer: Uint8Array, start: number, end: number, sink: Sink): void => {
  let bracket = -1;
  let quotes = 0;
  for (let i = start; i < end; i++) {
    const b = buffer[i] as number;
    if (b === 0x5c || b >= 0x80 || b < blank) return sink.slow();
    if (b === quote) quotes++;
    else if (b === 0x5b && bracket < 0) bracket = i;
  }
  if (bracket < 0 || buffer[bracket - 1] !== blank || (quotes !== 2 && quotes !== 6 && quotes !== 8))
    return sink.slow();
  const firstEnd = until(buffer, blank, start, bracket);
  const secondEnd = until(buffer, blank, firstEnd + 1, bracket);
  const thirdEnd = until(buffer, blank, secondEnd + 1, bracket);
  if (thirdEnd >= bracket) return sink.slow();
  const fourthEnd = until(buffer, blank, thirdEnd + 1, bracket);
  const open = until(buffer, quote, bracket, end);
  if (open >= end || buffer[open - 1] !== blank || buffer[open - 2] !== 0x5d) return sink.slow();
  if (thirdEnd === bracket - 1 && isAddress(buffer, start, firstEnd)) {
    sink.value(scanned.ip, start, firstEnd, source, 0);
  } else if (
    fourthEnd === bracket - 1 &&
    buffer[firstEnd - 1] !== comma &&
    !isAddress(buffer, start, firstEnd) &&
    isAddress(buffer, firstEnd + 1, secondEnd)
  ) {
    sink.value(scanned.host, start, firstEnd, httpHost, 0);
    sink.value(scanned.ip, firstEnd + 1, secondEnd, source, 0);
  } else return sink.slow();
  const close = until(buffer, quote, open + 1, end);
  const target = until(buffer, blank, open + 1, close) + 1;
  if (target >= close || buffer[target] !== slash || buffer[target + 1] === slash) {
    // "-" and "" are requests that never were
    if (close - open > 2) return sink.slow();
  } else {
    const last = lastBlank(buffer, target, close);
    if (last > 0 && !isVersion(buffer, last + 1, close)) return sink.slow();
    if (last > 0 && until(buffer, blank, target, close) !== last) return sink.slow();
    sink.value(scanned.path, target, last > 0 ? last : close, httpUrl, 0);
  }
  if (quotes === 2) return;
  const from = until(buffer, quote, close + 1, end) + 1;
  const to = until(buffer, quote, from, end);
  if (to > from && !(to - from === 1 && buffer[from] === hyphen)) sink.value(scanned.url, from, to, referrer, 0);
  if (quotes === 6) return;
  const agentEnd = until(buffer, quote, until(buffer, quote, to + 1, end) + 1, end);
  const forwarded = until(buffer, quote, agentEnd + 1, end);
  if (buffer[forwarded + 1] !== hyphen || buffer[forwarded + 2] !== quote) sink.slow();
};

const until = (buffer: Uint8Array, byte: number, start: number, end: number): number => {
  let at = start;
  while (at < end && buffer[at] !== byte) at++;
  return at;
};

/** The last blank of `[start, end)`; 0 when there is none. */
const lastBlank = (buffer: Uint8Array, start: number, end: number): number => {
  for (let i = end - 1; i > start; i--) if (buffer[i] === blank) return i;
  return 0;
};

/** "HTTP/1.1", "HTTP/2" */
const isVersion = (buffer: Uint8Array, start: number, end: number): boolean => {
  for (let i = 0; i < 5; i++) if (buffer[start + i] !== http[i]) return false;
  const dotted = end - start === 8 && buffer[start + 6] === 0x2e && isDigit(buffer[start + 7]);
  return isDigit(buffer[start + 5]) && (end - start === 6 || dotted);
};

const http = new TextEncoder().encode("HTTP/");

const isDigit = (b: number | undefined): boolean => b !== undefined && b >= 0x30 && b <= 0x39;

/** Digits, letters a to f, dots and colons, with one of the last two: whatever is an address is so. */
const isAddress = (buffer: Uint8Array, start: number, end: number): boolean => {
  let marks = 0;
  for (let i = start; i < end; i++) {
    const b = buffer[i] as number;
    const lower = b | 0x20;
    if (b === 0x2e || b === 0x3a) marks++;
    else if (!((b >= 0x30 && b <= 0x39) || (lower >= 0x61 && lower <= 0x66))) return false;
  }
  return marks > 1;
};
