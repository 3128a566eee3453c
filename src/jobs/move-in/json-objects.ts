import { problem, type Problem } from "#core/result.ts";

/** The bytes of one object of a document, or why it cannot be read. */
export type ObjectBytes =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly problem: Problem };

/** Bytes of one object: an artifact carries its payload in base64. */
const largestObject = 16_777_216;

/**
 * The objects of a STIX bundle of any size, one after the other, in memory of the largest of them: what stands in the list
 * `objects` of the outermost object, or in a list at the top; several documents may follow each other. Only brackets and texts are told apart here; whether
 * an object is right JSON is for who reads it.
 *
 * @see STIX 2.1 §8 Bundle
 */
export async function* objectsOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<ObjectBytes, void, undefined> {
  const cutter = new Cutter();
  for await (const chunk of chunks) yield* cutter.feed(chunk);
  yield* cutter.end();
}

const [quote, backslash, open, close, list, endOfList] = [0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d];

class Cutter {
  /** Open brackets, outermost first: "{" or "[". */
  #depth = 0;
  #inText = false;
  #escaped = false;
  /** Depth at which an object is one of those wanted; unknown until the outermost value shows what it is. */
  #level = -1;
  /** Bytes of the object under way that came in earlier chunks. */
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #inObject = false;
  #tooLarge = false;
  /** Of the outermost object: the last text at depth 1, which may be the name of a member. */
  #name = "";
  #naming = false;
  #nameBytes: number[] = [];

  *feed(chunk: Uint8Array): Generator<ObjectBytes, void, undefined> {
    let start = this.#inObject ? 0 : -1;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] ?? 0;
      if (this.#inText) {
        if (this.#naming && this.#nameBytes.length < 32) this.#nameBytes.push(byte);
        if (this.#escaped) this.#escaped = false;
        else if (byte === backslash) this.#escaped = true;
        else if (byte === quote) {
          this.#inText = false;
          if (this.#naming) this.#name = Buffer.from(this.#nameBytes.slice(0, -1)).toString("latin1");
          this.#naming = false;
        }
        continue;
      }
      if (byte === quote) {
        this.#inText = true;
        this.#naming = this.#depth === 1 && !this.#inObject;
        this.#nameBytes = [];
      } else if (byte === open || byte === list) {
        this.#depth++;
        if (!this.#inObject && byte === list && this.#opensList()) this.#level = this.#depth + 1;
        if (!this.#inObject && byte === open && this.#depth === this.#level) {
          this.#inObject = true;
          start = at;
        }
      } else if (byte === close || byte === endOfList) {
        if (this.#inObject && this.#depth === this.#level) {
          yield this.#whole(chunk.subarray(start, at + 1));
          start = -1;
        }
        this.#depth--;
        if (byte === endOfList && this.#depth + 2 === this.#level) this.#level = -1;
      }
    }
    if (start >= 0) this.#hold(chunk.subarray(start));
  }

  *end(): Generator<ObjectBytes, void, undefined> {
    if (this.#depth !== 0 || this.#inText)
      yield { ok: false, problem: problem("WGL_JSON_SYNTAX", { offset: "the end", wanted: "the document's end" }) };
  }

  /** A list at the top, or the list `objects` of the outermost object. */
  #opensList(): boolean {
    return this.#depth === 1 || (this.#depth === 2 && this.#name === "objects");
  }

  #hold(bytes: Uint8Array): void {
    this.#heldBytes += bytes.length;
    if (this.#heldBytes > largestObject) {
      this.#tooLarge = true;
      this.#held = [];
    }
    // the reader may use its buffer again
    if (!this.#tooLarge) this.#held.push(Uint8Array.from(bytes));
  }

  #whole(last: Uint8Array): ObjectBytes {
    const length = this.#heldBytes + last.length;
    const bytes = this.#tooLarge ? undefined : Buffer.concat([...this.#held, last]);
    this.#held = [];
    this.#heldBytes = 0;
    this.#inObject = false;
    this.#tooLarge = false;
    return bytes === undefined || length > largestObject
      ? { ok: false, problem: problem("WGL_JSON_LARGE", { length, limit: largestObject }) }
      : { ok: true, bytes };
  }
}
