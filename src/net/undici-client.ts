import type { Readable } from "node:stream";
import { buildConnector, Client, type Dispatcher, ProxyAgent } from "undici";
import { basic, pinned } from "./dial.ts";
import { headersAtMost, type HttpClient, type Way } from "./http-client.ts";

/** By undici, for all that waglan fetches from strangers. */
export const undiciClient: HttpClient = async ({ url, method, headers, body, signal, way }) => {
  const dispatcher: Dispatcher =
    way.proxy === undefined
      ? new Client(url.origin, { ...clientLimits, connect: connector(way) })
      : viaProxy(way.proxy, way);
  // Not awaited: destroying must not outlive the deadline, and its own errors say nothing new.
  const destroy = (): void => void dispatcher.destroy().catch(() => undefined);
  try {
    const answer = await dispatcher.request({
      ...{ origin: url.origin, path: `${url.pathname}${url.search}`, method, headers, signal },
      ...(body === undefined ? {} : { body }),
    });
    return {
      status: answer.statusCode,
      headers: flat(answer.headers),
      body: answer.body as AsyncIterable<Uint8Array>,
      close: () => {
        abandon(answer.body);
        destroy();
      },
    };
  } catch (error) {
    destroy();
    throw error;
  }
};

/** The deadline governs; undici's own timers (whole seconds, 5 minutes) only stand behind it. */
const clientLimits = { maxHeaderSize: headersAtMost, pipelining: 1 } as const;

/** Connects to the addresses and no others, and looks where the socket ended up, whatever look-up said. */
const connector = ({ addresses, ca, arrived }: Way): ReturnType<typeof buildConnector> => {
  const connect = buildConnector({
    ...{ allowH2: false, maxCachedSessions: 0, lookup: pinned(addresses), autoSelectFamily: true },
    ...(ca === undefined ? {} : { ca }),
  });
  return (target, done) => {
    connect(target, (error, socket) => {
      if (error) {
        done(error, null);
        return;
      }
      try {
        arrived(socket.remoteAddress ?? "");
      } catch (refused) {
        socket.destroy();
        done(refused as Error, null);
        return;
      }
      done(null, socket);
    });
  };
};

const viaProxy = (proxy: string, { host, ca }: Way): Dispatcher => {
  const { username, password, origin } = new URL(proxy);
  return new ProxyAgent({
    ...clientLimits,
    uri: origin,
    ...(username === "" ? {} : { token: basic(username, password) }),
    requestTls: { servername: host, allowH2: false, ...(ca === undefined ? {} : { ca }) },
  });
};

/** A body we stop reading errs once more by itself; nobody is interested. */
const abandon = (body: Readable): void => {
  body.once("error", () => undefined);
  body.destroy();
};

const flat = (headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(", ") : value]],
    ),
  );
