import { no, ok, type Result } from "#core/result.ts";
import { domainName } from "./domain.ts";
import { ipv4NumberIn, parseIp } from "./ip.ts";
import type { Observable } from "./observable.ts";

/** "203.0.113.7:8080", "[2001:db8::7]:443", "bad.example:8080". */
export const parseEndpoint = (text: string): Result<Observable> => {
  const colon = text.lastIndexOf(":");
  const port = portIn(text, colon + 1);
  if (colon < 0 || port === 0) return no("WGL_PORT", { value: text });
  if (ipv4NumberIn(text, 0, colon) >= 0)
    return ok({
      kind: "endpoint",
      value: text.charCodeAt(colon + 1) === 48 ? `${text.slice(0, colon)}:${port}` : text,
    });
  const host = text.slice(0, colon);
  if (host.startsWith("[")) {
    const address = host.endsWith("]") && host.includes(":") ? parseIp(host.slice(1, -1)) : undefined;
    if (address?.ok !== true) return no("WGL_IP", { value: text });
    const { kind, value } = address.value;
    return ok({ kind: "endpoint", value: kind === "ipv4" ? `${value}:${port}` : `[${value}]:${port}` });
  }
  const domain = domainName(host);
  return domain === undefined
    ? no("WGL_DOMAIN", { value: text })
    : ok({ kind: "endpoint", value: `${domain}:${port}` });
};

/** The parts of a canonical endpoint value; `host` without brackets. */
export const endpointParts = (value: string): { readonly host: string; readonly port: number } => {
  const colon = value.lastIndexOf(":");
  const host = value.startsWith("[") ? value.slice(1, colon - 1) : value.slice(0, colon);
  return { host, port: Number(value.slice(colon + 1)) };
};

/** Decimal port 1 to 65535 from `start` to the end; 0 for anything else. */
const portIn = (text: string, start: number): number => {
  if (text.length === start || text.length - start > 5) return 0;
  let port = 0;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 48 || code > 57) return 0;
    port = port * 10 + code - 48;
  }
  return port <= 65_535 ? port : 0;
};
