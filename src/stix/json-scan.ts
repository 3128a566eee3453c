import { type Problem, problem } from "#core/result.ts";

/** Ends a scan: past this byte nothing can be told apart any more. Caught in this folder only. */
export class Unreadable extends Error {
  readonly problem: Problem;
  constructor(why: Problem) {
    super(why.message);
    this.problem = why;
  }
}

// What a byte means inside a string
const ordinary = 0;
const inString = new Uint8Array(256);
inString.fill(1, 0, 0x20);
inString[0x22] = 2;
inString[0x5c] = 3;

/** Keys of one object compared pairwise; above it a set of texts takes over, so that a million keys stay linear. */
const fewKeys = 32;

/** Longest token of a number we look at; longer ones are no number anybody measures. */
const longestNumber = 400;

/**
 * Walks JSON bytes without making values: whole grammar of RFC 8259, and beside it what a reader that only calls
 * `JSON.parse` cannot see any more: a key that stands twice, numbers a double cannot hold, half surrogate pairs.
 * These go to `problems`, each with a JSON pointer from the value at level `root`; a breach of the grammar or of the
 * depth ends the scan (`Unreadable`).
 */
export class JsonScan {
  /** Where the next byte is read. */
  at = 0;
  /** Taken and emptied by who drives the scan, value by value. */
  problems: Problem[] = [];
  /** Level whose members begin a pointer. */
  root = 0;
  readonly #bytes: Uint8Array;
  readonly #deepest: number;
  // Per level: the key (start, end) or, with start -1, the index in a list
  readonly #pathStart: Int32Array;
  readonly #pathEnd: Int32Array;
  // Keys of all open objects, one stack
  #keyStart = new Int32Array(256);
  #keyEnd = new Int32Array(256);
  #keyHash = new Int32Array(256);
  #keys = 0;
  // What the last string was
  #escapes = false;
  #hash = 0;
  /** It holds half of a surrogate pair. */
  #lone = false;

