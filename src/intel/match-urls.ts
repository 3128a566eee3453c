import { found, type OnFound } from "./match-found.ts";
import type { HostFinder } from "./match-hosts.ts";
import { forms } from "./match-key.ts";
import type { MatchProbe } from "./match-probe.ts";

/** Boundaries of a path that are looked up: a request with more of them is no request. */
const boundariesAtMost = 64;

/** Bytes that a WHATWG path and query keep as they are. */
const plainInPath = new Uint8Array(256);
for (let b = 0x21; b < 0x7f; b++) plainInPath[b] = 1;
for (const c of "\"#'<>\\^`{}") plainInPath[c.charCodeAt(0)] = 0;

/** Finds what is listed of web addresses: whole URLs, and paths on any host. */
export class UrlFinder {
  readonly #probe: MatchProbe;
  readonly #hosts: HostFinder;

  constructor(probe: MatchProbe, hosts: HostFinder) {
    this.#probe = probe;
    this.#hosts = hosts;
  }

  /** A canonical URL in `[0, length)`: exact, then its path. */
  url(bytes: Uint8Array, length: number, onFound: OnFound): void {
    const start = authority(bytes, 0, length);
    if (start < 0) return;
    const hash = bytes.indexOf(35, start);
    const end = hash < 0 || hash > length ? length : hash;
    const probe = this.#probe;
    if (probe.count(forms.url) > 0) {
      probe.print.bytes(forms.url, bytes, start - 2, end);
      for (let record = probe.first(); record !== 0; record = probe.next())
        if (this.#isUrl(record, bytes, start - 2, end)) onFound(record, found.listed);
    }
    this.path(bytes, pathStart(bytes, start, end), end, true, onFound);
  }

  /**
   * Undecoded: `/path?query` alone, `scheme://host…`, `//host…`, or `host:port` (CONNECT). Of a whole URL the host is
   * looked up, which finds the marker of its listed URLs.
   *
   * @returns false when only the URL parser can say what the bytes mean
   */
  scan(buffer: Uint8Array, start: number, end: number, onFound: OnFound): boolean {
    if (end === start) return true;
    if (buffer[start] === 47 && buffer[start + 1] !== 47) return this.path(buffer, start, end, false, onFound);
    const from = authority(buffer, start, end);
    if (from < 0) return this.#hosts.host(buffer, start, end, 0, onFound);
    const path = pathStart(buffer, from, end);
    let host = from;
    for (let i = from; i < path; i++) {
      const b = buffer[i] as number;
      // An encoded host or a backslash for a slash: only the URL parser knows.
      if (b === 37 || b === 92 || b < 33) return false;
      if (b === 64) host = i + 1;
    }
    return this.#hosts.host(buffer, host, path, 0, onFound) && this.path(buffer, path, end, false, onFound);
  }

  /** @param canonical false: bytes that a URL parser would change make the answer false */
  path(buffer: Uint8Array, start: number, end: number, canonical: boolean, onFound: OnFound): boolean {
    const probe = this.#probe;
    if (probe.count(forms.path) === 0 || start >= end) return true;
    const { print } = probe;
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
        probe.textFound(forms.path, buffer, start, i, onFound);
      }
      print.byte(b);
      if (b === 63) query = true;
      if ((b === 47 || b === 63 || b === 61) && i > start && i + 1 < end && boundaries < boundariesAtMost) {
        boundaries++;
        looked = i + 1 - start;
        print.close();
        probe.textFound(forms.path, buffer, start, i + 1, onFound);
      }
    }
    print.close();
    probe.textFound(forms.path, buffer, start, end, onFound);
    return true;
  }

  /** Compares from `//` on and without the fragment. */
  #isUrl(record: number, bytes: Uint8Array, start: number, end: number): boolean {
    const probe = this.#probe;
    if (probe.form(record) !== forms.url) return false;
    const { text } = probe.table;
    const from = (record + 2) * 4;
    const last = from + probe.textLength(record);
    const begin = authority(text, from, last) - 2;
    let i = 0;
    while (start + i < end && begin + i < last && text[begin + i] === bytes[start + i]) i++;
    return start + i === end && (begin + i === last || text[begin + i] === 35);
  }
}

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
