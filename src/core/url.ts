import { no, ok, type Result } from "#core/result.ts";
import { domainName } from "./domain.ts";
import { ipv4Number } from "./ip.ts";
import type { Observable } from "./observable.ts";

const withScheme = /^([a-z][a-z0-9+.-]*):/i;
const schemes: ReadonlySet<string> = new Set(["http", "https", "ftp"]);

/** Longest URL or path we keep, in UTF-16 units; beyond it servers and proxies cut, so equality means nothing. */
export const longestUrl = 8192;

/**
 * A URL as the WHATWG standard serialises it (host lower case and as a-labels, default port gone, dots resolved); given
 * scheme-relative ("//bad.example/x") it stays so. The host is an address or a whole domain name, never a bare label, and
 * stands without the final dot, as every name here: the standard keeps that dot, and who writes it asks the same host.
 * @see WHATWG URL §4.4, §4.5
 */
export const parseUrl = (text: string): Result<Observable> => {
  if (text.length > longestUrl) return no("WGL_VALUE_LONG", { length: text.length, limit: longestUrl });
  const relative = text.startsWith("//");
  const scheme = relative ? "http" : withScheme.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return no("WGL_URL", { value: text });
  if (!schemes.has(scheme)) return no("WGL_URL_SCHEME", { scheme });
  const rest = relative ? text : text.slice(scheme.length + 1);
  // The standard would read "http:///x" and "http:x" as host x: no person means that, so neither do we.
  const first = rest.charCodeAt(2);
  if (!rest.startsWith("//") || Number.isNaN(first) || first === 47 || first === 92)
    return no("WGL_URL", { value: text });
  const url = URL.parse(`${scheme}:${rest}`);
  if (url === null) return no("WGL_URL", { value: text });
  if (url.hostname.endsWith(".")) url.hostname = url.hostname.slice(0, -1);
  if (!hostFits(url.hostname)) return no("WGL_URL", { value: text });
  const value = relative ? url.href.slice(5) : url.href;
  return value.length > longestUrl
    ? no("WGL_VALUE_LONG", { length: value.length, limit: longestUrl })
    : ok({ kind: "url", value });
};

const hostFits = (hostname: string): boolean =>
  hostname.startsWith("[") ||
  ipv4Number(hostname) >= 0 ||
  (!hostname.endsWith(".") && domainName(hostname) !== undefined);

/** The parts of a canonical URL value that matching needs; `host` without brackets, `port` absent when it is the scheme's own. */
export interface UrlParts {
  readonly host: string;
  readonly port?: number;
  readonly credentials: boolean;
  /** Path and query, from the first "/". */
  readonly path: string;
}

/** Cuts a canonical URL by hand: cheap, and only true of values that `parseUrl` made. */
export const urlParts = (value: string): UrlParts => {
  const start = value.indexOf("//") + 2;
  const slash = value.indexOf("/", start);
  const end = slash < 0 ? value.length : slash;
  const at = value.lastIndexOf("@", end - 1);
  const hasUser = at >= start;
  const authority = value.slice(hasUser ? at + 1 : start, end);
  const colon = authority.lastIndexOf(":");
  const hasPort = colon > authority.lastIndexOf("]");
  const host = (hasPort ? authority.slice(0, colon) : authority).replace(/^\[|\]$/g, "");
  const path = slash < 0 ? "/" : value.slice(slash);
  return hasPort
    ? { host, port: Number(authority.slice(colon + 1)), credentials: hasUser, path }
    : { host, credentials: hasUser, path };
};
