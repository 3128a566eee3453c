import { domainName } from "#core/domain.ts";
import { parseEmail } from "#core/email.ts";
import { parseHash } from "#core/hash.ts";
import { ipv4Number, parseIp } from "#core/ip.ts";
import type { Observable } from "#core/observable.ts";
import { parsePath } from "#core/path.ts";
import type { Result } from "#core/result.ts";
import { parseUrl, urlParts } from "#core/url.ts";

// A log holds what somebody sent, not what somebody reported: a name that is none is no problem of the row, it is nothing
// to match. So each of these answers `undefined` then, and the text stays in the record.

export const addressIn = (text: string): Observable | undefined => valueOf(parseIp(text));

/** An address or a name of two labels at least; brackets, one port, a leading "*." and the final dot are left off. */
export const hostIn = (text: string): Observable | undefined => {
  // most are a bare name or address, of which nothing is to be taken off
  if (!text.includes(":") && text.charCodeAt(0) !== 42 && text.charCodeAt(0) !== 91)
    return ipv4In(text) ?? nameIn(text);
  const port = /^(\[[^\]]*\]|[^:]*):\d{1,5}$/.exec(text);
  const host = (port?.[1] ?? text).replace(/^\[([^\]]*)\]$/, "$1");
  if (host.includes(":")) return addressIn(host);
  return ipv4In(host) ?? nameIn(host.replace(/^\*\./, ""));
};

const ipv4In = (text: string): Observable | undefined =>
  ipv4Number(text) >= 0 ? { kind: "ipv4", value: text } : undefined;

const nameIn = (text: string): Observable | undefined => {
  const name = domainName(text);
  return name === undefined ? undefined : { kind: "domain", value: name };
};

export const urlIn = (text: string): Observable | undefined => valueOf(parseUrl(text));

/** The host of a canonical URL. */
export const hostOfUrl = (url: string): Observable | undefined => hostIn(urlParts(url).host);

/** Path and query, canonical; nothing for "/" alone. */
export const pathIn = (text: string): Observable | undefined => valueOf(parsePath(text));

/** A digest, also as certificates are printed: "12:a5:b1:…". */
export const hashIn = (text: string): Observable | undefined =>
  valueOf(parseHash(text.includes(":") ? text.replaceAll(":", "") : text));

/** Every address of a header such as `"Chan, H." <chan@transport.example>, lo@cert.example`. */
export const emailsIn = (text: string): readonly Observable[] =>
  [...text.matchAll(/[^\s<>,;:"()[\]]+@[^\s<>,;:"()[\]]+/g)]
    .map(([address]) => valueOf(parseEmail(address)))
    .filter((email) => email !== undefined);

const valueOf = (result: Result<Observable>): Observable | undefined => (result.ok ? result.value : undefined);
