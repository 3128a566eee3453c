import { type Problem, problem } from "#core/result.ts";
import { isObject, type JsonObject } from "./own.ts";
import { numeral, truth } from "./scalar.ts";
import { readUuid } from "./uuid.ts";

/** Longest text of one member, in UTF-16 units; MISP keeps 65,535 bytes. A member `data` is bounded by its body. */
export const longestText = 1_048_576;

/** An optional member that is there, or nothing: for spreading into a value. */
export type Member<K extends string, V> = { readonly [P in K]?: V };

export const member = <K extends string, V>(key: K, value: V | undefined): Member<K, V> =>
  // The one place where a computed key gets its type: TypeScript widens it to every string.
  (value === undefined ? {} : { [key]: value }) as Member<K, V>;

/** Reads the members of one object of a document, and remembers which it read and which were wrong. */
export class Members {
  readonly #object: JsonObject;
  readonly #what: string;
  readonly #at: string;
  readonly #problems: Problem[];
  readonly #read = new Set<string>();

  /** @param at JSON pointer of the object; `problems` is added to */
  constructor(object: JsonObject, what: string, at: string, problems: Problem[]) {
    this.#object = object;
    this.#what = what;
    this.#at = at;
    this.#problems = problems;
  }

  text<K extends string>(key: K): Member<K, string> {
    return this.#member(key, "a text", (value) =>
      typeof value === "string" && value.length <= longestText ? value : undefined,
    );
  }

  /** Base64: as long as its body allows. */
  bulk<K extends string>(key: K): Member<K, string> {
    return this.#member(key, "a text", (value) => (typeof value === "string" ? value : undefined));
  }

  numeral<K extends string>(key: K): Member<K, string> {
    return this.#member(key, "a whole number", numeral);
  }

  truth<K extends string>(key: K): Member<K, boolean> {
    return this.#member(key, "a truth", truth);
  }

  uuid<K extends string>(key: K): Member<K, string> {
    return this.#member(key, "a UUID", readUuid);
  }

  object<K extends string>(key: K): Member<K, JsonObject> {
    return this.#member(key, "an object", (value) => (isObject(value) ? value : undefined));
  }

  /** Read elsewhere: it does not count as unknown. */
  take(key: string): unknown {
    this.#read.add(key);
    return Object.hasOwn(this.#object, key) ? this.#object[key] : undefined;
  }

  /** Members nobody read, and those that were wrong, as they came. */
  more(): Member<"more", JsonObject> {
    const others = Object.entries(this.#object).filter(([key]) => !this.#read.has(key));
    return others.length === 0 ? {} : { more: Object.fromEntries(others) };
  }

  #member<K extends string, V>(key: K, wanted: string, read: (value: unknown) => V | undefined): Member<K, V> {
    if (!Object.hasOwn(this.#object, key)) return {};
    const written = this.#object[key];
    const value = read(written);
    if (value !== undefined) this.#read.add(key);
    else if (!isNothing(written))
      this.#problems.push(problem("WGL_MISP_FIELD", { field: key, what: this.#what, wanted }, `${this.#at}/${key}`));
    return member(key, value);
  }
}

/** MISP writes null, "" or [] for what is not known: no problem, and `more` keeps how it was written. */
const isNothing = (written: unknown): boolean =>
  written === null || written === "" || (Array.isArray(written) && written.length === 0);
