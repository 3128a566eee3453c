import { suffixKind } from "#core/admit.ts";
import { cidrRange } from "#core/cidr.ts";
import { domainName } from "#core/domain.ts";
import { endpointParts } from "#core/endpoint.ts";
import { ipv4Number, ipv6Bigint } from "#core/ip.ts";
import { type Observable, observableKey } from "#core/observable.ts";
import { type Problem, problem } from "#core/result.ts";
import { observableOf } from "#core/recognise.ts";
import { type SafeRegex, safeRegex } from "#core/safe-regex.ts";
import { specialRange4, specialRange6 } from "#core/special-ranges.ts";
import { urlParts } from "#core/url.ts";
import type { Warninglist } from "#feeds/warninglist.ts";
import { type Reach, reachOf } from "./list-reach.ts";
import { NetworkTable } from "./network-table.ts";

/** Why a value is kept out: kept with the value, shown beside it. */
export interface Exclusion {
  /** "reserved", or the id of a warning list. */
  readonly list: string;
  /** The range's or list's own name. */
  readonly reason: string;
}

/**
 * Values too common or too harmless to act on. What is excluded stays stored and visible with its reason; it is left out
 * of block-lists and of the match against telemetry. It is NEVER left out of the match against members' own assets: a
 * member's address on a list of clouds that somebody calls bad is exactly what the member must hear.
 */
export interface Exclusions {
  readonly excluded: (observable: Observable) => Exclusion | undefined;
  /** Entries in force. */
  readonly size: number;
  /** Entries not in force, with their list and why: expressions RE2 cannot read, values we cannot read (counted, first of each list). */
  readonly problems: readonly { readonly list: string; readonly count: number; readonly first: Problem }[];
}

export interface ExclusionOptions {
  /** Networks that are not reserved here, e.g. the documentation ranges the sample community lives in. */
  readonly allow?: readonly string[];
}

/**
 * Reserved ranges and the given lists, ready to be asked a million times: sets of whole values, sets of domain suffixes,
 * networks by prefix length. The first list that names a value gives the reason.
 *
 * Narrower than MISP, so that a popular name or a cloud's network does not shelter what lies below it:
 * - lists of shared ground excuse only the entry itself, see `list-reach.ts`;
 * - an entry under which strangers get names ("duckdns.org", "github.io") excludes only itself;
 * - a name excludes a URL only when the URL is that host's front page: a page on a popular host is precise by itself;
 * - a `regex` entry (PCRE in slashes, as MISP writes them) is run by RE2, in linear time; one that RE2 cannot read is a problem;
 * - a `substring` entry that is a domain name is a suffix ("x.example" is not in "notx.example").
 */
export const buildExclusions = (lists: readonly Warninglist[], options: ExclusionOptions = {}): Exclusions => {
  const building = new ExclusionBuilder(options.allow ?? []);
  for (const list of lists) building.add(list);
  return building;
};

/** What a list is without its entries. */
export type ListHead = Pick<Warninglist, "id" | "name" | "type" | "kinds">;

/** Values and the number of the list that names each, the first that did. */
export interface ListedKeys {
  readonly get: (key: string) => number | undefined;
  readonly has: (key: string) => boolean;
  readonly set: (key: string, list: number) => unknown;
}

/** Exclusions that grow entry by entry, so that a list of a million need never be whole in memory. */
export class ExclusionBuilder implements Exclusions {
  size = 0;
  readonly problems: { list: string; count: number; first: Problem }[] = [];
  readonly #lists: Exclusion[] = [];
  readonly #allow = new NetworkTable();
  readonly #networks = new NetworkTable();
  /** Networks of shared ground: they excuse networks, never one address. */
  readonly #shared = new NetworkTable();
  readonly #whole: ListedKeys;
  /** By what is looked up with a name: a domain or endpoint, a URL's front page, a mailbox. */
  readonly #suffixes: Readonly<Record<"domain" | "url" | "email", ListedKeys>>;
  readonly #expressions: { readonly regex: SafeRegex; readonly list: number; readonly of: ListHead }[] = [];
  readonly #fragments: { readonly text: string; readonly list: number; readonly of: ListHead }[] = [];

