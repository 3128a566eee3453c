import type { FastifyRequest } from "fastify";
import { problem } from "#core/result.ts";
import type { Acts, Ask } from "#jobs/acts/port.ts";
import { readCredential } from "./credential.ts";
import { admit, type Caller, wantsToken } from "./guard.ts";
import { isLoopback } from "./listening.ts";
import { readerLanguage } from "./reader-language.ts";
import { mediaOf, Refused } from "./refusal.ts";
import type { Route } from "./route.ts";
import type { SessionCookie } from "./session-cookie.ts";

/** Who came through, and what acts are told of the request. */
export interface Passed extends Caller {
  readonly ask: Ask;
  readonly stillSignedIn: () => Promise<boolean>;
}

/**
 * All that is decided before a byte of body is read: the body's type, whose page the request came from, who asks, and
 * whether they may.
 *
 * @throws Refused
 */
export const passGate = async (
  request: FastifyRequest,
  route: Route,
  acts: Acts,
  cookie: SessionCookie,
): Promise<Passed> => {
  const credential = readCredential(
    (route.bareKey && bareKey(request)) || request.headers.authorization,
    cookie.read(request.headers.cookie),
  );
  refuseForeignPage(request, route, credential.kind === "token");
  const admitted = await admit(route.who, credential, isLocal(request), acts);
  if (!admitted.ok) {
    const code = admitted.problem.code;
    throw new Refused({
      problem: admitted.problem,
      ...(code === "WGL_HTTP_SIGNED_OUT" || code === "WGL_HTTP_TOKEN"
        ? { headers: { "www-authenticate": challenge(route) } }
        : {}),
    });
  }
  refuseStrangeBody(request, route);
  return {
    ...admitted.value,
    ask: askOf(request),
    stillSignedIn: async () => credential.kind === "session" && (await acts.session(credential.hash)) !== undefined,
  };
};

/**
 * Against forged requests, beside SameSite=Strict: what changes something with a cookie needs a header that a stranger's
 * form cannot send, and no browser may call it cross-site (Fetch Metadata). Origin is not asked: under our
 * `Referrer-Policy: no-referrer` browsers send "null" for forms.
 */
const refuseForeignPage = (request: FastifyRequest, route: Route, byToken: boolean): void => {
  if (route.method === "GET" || byToken) return;
  const site = request.headers["sec-fetch-site"];
  const foreign = site !== undefined && site !== "same-origin";
  const unmarked = route.forPeople !== true && !wantsToken(route.who) && request.headers["x-waglan"] !== "1";
  if (foreign || unmarked) throw new Refused({ problem: problem("WGL_HTTP_CROSS_SITE") });
};

/** A token without a scheme, as "Bearer" would bring it; undefined where none stands alone. */
const bareKey = ({ headers }: FastifyRequest): string | undefined => {
  const given = headers.authorization ?? headers["x-misp-auth"];
  const text = typeof given === "string" ? given.trim() : "";
  return text === "" || text.includes(" ") ? undefined : `Bearer ${text}`;
};

const refuseStrangeBody = (request: FastifyRequest, route: Route): void => {
  const hasBody =
    request.headers["transfer-encoding"] !== undefined || Number(request.headers["content-length"] ?? "0") > 0;
  if (!hasBody) return;
  const type = (request.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  const takes = route.takes ?? (route.body ? ["application/json"] : []);
  if (!takes.includes(type)) throw new Refused({ problem: problem("WGL_HTTP_MEDIA", { wanted: mediaOf(route) }) });
  const encoded = request.headers["content-encoding"];
  // Only telemetry and intelligence may come packed; elsewhere a packed body would be read as what it is not.
  if (encoded !== undefined && encoded !== "identity" && route.who !== "sensor" && route.packed !== true)
    throw new Refused({ problem: problem("WGL_BATCH_ENCODING", { encoding: encoded }) });
};

/** RFC 9110 §11.6.1. Basic only where firewalls fetch, since it makes browsers ask people for a password. */
const challenge = ({ who, basic }: Route): string =>
  who === "partner-token" || basic === true ? 'Bearer realm="waglan", Basic realm="waglan"' : 'Bearer realm="waglan"';

/** This machine itself: a loopback peer, that asked a loopback name (no rebound page of a stranger), through no proxy. */
const isLocal = (request: FastifyRequest): boolean =>
  isLoopback(request.socket.remoteAddress ?? "") &&
  isLoopback((request.headers.host ?? "").replace(/:\d+$/, "").replace(/^\[|\]$/g, "")) &&
  ["forwarded", "x-forwarded-for", "x-real-ip", "via"].every((name) => request.headers[name] === undefined);

const askOf = (request: FastifyRequest): Ask => {
  const key = request.headers["idempotency-key"];
  if (key !== undefined && (typeof key !== "string" || !/^[A-Za-z0-9._:~-]{1,128}$/.test(key)))
    throw new Refused({ problem: problem("WGL_HTTP_IDEMPOTENCY") });
  return {
    language: readerLanguage(request.headers["accept-language"]),
    request: request.id,
    ...(key === undefined ? {} : { key }),
  };
};
