import { randomBytes } from "node:crypto";
import { STATUS_CODES } from "node:http";
import {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  fastify,
  LogController,
} from "fastify";
import { problem } from "#core/result.ts";
import type { Door } from "./listening.ts";
import { problemDocument, problemType } from "./problem-document.ts";
import { refusalOf, refuse } from "./refusal.ts";

export interface BareOptions extends Door {
  /** Absent: nothing is logged. */
  readonly log?: FastifyBaseLogger;
}

/** Fastify over Node's server with every limit set: nothing is routed yet. @param headers stand on answers that no hook sees */
export const bareServer = (options: BareOptions, headers: Readonly<Record<string, string>>): FastifyInstance => {
  const node = {
    maxHeaderSize: headersAtMost,
    headersTimeout: times.headers,
    connectionsCheckingInterval: times.check,
    // Both refuse what proxies and servers read differently (request smuggling).
    insecureHTTPParser: false,
    requireHostHeader: true,
  };
  const shared = {
    ...(options.log ? { loggerInstance: options.log } : {}),
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: options.trustProxy && options.trustProxy.length > 0 ? [...options.trustProxy] : false,
    requestTimeout: times.request,
    connectionTimeout: times.idle,
    keepAliveTimeout: times.keepAlive,
    bodyLimit: bodyAtMost,
    // 128 random bits of ours; a client's own id could forge the log.
    genReqId: () => randomBytes(16).toString("hex"),
    routerOptions: { maxParamLength: 512 },
    return503OnClosing: true,
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
      reply.headers({ ...headers, "x-request-id": request.id });
      return refuse(request, reply, refusalOf(error, undefined, bodyAtMost));
    },
    clientErrorHandler: (
      error: { readonly code: string },
      socket: { readonly writable: boolean; end: (text: string) => void; destroy: () => void },
    ) => {
      if (error.code === "ECONNRESET" || !socket.writable) socket.destroy();
      else socket.end(rawRefusal(error.code, headers));
    },
  };
  const app = options.tls
    ? fastify({
        ...shared,
        https: { ...node, cert: options.tls.cert, key: options.tls.key, minVersion: "TLSv1.2" },
      } as never)
    : fastify({ ...shared, http: node } as never);
  return app as unknown as FastifyInstance;
};

/** An answer to bytes that never became a request. */
const rawRefusal = (code: string, headers: Readonly<Record<string, string>>): string => {
  const why =
    code === "HPE_HEADER_OVERFLOW"
      ? problem("WGL_HTTP_HEADERS", { limit: headersAtMost })
      : code === "ERR_HTTP_REQUEST_TIMEOUT"
        ? problem("WGL_HTTP_SLOW")
        : problem("WGL_HTTP_MALFORMED");
  const document = problemDocument(why, "en", randomBytes(16).toString("hex"));
  const body = JSON.stringify(document);
  const all = {
    ...headers,
    "content-type": problemType,
    "content-length": String(Buffer.byteLength(body)),
    "cache-control": "no-store",
    connection: "close",
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${document.status} ${STATUS_CODES[document.status] ?? ""}\r\n${lines.join("")}\r\n${body}`;
};

/** Bytes. The longest real request has a cookie, a token and a few headers; 16 KiB is Node's own default. */
const headersAtMost = 16_384;
/** Bytes of body where the route says nothing. */
export const bodyAtMost = 65_536;

// Milliseconds. Too short cuts off a sensor on a satellite link; too long lets a thousand idle sockets hold the server.
const times = {
  headers: 15_000, // from connecting to the last header
  request: 180_000, // to the last byte of body: 8 MiB at 47 kB/s
  idle: 120_000, // a socket on which nothing moves, either way; streams beat every 15 s
  keepAlive: 65_000, // a second over the 60 s at which most proxies let go, so that they do it first
  check: 5_000, // how often Node looks
} as const;
