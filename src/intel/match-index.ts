import type { Observable } from "#core/observable.ts";
import { fingerprintKey } from "./fingerprint.ts";
import { filterBits, filterWord } from "./match-filter.ts";
import { MatchIds } from "./match-ids.ts";
import { forms, marker, type MatchKey, matchKey, maskOf } from "./match-key.ts";
import { MatchReader } from "./match-reader.ts";
import { at, type MatchHandles, type MatchTable, newTable } from "./match-table.ts";

/** What is listed: `id` is the caller's name for it (0 to 2³²−1), `visibility` a class that the caller gives meaning to. */
export interface MatchEntry {
  readonly id: number;
  readonly observable: Observable;
  /** 0 to 255; absent: 0. */
  readonly visibility?: number;
}

/**
 * Load after a build or a move: 13.5 bytes a slot ÷ 0.55 = 24.5 bytes an indicator; at most 0.75, 18 bytes, then the
 * table moves. Fuller saves memory and costs longer walks: a miss looks at 3 tags at 0.55 and at 8.5 at 0.75 (Knuth, TAOCP
 * vol. 3 §6.4, linear probing), mostly in one cache line.
 */
const loadWanted = 0.55;
const loadAtMost = 0.75;
const smallest = 1024;
/** Words of arena reserved for an indicator before its size is known: two of header, 24 bytes of value. */
const arenaWordsExpected = 8;

/**
 * The in-memory index of everything listed, and its only writer. Readers in other threads see each addition when its
 * slot is published; when the table must move (too full), `superseded` tells them to ask for new `handles`.
 */
export class MatchIndex extends MatchReader {
  /** Made when first needed: bulk builds never ask. */
  #slotById: MatchIds | undefined;

  /** Lists a value; an id that is listed already is moved to it. @returns false when the value is not canonical */
  add(entry: MatchEntry): boolean {
    const key = matchKey(entry.observable);
    if (!key) return false;
    this.remove(entry.id);
    this.insert(key, entry.id, entry.visibility ?? 0);
    this.#slotById?.set(entry.id, this.probe.slot);
    return true;
  }

  /** @returns false when no value has this id */
  remove(id: number): boolean {
    const slot = this.#ids().slotOf(id);
    if (slot < 0) return false;
    const { tags, slots } = this.probe.table;
    const record = slots[slot * 3 + 2] as number;
    const match = this.matchAt(record);
    this.#slotById?.delete(id);
    Atomics.store(tags, slot, 1);
    this.#counted(this.probe.form(record), -1);
    const key = matchKey(match.observable);
    if (key?.host) this.#unmark(key.host, key.form);
    return true;
  }

  /** To be posted to a worker thread, which calls `openMatchIndex`. */
  handles(): MatchHandles {
    const shared = (view: { readonly buffer: ArrayBufferLike }): SharedArrayBuffer => view.buffer as SharedArrayBuffer;
    const { header, tags, slots, filter, arena, blocks } = this.probe.table;
    return {
      key: this.key,
      header: shared(header),
      tags: shared(tags),
      slots: shared(slots),
      filter: shared(filter),
      arena: shared(arena),
      blocks: shared(blocks),
    };
  }

  /** Key and memory, for a snapshot. */
  contents(): { readonly key: Uint8Array; readonly table: MatchTable } {
    return { key: this.key, table: this.probe.table };
  }

  /** Puts in a value whose id is known to be new; the probe's `slot` is where. */
  insert(key: MatchKey, id: number, visibility: number): void {
    if (key.host) this.#mark(key.host, key.form);
    this.#put(key, key.form, id, visibility, key.words);
    this.#counted(key.form, 1);
    const { header } = this.probe;
    if (key.form === forms.domain) this.#labelled(at.labels, key.text);
    else if (key.form === forms.cidr4) this.#reach(key.words[0] as number, key.words[1] as number);
    else if (key.form === forms.cidr6) {
      const prefix = key.words[4] as number;
      const word = at.prefixes6 + (Math.min(prefix, 127) >>> 5);
      header[word] = (header[word] as number) | (1 << (prefix & 31));
    }
  }

