import { readAddress } from "./match-address.ts";
import { found, type OnFound } from "./match-found.ts";
import { forms, marker, maskOf } from "./match-key.ts";
import type { MatchProbe } from "./match-probe.ts";
import { at } from "./match-table.ts";

/** Longest host name worth walking, in bytes: DNS ends at 253 (RFC 1035 §2.3.4). */
const longestHost = 255;

/** Finds what is listed of hosts: addresses, the networks that hold them, names and their parents, and endpoints. */
export class HostFinder {
  readonly #probe: MatchProbe;
  readonly #words = new Uint32Array(4);
  readonly #asked = new Uint32Array(5);

  constructor(probe: MatchProbe) {
    this.#probe = probe;
  }

  /** @returns false when the bytes are no address */
  address(buffer: Uint8Array, start: number, end: number, port: number, onFound: OnFound): boolean {
    const version = readAddress(buffer, start, end, this.#words);
    if (version === 0) return false;
    if (version === 4) this.#ipv4(port, onFound);
    else this.#ipv6(port, onFound);
    return true;
  }

  /**
   * A name in any case, an address, or either with a port behind a colon.
   *
   * @param port   0 not known, −1 known to be absent
   * @returns false when the bytes cannot be read faithfully
   */
  host(buffer: Uint8Array, start: number, before: number, port: number, onFound: OnFound): boolean {
    let end = before;
    if (end > start && buffer[end - 1] === 46) end--;
    if (end === start) return true;
    if (end - start > longestHost) return false;
    const last = buffer[end - 1] as number;
    if (last >= 48 && last <= 57) {
      if (this.address(buffer, start, end, port, onFound)) return true;
      const colon = portColon(buffer, start, end);
      if (colon > start) return this.host(buffer, start, colon, portOf(buffer, colon + 1, end), onFound);
    } else if (last === 93 && buffer[start] === 91) return this.address(buffer, start + 1, end - 1, port, onFound);
    return this.#name(buffer, start, end, port, onFound);
  }

  /** `address/length` in `[0, length)`: the very network. */
  network(buffer: Uint8Array, length: number, onFound: OnFound): void {
    const slash = buffer.lastIndexOf(47, length - 1);
    const version = slash < 1 ? 0 : readAddress(buffer, 0, slash, this.#words);
    if (version === 0) return;
    const count = version === 4 ? 1 : 4;
    const asked = this.#asked;
    for (let i = 0; i < count; i++) asked[i] = this.#words[i] as number;
    asked[count] = portOf(buffer, slash + 1, length);
    this.#probe.wordsFound(version === 4 ? forms.cidr4 : forms.cidr6, asked, count + 1, onFound);
  }

  #ipv4(port: number, onFound: OnFound): void {
    const words = this.#words;
    const probe = this.#probe;
    const address = words[0] as number;
    probe.print.words(forms.ipv4, words, 0, 1);
    let marked = 0;
    for (let record = probe.first(); record !== 0; record = probe.next()) {
      const form = probe.form(record);
      if (form === forms.ipv4 && probe.hasWords(record, 0, words, 1)) onFound(record, found.listed);
      else if (form === (marker | forms.ipv4) && probe.hasWords(record, 2, words, 1)) marked = record;
    }
    if (marked !== 0) this.#marked(marked, forms.endpoint4, 1, port, onFound);
    const prefixes = probe.header[at.prefixes4] as number;
    if (prefixes === 0) return;
    const block = probe.table.blocks[address >>> 17] as number;
    if (((block >>> ((address >>> 12) & 31)) & 1) === 0) return;
    const asked = this.#asked;
    for (let mask = prefixes; mask !== 0; mask &= mask - 1) {
      const prefix = 31 - Math.clz32(mask & -mask);
      asked[0] = address & maskOf(prefix);
      asked[1] = prefix;
      probe.wordsFound(forms.cidr4, asked, 2, onFound);
    }
  }

  #ipv6(port: number, onFound: OnFound): void {
    const words = this.#words;
    const probe = this.#probe;
    const { header } = probe;
    if (probe.count(forms.ipv6) + (header[at.markers] as number) > 0) {
      probe.print.words(forms.ipv6, words, 0, 4);
      let marked = 0;
      for (let record = probe.first(); record !== 0; record = probe.next()) {
        const form = probe.form(record);
        if (form === forms.ipv6 && probe.hasWords(record, 0, words, 4)) onFound(record, found.listed);
        else if (form === (marker | forms.ipv6) && probe.hasWords(record, 2, words, 4)) marked = record;
      }
      if (marked !== 0) this.#marked(marked, forms.endpoint6, 4, port, onFound);
    }
    if (probe.count(forms.cidr6) === 0) return;
    const asked = this.#asked;
    for (let group = 0; group < 4; group++) {
      for (let mask = header[at.prefixes6 + group] as number; mask !== 0; mask &= mask - 1) {
        const prefix = 32 * group + 31 - Math.clz32(mask & -mask);
        for (let i = 0; i < 4; i++)
          asked[i] = (words[i] as number) & maskOf(Math.min(32, Math.max(0, prefix - 32 * i)));
        asked[4] = prefix;
        probe.wordsFound(forms.cidr6, asked, 5, onFound);
      }
    }
  }

