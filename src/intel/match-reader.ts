import type { Observable } from "#core/observable.ts";
import { scanned, type Scanned } from "#telemetry/format.ts";
import { found, type OnFound } from "./match-found.ts";
import { HostFinder } from "./match-hosts.ts";
import { digestForm, forms, observableOf, readDigits, wordsOf } from "./match-key.ts";
import { MatchProbe } from "./match-probe.ts";
import { at, type MatchHandles, type MatchTable, tableOver } from "./match-table.ts";
import { UrlFinder } from "./match-urls.ts";

/** One listed value that matches: `id` is the caller's, `visibility` its class, `observable` what was listed. */
export interface Match {
  readonly id: number;
  readonly visibility: number;
  readonly observable: Observable;
}

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
  protected readonly key: Uint8Array;
  protected readonly probe: MatchProbe;
  readonly #hosts: HostFinder;
  readonly #urls: UrlFinder;
  readonly #words = new Uint32Array(16);
  #bytes = new Uint8Array(512);

  constructor(key: Uint8Array, table: MatchTable) {
    this.key = key;
    this.probe = new MatchProbe(key, table);
    this.#hosts = new HostFinder(this.probe);
    this.#urls = new UrlFinder(this.probe, this.#hosts);
  }

  /** Listed values, each (id, observable) once. */
  get size(): number {
    return this.probe.header[at.indicators] as number;
  }

  /** True when the writer has moved on: this reader sees nothing newer than the move. */
  get superseded(): boolean {
    return Atomics.load(this.probe.header, at.superseded) === 1;
  }

  /** Bytes of shared memory: the table that is probed, its filter included, and the arena of values behind it. */
  get bytes(): { readonly table: number; readonly arena: number } {
    const { tags, slots, filter, blocks, header } = this.probe.table;
    return {
      table: tags.byteLength + slots.byteLength + filter.byteLength + blocks.byteLength + header.byteLength,
      arena: (header[at.arena] as number) * 4,
    };
  }

  matchAt(record: number): Match {
    const { arena, text } = this.probe.table;
    const meta = arena[record + 1] as number;
    const form = meta & 0xff;
    const from = record + 2;
    const behind = from + (wordsOf[form] as number);
    return {
      id: arena[record] as number,
      visibility: (meta >>> 8) & 0xff,
      observable: observableOf(
        form,
        arena.subarray(from, behind),
        text.subarray(behind * 4, behind * 4 + (meta >>> 16)),
      ),
    };
  }

  /**
   * Listed values that match a canonical observable, by id.
   *
   * @param port of the host, when known: 1 to 65535
   */
  lookup(observable: Observable, port = 0): readonly Match[] {
    this.#taken = nothing;
    const take = this.#take;
    const { kind } = observable;
    const length = this.#encode(observable.value);
    const bytes = this.#bytes;
    if (kind === "ipv4" || kind === "ipv6") this.#hosts.address(bytes, 0, length, port, take);
    else if (kind === "domain") this.#hosts.host(bytes, 0, length, port || -1, take);
    else if (kind === "endpoint") this.#hosts.host(bytes, 0, length, 0, take);
    else if (kind === "url") this.#urls.url(bytes, length, take);
    else if (kind === "path") this.#urls.path(bytes, 0, length, true, take);
    else if (kind === "email" || kind === "asn") this.#exact(forms[kind], bytes, 0, length, take);
    else if (kind === "cidr") this.#hosts.network(bytes, length, take);
    else this.#digest(bytes, 0, length, take);
    const matches = this.#taken;
    return matches.length < 2 ? matches : matches.toSorted((a, b) => a.id - b.id);
  }

  /** Of the look-up that is under way; hardly any finds something. */
  #taken: readonly Match[] = nothing;
  readonly #take: OnFound = (record, how) => {
    if (how === found.listed) this.#taken = [...this.#taken, this.matchAt(record)];
  };

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
        return start === end || this.#hosts.address(buffer, start, end, port, onFound);
      case scanned.host:
        return this.#hosts.host(buffer, start, end, port, onFound);
      case scanned.hash:
        return this.#digest(buffer, start, end, onFound);
      case scanned.url:
        return this.#urls.scan(buffer, start, end, onFound);
      case scanned.path:
        return this.#urls.path(buffer, start, end, false, onFound);
      case scanned.email:
        return this.#scanEmail(buffer, start, end, onFound);
    }
  }

  /**
   * The first half of `scanValue` for many values at once: notes what it would look up, and looks nothing up. `possible`
   * then says for which of them `scanValue` is worth its price; it would find nothing for the others.
   *
   * @param value the caller's number of this value, not negative
   * @returns false when the bytes cannot be read faithfully, as `scanValue` does
   */
  gather(value: number, buffer: Uint8Array, start: number, end: number, kind: Scanned, port: number): boolean {
    this.probe.gather(value);
    return this.scanValue(buffer, start, end, kind, port, never);
  }

  /** True when the table is so large that values are better gathered than asked one by one. */
  get far(): boolean {
    return this.probe.far;
  }

  /** True when `possible` is to be asked before more is gathered. */
  get full(): boolean {
    return this.probe.full;
  }

  /**
   * Ends gathering, and forgets what was gathered. No other call may stand between the first `gather` and this.
   *
   * @param values room for as many numbers as values were gathered; gets those that may be listed, once each, in order
   * @returns how many there are
   */
  possible(values: Int32Array): number {
    return this.probe.possible(values);
  }

  #exact(form: number, buffer: Uint8Array, start: number, end: number, onFound: OnFound): boolean {
    if (this.probe.count(form) === 0) return true;
    this.probe.print.bytes(form, buffer, start, end);
    this.probe.textFound(form, buffer, start, end, onFound);
    return true;
  }

  #digest(buffer: Uint8Array, start: number, end: number, onFound: OnFound): boolean {
    // "12:a5:b1" has three bytes for two digits, and one less at the end.
    const length = end - start;
    const digits = buffer[start + 2] === 58 ? ((length + 1) / 3) * 2 : length;
    const form = digestForm(digits);
    if (form === 0 || this.probe.count(form) === 0) return true;
    const words = this.#words;
    if (readDigits(buffer, start, end, words) === digits)
      this.probe.wordsFound(form, words, wordsOf[form] as number, onFound);
    return true;
  }

  #scanEmail(buffer: Uint8Array, start: number, end: number, onFound: OnFound): boolean {
    if (this.probe.count(forms.email) === 0) return true;
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

/** While questions are gathered nothing is found. */
const never: OnFound = () => {};

const encoder = new TextEncoder();

/** Longer texts are given to the encoder. */
const longestName = 128;

const nothing: readonly Match[] = [];

/** A reader in another thread over the memory of `handles()`. */
export const openMatchIndex = (handles: MatchHandles): MatchReader => new MatchReader(handles.key, tableOver(handles));
