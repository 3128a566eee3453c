import { isUtf8 } from "node:buffer";
import { no, ok, type Problem, problem, type Result } from "#core/result.ts";
import { JsonScan, Unreadable } from "./json-scan.ts";

/** What a document may cost; whoever takes it from outside may lower it. */
export interface SliceLimits {
  /** Levels of brackets in the whole document; STIX needs 12, an embedded MISP event 20. */
  readonly depth: number;
  /** Bytes of one object; an artifact carries its payload in base64. */
  readonly objectBytes: number;
  /** Objects of one document; Enterprise ATT&CK has 24,771. */
  readonly objects: number;
}

export const sliceLimits: SliceLimits = { depth: 64, objectBytes: 16_777_216, objects: 1_000_000 };

/**
 * One value as its author wrote it: the bytes [start, end) of the document, and lazily what they mean. What is passed on
 * is the slice, so blanks, order, escapes, unknown properties and digits of numbers come out as they came in.
 */
export class Slice {
  readonly start: number;
  readonly end: number;
  /**
   * What `JSON.parse` would hide: WGL_JSON_KEY_TWICE, WGL_JSON_NUMBER (NaN, beyond a double, whole and beyond ±(2^53 − 1)),
   * WGL_JSON_SURROGATE, WGL_JSON_UTF8, WGL_JSON_LARGE; `at` is a JSON pointer inside this value.
   */
  readonly problems: readonly Problem[];
  readonly #bytes: Uint8Array;
  #read: Result<unknown> | undefined;

  constructor(bytes: Uint8Array, start: number, end: number, problems: readonly Problem[]) {
    this.#bytes = bytes;
    this.start = start;
    this.end = end;
    this.problems = problems;
  }

  /** A view of the document's bytes, not a copy. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(this.start, this.end);
  }

  /** As written. */
  get text(): string {
    const { buffer, byteOffset } = this.#bytes;
    return Buffer.from(buffer, byteOffset + this.start, this.end - this.start).toString("utf8");
  }

  /** The value, parsed once; the first of `problems` when there is one. */
  read(): Result<unknown> {
    if (this.#read !== undefined) return this.#read;
    const [first] = this.problems;
    this.#read = first === undefined ? ok(JSON.parse(this.text)) : refuse(first);
    return this.#read;
  }

  /** The value even where `problems` are such that one can be made of it: of equal keys the last, numbers rounded. */
  readLeniently(): Result<unknown> {
    const fatal = this.problems.find(({ code }) => code === "WGL_JSON_LARGE" || code === "WGL_JSON_UTF8");
    if (fatal !== undefined) return refuse(fatal);
    try {
      return ok(JSON.parse(this.text));
    } catch {
      const [first] = this.problems;
      return first === undefined ? no("WGL_JSON_SYNTAX", { offset: this.start, wanted: "a value" }) : refuse(first);
    }
  }
}

const refuse = (why: Problem): Result<never> => ({ ok: false, problem: why });

/** A JSON document cut into its parts. */
export interface Sliced {
  /**
   * `object`: one JSON object that has no list `objects`; it is its own only object.
   * `envelope`: an object with a list `objects` (TAXII envelope, STIX bundle: `members` tells which).
   * `list`: a list at the top.
   */
  readonly kind: "object" | "envelope" | "list";
  readonly objects: readonly Slice[];
  /** The other members of the outermost object, by name: `type`, `id`, `more`, `next`; empty for a list. */
  readonly members: ReadonlyMap<string, Slice>;
  /** Of the outermost level itself, such as a key `objects` that stands twice. Not empty: refuse the document. */
  readonly problems: readonly Problem[];
}

/**
 * Cuts an envelope, bundle, list or single object into the exact bytes of its objects. The grammar of the whole document is
 * checked here, in one pass without making values.
 *
 * @param bytes UTF-8; a byte order mark in front is passed
 * @returns WGL_JSON_SYNTAX (with the byte) | WGL_BODY_DEPTH | WGL_JSON_MANY | WGL_STIX_ENVELOPE (a document that is no object or list)
 * @see RFC 8259; TAXII 2.1 §3.7 Envelope; STIX 2.1 §8 Bundle
 */
export const objectSlices = (bytes: Uint8Array, limits: SliceLimits = sliceLimits): Result<Sliced> => {
  try {
    return new Cutting(bytes, limits).document();
  } catch (error) {
    if (error instanceof Unreadable) return refuse(error.problem);
    throw error;
  }
};

/** Cuts one JSON object into its members, each with its own problems (`{"id": …, "object": …}` of a command line). */
export const memberSlices = (
  bytes: Uint8Array,
  limits: SliceLimits = sliceLimits,
): Result<Pick<Sliced, "members" | "problems">> => {
  try {
    return new Cutting(bytes, limits).members();
  } catch (error) {
    if (error instanceof Unreadable) return refuse(error.problem);
    throw error;
  }
};

class Cutting {
  readonly #bytes: Uint8Array;
  readonly #limits: SliceLimits;
  readonly #scan: JsonScan;
  readonly #utf8: boolean;
  readonly #objects: Slice[] = [];
  readonly #members = new Map<string, Slice>();