  /** @param keys makes a table of values; one that is smaller than a Map, for who has little memory */
  constructor(allow: readonly string[], keys: () => ListedKeys = () => new Map<string, number>()) {
    this.#whole = keys();
    this.#suffixes = { domain: keys(), url: keys(), email: keys() };
    for (const cidr of allow) this.allow(cidr);
  }

  /** A network that is not reserved here. */
  allow(cidr: string): void {
    const range = cidrRange(cidr);
    if (range.ok) this.#allow.add(range.value, 0);
  }

  readonly excluded = (observable: Observable): Exclusion | undefined =>
    this.#named(observable) ?? (this.#expressions.length === 0 ? undefined : this.#expression(observable));

  #named(observable: Observable): Exclusion | undefined {
    const { kind, value } = observable;
    switch (kind) {
      case "ipv4":
      case "ipv6":
      case "cidr":
        return this.#network(value, kind === "cidr") ?? this.#wholeValue(observable);
      case "domain":
        return this.#wholeValue(observable) ?? this.#suffix("domain", value) ?? this.#fragment(observable);
      case "endpoint":
        return this.#endpoint(observable);
      case "url":
        return this.#url(observable);
      case "email":
        return (
          this.#wholeValue(observable) ??
          this.#suffix("email", value.slice(value.lastIndexOf("@") + 1)) ??
          this.#fragment(observable)
        );
      default:
        return this.#wholeValue(observable);
    }
  }

  add(list: Warninglist): void {
    const entry = this.begin(list, reachOf(list.id));
    let count = 0;
    let first: Problem | undefined;
    for (const value of entry === undefined ? [] : list.values) {
      const why = entry?.(value);
      if (why === undefined) continue;
      count++;
      first ??= why;
    }
    if (first !== undefined) this.problems.push({ list: list.id, count, first });
  }

  /** @returns what takes its entries one by one, and says what is wrong with one; undefined: the list excuses nothing */
  begin(list: ListHead, reach: Reach): ((value: string) => Problem | undefined) | undefined {
    if (reach === "nothing") return undefined;
    const index = this.#lists.push({ list: list.id, reason: list.name }) - 1;
    return (value) => {
      const why = this.#entry(list, reach, index, value);
      if (why === undefined) this.size++;
      return why;
    };
  }

  #entry(list: ListHead, reach: Reach, index: number, value: string): Problem | undefined {
    if (list.type === "regex") {
      const regex = safeRegex(withoutSlashes(value));
      if (!regex.ok) return regex.problem;
      if (list.kinds.size > 0) this.#expressions.push({ regex: regex.value, list: index, of: list });
      return undefined;
    }
    if (list.type === "cidr") {
      const range = cidrRange(value.trim());
      if (!range.ok) return range.problem;
      (reach === "below" ? this.#networks : this.#shared).add(range.value, index);
      return undefined;
    }
    if (list.type === "hostname" || list.type === "substring") return this.#name(list, reach, index, value.trim());
    const read = observableOf(value);
    if (!read.ok) return read.problem;
    if (read.value.kind === "ipv4" || read.value.kind === "ipv6" || read.value.kind === "cidr") {
      const range = cidrRange(read.value.value);
      if (range.ok) (reach === "below" ? this.#networks : this.#shared).add(range.value, index);
    } else if (list.kinds.has(read.value.kind)) put(this.#whole, observableKey(read.value), index);
    return undefined;
  }

  #name(list: ListHead, reach: Reach, index: number, value: string): Problem | undefined {
    const name = domainName(value.replace(/^\*?\./, ""));
    if (name === undefined) {
      if (list.type === "hostname" || value.length < 4) return problem("WGL_DOMAIN", { value });
      this.#fragments.push({ text: value.toLowerCase(), list: index, of: list });
      return undefined;
    }
    const alone = reach === "itself" || suffixKind(name) !== "none";
    if (list.kinds.has("domain"))
      put(alone ? this.#whole : this.#suffixes.domain, alone ? `domain:${name}` : name, index);
    if (list.kinds.has("email") && !alone) put(this.#suffixes.email, name, index);
    if (list.kinds.has("url") && !alone) put(this.#suffixes.url, name, index);
    return undefined;
  }

  #network(value: string, isNetwork = false): Exclusion | undefined {
    const range = cidrRange(value);
    if (!range.ok) return undefined;
    const reserved =
      range.value.family === 4
        ? specialRange4(range.value.first, range.value.last)
        : specialRange6(range.value.first, range.value.last);
    if (reserved !== undefined && this.#allow.find(range.value) === undefined)
      return { list: "reserved", reason: reserved };
    const found = this.#networks.find(range.value) ?? (isNetwork ? this.#shared.find(range.value) : undefined);
    return found === undefined ? undefined : this.#lists[found];
  }

  #endpoint(observable: Observable): Exclusion | undefined {
    const { host } = endpointParts(observable.value);
    const whole = this.#wholeValue(observable);
    if (whole !== undefined) return whole;
    return isAddress(host)
      ? this.#network(host)
      : (this.#wholeValue({ kind: "domain", value: host }) ?? this.#suffix("domain", host));
  }

  #url(observable: Observable): Exclusion | undefined {
    const whole = this.#wholeValue(observable);
    if (whole !== undefined) return whole;
    const { host, path } = urlParts(observable.value);
    if (path === "/")
      return isAddress(host) ? this.#network(host) : (this.#suffix("url", host) ?? this.#fragment(observable));
    // A page on an address nobody outside can reach is of no use either, whatever its path.
    const reserved = isAddress(host) ? this.#network(host) : undefined;
    return reserved?.list === "reserved" ? reserved : undefined;
  }

  #wholeValue(observable: Observable): Exclusion | undefined {
    const found = this.#whole.get(observableKey(observable));
    return found === undefined ? undefined : this.#lists[found];
  }

  #suffix(of: "domain" | "url" | "email", name: string): Exclusion | undefined {
    const names = this.#suffixes[of];
    for (let at = 0; ; ) {
      const found = names.get(at === 0 ? name : name.slice(at));
      if (found !== undefined) return this.#lists[found];
      const dot = name.indexOf(".", at);
      if (dot < 0) return undefined;
      at = dot + 1;
    }
  }

  #expression(observable: Observable): Exclusion | undefined {
    const found = this.#expressions.find(
      ({ regex, of }) => of.kinds.has(observable.kind) && regex.test(observable.value),
    );
    return found === undefined ? undefined : this.#lists[found.list];
  }

  #fragment(observable: Observable): Exclusion | undefined {
    const found = this.#fragments.find(
      ({ text, of }) => of.kinds.has(observable.kind) && observable.value.includes(text),
    );
    return found === undefined ? undefined : this.#lists[found.list];
  }
}

/** "/^a$/i" as RE2 has it: "(?i)^a$"; `g` and `u` change nothing when one asks whether it is found. */
const withoutSlashes = (value: string): string => {
  const found = /^\/(.*)\/([a-z]*)$/s.exec(value);
  if (found === null) return value;
  const flags = [...(found[2] ?? "")].filter((flag) => "ims".includes(flag)).join("");
  return `${flags === "" ? "" : `(?${flags})`}${found[1] ?? ""}`;
};

const isAddress = (host: string): boolean => ipv4Number(host) >= 0 || ipv6Bigint(host) !== undefined;

const put = (map: ListedKeys, key: string, index: number): void => {
  if (!map.has(key)) map.set(key, index);
};