  constructor(bytes: Uint8Array, deepest: number) {
    this.#bytes = bytes;
    this.#deepest = deepest;
    this.#pathStart = new Int32Array(deepest + 2);
    this.#pathEnd = new Int32Array(deepest + 2);
    if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) this.at = 3;
  }

  /** Passes blanks; the byte that follows, 0 at the end (0 begins nothing in JSON). */
  next(): number {
    const bytes = this.#bytes;
    let at = this.at;
    let byte = bytes[at] ?? 0;
    while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) byte = bytes[++at] ?? 0;
    this.at = at;
    return byte;
  }

  /** Passes the sign that must stand here. */
  take(byte: number): void {
    if (this.next() !== byte) throw this.#syntax(String.fromCharCode(byte));
    this.at++;
  }

  end(): void {
    if (this.next() !== 0 || this.at < this.#bytes.length) throw this.#syntax("the end");
  }

  /** Passes one value at `level` (1 is the document itself). */
  value(level: number): void {
    const byte = this.next();
    if (byte === 0x22) this.string(level - 1);
    else if (byte === 0x7b) this.object(level, undefined);
    else if (byte === 0x5b) this.list(level, undefined);
    else this.#word(level);
  }

  /**
   * Passes an object. `member` is told each key (its bytes, quotes outside) when the value is next, and passes that value
   * itself; without it values are passed here.
   */
  object(level: number, member: ((keyStart: number, keyEnd: number, level: number) => void) | undefined): void {
    if (level > this.#deepest) throw this.#deep();
    this.at++;
    const base = this.#keys;
    let many: Set<string> | undefined;
    if (this.next() === 0x7d) {
      this.at++;
      return;
    }
    for (;;) {
      if (this.next() !== 0x22) throw this.#syntax('"');
      const start = this.at + 1;
      this.string(level - 1);
      const end = this.at - 1;
      this.#pathStart[level] = start;
      this.#pathEnd[level] = end;
      if (many !== undefined) this.#addTo(many, start, end, level);
      else if (this.#keys - base < fewKeys) this.#addKey(base, start, end, level);
      else {
        many = new Set();
        for (let i = base; i < this.#keys; i++) many.add(this.#textOf(this.#keyStart[i] ?? 0, this.#keyEnd[i] ?? 0));
        this.#addTo(many, start, end, level);
      }
      this.take(0x3a);
      if (member === undefined) this.value(level + 1);
      else member(start, end, level + 1);
      const byte = this.next();
      this.at++;
      if (byte === 0x2c) continue;
      if (byte === 0x7d) break;
      this.at--;
      throw this.#syntax("}");
    }
    this.#keys = base;
  }

  /** Passes a list; `item` passes each value itself. */
  list(level: number, item: ((index: number, level: number) => void) | undefined): void {
    if (level > this.#deepest) throw this.#deep();
    this.at++;
    if (this.next() === 0x5d) {
      this.at++;
      return;
    }
    for (let index = 0; ; index++) {
      this.#pathStart[level] = -1;
      this.#pathEnd[level] = index;
      if (item === undefined) this.value(level + 1);
      else item(index, level + 1);
      const byte = this.next();
      this.at++;
      if (byte === 0x2c) continue;
      if (byte === 0x5d) break;
      this.at--;
      throw this.#syntax("]");
    }
  }

  /** Passes a string, from its opening quote; leaves its hash and whether it had escapes. A half pair is told of `level`. */
  string(level: number): void {
    const bytes = this.#bytes;
    const length = bytes.length;
    let at = this.at + 1;
    let hash = 0;
    this.#escapes = false;
    for (;;) {
      if (at >= length) {
        this.at = length;
        throw this.#syntax('"');
      }
      const byte = bytes[at] as number;
      const kind = inString[byte] as number;
      if (kind === ordinary) {
        hash = (Math.imul(hash, 31) + byte) | 0;
        at++;
        continue;
      }
      if (kind === 2) break;
      this.at = at;
      if (kind === 1) throw this.#syntax('"');
      this.#escapes = true;
      at = this.#escape(at);
    }
    this.#hash = hash;
    this.at = at + 1;
    if (this.#lone) this.#report("WGL_JSON_SURROGATE", {}, level);
    this.#lone = false;
  }

  /** The place after the escape that begins at `at`; after both halves of a surrogate pair. */
  #escape(at: number): number {
    const sign = this.#bytes[at + 1];
    if (sign !== 0x75) {
      // " \ / b f n r t
      if (sign === 0x22 || sign === 0x5c || sign === 0x2f || sign === 0x62 || sign === 0x66) return at + 2;
      if (sign === 0x6e || sign === 0x72 || sign === 0x74) return at + 2;
      throw this.#syntax("an escape");
    }
    const unit = this.#unit(at + 2);
    if (unit < 0xd800 || unit > 0xdfff) return at + 6;
    const pair = unit < 0xdc00 && this.#bytes[at + 6] === 0x5c && this.#bytes[at + 7] === 0x75;
    const low = pair ? this.#unit(at + 8) : 0;
    if (low >= 0xdc00 && low <= 0xdfff) return at + 12;
    this.#lone = true;
    return at + 6;
  }

  #unit(at: number): number {
    let unit = 0;
    for (let i = at; i < at + 4; i++) {
      const byte = this.#bytes[i] ?? 0;
      const low = byte | 0x20;
      const digit = byte >= 0x30 && byte <= 0x39 ? byte - 0x30 : low >= 0x61 && low <= 0x66 ? low - 0x57 : -1;
      if (digit < 0) throw this.#syntax("an escape");
      unit = unit * 16 + digit;
    }
    return unit;
  }

  /** `true`, `null`, a number; or something that stands where a value must and is none. */
  #word(level: number): void {
    const bytes = this.#bytes;
    const start = this.at;
    let at = start;
    for (; at < bytes.length && at - start < longestNumber; at++) {
      const byte = bytes[at] as number;
      // + - . 0-9 A-Z a-z
      const part =
        (byte >= 0x30 && byte <= 0x39) ||
        byte === 0x2d ||
        byte === 0x2e ||
        byte === 0x2b ||
        ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a);
      if (!part) break;
    }
    this.at = at;
    const first = bytes[start] ?? 0;
    const whole = first >= 0x31 ? at - start <= 15 : at - start === 1;
    if (whole && first >= 0x30 && first <= 0x39 && this.#digits(start, at)) return;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, at - start).toString("latin1");
    if (text === "true" || text === "false" || text === "null") return;
    if (/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text)) {
      const number = Number(text);
      if (Number.isFinite(number) && (!/^-?\d+$/.test(text) || Number.isSafeInteger(number))) return;
      this.#report("WGL_JSON_NUMBER", { number: text }, level - 1);
      return;
    }
    if (/^[-+]?(?:nan|infinity|inf)$/i.test(text)) {
      this.#report("WGL_JSON_NUMBER", { number: text }, level - 1);
      return;
    }
    this.at = start;
    throw this.#syntax("a value");
  }

  #digits(start: number, end: number): boolean {
    for (let at = start; at < end; at++) {
      const byte = this.#bytes[at] as number;
      if (byte < 0x30 || byte > 0x39) return false;
    }
    return true;
  }

  #addKey(base: number, start: number, end: number, level: number): void {
    const hash = this.#escapes ? 0 : this.#hash;
    const plain = !this.#escapes;
    for (let i = base; i < this.#keys; i++) {
      const other = this.#keyHash[i] as number;
      // A key with escapes may equal one without: texts are compared, whatever the hashes say
      if (plain && other !== 0 && (other !== hash || (this.#keyEnd[i] ?? 0) - (this.#keyStart[i] ?? 0) !== end - start))
        continue;
      if (this.#textOf(this.#keyStart[i] ?? 0, this.#keyEnd[i] ?? 0) !== this.#textOf(start, end)) continue;
      this.#report("WGL_JSON_KEY_TWICE", { key: this.#textOf(start, end) }, level);
      return;
    }
    if (this.#keys === this.#keyHash.length) {
      const wider = (from: Int32Array): Int32Array<ArrayBuffer> => {
        const to = new Int32Array(from.length * 2);
        to.set(from);
        return to;
      };
      [this.#keyStart, this.#keyEnd, this.#keyHash] = [
        wider(this.#keyStart),
        wider(this.#keyEnd),
        wider(this.#keyHash),
      ];
    }
    this.#keyStart[this.#keys] = start;
    this.#keyEnd[this.#keys] = end;
    this.#keyHash[this.#keys++] = hash;
  }

  #addTo(many: Set<string>, start: number, end: number, level: number): void {
    const text = this.#textOf(start, end);
    if (many.has(text)) this.#report("WGL_JSON_KEY_TWICE", { key: text }, level);
    many.add(text);
  }

  /** A string without its quotes, escapes read. */
  #textOf(start: number, end: number): string {
    const bytes = this.#bytes;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("utf8");
    return text.includes("\\") ? String(JSON.parse(`"${text}"`)) : text;
  }

  #report(code: "WGL_JSON_NUMBER" | "WGL_JSON_KEY_TWICE" | "WGL_JSON_SURROGATE", params: Said, level: number): void {
    if (this.problems.length < mostProblems) this.problems.push(problem(code, params, this.#pointer(level)));
  }

  /** JSON pointer (RFC 6901) of the value being passed, from `root` down to `level`. */
  #pointer(level: number): string {
    let pointer = "";
    for (let i = this.root + 1; i <= level; i++) {
      const start = this.#pathStart[i] ?? -1;
      const end = this.#pathEnd[i] ?? 0;
      const step = start === -1 ? String(end) : this.#textOf(start, end);
      pointer += `/${step.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    }
    return pointer;
  }

  #syntax(wanted: string): Unreadable {
    return new Unreadable(problem("WGL_JSON_SYNTAX", { offset: this.at, wanted }));
  }

  #deep(): Unreadable {
    return new Unreadable(problem("WGL_BODY_DEPTH", { limit: this.#deepest }));
  }
}

type Said = Readonly<Record<string, string | number>>;

/** Problems kept of one value; a hostile one could make millions. */
const mostProblems = 32;
