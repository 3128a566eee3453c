import { no, ok, type Result } from "#core/result.ts";
import { admit, type Recognised } from "./admit.ts";
import { parseAsn } from "./asn.ts";
import { networkOf, cidrRange } from "./cidr.ts";
import { domainName } from "./domain.ts";
import { parseEmail } from "./email.ts";
import { parseEndpoint } from "./endpoint.ts";
import { parseHash } from "./hash.ts";
import type { Flag } from "./flag.ts";
import { ipv4Number, parseIp } from "./ip.ts";
import type { Observable } from "./observable.ts";
import { parsePath } from "./path.ts";
import { refang } from "./refang.ts";
import { longestUrl, parseUrl } from "./url.ts";
import { strict, type ValuePolicy } from "./value-policy.ts";

export type { Recognised } from "./admit.ts";
export type { ValuePolicy } from "./value-policy.ts";

/**
 * Tells what a value is, makes it canonical and decides whether `policy` lets it be an indicator. Surrounding blanks go,
 * defanged values are refanged, "*." and "." before a domain go (indicators cover what is below them).
 * Law: `recognise(value).observable.value` of a canonical value is that value.
 * Cost: 0.2 µs for a plain address, 0.3 µs for a plain domain, 2 µs for a URL (Node 24, one core, warm).
 */
export const recognise = (text: string, policy: ValuePolicy = strict): Result<Recognised> => {
  const read = readValue(text);
  if (!read.ok) return read;
  const admitted = admit(read.value.observable, policy);
  if (!admitted.ok || read.value.flags.length === 0) return admitted;
  return ok({ ...admitted.value, flags: [...admitted.value.flags, ...read.value.flags] });
};

/** As `recognise` before any policy: the canonical observable, flagged only for how it was written ("host-bits"). */
export const readValue = (text: string): Result<Recognised> => {
  const found = kindOf(text);
  if (!found.ok) return found;
  return ok({ observable: found.value.observable, flags: found.value.hostBits ? hostBits : plain });
};
const plain: readonly Flag[] = Object.freeze([]);
const hostBits: readonly Flag[] = Object.freeze(["host-bits"] as const);

/** The canonical observable of any text, whatever any policy says of it. */
export const observableOf = (text: string): Result<Observable> => {
  const found = kindOf(text);
  return found.ok ? ok(found.value.observable) : found;
};

/** Cuts spaces and tabs, and only those: an invisible character at an end is as suspicious as one inside. */
export const stripBlanks = (text: string): string => {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return start === 0 && end === text.length ? text : text.slice(start, end);
};

/** Control characters, format characters (zero width, bidi), separators, private use, lone surrogates. */
export const holdsInvisible = (text: string): boolean => invisible.test(text);
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/u;

interface Found {
  readonly observable: Observable;
  readonly hostBits: boolean;
}

const isBlank = (code: number): boolean => code === 32 || code === 9;

const as = (result: Result<Observable>): Result<Found> =>
  result.ok ? ok({ observable: result.value, hostBits: false }) : result;

const kindOf = (given: string): Result<Found> => {
  const stripped = stripBlanks(given);
  if (stripped === "") return no("WGL_VALUE_EMPTY");
  if (stripped.length > longestUrl) return no("WGL_VALUE_LONG", { length: stripped.length, limit: longestUrl });
  if (ipv4Number(stripped) >= 0) return as(ok({ kind: "ipv4", value: stripped }));
  // ASCII letters, digits, dots, hyphens and underscores are most of all rows: no regular expression before a domain is tried.
  const name = domainName(stripped);
  if (name !== undefined && !(name !== stripped && holdsInvisible(stripped)))
    return as(ok({ kind: "domain", value: name }));
  if (holdsInvisible(stripped)) return no("WGL_VALUE_CONTROL", { value: stripped });
  return shapeOf(defanged.test(stripped) ? refang(stripped) : stripped);
};

const defanged = /[[({]|^h(?:xx|\*\*)ps?:|^fxp:/i;
const scheme = /^[a-z][a-z0-9+.-]*:\/\//i;
const prefixLength = /^-?\d{1,3}$/;
const digitsAndDots = /^[\d.]+$/;

const shapeOf = (text: string): Result<Found> => {
  if (scheme.test(text) || text.startsWith("//")) return as(parseUrl(text));
  if (text.startsWith("/")) return as(parsePath(text));
  const slash = text.indexOf("/");
  if (slash >= 0) return networkOrUrl(text, slash);
  if (text.includes("@")) return as(parseEmail(text));
  if (text.includes(":")) return withColon(text);
  const bare = text.replace(/^\*?\./, "");
  if (!bare.includes(".")) return oneWord(bare, text);
  if (digitsAndDots.test(bare)) return as(parseIp(bare));
  const name = domainName(bare);
  return name === undefined ? no("WGL_DOMAIN", { value: text }) : as(ok({ kind: "domain", value: name }));
};

/** "45.13.14.0/33" is a wrong network, never a path on a host: an address and a short number mean a network. */
const networkOrUrl = (text: string, slash: number): Result<Found> => {
  const head = text.slice(0, slash);
  const isAddress = ipv4Number(head) >= 0 || head.indexOf(":") !== head.lastIndexOf(":");
  if (!isAddress || !prefixLength.test(text.slice(slash + 1))) return as(parseUrl(`//${text}`));
  const range = cidrRange(text);
  if (!range.ok) return range;
  const observable = networkOf(range.value);
  const address = parseIp(head);
  const network = networkOf(range.value).value.split("/")[0];
  return ok({ observable, hostBits: address.ok && address.value.value !== network });
};

const withColon = (text: string): Result<Found> => {
  const first = text.indexOf(":");
  if (text.startsWith("[")) return as(parseEndpoint(text));
  if (first !== text.lastIndexOf(":")) return as(parseIp(text));
  const rest = text.slice(first + 1);
  if (/^\d+$/.test(rest)) return as(parseEndpoint(text));
  return /^[a-z][a-z0-9+.-]*$/i.test(text.slice(0, first))
    ? no("WGL_URL_SCHEME", { scheme: text.slice(0, first).toLowerCase() })
    : no("WGL_VALUE_KIND", { value: text });
};

const oneWord = (word: string, text: string): Result<Found> => {
  if (/^[0-9a-z]{32,}$/i.test(word)) return as(parseHash(word));
  if (/^as\d+$/i.test(word)) return as(parseAsn(word));
  if (/^\d+$/.test(word)) return no("WGL_IP", { value: text });
  if (/^[a-z][a-z0-9-]{0,62}$/i.test(word)) return no("WGL_DOMAIN_BROAD", { value: text });
  return no(word === "" || word === "*" ? "WGL_DOMAIN" : "WGL_VALUE_KIND", { value: text });
};
