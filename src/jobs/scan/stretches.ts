import { headBytes, headOf, cutsAtLines } from "#telemetry/cut.ts";
import type { Format } from "#telemetry/format.ts";
import { longestLine } from "#telemetry/lines.ts";

/** Whole lines of a file, and what stands above them that they are read by. */
export interface FileStretch {
  readonly bytes: Uint8Array;
  readonly heading: readonly string[];
}

/** One line that is longer than any record: it is counted and not read. */
export interface LongLine {
  readonly long: number;
}

/** Bytes of a stretch: some ten thousand records, a hundred milliseconds of work. */
const usualBytes = 4 * 1_048_576;

const newline = 10;

/**
 * Cuts a stream of lines into stretches that may be read apart, each a few MiB, in their order; what is held is one stretch,
 * whatever the stream.
 */
export class StretchCutter {
  readonly #format: Format;
  readonly #atLeast: number;
  #heading: readonly string[] = [];
  #parts: Uint8Array[] = [];
  #held = 0;
  /** Bytes of a line that is too long to be held; 0: none is open. */
  #long = 0;
  readonly #text = new TextDecoder();

  constructor(format: Format, atLeast: number = usualBytes) {
    this.#format = format;
    this.#atLeast = atLeast;
  }

  /** @param chunk kept until its stretch is given out */
  *push(chunk: Uint8Array): Generator<FileStretch | LongLine, void, void> {
    let rest = chunk;
    if (this.#long > 0) {
      const at = rest.indexOf(newline);
      this.#long += at < 0 ? rest.length : at;
      if (at < 0) return;
      yield { long: this.#long };
      this.#long = 0;
      rest = rest.subarray(at + 1);
    }
    this.#parts.push(rest);
    this.#held += rest.length;
    if (this.#held < this.#atLeast) return;
    const whole = joined(this.#parts, this.#held);
    const at = whole.lastIndexOf(newline);
    const tail = whole.subarray(at + 1);
    this.#parts = tail.length === 0 ? [] : [tail];
    this.#held = tail.length;
    if (at >= 0) yield this.#stretch(whole.subarray(0, at + 1));
    // no record is that long, and no memory need be either
    if (this.#held <= longestLine + 1) return;
    this.#long = this.#held;
    this.#parts = [];
    this.#held = 0;
  }

  *end(): Generator<FileStretch | LongLine, void, void> {
    if (this.#long > 0) yield { long: this.#long };
    else if (this.#held > 0) yield this.#stretch(joined(this.#parts, this.#held));
    this.#long = 0;
    this.#parts = [];
    this.#held = 0;
  }

  #stretch(bytes: Uint8Array): FileStretch {
    const heading = this.#heading;
    this.#read(bytes);
    return { bytes, heading };
  }

  /** Follows the lines that say how others are to be read. */
  #read(bytes: Uint8Array): void {
    const { heading } = this.#format;
    if (heading === undefined) return;
    for (let start = 0; start < bytes.length; ) {
      const found = bytes.indexOf(newline, start);
      const end = found < 0 ? bytes.length : found;
      const first = bytes[start];
      if (first !== undefined && heading.begins(first) && end - start <= longestLine)
        this.#heading = heading.after(this.#heading, this.#text.decode(bytes.subarray(start, end)).replace(/\r$/, ""));
      start = end + 1;
    }
  }
}

const joined = (parts: readonly Uint8Array[], length: number): Uint8Array => {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};

/** The format of a stream that can be cut into stretches; undefined: it cannot, or nobody knows it. */
export const cuttableFormat = (head: Uint8Array, formats: readonly Format[]): Format | undefined => {
  const first = headOf(head);
  const format = formats.length === 1 ? formats[0] : formats.find((one) => one.accepts(first));
  return format !== undefined && cutsAtLines(head, format) ? format : undefined;
};

/** The first bytes of a stream, as many as tell its format, and all of it again. */
export const withHead = async (
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<{ readonly head: Uint8Array; readonly chunks: AsyncIterable<Uint8Array> }> => {
  const from = (async function* () {
    yield* chunks;
  })();
  const first: Uint8Array[] = [];
  let length = 0;
  while (length < headBytes) {
    const next = await from.next();
    if (next.done === true) break;
    // handed over to a thread it would be gone
    first.push(next.value);
    length += next.value.length;
  }
  return {
    head: joined(first, length).slice(0, Math.max(headBytes, 0)),
    chunks: (async function* () {
      yield* first;
      yield* from;
    })(),
  };
};