  #counted(form: number, by: number): void {
    const { header } = this.probe;
    Atomics.add(header, at.indicators, by);
    Atomics.add(header, at.forms + form, by);
  }

  /** Notes how many labels a name has in one of the header's masks. */
  #labelled(mask: typeof at.labels | typeof at.markedLabels, name: Uint8Array): void {
    let labels = 1;
    for (const b of name) if (b === 46) labels++;
    const { header } = this.probe;
    header[mask] = (header[mask] as number) | (1 << Math.min(labels, 31));
  }

  /** Notes an IPv4 network in the blocks it reaches into and in the prefix lengths present. */
  #reach(address: number, prefix: number): void {
    const { blocks, header } = this.probe.table;
    const first = (address & maskOf(prefix)) >>> 12;
    const count = prefix >= 20 ? 1 : 2 ** (20 - prefix);
    for (let block = first; block < first + count; block++)
      blocks[block >>> 5] = (blocks[block >>> 5] as number) | (1 << (block & 31));
    header[at.prefixes4] = (header[at.prefixes4] as number) | (1 << (prefix & 31));
  }

  #fingerprint(key: MatchKey): void {
    const { print } = this.probe;
    const { form, words, text } = key;
    if (form === forms.domain || form === forms.endpointHost) {
      print.open(form);
      for (let from = text.length; from > 0; ) from = print.label(text, 0, from, false);
      if (form === forms.endpointHost) {
        const port = words[0] as number;
        print.byte(port & 255);
        print.byte(port >>> 8);
      }
      print.close();
    } else if (form === forms.url) {
      let start = 0;
      while (start + 1 < text.length && !(text[start] === 47 && text[start + 1] === 47)) start++;
      const hash = text.indexOf(35);
      print.bytes(form, text, start, hash < 0 ? text.length : hash);
    } else if (words.length > 0) print.words(form, words, 0, words.length);
    else print.bytes(form, text, 0, text.length);
  }

  /** Writes the record, then the slot, its tag last: whoever sees the tag sees the rest. */
  #put(key: MatchKey, form: number, id: number, visibility: number, words: Uint32Array): void {
    const size = 2 + words.length + ((key.text.length + 3) >>> 2);
    this.#room(size);
    this.#fingerprint(key);
    const { print, table } = this.probe;
    const { header, arena, text } = table;
    const record = header[at.arena] as number;
    arena[record] = id;
    arena[record + 1] = form | (visibility << 8) | (key.text.length << 16);
    arena.set(words, record + 2);
    text.set(key.text, (record + 2 + words.length) * 4);
    header[at.arena] = record + size;
    this.#publish(print.lo, print.hi, record);
  }

  #publish(lo: number, hi: number, record: number): void {
    const { tags, slots, filter, header } = this.probe.table;
    const home = this.probe.home(lo);
    const word = filterWord(home);
    filter[word] = (filter[word] as number) | filterBits(hi);
    let i = home;
    while ((tags[i] as number) > 1) if (++i === tags.length) i = 0;
    if (tags[i] === 0) header[at.used] = (header[at.used] as number) + 1;
    slots[i * 3 + 2] = record;
    slots[i * 3] = lo;
    slots[i * 3 + 1] = hi;
    Atomics.store(tags, i, (hi >>> 25) | 128);
    this.probe.slot = i;
  }

  /** Makes sure that one more record of `words` fits, moving to a larger table if it must. */
  #room(words: number): void {
    const { header, tags, arena } = this.probe.table;
    const used = header[at.used] as number;
    const live = (header[at.indicators] as number) + (header[at.markers] as number);
    const full = used + 1 > tags.length * loadAtMost;
    if (!full && (header[at.arena] as number) + words <= arena.length) return;
    const capacity = full ? capacityFor(live + 1) : tags.length;
    this.#move(capacity, Math.max(arena.length, Math.ceil(((header[at.arena] as number) + words) * 1.5)));
  }

  /** Copies what lives into a new table and leaves the old one, as it is, to its readers. */
  #move(capacity: number, arenaWords: number): void {
    const old = this.probe.table;
    const table = newTable(capacity, arenaWords);
    const from = old.header[at.arena] as number;
    table.arena.set(old.arena.subarray(0, from));
    table.header.set(old.header);
    table.blocks.set(old.blocks);
    table.header[at.used] = 0;
    this.probe.use(table);
    for (let i = 0; i < old.tags.length; i++)
      if ((old.tags[i] as number) > 1)
        this.#publish(old.slots[i * 3] as number, old.slots[i * 3 + 1] as number, old.slots[i * 3 + 2] as number);
    this.#slotById = undefined;
    Atomics.store(old.header, at.superseded, 1);
  }

  /** Which of the marker's two counts a form raises. */
  #countOf(form: number): 2 | 3 {
    return form === forms.url ? 3 : 2;
  }

  #markerOf(host: MatchKey): number {
    const { probe } = this;
    this.#fingerprint(host);
    for (let record = probe.first(); record !== 0; record = probe.next())
      if (probe.form(record) === (marker | host.form) && this.#isMarkerOf(record, host)) return record;
    return 0;
  }

  #isMarkerOf(record: number, host: MatchKey): boolean {
    const { probe } = this;
    const { words } = host;
    if (probe.textLength(record) !== host.text.length || !probe.hasWords(record, 2, words, words.length)) return false;
    const { text } = probe.table;
    const from = (record + 4 + words.length) * 4;
    return host.text.every((b, i) => text[from + i] === b);
  }

  #mark(host: MatchKey, form: number): void {
    const count = this.#countOf(form);
    const record = this.#markerOf(host);
    if (record !== 0) {
      Atomics.add(this.probe.arena, record + count, 1);
      return;
    }
    const counts = count === 2 ? [1, 0] : [0, 1];
    this.#put(host, marker | host.form, 0, 0, Uint32Array.of(...counts, ...host.words));
    if (host.form === forms.domain) this.#labelled(at.markedLabels, host.text);
    Atomics.add(this.probe.header, at.markers, 1);
  }

  #unmark(host: MatchKey, form: number): void {
    const record = this.#markerOf(host);
    if (record === 0) return;
    const { arena, tags, header } = this.probe.table;
    Atomics.sub(arena, record + this.#countOf(form), 1);
    if (arena[record + 2] !== 0 || arena[record + 3] !== 0) return;
    Atomics.store(tags, this.probe.slot, 1);
    Atomics.sub(header, at.markers, 1);
  }

  #ids(): MatchIds {
    if (this.#slotById) return this.#slotById;
    const { tags, slots, arena } = this.probe.table;
    const idAt = (slot: number): number => arena[slots[slot * 3 + 2] as number] as number;
    const ids = new MatchIds(this.size, idAt);
    for (let i = 0; i < tags.length; i++) {
      if ((tags[i] as number) <= 1) continue;
      const record = slots[i * 3 + 2] as number;
      if ((this.probe.form(record) & marker) === 0) ids.set(idAt(i), i);
    }
    this.#slotById = ids;
    return ids;
  }
}

const capacityFor = (records: number): number => Math.max(smallest, Math.ceil(records / loadWanted));

/**
 * Builds an index of everything given; ids must be distinct.
 *
 * @param secret       of the deployment; whoever knows it can choose collisions
 * @param capacityHint how many entries to expect; a wrong hint costs moves, not correctness
 * @param wordsHint    how many words of arena; what is not used is only addresses
 */
export const buildMatchIndex = (
  entries: Iterable<MatchEntry>,
  secret: Uint8Array,
  capacityHint = 0,
  wordsHint: number = arenaWordsExpected * Math.max(capacityHint, smallest),
): MatchIndex => {
  const table = newTable(capacityFor(capacityHint), 64 + wordsHint);
  const index = new MatchIndex(fingerprintKey(secret), table);
  for (const { id, observable, visibility } of entries) {
    const key = matchKey(observable);
    if (key) index.insert(key, id, visibility ?? 0);
  }
  return index;
};
