import { type Instant, instant } from "#core/instant.ts";
import { type Observable, observableKinds } from "#core/observable.ts";
import { parseIp } from "#core/ip.ts";
import { observableOf } from "#core/recognise.ts";
import { ok, type Problem, problem, type Result } from "#core/result.ts";

/** 1990: no log that a sensor reads is older, and a clock that says so is broken. */
const earliest = 631_152_000_000;

/**
 * Reads one object that came from outside, field by field. The first thing that is wrong is kept and makes the whole
 * object a problem; what is read after it are values of the right type and no meaning. Fields nobody asks for are not
 * looked at. Only own properties count, so that no key reaches a prototype.
 */
export class LineFields {
  #problem: Problem | undefined;
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #path: string;
  readonly #root: LineFields;
  readonly #latest: number;

  /**
   * @param path how the object is called in a problem: "match", "match.seen"
   * @param latest times after it are refused: milliseconds
   */
  constructor(given: unknown, path: string, latest: number, root?: LineFields) {
    this.#path = path;
    this.#latest = latest;
    this.#root = root ?? this;
    const isObject = typeof given === "object" && given !== null && !Array.isArray(given);
    this.#fields = isObject ? (given as Readonly<Record<string, unknown>>) : {};
    if (!isObject) this.refuse("", given, "an object");
  }

  /** What was read, or the first thing that was wrong. */
  result<T>(value: T): Result<T> {
    const found = this.#root.#problem;
    return found === undefined ? ok(value) : { ok: false, problem: found };
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#fields, name) && this.#fields[name] !== undefined;
  }

  /** Undefined when the field is not there, else what `read` makes of it. */
  maybe<T>(name: string, read: (name: string) => T): T | undefined {
    return this.has(name) ? read(name) : undefined;
  }

  /** @param most UTF-16 units */
  text(name: string, most: number): string {
    const value = this.#get(name);
    if (typeof value === "string" && value.length <= most && value.isWellFormed()) return value;
    this.refuse(name, value, `a text of at most ${most} characters`);
    return "";
  }

  /** A text that a pattern allows. */
  word(name: string, allowed: RegExp, wanted: string): string {
    const value = this.#get(name);
    if (typeof value === "string" && value.length <= 512 && allowed.test(value)) return value;
    this.refuse(name, value, wanted);
    return "";
  }

  whole(name: string, least: number, most: number): number {
    const value = this.#get(name);
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= least && value <= most) return value;
    this.refuse(name, value, `a whole number from ${least} to ${most}`);
    return least;
  }

  number(name: string, least: number, most: number): number {
    const value = this.#get(name);
    if (typeof value === "number" && Number.isFinite(value) && value >= least && value <= most) return value;
    this.refuse(name, value, `a number from ${least} to ${most}`);
    return least;
  }

  flag(name: string): boolean {
    const value = this.#get(name);
    if (typeof value === "boolean") return value;
    this.refuse(name, value, "true or false");
    return false;
  }

  oneOf<const T extends string>(name: string, allowed: readonly [T, ...T[]]): T {
    const value = this.#get(name);
    const known = allowed.find((one) => one === value);
    if (known === undefined) this.refuse(name, value, `one of ${allowed.join(", ")}`);
    return known ?? allowed[0];
  }

  /** Milliseconds since 1970, from 1990 and not after what is `latest` here. */
  time(name: string): Instant {
    const value = this.#get(name);
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= earliest && value <= this.#latest)
      return instant(value);
    this.refuse(name, value, "a time in milliseconds, from 1990 and not of the future");
    return instant(earliest);
  }

  /** "2026-11-19" */
  day(name: string): string {
    const value = this.#get(name);
    const at =
      typeof value === "string" && /^\d{4}-\d\d-\d\d$/.test(value) ? Date.parse(`${value}T00:00:00Z`) : Number.NaN;
    // Date.parse of "2026-02-31" is a number; written again it is another day
    if (
      typeof value === "string" &&
      at >= earliest &&
      at <= this.#latest &&
      new Date(at).toISOString().startsWith(value)
    )
      return value;
    this.refuse(name, value, "a day, from 1990 and not of the future");
    return "1990-01-01";
  }

  /** An address as we write it: a value that has two writings could be counted twice. */
  address(name: string): string {
    const value = this.#get(name);
    const read = typeof value === "string" ? parseIp(value) : undefined;
    if (read?.ok === true && read.value.value === value) return value;
    this.refuse(name, value, "a canonical address");
    return "";
  }

  /** `{kind, value}`, canonical for its kind. */
  observable(name: string): Observable {
    const given = this.inner(name);
    const kind = given.oneOf("kind", observableKinds);
    const value = given.text("value", 8192);
    if (!isCanonical({ kind, value })) given.refuse("value", value, `a canonical ${kind}`);
    return { kind, value };
  }

  /** The object in a field. */
  inner(name: string): LineFields {
    return new LineFields(this.#get(name), this.#at(name), this.#latest, this.#root);
  }

  /** The members of a list, each read as an object. */
  each<T>(name: string, most: number, read: (one: LineFields) => T): readonly T[] {
    return this.#list(name, most).map((one, n) =>
      read(new LineFields(one, `${this.#at(name)}[${n}]`, this.#latest, this.#root)),
    );
  }

  /** A list of short texts. */
  texts(name: string, most: number, longest: number): readonly string[] {
    const list = this.#list(name, most);
    const texts = list.filter((one) => typeof one === "string" && one.length <= longest && one.isWellFormed());
    if (texts.length < list.length) this.refuse(name, "", `texts of at most ${longest} characters`);
    return texts as readonly string[];
  }

  /** Names and numbers: parameters of a sentence. */
  parameters(name: string, most: number): Readonly<Record<string, string | number>> {
    const given = this.#get(name);
    const entries =
      typeof given === "object" && given !== null && !Array.isArray(given) ? Object.entries(given) : undefined;
    const isGood = ([key, value]: readonly [string, unknown]): boolean =>
      /^[a-z][a-zA-Z0-9]{0,31}$/.test(key) &&
      ((typeof value === "number" && Number.isFinite(value)) ||
        (typeof value === "string" && value.length <= 1024 && value.isWellFormed()));
    if (entries !== undefined && entries.length <= most && entries.every(isGood))
      return Object.fromEntries(entries) as Readonly<Record<string, string | number>>;
    this.refuse(name, "", `at most ${most} texts and numbers by name`);
    return {};
  }

  refuse(name: string, value: unknown, wanted: string): void {
    const shown =
      typeof value === "string" ? value : value === undefined ? "nothing" : (JSON.stringify(value) ?? "").slice(0, 200);
    this.#root.#problem ??= problem("WGL_PARCEL_FIELD", { field: this.#at(name), value: shown, wanted });
  }

  #list(name: string, most: number): readonly unknown[] {
    const value = this.#get(name);
    if (Array.isArray(value) && value.length <= most) return value;
    this.refuse(name, Array.isArray(value) ? `${value.length} members` : value, `a list of at most ${most}`);
    return [];
  }

  #get(name: string): unknown {
    return Object.hasOwn(this.#fields, name) ? this.#fields[name] : undefined;
  }

  #at(name: string): string {
    return name === "" ? this.#path : `${this.#path}.${name}`;
  }
}

/** Written as we write it: the same value is then the same text. */
export const isCanonical = ({ kind, value }: Observable): boolean => {
  const read = observableOf(value);
  return read.ok && read.value.kind === kind && read.value.value === value;
};
