import { problem, type Problem } from "#core/result.ts";

/** Bytes of one record, newline and carriage return off. `line` counts from 1, and is where the record begins. */
export type OnLine = (buffer: Uint8Array, start: number, end: number, line: number) => void;
/** A record that is too long to be read. */
export type OnRefused = (line: number, problem: Problem) => void;

/** Cuts a stream of chunks into records. Bytes given to `onLine` are only lent, until it returns. */
export interface Splitter {
  readonly push: (chunk: Uint8Array, onLine: OnLine, onRefused: OnRefused) => void;
  /** The stream is over: what stands after the last newline is the last record. */
  readonly end: (onLine: OnLine, onRefused: OnRefused) => void;
  /** Lines begun so far. */
  readonly lines: number;
}

/**
 * 1 MiB. Real records reach some 100 KiB (EVE `stats`, alerts with payload and packet); a longer one is a mistake or an
 * attack on our memory, and it is counted, not kept.
 */
export const longestLine: number = 1 << 20;

const newline = 10;
const carriageReturn = 13;

export const longProblem = (length: number): Problem => problem("WGL_LINE_LONG", { length, limit: longestLine });

/** One record a line. Chunks are not copied but for the line that lies across two of them. */
export class LineSplitter implements Splitter {
  lines = 0;
  /** The beginning of a line whose end has not come yet, at most `longestLine`; and how long it is in truth. */
  #carry: Uint8Array[] = [];
  #carried = 0;

  push(chunk: Uint8Array, onLine: OnLine, onRefused: OnRefused): void {
    let start = 0;
    if (this.#carried > 0) {
      const at = chunk.indexOf(newline);
      this.#keep(at < 0 ? chunk : chunk.subarray(0, at));
      if (at < 0) return;
      this.#flush(onLine, onRefused);
      start = at + 1;
    }
    // A Buffer's search looks at many bytes at once, a typed array's at one: a tenth of what a line costs.
    const searched = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (;;) {
      const at = searched.indexOf(newline, start);
      if (at < 0) break;
      this.lines++;
      if (at - start > longestLine) onRefused(this.lines, longProblem(at - start));
      else onLine(chunk, start, chunk[at - 1] === carriageReturn && at > start ? at - 1 : at, this.lines);
      start = at + 1;
    }
    if (start < chunk.length) this.#keep(chunk.slice(start));
  }

  end(onLine: OnLine, onRefused: OnRefused): void {
    if (this.#carried > 0) this.#flush(onLine, onRefused);
  }

  #keep(part: Uint8Array): void {
    this.#carried += part.length;
    if (this.#carried <= longestLine + 1) this.#carry.push(part);
    else this.#carry = [];
  }

  #flush(onLine: OnLine, onRefused: OnRefused): void {
    const line = this.#carry.length === 1 ? (this.#carry[0] as Uint8Array) : joined(this.#carry);
    const length = this.#carried;
    this.#carry = [];
    this.#carried = 0;
    this.lines++;
    if (length > longestLine) onRefused(this.lines, longProblem(length));
    else onLine(line, 0, line.at(-1) === carriageReturn ? line.length - 1 : line.length, this.lines);
  }
}

const joined = (parts: readonly Uint8Array[]): Uint8Array => {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};
