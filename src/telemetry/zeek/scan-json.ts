import type { Sink } from "#telemetry/format.ts";
import { type Holds, needsDecoding, portBytes, report, type Spot, spots, whereNumber } from "./scan.ts";

/** The key of a spot in both of its spellings, as bytes, by length; "port" keys carry the number of their pair. */
interface Key {
  readonly bytes: Uint8Array;
  readonly holds: Holds | "port";
  readonly where: number;
  readonly pair: number;
}

const pairs = spots.filter((spot) => spot.holds === "pair");

const keys: readonly (readonly Key[])[] = (() => {
  const byLength: Key[][] = Array.from({ length: 32 }, () => []);
  const put = (name: string, holds: Key["holds"], spot: Spot): void => {
    for (const spelling of new Set([name, name.replaceAll(".", "_")])) {
      const bytes = new TextEncoder().encode(spelling);
      byLength[bytes.length]?.push({ bytes, holds, where: whereNumber(spot.where), pair: pairs.indexOf(spot) });
    }
  };
  for (const spot of spots) {
    put(spot.field, spot.holds, spot);
    if (spot.port !== undefined) put(spot.port, "port", spot);
  }
  return byLength;
})();

const none: readonly Key[] = [];
const quote = 0x22;
const backslash = 0x5c;
const pairStart = new Int32Array(pairs.length);
const pairEnd = new Int32Array(pairs.length);
const pairPort = new Int32Array(pairs.length);

/**
 * One line of a JSON log: a flat object whose values are text, numbers, words and lists of these. Which log it is does
 * not matter: a key that means something in another log costs one look-up. Nested objects, escaped keys and anything
 * that ends too early are left to `parse`.
 */
export const scanJson = (buffer: Uint8Array, start: number, end: number, sink: Sink): void => {
  pairStart.fill(0);
  pairEnd.fill(-1);
  pairPort.fill(0);
  let at = space(buffer, start + 1, end);
  while (at < end && buffer[at] === quote) {
    const keyStart = at + 1;
    const keyEnd = closing(buffer, keyStart, end);
    if (keyEnd < 0 || hasBackslash(buffer, keyStart, keyEnd)) return sink.slow();
    at = space(buffer, keyEnd + 1, end);
    if (buffer[at] !== 0x3a) return sink.slow();
    at = space(buffer, at + 1, end);
    const from = at;
    const first = buffer[at];
    if (first === quote) {
      at = closing(buffer, at + 1, end);
      if (at < 0) return sink.slow();
      at++;
    } else if (first === 0x5b) {
      at = closingList(buffer, at + 1, end);
      if (at < 0) return sink.slow();
    } else if (first === 0x7b) return sink.slow();
    else while (at < end && buffer[at] !== 0x2c && buffer[at] !== 0x7d) at++;
    for (const key of keys[keyEnd - keyStart] ?? none)
      if (matches(buffer, keyStart, key.bytes) && !value(buffer, from, at, key, sink)) return sink.slow();
    at = space(buffer, at, end);
    if (buffer[at] === 0x2c) at = space(buffer, at + 1, end);
  }
  if (at >= end || buffer[at] !== 0x7d || space(buffer, at + 1, end) < end) return sink.slow();
  for (let i = 0; i < pairs.length; i++) {
    const to = pairEnd[i] as number;
    const pair = pairs[i] as Spot;
    if (to > 0) report(sink, buffer, pairStart[i] as number, to, "ip", whereNumber(pair.where), pairPort[i] as number);
  }
};

/** A value between `start` and `end`, quotes and brackets on. False: read it the slow way. */
const value = (buffer: Uint8Array, start: number, end: number, key: Key, sink: Sink): boolean => {
  const first = buffer[start];
  if (key.holds === "port") {
    if (first !== quote) pairPort[key.pair] = portBytes(buffer, start, trimmed(buffer, start, end));
    return true;
  }
  if (key.holds === "slow") return first !== quote && first !== 0x5b ? true : end - start === 2;
  if (first === quote) {
    if (end - start === 2) return true;
    if (needsDecoding(buffer, start + 1, end - 1)) return false;
    if (key.holds !== "pair") return report(sink, buffer, start + 1, end - 1, key.holds, key.where, 0);
    pairStart[key.pair] = start + 1;
    pairEnd[key.pair] = end - 1;
    return true;
  }
  // Numbers, words and null hold nothing to match
  if (first !== 0x5b) return true;
  if (key.holds === "pair" || needsDecoding(buffer, start, end)) return false;
  let at = start + 1;
  while (at < end) {
    if (buffer[at] !== quote) {
      at++;
      continue;
    }
    const to = closing(buffer, at + 1, end);
    if (to < 0 || !report(sink, buffer, at + 1, to, key.holds, key.where, 0)) return false;
    at = to + 1;
  }
  return true;
};

const space = (buffer: Uint8Array, from: number, end: number): number => {
  let at = from;
  while (at < end && (buffer[at] === 0x20 || buffer[at] === 0x09)) at++;
  return at;
};

const trimmed = (buffer: Uint8Array, start: number, to: number): number => {
  let end = to;
  while (end > start && (buffer[end - 1] as number) <= 0x20) end--;
  return end;
};

/** Where the text that began before `from` ends: at its quote; -1 when it never does. */
const closing = (buffer: Uint8Array, from: number, end: number): number => {
  for (let at = from; at < end; at++) {
    if (buffer[at] === backslash) at++;
    else if (buffer[at] === quote) return at;
  }
  return -1;
};

/** Just after the list's bracket; -1 for a list that holds lists or objects, or never ends. */
const closingList = (buffer: Uint8Array, from: number, end: number): number => {
  for (let at = from; at < end; at++) {
    const byte = buffer[at];
    if (byte === quote) {
      at = closing(buffer, at + 1, end);
      if (at < 0) return -1;
    } else if (byte === 0x5d) return at + 1;
    else if (byte === 0x5b || byte === 0x7b) return -1;
  }
  return -1;
};

const hasBackslash = (buffer: Uint8Array, start: number, end: number): boolean => {
  for (let at = start; at < end; at++) if (buffer[at] === backslash) return true;
  return false;
};

const matches = (buffer: Uint8Array, start: number, bytes: Uint8Array): boolean => {
  for (let i = 0; i < bytes.length; i++) if (buffer[start + i] !== bytes[i]) return false;
  return true;
};
