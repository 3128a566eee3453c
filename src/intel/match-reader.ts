import type { Observable } from "#core/observable.ts";
import { scanned, type Scanned } from "#telemetry/format.ts";
import { Fingerprint } from "./fingerprint.ts";
import { readAddress } from "./match-address.ts";
import { digestForm, forms, marker, maskOf, observableOf, readDigits, wordsOf } from "./match-key.ts";
import { at, type MatchHandles, type MatchTable, tableOver } from "./match-table.ts";

/** One listed value that matches: `id` is the caller's, `visibility` its class, `observable` what was listed. */
export interface Match {
  readonly id: number;
  readonly visibility: number;
  readonly observable: Observable;
}

/**
 * How sure `scanValue` is of what it reports.
 *   listed    the value itself, verified byte by byte against the arena
 *   endpoint  the host has listed endpoints, and the port was not known
 *   url       the host has listed URLs
 */
export const found = { listed: 0, endpoint: 1, url: 2 } as const;
export type Found = (typeof found)[keyof typeof found];

/** `record` names a listed value for `matchAt` when `how` is `listed`. Must not call the reader again. */
export type OnFound = (record: number, how: Found) => void;

/** Longest host name worth walking, in bytes: DNS ends at 253 (RFC 1035 §2.3.4). */
const longestHost = 255;

/** Boundaries of a path that are looked up: a request with more of them is no request. */
const boundariesAtMost = 64;

/** Bytes that a WHATWG path and query keep as they are. */
const plainInPath = new Uint8Array(256);
for (let b = 0x21; b < 0x7f; b++) plainInPath[b] = 1;
for (const c of "\"#'<>\\^`{}") plainInPath[c.charCodeAt(0)] = 0;

/**
 * Reads a match index; as many threads as wanted over one table. What matches what:
 *   address   itself, networks that hold it, and endpoints when the port is theirs
 *   domain    itself and every name it is a parent of, at label boundaries; host:port endpoints of exactly this name
 *   url       the same URL, whatever the scheme and fragment; and paths
 *   path      the same path and query, or a leading part that ends before `?` or `&`, or after `/`, `?` or `=`
 *   email, hash, AS number, network: the same value
 *
 * A reader that races a writer misses a value that is just being added, and may still report one that is just being
 * removed; it reports nothing that was never listed, since a record is complete before its slot is, is never
 * overwritten, and is compared with the value.
 */
export class MatchReader {
  protected table: MatchTable;
  protected readonly key: Uint8Array;
  protected readonly print: Fingerprint;
  /** Where the last record found stands. */
  protected slot = 0;
  protected scale: number;
  protected tags: Uint8Array;
  protected slots: Int32Array;
  protected arena: Uint32Array;
  protected text: Uint8Array;
  protected header: Int32Array;
  readonly #words = new Uint32Array(16);
  readonly #probe = new Uint32Array(5);
  #bytes = new Uint8Array(512);

  constructor(key: Uint8Array, table: MatchTable) {
    this.key = key;
    this.print = new Fingerprint(key);
    this.table = table;
    this.tags = table.tags;
    this.slots = table.slots;
    this.arena = table.arena;
    this.text = table.text;
    this.header = table.header;
    this.scale = table.tags.length / 2 ** 32;
  }

  /** Listed values, each (id, observable) once. */
  get size(): number {
    return this.header[at.indicators] as number;
  }

  /** True when the writer has moved on: this reader sees nothing newer than the move. */
  get superseded(): boolean {
    return Atomics.load(this.header, at.superseded) === 1;
  }

  /** Bytes of shared memory: the table that is probed, and the arena of values behind it. */
  get bytes(): { readonly table: number; readonly arena: number } {
    const { tags, slots, blocks, header } = this.table;
    return {
      table: tags.byteLength + slots.byteLength + blocks.byteLength + header.byteLength,
      arena: (this.header[at.arena] as number) * 4,
    };
  }

