import type { Problem } from "#core/result.ts";
import { found, type MatchReader, type OnFound } from "#intel/match-reader.ts";
import { type Reader, type Sink, wheres } from "#telemetry/format.ts";
import { matchRecord, type RawMatch } from "./match.ts";
import type { Networks } from "#detect/networks.ts";

/** What a line gave: matches, or the reason it could not be read. */
export interface LineResult {
  readonly matches: readonly RawMatch[];
  readonly problem?: Problem;
}

const nothing: LineResult = Object.freeze({ matches: [] });

/**
 * Matches lines of one stream as bytes. The format's scanner reports every value of a line; only when one of them is
 * listed, and verified against the arena, is the line parsed, and `matchRecord` alone decides. So the result is that of
 * parsing every line (a property test holds it to that), but for one thing: a line that nothing listed stands in is not
 * checked beyond what its scanner checks.
 */
export class LineMatcher {
  readonly #reader: Reader;
  readonly #own: Networks;
  #index: MatchReader;
  #wanted = false;
  readonly #sink: Sink;
  readonly #text = new TextDecoder();

  constructor(reader: Reader, index: MatchReader, own: Networks) {
    this.#reader = reader;
    this.#index = index;
    this.#own = own;
    let where = 0;
    // Made once: a closure per line would cost more than the line.
    const onFound: OnFound = (_record, how) => {
      if (how !== found.url || urlWheres[where] === 1) this.#wanted = true;
    };
    this.#sink = {
      value: (kind, start, end, at, port) => {
        if (this.#wanted) return;
        where = at;
        if (!this.#index.scanValue(this.#buffer, start, end, kind, port, onFound)) this.#wanted = true;
      },
      slow: () => {
        this.#wanted = true;
      },
    };
  }

  #buffer: Uint8Array = new Uint8Array(0);

  /** Follows the index to a new table, at a line's boundary. */
  use(index: MatchReader): void {
    this.#index = index;
  }

  line(buffer: Uint8Array, start: number, end: number): LineResult {
    if (this.#reader.scan) {
      this.#wanted = false;
      this.#buffer = buffer;
      this.#reader.scan(buffer, start, end, this.#sink);
      if (!this.#wanted) return nothing;
    }
    const read = this.#reader.parse(this.#text.decode(buffer.subarray(start, end)));
    if (read === undefined) return nothing;
    return read.ok
      ? { matches: matchRecord(read.value, this.#index, this.#own) }
      : { matches: [], problem: read.problem };
  }
}

/** Places whose host may be the host of a listed URL. */
const urlWheres = new Uint8Array(wheres.length);
for (const where of ["http-host", "http-url", "http-referrer"] as const) urlWheres[wheres.indexOf(where)] = 1;
