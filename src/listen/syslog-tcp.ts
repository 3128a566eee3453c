import { createServer as createTcp, type Server, type Socket } from "node:net";
import { createServer as createTls, TLSSocket } from "node:tls";
import { WaglanError } from "#core/result.ts";
import type { SyslogInput } from "#jobs/config/inputs.ts";
import { refusedToListen } from "./refused.ts";
import { type Sender, sensorOf } from "./senders.ts";
import type { Listener, Sink } from "./sink.ts";
import { SyslogFrames } from "./syslog-frames.ts";

/** PEM texts of the files that the configuration names. */
export interface ListenerKeys {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
  readonly ca?: string | Buffer;
}

/** Milliseconds a sender has for its TLS handshake. */
const handshakeMs = 10_000;

/**
 * Syslog over TCP (RFC 6587) or, with keys, over TLS (RFC 5425). A sender whose sensor has no room is not read until there is:
 * its own queue grows. Half a message is never one.
 */
export const listenTcp = async (input: SyslogInput, sink: Sink, keys?: ListenerKeys): Promise<Listener> => {
  const of = sensorOf(input);
  const open = new Map<Socket, string>();
  const drop = (socket: Socket, reason: "unknown-sender" | "no-sensor", detail: string, sensor?: string): void => {
    sink.dropped(input.listen, reason, detail, sensor);
    socket.destroy();
  };

  const greet = (socket: Socket): void => {
    // a peer that is gone already has no address
    const sender = senderOf(socket);
    const sensor = of(sender);
    if (sensor === undefined) return drop(socket, "unknown-sender", [sender.address, ...sender.names].join(" "));
    if (!sink.knows(sensor)) return drop(socket, "no-sensor", sensor, sensor);
    open.set(socket, sensor);
    const frames = new SyslogFrames();
    const take = (line: Uint8Array): void => sink.take(sensor, input.format, line);
    const broken = (reason: "too-long" | "torn"): void => sink.dropped(input.listen, reason, sender.address, sensor);
    socket.setTimeout(input.idleSeconds * 1000);
    socket.on("timeout", () => {
      // whom we do not read cannot speak
      if (socket.isPaused()) return;
      sink.dropped(input.listen, "idle", sender.address, sensor);
      socket.destroy();
    });
    socket.on("data", (chunk: Uint8Array) => {
      frames.push(chunk, take, broken);
      if (!sink.hasRoom(sensor)) socket.pause();
    });
    socket.once("end", () => frames.end(take, broken));
    // without an end it was cut: by us, or on the way
    socket.once("close", () => {
      open.delete(socket);
      frames.cut(broken);
    });
  };

  const server = keys === undefined ? createTcp(greet) : openTls(input, keys, greet, sink);
  // what goes wrong with one sender ends that connection and nothing else
  server.on(keys === undefined ? "connection" : "secureConnection", (socket: Socket) => socket.on("error", () => {}));
  server.maxConnections = input.connections;
  server.on("drop", (from) => sink.dropped(input.listen, "connections", from?.remoteAddress ?? ""));
  await new Promise<void>((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => reject(refusedToListen(input.listen, error));
    server.once("error", failed);
    server.listen(input.port, input.host, () => {
      server.off("error", failed);
      resolve();
    });
  });
  server.on("error", (error: NodeJS.ErrnoException) =>
    sink.dropped(input.listen, "unreadable", error.code ?? error.message),
  );
  const address = server.address();
  return {
    input: input.listen,
    port: typeof address === "object" && address !== null ? address.port : input.port,
    resume: () => {
      for (const [socket, sensor] of open) if (socket.isPaused() && sink.hasRoom(sensor)) socket.resume();
    },
    look: () => {},
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      const ended = [...open.keys()].map(
        (socket) => new Promise<void>((resolve) => socket.once("close", () => resolve())),
      );
      for (const socket of open.keys()) socket.destroy();
      await Promise.all(ended);
      await closed;
    },
  };
};

const openTls = (input: SyslogInput, keys: ListenerKeys, greet: (socket: Socket) => void, sink: Sink): Server => {
  const byCertificate = input.senders.some(({ from }) => from.kind === "name" || from.kind === "fingerprint");
  const handshakes = new Set<Socket>();
  let server: Server;
  try {
    server = createTls(
      {
        ...{ cert: keys.cert, key: keys.key, minVersion: "TLSv1.2", handshakeTimeout: handshakeMs },
        ...(keys.ca === undefined ? {} : { ca: keys.ca }),
        requestCert: byCertificate || keys.ca !== undefined,
        // a certificate that only its fingerprint vouches for is signed by nobody we know (RFC 5425 §4.2.1)
        rejectUnauthorized: keys.ca !== undefined && !input.senders.some(({ from }) => from.kind === "fingerprint"),
      },
      greet,
    );
  } catch (error) {
    throw new WaglanError(
      "WGL_LISTEN_TLS",
      { listen: input.listen, reason: error instanceof Error ? error.message : "" },
      { cause: error },
    );
  }
  server.on("connection", (socket: Socket) => {
    handshakes.add(socket);
    socket.once("close", () => handshakes.delete(socket));
  });
  server.on("tlsClientError", (error: NodeJS.ErrnoException, socket: TLSSocket) => {
    sink.dropped(input.listen, "handshake", `${socket.remoteAddress ?? ""} ${error.code ?? error.message}`.trim());
    socket.destroy();
  });
  const close = server.close.bind(server);
  server.close = (done) => {
    for (const socket of handshakes) socket.destroy();
    return close(done);
  };
  return server;
};

/** The names are those of the subjectAltName; the common name counts only where there are none (RFC 5425 §5.2). */
const senderOf = (socket: Socket): Sender => {
  const address = socket.remoteAddress ?? "";
  if (!(socket instanceof TLSSocket)) return { address, names: [], signed: false };
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return { address, names: [], signed: false };
  const alternative = [...(certificate.subjectAltName ?? "").matchAll(/(?:^|, )DNS:([^,"\s]+)/g)].map(
    ([, name = ""]) => name,
  );
  const common = /(?:^|\n)CN=([^\n]+)/.exec(certificate.subject)?.[1];
  const names = alternative.length > 0 ? alternative : common === undefined ? [] : [common];
  return {
    address,
    names: names.map((name) => name.toLowerCase()),
    fingerprint: certificate.fingerprint256.replaceAll(":", "").toLowerCase(),
    signed: socket.authorized,
  };
};
