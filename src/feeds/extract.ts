import type { Observable } from "#core/observable.ts";
import { readValue } from "#core/recognise.ts";
import { parseIp } from "#core/ip.ts";
import { ok, problem, type Result } from "#core/result.ts";
import { endsInTopLevel } from "#core/top-level.ts";
import { urlParts } from "#core/url.ts";
import { refangedText, type RefangedText } from "./refanged-text.ts";

/** Characters of a text that is searched for values: some thousand pages. */
export const searchedAtMost = 2_000_000;

/** A value found in a text written for people. */
export interface Extracted {
  /** Where it stands in the text as it was written: UTF-16 units, from 0. */
  readonly start: number;
  readonly end: number;
  readonly written: string;
  /** The value; or why what was plainly meant as one cannot be read, or is no value we would take without asking. */
  readonly result: Result<Observable>;
  /** Not wrong, only not taken: it may be a file, code, or the author's own reference. */
  readonly doubtful?: true;
}

export interface Extraction {
  /** In the order of the text; each value once, where it stands first. */
  readonly found: readonly Extracted[];
  /** "CVE-2026-12345", distinct, upper case, in order. */
  readonly cves: readonly string[];
}

/**
 * The observables of a text: addresses, networks, endpoints, domain names, URLs, e-mail addresses, hashes, AS numbers,
 * defanged or not, with words of any script right beside them. What only looks like a value is told apart by what stands
 * around it: versions, file names, methods of programs, times. Where the author defanged names, names written plainly are
 * his references ("see https://cert.example/report") and doubtful.
 *
 * Cost: linear in the text; every expression below begins at a place and runs over a character class once.
 */
export const extract = (written: string): Extraction => {
  const refanged = refangedText(written);
  const candidates = candidatesIn(refanged);
  const defangs = candidates.some(({ kind, meant, result }) => meant && result.ok && isName.has(kind));
  const seen = new Set<string>();
  const found: Extracted[] = [];
  for (const one of candidates) {
    const place = {
      start: refanged.from[one.start] ?? 0,
      end: refanged.from[one.end] ?? written.length,
    };
    const text = written.slice(place.start, place.end).trim();
    const reference = defangs && !one.meant && isName.has(one.kind) && one.result.ok;
    const result: Result<Observable> = reference
      ? { ok: false, problem: problem("WGL_TEXT_REFERENCE", { value: text }) }
      : one.result;
    const key = result.ok ? `${result.value.kind} ${result.value.value}` : `? ${text}`;
    if (seen.has(key)) continue;
    seen.add(key);
    found.push({ ...place, written: text, result, ...(reference || one.doubtful ? { doubtful: true as const } : {}) });
  }
  const cves = [
    ...new Set([...refanged.text.matchAll(/(?<![\w-])CVE-\d{4}-\d{4,19}(?!\d)/gi)].map(([cve]) => cve.toUpperCase())),
  ];
  return { found, cves };
};

type Kind = "url" | "email" | "address" | "name" | "hash" | "asn";
const isName: ReadonlySet<Kind> = new Set(["url", "email", "name"]);

interface Candidate {
  readonly kind: Kind;
  readonly start: number;
  readonly end: number;
  readonly result: Result<Observable>;
  /** It was defanged: somebody meant a value. */
  readonly meant: boolean;
  readonly doubtful?: true;
}

/**
 * One pass finds whatever could be a value, the longest kinds first, so that a domain inside a URL is no second value.
 * Between them only ASCII counts: a Chinese character is as good a border as a blank.
 */
const shapes = new RegExp(
  [
    String.raw`(?<url>(?<![a-z0-9+.-])(?:https?|ftp):\/\/[^\s<>"'\x60|\\^{}\x00-\x20\x7f-\uffff]+)`,
    String.raw`(?<email>(?<![a-z0-9.!#$%&*+/=?^_{|}~-])[a-z0-9](?:[a-z0-9._%+-]{0,62}[a-z0-9_%+-])?@(?:[a-z0-9-]{1,63}\.){1,8}[a-z][a-z0-9-]{1,62}(?![a-z0-9-]))`,
    String.raw`(?<six>(?<![\w:.])(?:\[[0-9a-f:.]{3,45}\]:\d{1,5}|[0-9a-f]{0,4}:[0-9a-f:]{1,40}(?:\d{1,3}(?:\.\d{1,3}){3})?(?:\/\d{1,3})?)(?![\w:]))`,
    String.raw`(?<four>(?<![\w.-])\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5}|\/\d{1,2})?(?![\w-]|\.\d))`,
    String.raw`(?<hash>(?<![0-9a-z_-])[0-9a-f]{32,128}(?![0-9a-z_-]))`,
    String.raw`(?<asn>(?<![\w-])ASN? ?\d{3,10}(?![\w.-]))`,
    String.raw`(?<name>(?<![a-z0-9_@-])(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.){1,10}(?:xn--[a-z0-9-]{1,59}|[a-z]{2,63})(?![a-z0-9_@-])(?::\d{1,5}(?!\d))?(?:\/[^\s<>"'\x60|\\^{}\x00-\x20\x7f-\uffff]*)?)`,
  ].join("|"),
  "gi",
);

const candidatesIn = (refanged: RefangedText): readonly Candidate[] => {
  const { text, marked } = refanged;
  const all: Candidate[] = [];
  for (const found of text.matchAll(shapes)) {
    const groups = found.groups ?? {};
    const shape = Object.keys(groups).find((name) => groups[name] !== undefined);
    const value = trimmed(found[0]);
    const [start, end] = [found.index, found.index + value.length];
    const meant = marked.subarray(start, end).includes(1);
    const read = reading(shape ?? "", value, text, start, end, meant);
    if (read !== undefined) all.push({ start, end, meant, ...read });
  }
  return all;
};

