import type { Format } from "./format.ts";
import { isJsonOverLines, JsonSplitter } from "./json-values.ts";
import { LineSplitter, type OnLine, type OnRefused, type Splitter } from "./lines.ts";

/** Bytes a format is told from; what `Format.accepts` is promised at most. */
export const headBytes = 4096;

/**
 * The first bytes of a stream as formats know text: UTF-8 without a byte order mark. Windows writes logs as UTF-16.
 *
 * @param bytes as the stream begins, any length
 */
export const headOf = (bytes: Uint8Array): Uint8Array => {
  const { mark, encoding } = encodingOf(bytes);
  if (encoding === undefined) return bytes.subarray(mark, mark + headBytes);
  // Two bytes a character at least; an odd one at the end is half a character.
  const text = new TextDecoder(encoding).decode(bytes.subarray(mark, mark + headBytes), { stream: true });
  return new TextEncoder().encode(text).subarray(0, headBytes);
};

/**
 * What cuts a stream of `format` into the records its reader is given: the format's own splitter, else JSON values where
 * the head looks like JSON over lines, else lines. The records are UTF-8 whatever the stream is; a byte order mark at its
 * beginning is no part of the first.
 *
 * @param bytes the stream's beginning, not consumed: it is to be pushed all the same
 */
export const splitterFor = (bytes: Uint8Array, format: Format): Splitter => {
  const { mark, encoding } = encodingOf(bytes);
  const splitter = format.split?.() ?? (isJsonOverLines(headOf(bytes)) ? new JsonSplitter() : new LineSplitter());
  if (encoding !== undefined) return new Decoded(splitter, mark, encoding);
  return mark > 0 ? new Decoded(splitter, mark, undefined) : splitter;
};

/**
 * Whether a stream of `format` may be cut at the ends of its lines, each stretch read apart: its records are lines, and its
 * bytes are UTF-8.
 *
 * @param bytes the stream's beginning
 */
export const cutsAtLines = (bytes: Uint8Array, format: Format): boolean => {
  const { mark, encoding } = encodingOf(bytes);
  return mark === 0 && encoding === undefined && format.split === undefined && !isJsonOverLines(headOf(bytes));
};

type Encoding = "utf-16le" | "utf-16be";

/**
 * By the byte order mark (Unicode 23.8); without one, UTF-16 shows by the zeros beside the first two characters, which
 * in any log are ASCII.
 */
const encodingOf = (b: Uint8Array): { readonly mark: number; readonly encoding: Encoding | undefined } => {
  if (b[0] === 0xff && b[1] === 0xfe) return { mark: 2, encoding: "utf-16le" };
  if (b[0] === 0xfe && b[1] === 0xff) return { mark: 2, encoding: "utf-16be" };
  if (b[0] === 0xef && b[1] === 0xbb && b[2] === 0xbf) return { mark: 3, encoding: undefined };
  if (isText(b[0]) && b[1] === 0 && isText(b[2]) && b[3] === 0) return { mark: 0, encoding: "utf-16le" };
  if (b[0] === 0 && isText(b[1]) && b[2] === 0 && isText(b[3])) return { mark: 0, encoding: "utf-16be" };
  return { mark: 0, encoding: undefined };
};

const isText = (byte: number | undefined): boolean =>
  byte !== undefined && ((byte >= 0x20 && byte < 0x7f) || byte === 9 || byte === 10 || byte === 13);

/** Hands a stream on without its mark, and as UTF-8; characters that lie across two chunks are whole again. */
class Decoded implements Splitter {
  readonly #to: Splitter;
  readonly #decoder: InstanceType<typeof TextDecoder> | undefined;
  readonly #encoder = new TextEncoder();
  /** Bytes of the mark that are still to come. */
  #mark: number;

  constructor(to: Splitter, mark: number, encoding: Encoding | undefined) {
    this.#to = to;
    this.#mark = mark;
    this.#decoder = encoding === undefined ? undefined : new TextDecoder(encoding, { ignoreBOM: true });
  }

  get lines(): number {
    return this.#to.lines;
  }

  push(chunk: Uint8Array, onLine: OnLine, onRefused: OnRefused): void {
    const rest = chunk.subarray(Math.min(this.#mark, chunk.length));
    this.#mark -= chunk.length - rest.length;
    if (rest.length === 0) return;
    const bytes = this.#decoder ? this.#encoder.encode(this.#decoder.decode(rest, { stream: true })) : rest;
    if (bytes.length > 0) this.#to.push(bytes, onLine, onRefused);
  }

  end(onLine: OnLine, onRefused: OnRefused): void {
    const last = this.#decoder?.decode() ?? "";
    if (last !== "") this.#to.push(this.#encoder.encode(last), onLine, onRefused);
    this.#to.end(onLine, onRefused);
  }
}