  matchAt(record: number): Match {
    const meta = this.arena[record + 1] as number;
    const form = meta & 0xff;
    const from = record + 2;
    const text = (from + (wordsOf[form] as number)) * 4;
    return {
      id: this.arena[record] as number,
      visibility: (meta >>> 8) & 0xff,
      observable: observableOf(
        form,
        this.arena.subarray(from, from + (wordsOf[form] as number)),
        this.text.subarray(text, text + (meta >>> 16)),
      ),
    };
  }

  /**
   * Listed values that match a canonical observable, by id.
   *
   * @param port of the host, when known: 1 to 65535
   */
  lookup(observable: Observable, port = 0): readonly Match[] {
    const matches: Match[] = [];
    const take: OnFound = (record, how) => {
      if (how === found.listed) matches.push(this.matchAt(record));
    };
    const { kind } = observable;
    const length = this.#encode(observable.value);
    const bytes = this.#bytes;
    if (kind === "ipv4" || kind === "ipv6") this.#address(bytes, 0, length, port, take);
    else if (kind === "domain") this.#host(bytes, 0, length, port || -1, take);
    else if (kind === "endpoint") this.#host(bytes, 0, length, 0, take);
    else if (kind === "url") this.#url(bytes, length, take);
    else if (kind === "path") this.#path(bytes, 0, length, true, take);
    else if (kind === "email" || kind === "asn") this.#exact(forms[kind], bytes, 0, length, take);
    else if (kind === "cidr") this.#network(bytes, length, take);
    else this.#digest(bytes, 0, length, take);
    return matches.length === 0 ? nothing : matches.sort((a, b) => a.id - b.id);
  }

  /**
   * The same for undecoded bytes of a log line, without making a string: reports at least what `lookup` would find for
   * the value's canonical form. Host names are read in any case.
   *
   * @param port 0 when not known
   * @returns false when the bytes cannot be read faithfully (a name that is not ASCII, an odd path): parse the line
   */
  scanValue(buffer: Uint8Array, start: number, end: number, kind: Scanned, port: number, onFound: OnFound): boolean {
    switch (kind) {
      case scanned.ip:
        return start === end || this.#address(buffer, start, end, port, onFound);
      case scanned.host:
        return this.#host(buffer, start, end, port, onFound);
      case scanned.hash:
        return this.#digest(buffer, start, end, onFound);
      case scanned.url:
        return this.#scanUrl(buffer, start, end, onFound);
      case scanned.path:
        return this.#path(buffer, start, end, false, onFound);
      case scanned.email:
        return this.#scanEmail(buffer, start, end, onFound);
    }
  }

  /** First record under the fingerprint, 0 for none. */
  protected first(): number {
    return this.#walk(((this.print.lo >>> 0) * this.scale) >>> 0);
  }

  /** The next record under the same fingerprint, 0 for none. */
  protected next(): number {
    return this.#walk(this.slot + 1);
  }