type Read = Pick<Candidate, "kind" | "result" | "doubtful"> | undefined;

const reading = (shape: string, value: string, text: string, start: number, end: number, meant: boolean): Read => {
  switch (shape) {
    case "url":
      return named("url", value, hostOf(value), meant);
    case "email":
      return named("email", value, value.slice(value.lastIndexOf("@") + 1).toLowerCase(), meant);
    case "four":
      return isVersion(text, start) ? doubt("address", value) : { kind: "address", result: readAs(value) };
    case "six":
      return six(value);
    case "hash":
      return [32, 40, 64, 128].includes(value.length) ? { kind: "hash", result: readAs(value) } : undefined;
    case "asn":
      // the computers of that name are older than the number
      return /^AS ?400$/i.test(value) ? undefined : { kind: "asn", result: readAs(value.replace(/^ASN? ?/i, "AS")) };
    default:
      return plainName(value, text, start, end, meant);
  }
};

/** Of what follows a value in a sentence: dots, commas, quotation marks, and brackets that were not opened inside. */
const trimmed = (value: string): string => {
  let end = value.length;
  for (;;) {
    const last = value[end - 1] ?? "";
    const opens = last === ")" ? "(" : last === "]" ? "[" : undefined;
    const isOpen = opens !== undefined && count(value, last, end) <= count(value, opens, end);
    if (!/[.,;:!?)\]*_~'&]/.test(last) || isOpen) return value.slice(0, end);
    end--;
  }
};

const count = (text: string, character: string, end: number): number => {
  let found = 0;
  for (let at = text.indexOf(character); at >= 0 && at < end; at = text.indexOf(character, at + 1)) found++;
  return found;
};

const readAs = (value: string): Result<Observable> => {
  const read = readValue(value);
  return read.ok ? ok(read.value.observable) : read;
};

const doubt = (kind: Kind, value: string): Read => ({
  kind,
  result: { ok: false, problem: problem("WGL_TEXT_DOUBTFUL", { value }) },
  doubtful: true,
});

const hostOf = (url: string): string => {
  const read = readAs(url);
  return read.ok && read.value.kind === "url" ? urlParts(read.value.value).host : "";
};

/** A URL or address of mail whose host can be one; else wrong when it was meant, and nothing at all when not. */
const named = (kind: Kind, value: string, host: string, meant: boolean): Read => {
  const result = readAs(value);
  if (!result.ok) return meant ? { kind, result } : undefined;
  if (parseIp(host).ok || endsInTopLevel(host)) return { kind, result };
  return meant ? { kind, result: { ok: false, problem: problem("WGL_DOMAIN", { value: host }) } } : undefined;
};

/** "12:34:56", "a::b" of a program and "::" are none; an address has a digit and more than two groups, or a length. */
const six = (value: string): Read => {
  const bare = value.replace(/\/\d+$|^\[|\]:\d+$/g, "");
  const groups = bare.split(":").filter((group) => group !== "");
  if (!/\d/.test(bare) || (groups.length < 3 && !/^[23]/.test(bare) && !value.includes("/"))) return undefined;
  const result = readAs(value);
  return result.ok ? { kind: "address", result } : undefined;
};

/** "v1.2.3.4", "version 1.2.3.4", "版本 1.2.3.4", "Chrome/1.2.3.4". */
const isVersion = (text: string, start: number): boolean =>
  /(?:\bv(?:er(?:sion)?s?|ersions?)?\.?|版本(?:号|號)?|[a-z]\/|\brelease|\bbuild|\bfirmware)[\s:\uff1a=]{0,3}$/i.test(
    text.slice(Math.max(0, start - 24), start),
  );

/** Top-level domains that are endings of files and of names in programs far more often. */
const endings: ReadonlySet<string> = new Set(
  "sh py pm pl rs md so zip mov ps java name bat cab app class sc vi do ms cat bin box foo".split(" "),
);
/** Frameworks people write about. */
const products: ReadonlySet<string> = new Set([
  "asp.net",
  "ado.net",
  "vb.net",
  "system.net",
  "socket.io",
  "node.io",
  "microsoft.net",
]);

const plainName = (value: string, text: string, start: number, end: number, meant: boolean): Read => {
  const name = (/^[^/:]+/.exec(value)?.[0] ?? "").replace(/\.$/, "");
  if (!endsInTopLevel(name.toLowerCase()))
    return meant ? { kind: "name", result: { ok: false, problem: problem("WGL_DOMAIN", { value: name }) } } : undefined;
  // "bad.example:443" is an endpoint and "bad.example/x" a URL without its scheme
  const result = readAs(value.endsWith("/") && value.indexOf("/") === value.length - 1 ? value.slice(0, -1) : value);
  if (!result.ok) return meant ? { kind: "name", result } : undefined;
  if (meant) return { kind: "name", result };
  const labels = name.split(".");
  const ending = labels.at(-1) ?? "";
  const inPath = /[\\/]$/.test(text.slice(0, start));
  const inCode = text[end] === "(";
  // "attack.It was": a sentence that began without its blank; "System.Net": a program
  const isSentence = /^[A-Z][a-z]+$/.test(ending);
  const isFile = endings.has(ending.toLowerCase()) && (labels.length === 2 || inPath);
  const isProduct = products.has(name.toLowerCase());
  if (inPath || inCode || isSentence || isFile || isProduct) return doubt("name", value);
  return { kind: "name", result };
};
