import { longestLine, longProblem, type OnLine, type OnRefused, type Splitter } from "./lines.ts";

/**
 * JSON that is not a record a line: an array of objects, or objects written over several lines (`jq` without `-c`). Each
 * object at the top, or in the outermost array, is one record; its line is where it begins. What stands between objects
 * is not looked at; what never closes is handed on as it is, so that its reader says what is wrong.
 */
export class JsonSplitter implements Splitter {
  lines = 1;
  #depth = 0;
  #inText = false;
  #escaped = false;
  #began = 0;
  #carry: Uint8Array[] = [];
  #carried = 0;

  push(chunk: Uint8Array, onLine: OnLine, onRefused: OnRefused): void {
    let start = this.#depth > 0 ? 0 : -1;
    for (let at = 0; at < chunk.length; at++) {
      const b = chunk[at] as number;
      if (b === 10) this.lines++;
      if (this.#inText) {
        if (this.#escaped) this.#escaped = false;
        else if (b === 92) this.#escaped = true;
        else if (b === 34) this.#inText = false;
        continue;
      }
      if (b === 34) this.#inText = this.#depth > 0;
      else if (b === 123) {
        if (this.#depth++ === 0) {
          start = at;
          this.#began = this.lines;
        }
      } else if (b === 125 && this.#depth > 0 && --this.#depth === 0) {
        this.#keep(chunk.subarray(start, at + 1));
        start = -1;
        this.#flush(onLine, onRefused);
      }
    }
    if (start >= 0) this.#keep(chunk.slice(start));
  }

  end(onLine: OnLine, onRefused: OnRefused): void {
    if (this.#carried > 0) this.#flush(onLine, onRefused);
  }

  #keep(part: Uint8Array): void {
    this.#carried += part.length;
    if (this.#carried <= longestLine) this.#carry.push(part);
    else this.#carry = [];
  }

  #flush(onLine: OnLine, onRefused: OnRefused): void {
    const record = this.#carry.length === 1 ? (this.#carry[0] as Uint8Array) : Buffer.concat(this.#carry);
    const length = this.#carried;
    this.#carry = [];
    this.#carried = 0;
    if (length > longestLine) onRefused(this.#began, longProblem(length));
    else onLine(record, 0, record.length, this.#began);
  }
}

/** True when the first bytes of a stream are an array, or an object that goes on below its first line. */
export const isJsonOverLines = (head: Uint8Array): boolean =>
  /^\s*(?:\[\s*\{|\{\s*[\r\n])/.test(new TextDecoder().decode(head));
