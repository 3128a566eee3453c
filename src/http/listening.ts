import { isIP } from "node:net";
import { WaglanError } from "#core/result.ts";

/** TLS on the server itself, or a named proxy before it; neither is right on a loopback address alone. */
export interface Door {
  /** PEM. */
  readonly tls?: { readonly cert: string | Buffer; readonly key: string | Buffer };
  /** Addresses or networks of the proxies whose X-Forwarded-… headers are believed: "192.0.2.10", "198.51.100.0/24". */
  readonly trustProxy?: readonly string[];
}

/** @throws WGL_TLS_HALF for an address that strangers reach in clear */
export const refuseHalf = (host: string, door: Door): void => {
  if (door.tls || namesProxies(door) || isLoopback(host)) return;
  throw new WaglanError("WGL_TLS_HALF", { host });
};

/** Do readers come over TLS? Decides the cookie's name and HSTS. */
export const isSecure = (door: Door): boolean => door.tls !== undefined || namesProxies(door);

const namesProxies = (door: Door): boolean => (door.trustProxy?.length ?? 0) > 0;

/** "localhost" is what /etc/hosts says, but nobody's reaches further than this machine. */
export const isLoopback = (host: string): boolean =>
  host === "localhost" ||
  (isIP(host) === 4 && host.startsWith("127.")) ||
  host === "::1" ||
  /^::ffff:127\.\d+\.\d+\.\d+$/i.test(host);