  /** The address in `#words` has a marker: something more specific is listed on it. */
  #marked(record: number, form: number, count: number, port: number, onFound: OnFound): void {
    if (!this.#endpointsOf(record, port, onFound)) return;
    const asked = this.#asked;
    for (let i = 0; i < count; i++) asked[i] = this.#words[i] as number;
    asked[count] = port;
    this.#probe.wordsFound(form, asked, count + 1, onFound);
  }

  /** Tells what a marker says by itself. @returns whether the endpoint of this port is to be looked up */
  #endpointsOf(record: number, port: number, onFound: OnFound): boolean {
    const { arena } = this.#probe;
    if (arena[record + 3] !== 0) onFound(record, found.url);
    if (arena[record + 2] === 0 || port < 0) return false;
    if (port === 0) onFound(record, found.endpoint);
    return port !== 0;
  }

  #name(buffer: Uint8Array, start: number, end: number, port: number, onFound: OnFound): boolean {
    const probe = this.#probe;
    const { header, print } = probe;
    const labels = header[at.labels] as number;
    const marks = header[at.markedLabels] as number;
    print.open(forms.domain);
    let from = end;
    let marked = 0;
    while (from > start) {
      const nth = print.labels >= 30 ? 31 : print.labels + 1;
      const wanted = ((labels >>> nth) & 1) === 1;
      from = print.label(buffer, start, from, wanted);
      if (!wanted) {
        if (from > start || ((marks >>> nth) & 1) === 0) continue;
        print.close();
      }
      for (let record = probe.first(); record !== 0; record = probe.next()) {
        const form = probe.form(record);
        if (form === forms.domain) {
          if (probe.isName(record, 0, buffer, from, end)) onFound(record, found.listed);
        } else if (form === (marker | forms.domain) && from === start && probe.isName(record, 2, buffer, from, end))
          marked = record;
      }
    }
    if (print.colon) return this.address(buffer, start, end, port, onFound);
    const ascii = print.seen < 128;
    if (marked !== 0 && this.#endpointsOf(marked, port, onFound)) this.#endpoint(buffer, start, end, port, onFound);
    return ascii;
  }

  #endpoint(buffer: Uint8Array, start: number, end: number, port: number, onFound: OnFound): void {
    const probe = this.#probe;
    const { print } = probe;
    print.open(forms.endpointHost);
    for (let from = end; from > start; ) from = print.label(buffer, start, from, false);
    print.byte(port & 255);
    print.byte(port >>> 8);
    print.close();
    for (let record = probe.first(); record !== 0; record = probe.next())
      if (
        probe.form(record) === forms.endpointHost &&
        probe.arena[record + 2] === port &&
        probe.isName(record, 1, buffer, start, end)
      )
        onFound(record, found.listed);
  }
}

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
