import { createHash } from "node:crypto";

/**
 * Keyed 64-bit fingerprint of a value, as `lo` and `hi` (int32 each, so that no double is ever made). The keyed
 * construction is HalfSipHash-1-3 with a 128-bit key, the output being the two halves of the state instead of a second
 * finalisation: whoever submits indicators cannot choose collisions without the secret, and a table never trusts a
 * fingerprint anyway (the value itself is compared).
 *
 * One object is one reader: it keeps the state of the value being read, so it must not be shared between threads.
 *
 * @see https://www.aumasson.jp/siphash/siphash.pdf §2, Linux `lib/siphash.c` (hsiphash)
 */
export class Fingerprint {
  /** Result of the last `words`, `bytes` or `label`. */
  lo = 0;
  hi = 0;
  /** Every byte of the name read so far, or-ed: ≥ 0x80 means some byte was not ASCII. */
  seen = 0;
  /** Labels of the name read so far. */
  labels = 0;
  /** True when the name held a colon: it is an IPv6 address or carries a port. */
  colon = false;

  readonly #k0: number;
  readonly #k1: number;
  readonly #k2: number;
  readonly #k3: number;
  #v0 = 0;
  #v1 = 0;
  #v2 = 0;
  #v3 = 0;
  /** Bytes not yet mixed, least significant first, and how many bytes the name has had. */
  #pending = 0;
  #length = 0;

  /** @param key 16 bytes, from `fingerprintKey` */
  constructor(key: Uint8Array) {
    const view = new DataView(key.buffer, key.byteOffset, 16);
    this.#k0 = view.getInt32(0, true);
    this.#k1 = view.getInt32(4, true);
    this.#k2 = view.getInt32(8, true) ^ 0x6c796765;
    this.#k3 = view.getInt32(12, true) ^ 0x74656462;
  }

  /** Of `count` words (at least one) from `from`. */
  words(kind: number, words: Uint32Array, from: number, count: number): void {
    let v0 = this.#k0;
    let v1 = this.#k1 ^ kind;
    let v2 = this.#k2;
    let v3 = this.#k3;
    for (let i = 0; i < count; i++) {
      const m = words[from + i] as number | 0;
      v3 ^= m;
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      v0 ^= m;
    }
    this.#finish(v0, v1, v2, v3, count << 26);
  }

  /** Of bytes `[start, end)` as they stand. */
  bytes(kind: number, buffer: Uint8Array, start: number, end: number): void {
    this.open(kind);
    for (let i = start; i < end; i++) this.byte(buffer[i] as number);
    this.close();
  }

  /** Begins a value that is given byte by byte, or label by label. */
  open(kind: number): void {
    this.#v0 = this.#k0;
    this.#v1 = this.#k1 ^ kind;
    this.#v2 = this.#k2;
    this.#v3 = this.#k3;
    this.#pending = 0;
    this.#length = 0;
    this.seen = 0;
    this.labels = 0;
    this.colon = false;
  }

  byte(b: number): void {
    this.#pending |= b << ((this.#length & 3) << 3);
    if ((++this.#length & 3) === 0) {
      this.#mix(this.#pending);
      this.#pending = 0;
    }
  }

  /** Of a text's letters, a byte each. @returns false, and no fingerprint, when some letter is none (beyond 127) */
  ascii(kind: number, text: string): boolean {
    let v0 = this.#k0;
    let v1 = this.#k1 ^ kind;
    let v2 = this.#k2;
    let v3 = this.#k3;
    const { length } = text;
    let seen = 0;
    let at = 0;
    for (; at + 4 <= length; at += 4) {
      const a = text.charCodeAt(at);
      const b = text.charCodeAt(at + 1);
      const c = text.charCodeAt(at + 2);
      const d = text.charCodeAt(at + 3);
      seen |= a | b | c | d;
      const m = a | (b << 8) | (c << 16) | (d << 24);
      v3 ^= m;
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      v0 ^= m;
    }
    let rest = length << 24;
    for (let shift = 0; at < length; at++, shift += 8) {
      const letter = text.charCodeAt(at);
      seen |= letter;
      rest |= letter << shift;
    }
    if (seen > 127) return false;
    this.#finish(v0, v1, v2, v3, rest);
    return true;
  }

  /** Fingerprint of what was given so far; more may follow. */
  close(): void {
    this.#finish(this.#v0, this.#v1, this.#v2, this.#v3, this.#pending | (this.#length << 24));
  }

  /**
   * Reads one label of a host name from right to left, in lower case, up to the dot before it, and leaves in `lo` and
   * `hi` the fingerprint of the name from that label to the end. So each suffix of a name costs one label.
   *
   * @param before just after the label's last byte (a dot, or the end of the name)
   * @param wanted false: the fingerprint is not needed at this label, and is not made
   * @returns where the label begins
   */
  label(buffer: Uint8Array, start: number, before: number, wanted: boolean): number {
    let v0 = this.#v0;
    let v1 = this.#v1;
    let v2 = this.#v2;
    let v3 = this.#v3;
    let m = this.#pending;
    let shift = (this.#length & 3) << 3;
    let seen = this.seen;
    let colon = this.colon;
    let at = before;
    // The first byte of every label but the rightmost is the dot behind it.
    do {
      let b = buffer[--at] as number;
      seen |= b;
      if (b === 58) colon = true;
      else if (b >= 65 && b <= 90) b |= 32;
      m |= b << shift;
      shift += 8;
      if (shift === 32) {
        v3 ^= m;
        v0 = (v0 + v1) | 0;
        v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
        v0 = (v0 << 16) | (v0 >>> 16);
        v2 = (v2 + v3) | 0;
        v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
        v0 = (v0 + v3) | 0;
        v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
        v2 = (v2 + v1) | 0;
        v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
        v2 = (v2 << 16) | (v2 >>> 16);
        v0 ^= m;
        m = 0;
        shift = 0;
      }
    } while (at > start && buffer[at - 1] !== 46);
    this.#v0 = v0;
    this.#v1 = v1;
    this.#v2 = v2;
    this.#v3 = v3;
    this.#pending = m;
    this.#length += before - at;
    this.seen = seen;
    this.colon = colon;
    this.labels++;
    if (wanted) this.#finish(v0, v1, v2, v3, m | (this.#length << 24));
    return at;
  }

  #mix(m: number): void {
    let v0 = this.#v0;
    let v1 = this.#v1;
    let v2 = this.#v2;
    let v3 = this.#v3 ^ m;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    this.#v0 = v0 ^ m;
    this.#v1 = v1;
    this.#v2 = v2;
    this.#v3 = v3;
  }

  /** The last word (pending bytes and the length in the top byte, as HalfSipHash pads), then three rounds. */
  #finish(a: number, b: number, c: number, d: number, last: number): void {
    let v0 = a;
    let v1 = b;
    let v2 = c;
    let v3 = d ^ last;
    for (let round = 0; round < 4; round++) {
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      if (round === 0) {
        v0 ^= last;
        v2 ^= 0xee;
      }
    }
    this.lo = v1 ^ v3;
    this.hi = v0 ^ v2;
  }
}

/** The 16 key bytes of a deployment's secret, whatever its length. */
export const fingerprintKey = (secret: Uint8Array): Uint8Array =>
  new Uint8Array(createHash("sha256").update("waglan match index\0").update(secret).digest().subarray(0, 16));