  constructor(bytes: Uint8Array, limits: SliceLimits) {
    this.#bytes = bytes;
    this.#limits = limits;
    this.#scan = new JsonScan(bytes, limits.depth);
    this.#utf8 = isUtf8(bytes);
  }

  document(): Result<Sliced> {
    const first = this.#scan.next();
    const start = this.#scan.at;
    if (first === 0x5b) {
      this.#scan.list(1, (_index, level) => this.#object(level));
      this.#scan.end();
      return ok({ kind: "list", objects: this.#objects, members: this.#members, problems: [] });
    }
    if (first !== 0x7b) return no("WGL_STIX_ENVELOPE");
    const { problems, inner, listed, end } = this.#outer(true);
    if (listed) return ok({ kind: "envelope", objects: this.#objects, members: this.#members, problems });
    const whole = this.#slice(start, end, [...problems, ...inner]);
    return ok({ kind: "object", objects: [whole], members: this.#members, problems: [] });
  }

  members(): Result<Pick<Sliced, "members" | "problems">> {
    if (this.#scan.next() !== 0x7b) return no("WGL_JSON_SYNTAX", { offset: this.#scan.at, wanted: "{" });
    const { problems } = this.#outer(false);
    return ok({ members: this.#members, problems });
  }

  /** The outermost object; `inner` are problems of its members with pointers from the outermost. */
  #outer(split: boolean): {
    readonly problems: readonly Problem[];
    readonly inner: readonly Problem[];
    readonly listed: boolean;
    readonly end: number;
  } {
    const scan = this.#scan;
    const problems: Problem[] = [];
    const inner: Problem[] = [];
    let listed = false;
    scan.object(1, (keyStart, keyEnd, level) => {
      // Of the key itself: it stands twice, or holds half a pair
      problems.push(...scan.problems);
      scan.problems = [];
      const key = this.#key(keyStart, keyEnd);
      const first = scan.next();
      if (split && key === "objects" && first === 0x5b) {
        listed = true;
        this.#objects.length = 0;
        scan.list(level, (_index, below) => this.#object(below));
        return;
      }
      const start = scan.at;
      scan.root = level - 1;
      scan.value(level);
      const found = scan.problems;
      scan.problems = [];
      scan.root = 0;
      const pointer = `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
      inner.push(...found.map((one) => ({ ...one, at: `${pointer}${one.at ?? ""}` })));
      this.#members.set(key, this.#slice(start, scan.at, found));
    });
    const end = scan.at;
    scan.end();
    return { problems, inner, listed, end };
  }

  #object(level: number): void {
    if (this.#objects.length >= this.#limits.objects)
      throw new Unreadable(problem("WGL_JSON_MANY", { limit: this.#limits.objects }));
    const scan = this.#scan;
    scan.next();
    const start = scan.at;
    scan.root = level - 1;
    scan.value(level);
    scan.root = 0;
    const found = scan.problems;
    if (found.length > 0) scan.problems = [];
    this.#objects.push(this.#slice(start, scan.at, found));
  }

  #slice(start: number, end: number, found: readonly Problem[]): Slice {
    const problems = found.length > 0 ? [...found] : none;
    if (end - start > this.#limits.objectBytes)
      return new Slice(this.#bytes, start, end, [
        problem("WGL_JSON_LARGE", { length: end - start, limit: this.#limits.objectBytes }),
        ...problems,
      ]);
    if (!this.#utf8 && !isUtf8(this.#bytes.subarray(start, end)))
      return new Slice(this.#bytes, start, end, [problem("WGL_JSON_UTF8"), ...problems]);
    return new Slice(this.#bytes, start, end, problems);
  }

  #key(start: number, end: number): string {
    return String(JSON.parse(`"${new Slice(this.#bytes, start, end, none).text}"`));
  }
}

const none: readonly Problem[] = [];