  #walk(from: number): number {
    const { tags, slots } = this;
    const { lo, hi } = this.print;
    const tag = (hi >>> 25) | 128;
    const capacity = tags.length;
    for (let i = from; ; i++) {
      if (i === capacity) i = 0;
      const t = tags[i] as number;
      if (t === 0) return 0;
      if (t === tag && slots[i * 3] === lo && slots[i * 3 + 1] === hi) {
        this.slot = i;
        return slots[i * 3 + 2] as number;
      }
    }
  }

  #count(form: number): number {
    return this.header[at.forms + form] as number;
  }

  #form(record: number): number {
    return (this.arena[record + 1] as number) & 0xff;
  }

  /** Records of a form whose value is these words; and the host's marker, when `port` is not negative. */
  #hasWords(record: number, words: Uint32Array, count: number): boolean {
    for (let i = 0; i < count; i++) if (this.arena[record + 2 + i] !== words[i]) return false;
    return true;
  }

  #address(buffer: Uint8Array, start: number, end: number, port: number, onFound: OnFound): boolean {
    const version = readAddress(buffer, start, end, this.#words);
    if (version === 0) return false;
    if (version === 4) this.#ipv4(port, onFound);
    else this.#ipv6(port, onFound);
    return true;
  }

  #ipv4(port: number, onFound: OnFound): void {
    const words = this.#words;
    const { header, print } = this;
    const address = words[0] as number;
    print.words(forms.ipv4, words, 0, 1);
    let marked = 0;
    for (let record = this.first(); record !== 0; record = this.next()) {
      const form = this.#form(record);
      if (form === forms.ipv4 && this.arena[record + 2] === address) onFound(record, found.listed);
      else if (form === (marker | forms.ipv4) && this.arena[record + 4] === address) marked = record;
    }
    if (marked !== 0) this.#marked(marked, forms.endpoint4, 1, port, onFound);
    const block = this.table.blocks[address >>> 17] as number;
    if (((block >>> ((address >>> 12) & 31)) & 1) === 0) return;
    const probe = this.#probe;
    for (let mask = header[at.prefixes4] as number; mask !== 0; mask &= mask - 1) {
      const prefix = 31 - Math.clz32(mask & -mask);
      probe[0] = address & maskOf(prefix);
      probe[1] = prefix;
      this.#wordsFound(forms.cidr4, probe, 2, onFound);
    }
  }

  #ipv6(port: number, onFound: OnFound): void {
    const words = this.#words;
    const { header, print } = this;
    if (this.#count(forms.ipv6) + (header[at.markers] as number) > 0) {
      print.words(forms.ipv6, words, 0, 4);
      let marked = 0;
      for (let record = this.first(); record !== 0; record = this.next()) {
        const form = this.#form(record);
        if (form === forms.ipv6 && this.#hasWords(record, words, 4)) onFound(record, found.listed);
        else if (form === (marker | forms.ipv6) && this.#hasWords(record + 2, words, 4)) marked = record;
      }
      if (marked !== 0) this.#marked(marked, forms.endpoint6, 4, port, onFound);
    }
    if (this.#count(forms.cidr6) === 0) return;
    const probe = this.#probe;
    for (let group = 0; group < 4; group++) {
      for (let mask = header[at.prefixes6 + group] as number; mask !== 0; mask &= mask - 1) {
        const prefix = 32 * group + 31 - Math.clz32(mask & -mask);
        for (let i = 0; i < 4; i++)
          probe[i] = (words[i] as number) & maskOf(Math.min(32, Math.max(0, prefix - 32 * i)));
        probe[4] = prefix;
        this.#wordsFound(forms.cidr6, probe, 5, onFound);
      }
    }
  }

  #wordsFound(form: number, words: Uint32Array, count: number, onFound: OnFound): void {
    this.print.words(form, words, 0, count);
    for (let record = this.first(); record !== 0; record = this.next())
      if (this.#form(record) === form && this.#hasWords(record, words, count)) onFound(record, found.listed);
  }

  /** The address in `#words` has a marker: something more specific is listed on it. */
  #marked(record: number, form: number, count: number, port: number, onFound: OnFound): void {
    if (this.arena[record + 3] !== 0) onFound(record, found.url);
    if (this.arena[record + 2] === 0 || port < 0) return;
    if (port === 0) {
      onFound(record, found.endpoint);
      return;
    }
    const probe = this.#probe;
    for (let i = 0; i < count; i++) probe[i] = this.#words[i] as number;
    probe[count] = port;
    this.#wordsFound(form, probe, count + 1, onFound);
  }

  /** @param port 0 not known, −1 known to be absent */
  #host(buffer: Uint8Array, start: number, before: number, port: number, onFound: OnFound): boolean {
    let end = before;
    if (end > start && buffer[end - 1] === 46) end--;
    if (end === start) return true;
    if (end - start > longestHost) return false;
    const last = buffer[end - 1] as number;
    if (last >= 48 && last <= 57) {
      if (readAddress(buffer, start, end, this.#words) !== 0) return this.#address(buffer, start, end, port, onFound);
      const colon = portColon(buffer, start, end);
      if (colon > start) return this.#host(buffer, start, colon, portOf(buffer, colon + 1, end), onFound);
    } else if (last === 93 && buffer[start] === 91) return this.#address(buffer, start + 1, end - 1, port, onFound);
    return this.#name(buffer, start, end, port, onFound);
  }

  #name(buffer: Uint8Array, start: number, end: number, port: number, onFound: OnFound): boolean {
    const { header, print } = this;
    const labels = header[at.labels] as number;
    const markers = header[at.markers] as number;
    print.open(forms.domain);
    let from = end;
    let marked = 0;
    while (from > start) {
      const wanted = ((labels >>> (print.labels >= 30 ? 31 : print.labels + 1)) & 1) === 1;
      from = print.label(buffer, start, from, wanted);
      if (!wanted) {
        if (from > start || markers === 0) continue;
        print.close();
      }
      for (let record = this.first(); record !== 0; record = this.next()) {
        const form = this.#form(record);
        if (form === forms.domain) {
          if (this.#isName(record, 2, buffer, from, end)) onFound(record, found.listed);
        } else if (form === (marker | forms.domain) && from === start && this.#isName(record, 4, buffer, from, end))
          marked = record;
      }
    }
    if (print.colon) return this.#address(buffer, start, end, port, onFound);
    const ascii = print.seen < 128;
    if (marked !== 0) this.#markedName(marked, buffer, start, end, port, onFound);
    return ascii;
  }

  #markedName(record: number, buffer: Uint8Array, start: number, end: number, port: number, onFound: OnFound): void {
    if (this.arena[record + 3] !== 0) onFound(record, found.url);
    if (this.arena[record + 2] === 0 || port < 0) return;
    if (port === 0) {
      onFound(record, found.endpoint);
      return;
    }
    const { print } = this;
    print.open(forms.endpointHost);
    for (let from = end; from > start; ) from = print.label(buffer, start, from, false);
    print.byte(port & 255);
    print.byte(port >>> 8);
    print.close();
    for (let at = this.first(); at !== 0; at = this.next())
      if (
        this.#form(at) === forms.endpointHost &&
        this.arena[at + 2] === port &&
        this.#isName(at, 3, buffer, start, end)
      )
        onFound(at, found.listed);
  }

  /** The record's text, `words` into it, is these bytes in lower case. */
  #isName(record: number, words: number, buffer: Uint8Array, start: number, end: number): boolean {
    const { text } = this;
    if ((this.arena[record + 1] as number) >>> 16 !== end - start) return false;
    const from = (record + words) * 4 - start;
    for (let i = start; i < end; i++) {
      const b = buffer[i] as number;
      if (text[from + i] !== (b >= 65 && b <= 90 ? b | 32 : b)) return false;
    }
    return true;
  }

  #exact(form: number, buffer: Uint8Array, start: number, end: number, onFound: OnFound): boolean {
    if (this.#count(form) === 0) return true;
    this.print.bytes(form, buffer, start, end);
    this.#textFound(form, buffer, start, end, onFound);
    return true;
  }

  /** Records of a form without words whose text is exactly these bytes. */
  #textFound(form: number, buffer: Uint8Array, start: number, end: number, onFound: OnFound): void {
    for (let record = this.first(); record !== 0; record = this.next()) {
      const meta = this.arena[record + 1] as number;
      if ((meta & 0xff) !== form || meta >>> 16 !== end - start) continue;
      const from = (record + 2) * 4 - start;
      let i = start;
      while (i < end && this.text[from + i] === buffer[i]) i++;
      if (i === end) onFound(record, found.listed);
    }
  }

  #digest(buffer: Uint8Array, start: number, end: number, onFound: OnFound): boolean {
    // "12:a5:b1" has three bytes for two digits, and one less at the end.
    const length = end - start;
    const digits = buffer[start + 2] === 58 ? ((length + 1) / 3) * 2 : length;
    const form = digestForm(digits);
    if (form === 0 || this.#count(form) === 0) return true;
    const words = this.#words;
    if (readDigits(buffer, start, end, words) === digits)
      this.#wordsFound(form, words, wordsOf[form] as number, onFound);
    return true;
  }

  #network(buffer: Uint8Array, length: number, onFound: OnFound): void {
    const slash = buffer.lastIndexOf(47, length - 1);
    const version = slash < 1 ? 0 : readAddress(buffer, 0, slash, this.#words);
    if (version === 0) return;
    const count = version === 4 ? 1 : 4;
    const probe = this.#probe;
    for (let i = 0; i < count; i++) probe[i] = this.#words[i] as number;
    probe[count] = portOf(buffer, slash + 1, length);
    this.#wordsFound(version === 4 ? forms.cidr4 : forms.cidr6, probe, count + 1, onFound);
  }

  /** A canonical URL in `bytes`: exact, then its path. */
  #url(bytes: Uint8Array, length: number, onFound: OnFound): void {
    const start = authority(bytes, 0, length);
    if (start < 0) return;
    const hash = bytes.indexOf(35, start);
    const end = hash < 0 || hash > length ? length : hash;
    if (this.#count(forms.url) > 0) {
      this.print.bytes(forms.url, bytes, start - 2, end);
      for (let record = this.first(); record !== 0; record = this.next())
        if (this.#isUrl(record, bytes, start - 2, end)) onFound(record, found.listed);
    }
    this.#path(bytes, pathStart(bytes, start, end), end, true, onFound);
  }

  /** Compares from `//` on and without the fragment. */
  #isUrl(record: number, bytes: Uint8Array, start: number, end: number): boolean {
    const meta = this.arena[record + 1] as number;
    if ((meta & 0xff) !== forms.url) return false;
    const { text } = this;
    const from = (record + 2) * 4;
    const last = from + (meta >>> 16);
    const begin = authority(text, from, last) - 2;
    let i = 0;
    while (start + i < end && begin + i < last && text[begin + i] === bytes[start + i]) i++;
    return start + i === end && (begin + i === last || text[begin + i] === 35);
  }

  /**
   * `/path?query` alone, `scheme://host…`, `//host…`, or `host:port` (CONNECT). Of a whole URL the host is looked up,
   * which finds the marker of its listed URLs.
   */
  #scanUrl(buffer: Uint8Array, start: number, end: number, onFound: OnFound): boolean {
    if (end === start) return true;
    if (buffer[start] === 47 && buffer[start + 1] !== 47) return this.#path(buffer, start, end, false, onFound);
    const from = authority(buffer, start, end);
    if (from < 0) return this.#host(buffer, start, end, 0, onFound);
    const path = pathStart(buffer, from, end);
    let host = from;
    for (let i = from; i < path; i++) {
      const b = buffer[i] as number;
      // An encoded host or a backslash for a slash: only the URL parser knows.
      if (b === 37 || b === 92 || b < 33) return false;
      if (b === 64) host = i + 1;
    }
    return this.#host(buffer, host, path, 0, onFound) && this.#path(buffer, path, end, false, onFound);
  }

  /** @param canonical false: bytes that a URL parser would change make the answer false */
  #path(buffer: Uint8Array, start: number, end: number, canonical: boolean, onFound: OnFound): boolean {
    if (this.#count(forms.path) === 0 || start >= end) return true;
    const { print } = this;
    print.open(forms.path);
    let boundaries = 0;
    let looked = 0;
    let query = false;
    for (let i = start; i < end; i++) {
      const b = buffer[i] as number;
      if (!canonical) {
        if (plainInPath[b] === 0 || (b === 46 && !query && isDotSegment(buffer, start, i, end))) return false;
        // %2e is a dot to a URL parser.
        if (b === 37 && !query && buffer[i + 1] === 50 && ((buffer[i + 2] as number) | 32) === 101) return false;
      }
      if ((b === 63 || b === 38) && i - start > looked && i - start > 1 && boundaries < boundariesAtMost) {
        boundaries++;
        looked = i - start;
        print.close();
        this.#textFound(forms.path, buffer, start, i, onFound);
      }
      print.byte(b);
      if (b === 63) query = true;
      if ((b === 47 || b === 63 || b === 61) && i > start && i + 1 < end && boundaries < boundariesAtMost) {
        boundaries++;
        looked = i + 1 - start;
        print.close();
        this.#textFound(forms.path, buffer, start, i + 1, onFound);
      }
    }
    print.close();
    this.#textFound(forms.path, buffer, start, end, onFound);
    return true;
  }

  #scanEmail(buffer: Uint8Array, start: number, end: number, onFound: OnFound): boolean {
    if (this.#count(forms.email) === 0) return true;
    const sign = buffer.subarray(start, end).lastIndexOf(64);
    if (sign < 1) return true;
    this.#room(end - start);
    const bytes = this.#bytes;
    for (let i = 0; i < end - start; i++) {
      const b = buffer[start + i] as number;
      if (b > 127) return false;
      bytes[i] = i > sign && b >= 65 && b <= 90 ? b | 32 : b;
    }
    const length = end - start - (buffer[end - 1] === 46 ? 1 : 0);
    return this.#exact(forms.email, bytes, 0, length, onFound);
  }

  #room(length: number): void {
    if (this.#bytes.length < length) this.#bytes = new Uint8Array(2 * length);
  }

  #encode(value: string): number {
    const { length } = value;
    this.#room(length * 3);
    const bytes = this.#bytes;
    // short and ASCII as almost all are: the encoder is called at the price of a hundred letters
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i);
      if (code > 127 || i > longestName) return encoder.encodeInto(value, bytes).written;
      bytes[i] = code;
    }
    return length;
  }
}

