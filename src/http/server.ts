import swagger from "@fastify/swagger";
import { TypeBoxValidatorCompiler } from "@fastify/type-provider-typebox";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { Registry } from "prom-client";
import { assert, problem } from "#core/result.ts";
import type { Acts } from "#jobs/acts/port.ts";
import { type BareOptions, bareServer, bodyAtMost } from "./bare-server.ts";
import { bodyParsers } from "./body-parsers.ts";
import { openChangeStreams, type StreamLimits, streamLimits } from "./change-stream.ts";
import { components } from "./components.ts";
import { methodsElsewhere, onlyDeclared } from "./declared-routes.ts";
import { type Passed, passGate } from "./gate.ts";
import { isSecure, refuseHalf } from "./listening.ts";
import { openLockout } from "./lockout.ts";
import { measures } from "./measures.ts";
import { fastifySchema, isMedia, openapi } from "./openapi.ts";
import { readPortal } from "./portal-files.ts";
import { Refused, refusalOf, refuse } from "./refusal.ts";
import type { Answer, Asked, Route } from "./route.ts";
import { type RouteParts, routeTable } from "./routes.ts";
import type { SecurityContact } from "./routes/process.ts";
import { securityHeaders } from "./security-headers.ts";
import { sessionCookie } from "./session-cookie.ts";

export interface HttpOptions extends BareOptions {
  readonly acts: Acts;
  /** The folder of the built portal, and what its build needs of the content policy (web/csp.json). */
  readonly portal: string;
  readonly policy: { readonly styles: readonly string[]; readonly trustedTypes: readonly string[] };
  readonly security: SecurityContact;
  readonly version: string;
  /** Where the process keeps its metrics; /metrics shows all of it. */
  readonly metrics?: Registry;
  readonly streams?: Partial<StreamLimits>;
  /** Milliseconds since 1970; default: the system's clock. */
  readonly now?: () => number;
}

export interface HttpServer {
  /** For tests that need no socket, and for nothing else. */
  readonly app: FastifyInstance;
  readonly routes: readonly Route[];
  /** @returns the address readers use: "http://127.0.0.1:8420" | @throws WGL_TLS_HALF */
  readonly listen: (host: string, port: number) => Promise<string>;
  /** Ends streams, lets answers under way finish, refuses new ones. */
  readonly close: () => Promise<void>;
}

declare module "fastify" {
  interface FastifyContextConfig {
    readonly route?: Route;
  }
  interface FastifyRequest {
    passed: Passed | undefined;
  }
}

export const openHttp = async (options: HttpOptions): Promise<HttpServer> => {
  const now = options.now ?? Date.now;
  const secure = isSecure(options);
  const cookie = sessionCookie(secure);
  const headers = securityHeaders({ ...options.policy, secure });
  const metrics = options.metrics ?? new Registry();
  const streams = openChangeStreams({ ...streamLimits, ...options.streams }, now);
  const measure = measures(metrics, streams);
  const app = bareServer(options, headers);

  const parts: RouteParts = {
    lockout: openLockout(),
    streams,
    metrics,
    security: options.security,
    portal: await readPortal(options.portal),
    version: options.version,
    document: () => app.swagger(),
  };
  const routes = routeTable(parts);
  onlyDeclared(app, routes);

  app.setValidatorCompiler(TypeBoxValidatorCompiler as never);
  for (const schema of components) app.addSchema(schema);
  await app.register(swagger, openapi(options.version));
  bodyParsers(app, routes);

  app.decorateRequest("passed", undefined);
  app.addHook("onRequest", async (request, reply) => {
    reply.headers({ ...headers, "x-request-id": request.id, "cache-control": "no-store" });
    const { route } = request.routeOptions.config;
    if (!route) return;
    request.passed = await passGate(request, route, options.acts, cookie);
    const entered = route.enter?.(request.headers);
    if (typeof entered === "object") throw new Refused(entered);
    // "close" comes once, whether the answer was sent, failed, or nobody waited for it.
    if (entered) reply.raw.once("close", entered);
  });
  app.addHook("onResponse", async (request, reply) => {
    const url = request.routeOptions.config.route?.url ?? "none";
    measure(request.method, url, reply.statusCode, reply.elapsedTime);
    // The route's pattern and never the URL: links and queries hold secrets.
    request.log.info(
      {
        request: request.id,
        peer: request.ip,
        method: request.method,
        route: url,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
      },
      "answered",
    );
  });

  const elsewhere = methodsElsewhere(routes);
  const absent = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const allow = elsewhere(request.method, request.url.split("?", 1)[0] ?? "");
    return allow.length === 0
      ? refuse(request, reply, { problem: problem("WGL_ABSENT") })
      : refuse(request, reply, {
          problem: problem("WGL_HTTP_METHOD", { method: request.method, allow: allow.join(", ") }),
          headers: { allow: allow.join(", ") },
        });
  };
  app.setNotFoundHandler((request, reply) => absent(request, reply));
  app.setErrorHandler((error, request, reply) => {
    const { route } = request.routeOptions.config;
    const refusal = refusalOf(error, route, route?.bodyLimit ?? bodyAtMost);
    // A router takes "/objects/" for an object without a name; the list of objects may be there for another method
    if (refusal.problem.code === "WGL_ABSENT") return absent(request, reply);
    if (refusal.problem.code === "WGL_HTTP_OURS" || refusal.problem.code === "WGL_HTTP_DOWN")
      request.log.error({ err: error, request: request.id }, "request failed");
    return refuse(request, reply, refusal, refusal.single);
  });

  const server: Asked["server"] = {
    carry: (secret, until) => cookie.carry(secret, until, now()),
    drop: cookie.drop,
    monotonic: () => performance.now(),
    now,
  };
  for (const route of routes)
    app.route({
      method: route.method,
      url: route.url,
      schema: { ...fastifySchema(route), ...(route.url === "/*" || route.hidden ? { hide: true } : {}) },
      config: { route },
      bodyLimit: route.bodyLimit ?? bodyAtMost,
      // A HEAD would open a stream that nobody reads.
      exposeHeadRoute:
        route.method === "GET" && !(route.gives && isMedia(route.gives) && route.gives.includes("text/event-stream")),
      handler: async (request, reply) => {
        const { passed } = request;
        assert(passed, "a handler runs behind the gate");
        const answer = await route.handle({
          acts: options.acts,
          ask: passed.ask,
          viewer: passed.viewer,
          session: passed.session,
          params: request.params,
          query: request.query,
          body: request.body,
          headers: request.headers,
          method: route.method,
          peer: request.ip,
          stillSignedIn: passed.stillSignedIn,
          server,
        });
        if ("problem" in answer && route.url === "/*") return absent(request, reply);
        return send(request, reply, route, answer);
      },
    });
  app.addHook("preClose", async () => streams.close());
  await app.ready();

  return {
    app,
    routes,
    listen: async (host, port) => {
      refuseHalf(host, options);
      return app.listen({ host, port });
    },
    close: () => app.close(),
  };
};

const send = (request: FastifyRequest, reply: FastifyReply, route: Route, answer: Answer): FastifyReply => {
  if ("problem" in answer) return refuse(request, reply, answer);
  const status = answer.status ?? route.status ?? 200;
  reply.code(status).headers({ ...answer.headers });
  if (answer.body === undefined || route.gives === undefined) return reply.send();
  const type = isMedia(route.gives) ? (answer.type ?? route.gives[0]) : "application/json; charset=utf-8";
  return reply.type(type ?? "application/octet-stream").send(answer.body);
};
