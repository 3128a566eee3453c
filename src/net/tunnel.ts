import { request as httpRequest } from "node:http";
import { isIP, type Socket } from "node:net";
import { connect as tlsConnect } from "node:tls";
import { WaglanError } from "#core/result.ts";

/**
 * Through a proxy by CONNECT (RFC 9110 §9.3.6), and TLS to the far host inside it.
 *
 * @throws WGL_EGRESS_BROKEN where the proxy refuses; whatever Node throws where it cannot be reached
 */
export const openThrough = async (
  proxy: string,
  url: URL,
  host: string,
  ca: string | undefined,
  signal: AbortSignal,
): Promise<Socket> => {
  const { username, password, hostname, port } = new URL(proxy);
  const place = `${isIP(host) === 6 ? `[${host}]` : host}:${url.port || "443"}`;
  const asking = httpRequest({
    ...{ host: hostname, port: port || 80, method: "CONNECT", path: place, agent: false, signal },
    headers: { host: place, ...(username === "" ? {} : { "proxy-authorization": basic(username, password) }) },
  });
  const tunnel = await new Promise<Socket>((resolve, reject) => {
    asking.once("error", reject);
    asking.once("connect", (answer, socket: Socket) => {
      if (answer.statusCode === 200) resolve(socket);
      else {
        socket.destroy();
        reject(new WaglanError("WGL_EGRESS_BROKEN", { url: place, why: `proxy ${answer.statusCode ?? ""}` }));
      }
    });
    asking.once("response", (answer) => {
      answer.destroy();
      reject(new WaglanError("WGL_EGRESS_BROKEN", { url: place, why: `proxy ${answer.statusCode ?? ""}` }));
    });
    asking.end();
  });
  return new Promise((resolve, reject) => {
    const inside = tlsConnect({
      ...{ socket: tunnel, ...(isIP(host) === 0 ? { servername: host } : { host }) },
      ...(ca === undefined ? {} : { ca }),
    });
    inside.once("error", reject);
    inside.once("secureConnect", () => resolve(inside));
  });
};

/** Credentials of a proxy as its header has them (RFC 7617). */
export const basic = (username: string, password: string): string =>
  `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString("base64")}`;
