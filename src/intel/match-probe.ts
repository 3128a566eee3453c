import { Fingerprint } from "./fingerprint.ts";
import { filterBits, filterWord } from "./match-filter.ts";
import { found, type OnFound } from "./match-found.ts";
import { at, type MatchTable } from "./match-table.ts";

/** Filters up to here are asked at once: a core's second cache has one or two megabytes, and gathering costs a tenth. */
const nearBytes = 2 << 20;

/** Questions that are gathered before they are put to the filter. */
const gatheredAtMost = 1024;
/** More than one value asks: a name of 255 bytes has 128 labels, an address 128 networks, a path 65 beginnings. */
const spare = 512;

/**
 * Looks one value up in a match table: its fingerprint is made with `print`, then `first` and `next` give the records
 * under it, and the record's value is compared. One object is one thread's own; it allocates nothing.
 */
export class MatchProbe {
  readonly print: Fingerprint;
  /** Where the last record found stands. */
  slot = 0;
  table: MatchTable;
  header: Int32Array;
  arena: Uint32Array;
  #tags: Uint8Array;
  #slots: Int32Array;
  #filter: Int32Array;
  #text: Uint8Array;
  /** Slots a step of a fingerprint's lower half. */
  #scale: number;
  #gathering = false;
  #gathered = 0;
  #value = 0;
  /** Of each: word of the filter, bits, value. */
  readonly #questions = new Int32Array(gatheredAtMost * 3);

  constructor(key: Uint8Array, table: MatchTable) {
    this.print = new Fingerprint(key);
    this.table = table;
    this.header = table.header;
    this.arena = table.arena;
    this.#tags = table.tags;
    this.#slots = table.slots;
    this.#filter = table.filter;
    this.#text = table.text;
    this.#scale = table.tags.length / 2 ** 32;
  }

  /** Follows a writer that has moved. */
  use(table: MatchTable): void {
    this.table = table;
    this.header = table.header;
    this.arena = table.arena;
    this.#tags = table.tags;
    this.#slots = table.slots;
    this.#filter = table.filter;
    this.#text = table.text;
    this.#scale = table.tags.length / 2 ** 32;
  }

  /** Where a fingerprint would like to stand. */
  home(lo: number): number {
    return ((lo >>> 0) * this.#scale) >>> 0;
  }

  /** First record under the fingerprint, 0 for none. */
  first(): number {
    const { lo, hi } = this.print;
    const home = this.home(lo);
    const bits = filterBits(hi);
    if (this.#gathering) return this.#gather(filterWord(home), bits);
    if (((this.#filter[filterWord(home)] as number) & bits) !== bits) return 0;
    return this.#walk(home);
  }

  /**
   * From here to `possible` every `first` finds nothing, and its question is only noted, as one of value number `value`
   * (any number of the caller's; it may be called again for the next value). Asked together, the words of the filter
   * come from memory side by side, where one after the other would wait for each.
   */
  gather(value: number): void {
    this.#gathering = true;
    this.#value = value;
  }

  /** True when the filter is so large that most of it stands in memory, not in a core's cache. */
  get far(): boolean {
    return this.#filter.byteLength > nearBytes;
  }

  /** True when no more than a few questions still fit: time for `possible`. */
  get full(): boolean {
    return this.#gathered > gatheredAtMost - spare;
  }

  /**
   * Ends gathering, and forgets what was gathered.
   *
   * @param values gets the numbers of the values that may be listed, each once, in order
   * @returns how many there are
   */
  possible(values: Int32Array): number {
    this.#gathering = false;
    const gathered = this.#gathered;
    this.#gathered = 0;
    const filter = this.#filter;
    const questions = this.#questions;
    let count = 0;
    let last = -1;
    for (let i = 0; i < 3 * gathered; i += 3) {
      const bits = questions[i + 1] as number;
      if (((filter[questions[i] as number] as number) & bits) !== bits) continue;
      const value = questions[i + 2] as number;
      if (value === last) continue;
      last = value;
      values[count++] = value;
    }
    return count;
  }

  #gather(word: number, bits: number): 0 {
    const at = 3 * this.#gathered++;
    const questions = this.#questions;
    questions[at] = word;
    questions[at + 1] = bits;
    questions[at + 2] = this.#value;
    return 0;
  }

  /** The next record under the same fingerprint, 0 for none. */
  next(): number {
    return this.#walk(this.slot + 1);
  }

  #walk(from: number): number {
    const tags = this.#tags;
    const slots = this.#slots;
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

  /** Records of a form. */
  count(form: number): number {
    return this.header[at.forms + form] as number;
  }

  form(record: number): number {
    return (this.arena[record + 1] as number) & 0xff;
  }

  /** Bytes of text of a record. */
  textLength(record: number): number {
    return (this.arena[record + 1] as number) >>> 16;
  }

  /** The record's words, `skip` of them passed over, are the first `count` of `words`. */
  hasWords(record: number, skip: number, words: Uint32Array, count: number): boolean {
    const from = record + 2 + skip;
    for (let i = 0; i < count; i++) if (this.arena[from + i] !== words[i]) return false;
    return true;
  }

  /** The record's text, behind `words` words, is these bytes in lower case. */
  isName(record: number, words: number, buffer: Uint8Array, start: number, end: number): boolean {
    if (this.textLength(record) !== end - start) return false;
    const text = this.#text;
    const from = (record + 2 + words) * 4 - start;
    for (let i = start; i < end; i++) {
      const b = buffer[i] as number;
      if (text[from + i] !== (b >= 65 && b <= 90 ? b | 32 : b)) return false;
    }
    return true;
  }

  /** Reports the records of a form whose words are these. */
  wordsFound(form: number, words: Uint32Array, count: number, onFound: OnFound): void {
    this.print.words(form, words, 0, count);
    for (let record = this.first(); record !== 0; record = this.next())
      if (this.form(record) === form && this.hasWords(record, 0, words, count)) onFound(record, found.listed);
  }

  /** Reports the records of a form without words whose text is exactly these bytes; they are what `print` has read. */
  textFound(form: number, buffer: Uint8Array, start: number, end: number, onFound: OnFound): void {
    const text = this.#text;
    for (let record = this.first(); record !== 0; record = this.next()) {
      if (this.form(record) !== form || this.textLength(record) !== end - start) continue;
      const from = (record + 2) * 4 - start;
      let i = start;
      while (i < end && text[from + i] === buffer[i]) i++;
      if (i === end) onFound(record, found.listed);
    }
  }
}
