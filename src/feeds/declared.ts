import { type ObservableKind, observableKinds } from "#core/observable.ts";
import { type Problem, problem, type Result } from "#core/result.ts";
import { isRsitType, type RsitType, rsitTypes } from "#core/rsit.ts";
import { type SafeRegex, safeRegex } from "#core/safe-regex.ts";
import type { Mapping } from "./fields.ts";
import { type ReadTime, timeReader } from "./time-format.ts";

/** What an operator says of a source's shape: `map:` of an entry of `feeds:`, every value a text. */
export type Declaration = Readonly<Record<string, string>>;

/** What `map:` may say of any source that has named fields. */
export const mappingKeys = {
  value:
    "fields that may hold the value, best first; `name?` may be missing or unreadable, `http://{host}{path}` is put together",
  also: "fields whose values are indicators of their own",
  seenAt: "fields that say when it was seen, best first",
  validUntil: "the field that says until when it holds",
  labels: "fields that name it, the malware family first",
  split: 'what stands between several labels in one field; "json" for a JSON list',
  time: "how times are written: auto, epoch, epoch-ms, windows-nt, or a pattern such as DD.MM.YYYY HH:mm",
  kinds: "kinds of values the list has; others are refused",
  scheme: "http or https, put before URLs that are written without one",
  empty: "texts that say nothing, such as - or n/a",
  type: "the field that says what kind of trouble the row is about",
  types: "what its words mean, `spamming=spam, c&c=c2-server` in RSIT types",
  "pick.FIELD": "an RE2 expression: what of that field's text is meant, its first group or all it finds",
} as const;

/** Reads a declaration key by key and tells each problem with its key. */
export class Declared {
  readonly problems: Problem[] = [];
  readonly #said: Declaration;

  constructor(said: Declaration, known: readonly string[]) {
    this.#said = said;
    for (const key of Object.keys(said))
      if (!known.includes(key) && !/^pick\.[^.]/.test(key))
        this.problems.push(problem("WGL_CONFIG_KEY", { key: `map.${key}`, wanted: known.join(", ") }));
  }

  text(key: string): string | undefined {
    const said = Object.hasOwn(this.#said, key) ? this.#said[key] : undefined;
    return said === undefined || said === "" ? undefined : said;
  }

  /** A list of names with commas between; those inside brackets or braces belong to a name. */
  list(key: string): readonly string[] | undefined {
    const said = this.text(key);
    if (said === undefined) return undefined;
    return said.split(/,(?![^[\]]*\])(?![^{}]*\})/).map((name) => name.trim());
  }

  needs(key: string): readonly string[] {
    const said = this.list(key);
    if (said === undefined) this.problems.push(problem("WGL_CONFIG_NEEDS", { key: "map", other: `map.${key}` }));
    return said ?? [];
  }

  whole(key: string): number | undefined {
    const said = this.text(key);
    if (said === undefined) return undefined;
    if (/^\d{1,6}$/.test(said)) return Number(said);
    return this.wrong(key, said, "a whole number");
  }

  flag(key: string): boolean {
    const said = this.text(key);
    if (said !== undefined && said !== "true" && said !== "false") this.wrong(key, said, "true or false");
    return said === "true";
  }

  oneOf<const T extends string>(key: string, known: readonly T[]): T | undefined {
    const said = this.text(key);
    const found = known.find((one) => one === said);
    return said === undefined || found !== undefined ? found : this.wrong(key, said, known.join(", "));
  }

  wrong(key: string, value: string, wanted: string): undefined {
    this.problems.push(problem("WGL_CONFIG_VALUE", { key: `map.${key}`, value, wanted }));
    return undefined;
  }

  /** What was read, unless something was wrong with it. */
  result<T>(value: T): Result<T, readonly Problem[]> {
    return this.problems.length === 0 ? { ok: true, value } : { ok: false, problem: this.problems };
  }

  mapping(): Mapping {
    const [also, seenAt, labels] = [this.list("also"), this.list("seenAt"), this.list("labels")];
    const [validUntil, split, empty] = [this.text("validUntil"), this.text("split"), this.list("empty")];
    const [time, kinds, type] = [this.#time(), this.#kinds(), this.#type()];
    const scheme = this.oneOf("scheme", ["http", "https"]);
    const pick = this.#picks();
    return {
      value: this.needs("value"),
      ...(also === undefined ? {} : { also }),
      ...(seenAt === undefined ? {} : { seenAt }),
      ...(validUntil === undefined ? {} : { validUntil }),
      ...(labels === undefined ? {} : { labels }),
      ...(split === undefined ? {} : { split }),
      ...(time === undefined ? {} : { time }),
      ...(kinds === undefined ? {} : { kinds }),
      ...(type === undefined ? {} : { type }),
      ...(scheme === undefined ? {} : { scheme }),
      ...(empty === undefined ? {} : { empty }),
      ...(pick === undefined ? {} : { pick }),
    };
  }

  #time(): ReadTime | undefined {
    const said = this.text("time");
    if (said === undefined) return undefined;
    const read = timeReader(said);
    return read ?? this.wrong("time", said, "auto, epoch, epoch-ms, windows-nt, or a pattern with YYYY, MM and DD");
  }

  #kinds(): readonly ObservableKind[] | undefined {
    const said = this.list("kinds");
    return said?.flatMap((name) => {
      const found = observableKinds.find((kind) => kind === name);
      if (found === undefined) this.wrong("kinds", name, observableKinds.join(", "));
      return found === undefined ? [] : [found];
    });
  }

  #type(): Mapping["type"] | undefined {
    const field = this.text("type");
    if (field === undefined) return undefined;
    const meanings = new Map<string, RsitType>();
    for (const pair of this.list("types") ?? []) {
      const at = pair.lastIndexOf("=");
      const type = rsitType(pair.slice(at + 1).trim());
      if (at < 1 || type === undefined)
        this.wrong("types", pair, `a word, = and one of ${Object.keys(rsitTypes).join(", ")}`);
      else meanings.set(pair.slice(0, at).trim().toLowerCase(), type);
    }
    return (fields) => {
      const word = fields(field)[0]?.toLowerCase() ?? "";
      return meanings.get(word) ?? rsitType(word);
    };
  }

  #picks(): Readonly<Record<string, SafeRegex>> | undefined {
    const found: Record<string, SafeRegex> = {};
    for (const [key, source] of Object.entries(this.#said)) {
      if (!/^pick\.[^.]/.test(key)) continue;
      const read = safeRegex(source);
      if (read.ok) found[key.slice(5)] = read.value;
      else this.problems.push({ ...read.problem, at: `map.${key}` });
    }
    return Object.keys(found).length === 0 ? undefined : found;
  }
}

const rsitType = (word: string): RsitType | undefined => (isRsitType(word) ? word : undefined);
