import type { Problem } from "#core/result.ts";
import { found, type OnFound } from "#intel/match-found.ts";
import type { MatchReader } from "#intel/match-reader.ts";
import { type Reader, type Scanned, type Sink, wheres } from "#telemetry/format.ts";
import { matchRecord, type RawMatch } from "./match.ts";
import type { Networks } from "#detect/networks.ts";

/** What a line gave: matches, or the reason it could not be read. */
export interface LineResult {
  readonly matches: readonly RawMatch[];
  readonly problem?: Problem;
}

const nothing: LineResult = Object.freeze({ matches: [] });

/** Values of a line that are asked together. */
const valuesAtMost = 256;
/** What is kept of each: kind, start, end, where, port. */
const perValue = 5;

/**
 * Matches lines of one stream as bytes. The format's scanner reports every value of a line; of a table larger than a
 * core's cache they are asked together. Only when one of them is listed, and verified against the arena, is the line
 * parsed, and `matchRecord` alone decides. So the result is that of parsing every line (a property test holds it to
 * that), but for one thing: a line that nothing listed stands in is not checked beyond what its scanner checks.
 */
export class LineMatcher {
  readonly #reader: Reader;
  readonly #own: Networks;
  #index: MatchReader;
  #buffer: Uint8Array = new Uint8Array(0);
  readonly #asked: boolean | undefined;
  #together: boolean;
  #wanted = false;
  #count = 0;
  readonly #values = new Int32Array(valuesAtMost * perValue);
  readonly #possible = new Int32Array(valuesAtMost);
  readonly #sink: Sink;
  readonly #onFound: OnFound;
  readonly #text = new TextDecoder();
  #where = 0;

  /** @param together whether the values of a line are asked together; absent: what the index's size makes cheaper */
  constructor(reader: Reader, index: MatchReader, own: Networks, together?: boolean) {
    this.#reader = reader;
    this.#index = index;
    this.#own = own;
    this.#asked = together;
    this.#together = together ?? index.far;
    // Made once: a closure per line would cost more than the line.
    this.#onFound = (_record, how) => {
      if (how !== found.url || urlWheres[this.#where] === 1) this.#wanted = true;
    };
    this.#sink = {
      value: (kind, start, end, where, port) => {
        if (this.#wanted) return;
        if (!this.#together) {
          this.#where = where;
          if (!this.#index.scanValue(this.#buffer, start, end, kind, port, this.#onFound)) this.#wanted = true;
          return;
        }
        if (this.#count === valuesAtMost || this.#index.full) this.#settle();
        const value = this.#count++;
        const values = this.#values;
        const at = value * perValue;
        values[at] = kind;
        values[at + 1] = start;
        values[at + 2] = end;
        values[at + 3] = where;
        values[at + 4] = port;
        if (!this.#index.gather(value, this.#buffer, start, end, kind, port)) this.#wanted = true;
      },
      slow: () => {
        this.#wanted = true;
      },
    };
  }

  /** Follows the index to a new table, at a line's boundary. */
  use(index: MatchReader): void {
    this.#index = index;
    this.#together = this.#asked ?? index.far;
  }

  line(buffer: Uint8Array, start: number, end: number): LineResult {
    if (this.#reader.scan) {
      this.#wanted = false;
      this.#buffer = buffer;
      this.#reader.scan(buffer, start, end, this.#sink);
      this.#settle();
      if (!this.#wanted) return nothing;
    }
    const read = this.#reader.parse(this.#text.decode(buffer.subarray(start, end)));
    if (read === undefined) return nothing;
    return read.ok
      ? { matches: matchRecord(read.value, this.#index, this.#own) }
      : { matches: [], problem: read.problem };
  }

  /** Looks up those of the values so far that may be listed. */
  #settle(): void {
    if (this.#count === 0) return;
    this.#count = 0;
    const values = this.#values;
    const count = this.#index.possible(this.#possible);
    for (let i = 0; i < count && !this.#wanted; i++) {
      const at = (this.#possible[i] as number) * perValue;
      const kind = values[at] as Scanned;
      const [start, end] = [values[at + 1] as number, values[at + 2] as number];
      this.#where = values[at + 3] as number;
      if (!this.#index.scanValue(this.#buffer, start, end, kind, values[at + 4] as number, this.#onFound))
        this.#wanted = true;
    }
  }
}

/** Places whose host may be the host of a listed URL. */
const urlWheres = new Uint8Array(wheres.length);
for (const where of ["http-host", "http-url", "http-referrer"] as const) urlWheres[wheres.indexOf(where)] = 1;