const encoder = new TextEncoder();

/** Longer texts are given to the encoder. */
const longestName = 128;

const nothing: readonly Match[] = [];

/** A reader in another thread over the memory of `handles()`. */
export const openMatchIndex = (handles: MatchHandles): MatchReader => new MatchReader(handles.key, tableOver(handles));

/** Where the host begins: behind `//`, with or without a scheme before it; −1 when there is none. */
const authority = (bytes: Uint8Array, start: number, end: number): number => {
  for (let i = start; i + 1 < end; i++) {
    const b = bytes[i] as number;
    if (b === 47) return bytes[i + 1] === 47 ? i + 2 : -1;
    if (b === 58 && bytes[i + 1] !== 47) return -1;
    if (b === 46) return -1;
  }
  return -1;
};

/** Where path or query begin behind the host that starts at `from`. */
const pathStart = (bytes: Uint8Array, from: number, end: number): number => {
  let i = from;
  while (i < end && bytes[i] !== 47 && bytes[i] !== 63 && bytes[i] !== 35) i++;
  return i;
};

/** The byte at `i` is the first dot of a segment "." or "..", which a URL parser takes away. */
const isDotSegment = (buffer: Uint8Array, start: number, i: number, end: number): boolean => {
  if (i > start && buffer[i - 1] !== 47) return false;
  const next = buffer[i + 1] === 46 ? i + 2 : i + 1;
  return next >= end || buffer[next] === 47 || buffer[next] === 63;
};

/** The colon before the digits that end a host, −1 when there is none. */
const portColon = (buffer: Uint8Array, start: number, end: number): number => {
  for (let i = end - 1; i >= start && i >= end - 6; i--) {
    const b = buffer[i] as number;
    if (b === 58) return i;
    if (b < 48 || b > 57) return -1;
  }
  return -1;
};

const portOf = (buffer: Uint8Array, start: number, end: number): number => {
  let port = 0;
  for (let i = start; i < end; i++) port = port * 10 + ((buffer[i] as number) - 48);
  return port;
};
