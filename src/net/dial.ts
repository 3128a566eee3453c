import { isIP, connect as netConnect, type LookupFunction, type Socket } from "node:net";
import { connect as tlsConnect } from "node:tls";
import { WaglanError } from "#core/result.ts";
import type { Way } from "./http-client.ts";
import { readHead } from "./http-head.ts";

/**
 * A connection to the place of `url`, through the proxy where there is one, inside TLS where it is https. Of http through a
 * proxy it is the connection to the proxy, which is asked for the whole address.
 *
 * @throws WGL_EGRESS_BROKEN where the proxy refuses; whatever `arrived` throws, and Node where nothing is reached
 */
export const dial = async (url: URL, way: Way, signal: AbortSignal): Promise<Socket> => {
  const secure = url.protocol === "https:";
  if (way.proxy !== undefined) {
    const proxy = await toProxy(new URL(way.proxy), signal);
    return secure ? inside(await through(proxy, new URL(way.proxy), url, way, signal), way, signal) : proxy;
  }
  const socket = await opened(
    netConnect({
      ...{ host: way.host, port: Number(url.port || (secure ? 443 : 80)) },
      ...{ lookup: pinned(way.addresses), autoSelectFamily: true },
    }),
    "connect",
    signal,
  );
  try {
    way.arrived(socket.remoteAddress ?? "");
  } catch (refused) {
    socket.destroy();
    throw refused;
  }
  return secure ? inside(socket, way, signal) : socket;
};

/** Answers with these addresses whatever name is asked. */
export const pinned =
  (addresses: readonly string[]): LookupFunction =>
  (_name, asked, answer) => {
    const all = addresses.map((address) => ({ address, family: isIP(address) }));
    if (asked.all === true) answer(null, all);
    else answer(null, all[0]?.address ?? "", all[0]?.family ?? 4);
  };

/** Credentials of a proxy as its header has them (RFC 7617). */
export const basic = (username: string, password: string): string =>
  `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString("base64")}`;

const toProxy = ({ hostname, port, protocol }: URL, signal: AbortSignal): Promise<Socket> => {
  const host = hostname.replace(/^\[|\]$/g, "");
  return protocol === "https:"
    ? opened(tlsConnect({ host, port: Number(port || 443), ...named(host) }), "secureConnect", signal)
    : opened(netConnect({ host, port: Number(port || 80), autoSelectFamily: true }), "connect", signal);
};

/** Asks a proxy for a tunnel: CONNECT (RFC 9110 §9.3.6). */
const through = async (
  socket: Socket,
  { username, password }: URL,
  url: URL,
  { host }: Way,
  signal: AbortSignal,
): Promise<Socket> => {
  const place = `${isIP(host) === 6 ? `[${host}]` : host}:${url.port || "443"}`;
  const credentials = username === "" ? "" : `proxy-authorization: ${basic(username, password)}\r\n`;
  socket.write(`CONNECT ${place} HTTP/1.1\r\nhost: ${place}\r\n${credentials}\r\n`);
  try {
    const { status } = await readHead(socket, signal);
    if (status >= 200 && status < 300) return socket;
    throw new WaglanError("WGL_EGRESS_BROKEN", { url: place, why: `proxy ${status}` });
  } catch (error) {
    socket.destroy();
    throw error;
  }
};

const inside = (socket: Socket, { host, ca }: Way, signal: AbortSignal): Promise<Socket> =>
  opened(
    tlsConnect({ socket, ...named(host), ALPNProtocols: ["http/1.1"], ...(ca === undefined ? {} : { ca }) }),
    "secureConnect",
    signal,
  );

/** Whom the certificate has to name. */
const named = (host: string): { readonly servername: string } | { readonly host: string } =>
  isIP(host) === 0 ? { servername: host } : { host };

const opened = (socket: Socket, event: "connect" | "secureConnect", signal: AbortSignal): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const done = (): void => signal.removeEventListener("abort", stop);
    const stop = (): void => {
      socket.destroy();
      reject(signal.reason as Error);
    };
    // an error that comes when nobody waits says nothing new
    socket.on("error", (error) => {
      done();
      reject(error);
    });
    socket.once(event, () => {
      done();
      resolve(socket);
    });
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
