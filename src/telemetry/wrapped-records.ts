import { longestLine, longProblem, type OnLine, type OnRefused, type Splitter } from "./lines.ts";

/** Where in the stream the next byte stands: between records, in one, between those of a list, or behind such a list. */
type State = "outside" | "record" | "list" | "tail" | "stray";

const newline = 10;
const quote = 34;
const comma = 44;
const colon = 58;
const openBracket = 91;
const backslash = 92;
const closeBracket = 93;
const openBrace = 123;
const closeBrace = 125;

/**
 * Records that services deliver inside one object, `{"Records":[{…},{…}]}` (CloudTrail), `{"value":[…]}` (Microsoft
 * Graph), `{"items":[…]}` (Kubernetes); and in the same stream records by themselves, a line each, in an array, or over
 * several lines. What else the wrapping object says is passed over. Cut-off records are handed on as they are, so that
 * their reader says what is wrong, and so is text between records; a record that was cut off ends at the latest where a
 * line ends within a text, or where the next line begins with a record.
 */
export class WrappedRecordSplitter implements Splitter {
  lines = 1;
  /** The names of members that hold records. */
  readonly #lists: readonly string[];
  #state: State = "outside";
  /** Braces and brackets that are open within the record, or within the tail of a wrapping object. */
  #depth = 0;
  #inText = false;
  #escaped = false;
  /** The record stands in a wrapping object's list. */
  #wrapped = false;
  /** The last text of a record's own level, and whether a colon came behind it. */
  #name = "";
  #isKey = false;
  /** Nothing came yet on this line; the record began so. */
  #lineStart = true;
  #beganLine = false;
  #began = 0;
  #carry: Uint8Array[] = [];
  #carried = 0;

  constructor(...lists: readonly string[]) {
    this.#lists = lists;
  }

  push(chunk: Uint8Array, onLine: OnLine, onRefused: OnRefused): void {
    let start = this.#state === "record" || this.#state === "stray" ? 0 : -1;
    const begin = (state: State, at: number): void => {
      this.#state = state;
      start = at;
      this.#began = this.lines;
      this.#beganLine = this.#lineStart;
    };
    const finish = (at: number): void => {
      this.#keep(chunk.subarray(start, at));
      start = -1;
      this.#flush(onLine, onRefused);
      this.#state = this.#wrapped ? "list" : "outside";
      this.#depth = 0;
      this.#inText = false;
      this.#escaped = false;
    };
    for (let at = 0; at < chunk.length; at++) {
      const b = chunk[at] as number;
      if (b === newline) {
        // JSON has no line end within a text: the record was cut off.
        if (this.#state === "stray" || (this.#state === "record" && this.#inText)) finish(at);
        this.#inText = false;
        this.lines++;
        this.#lineStart = true;
        continue;
      }
      const first = this.#lineStart;
      this.#step(b, at, first, begin, finish);
      if (this.#state === "list" && start >= 0) start = -1;
      this.#lineStart = false;
    }
    if (start >= 0) this.#keep(chunk.slice(start));
  }

  #step(
    b: number,
    at: number,
    first: boolean,
    begin: (state: State, at: number) => void,
    finish: (at: number) => void,
  ): void {
    if (this.#state === "record" && first && b === openBrace && this.#beganLine && !this.#wrapped) finish(at);
    switch (this.#state) {
      case "stray":
        return;
      case "outside":
      case "list":
        this.#between(b, at, begin);
        return;
      case "record":
      case "tail":
        this.#within(b, at, finish);
        return;
    }
  }

  #between(b: number, at: number, begin: (state: State, at: number) => void): void {
    if (b === openBrace) {
      this.#wrapped = this.#state === "list";
      this.#depth = 1;
      this.#name = "";
      this.#isKey = false;
      begin("record", at);
    } else if (this.#state === "list") {
      if (b !== closeBracket) return;
      this.#state = "tail";
      this.#depth = 1;
      this.#wrapped = false;
    } else if (b > 32 && b !== comma && b !== openBracket && b !== closeBracket) {
      this.#wrapped = false;
      begin("stray", at);
    }
  }

  #within(b: number, at: number, finish: (at: number) => void): void {
    const own = this.#depth === 1 && this.#state === "record" && !this.#wrapped;
    if (this.#inText) {
      if (this.#escaped) this.#escaped = false;
      else if (b === backslash) this.#escaped = true;
      else if (b === quote) this.#inText = false;
      else if (own && this.#name.length <= longestName) this.#name += String.fromCharCode(b);
      return;
    }
    if (b <= 32) return;
    if (b === quote) {
      this.#inText = true;
      this.#name = "";
      this.#isKey = false;
    } else if (b === openBrace || b === openBracket) {
      if (own && b === openBracket && this.#isKey && this.#lists.includes(this.#name)) {
        this.#state = "list";
        this.#drop();
        return;
      }
      this.#depth++;
    } else if ((b === closeBrace || b === closeBracket) && --this.#depth === 0) {
      if (this.#state === "tail") this.#state = "outside";
      else finish(at + 1);
      return;
    }
    if (b !== quote) this.#isKey = b === colon;
  }

  end(onLine: OnLine, onRefused: OnRefused): void {
    if (this.#carried > 0) this.#flush(onLine, onRefused);
  }

  #keep(part: Uint8Array): void {
    this.#carried += part.length;
    if (this.#carried <= longestLine) this.#carry.push(part);
    else this.#carry = [];
  }

  #drop(): void {
    this.#carry = [];
    this.#carried = 0;
  }

  #flush(onLine: OnLine, onRefused: OnRefused): void {
    const record = this.#carry.length === 1 ? (this.#carry[0] as Uint8Array) : Buffer.concat(this.#carry);
    const length = this.#carried;
    this.#drop();
    if (length > longestLine) onRefused(this.#began, longProblem(length));
    else onLine(record, 0, record.at(-1) === 13 ? record.length - 1 : record.length, this.#began);
  }
}

/** Longer than any list's name. */
const longestName = 32;
