import { parseHash } from "#core/hash.ts";
import type { Instant } from "#core/instant.ts";
import type { FieldPolicy, LogSource, RuleView, Session, TelemetryRecord } from "./format.ts";
import { known } from "./known.ts";
import { measuresOf } from "./measures.ts";
import { hostIn, urlIn } from "./observed.ts";
import type { Fields } from "./record-fields.ts";
import { SeenList } from "./seen-list.ts";

/** What a log of HTTP requests says of one, whatever it calls the columns; absent where it writes "-". */
export interface LoggedRequest {
  readonly event: string;
  readonly time: Instant;
  readonly until?: Instant | undefined;
  /** The machine at the other end of the connection, an address or (HostnameLookups) a name. */
  readonly client?: string | undefined;
  readonly clientPort?: number | undefined;
  readonly server?: string | undefined;
  readonly serverPort?: number | undefined;
  readonly forwarded?: string | undefined;
  readonly user?: string | undefined;
  readonly method?: string | undefined;
  /** "/path?query", "http://host/path" (to a proxy), "host:443" after CONNECT. */
  readonly target?: string | undefined;
  /** The `Host` asked for or the server's own name. */
  readonly host?: string | undefined;
  /** Absent: told from the port. */
  readonly scheme?: "http" | "https" | undefined;
  readonly status?: number | undefined;
  readonly agent?: string | undefined;
  readonly referrer?: string | undefined;
  /** Seen from the client: sent, and got. */
  readonly bytesOut?: number | undefined;
  readonly bytesIn?: number | undefined;
  readonly durationMs?: number | undefined;
  /** Digests the log has of the client's hello. */
  readonly ja3?: string | undefined;
}

/**
 * One request as a record. `own` are the log's fields, a fresh object, to which are added, where the log has no such column, the parts of
 * the request under their W3C names, for rules: `cs-uri` (the target whole), `cs-uri-stem`, `cs-uri-extension`, `c-uri`.
 */
export const webRecord = (request: LoggedRequest, own: Record<string, unknown>): TelemetryRecord => {
  const seen = new SeenList();
  const source = seen.address("source", request.client, request.clientPort);
  if (source === undefined) seen.host("source", request.client);
  const destination = seen.address("destination", request.server, request.serverPort);
  const parts = targetParts(request);
  seen.hops(request.forwarded);
  // After CONNECT the target is the host, with its port.
  const bare = request.host !== undefined && hostIn(request.host) ? request.host : undefined;
  seen.host("http-host", bare, request.serverPort);
  if (parts.path !== undefined && parts.url === undefined) {
    if (bare !== undefined) seen.put("http-url", urlIn(`${origin(bare, request)}${request.target ?? ""}`));
    seen.url("http-url", request.target);
  } else seen.url("http-url", parts.url);
  if (parts.host !== undefined && parts.url === undefined) seen.host("http-host", parts.host);
  if (request.referrer?.startsWith("/") !== true) seen.url("http-referrer", request.referrer);
  if (request.ja3 !== undefined && parseHash(request.ja3).ok) seen.hash("ja3", request.ja3);
  const http = known({
    method: request.method?.toUpperCase(),
    host: parts.host ?? request.host,
    path: parts.path,
    query: parts.query,
    status: request.status,
    agent: request.agent,
    referrer: request.referrer,
    bytes: request.bytesIn,
  });
  const session = sessionOf(request);
  const until = request.until !== undefined && request.until > request.time ? request.until : undefined;
  return {
    time: request.time,
    ...(until === undefined ? {} : { until }),
    event: request.event,
    fields: withParts(own, parts, request),
    seen: seen.seen,
    measures: measuresOf({
      bytesOut: request.bytesOut,
      bytesIn: request.bytesIn,
      packetsOut: undefined,
      packetsIn: undefined,
      durationMs: request.durationMs,
    }),
    ...(source === undefined ? {} : { source }),
    ...(destination === undefined ? {} : { destination }),
    ...(session === undefined ? {} : { session }),
    ...(http === undefined ? {} : { http }),
  };
};

/** `-` and nothing: the log's way to say that there is nothing. */
export const said = (text: string | undefined): string | undefined =>
  text === undefined || text === "-" || text === "" ? undefined : text;

/** 100 to 599; squid writes 0 and nginx 000 where no answer was given. */
export const statusOf = (given: string | number | undefined): number | undefined => {
  const status = Number(given);
  return Number.isInteger(status) && status >= 100 && status <= 599 ? status : undefined;
};

/** "GET /a b HTTP/1.1": servers log what was sent, so the target may hold blanks, and there may be no version. */
export const requestLine = (
  line: string,
): { readonly method: string; readonly target: string; readonly version?: string } | undefined => {
  const found = /^([A-Za-z][A-Za-z_-]{0,31}) (.+?)(?: (HTTP\/\d(?:\.\d)?))?$/s.exec(line);
  if (found === null) return undefined;
  const [, method = "", target = "", version] = found;
  return { method, target, ...(version === undefined ? {} : { version }) };
};

interface Parts {
  readonly url?: string;
  readonly host?: string;
  readonly path?: string;
  readonly query?: string;
}

const targetParts = (request: LoggedRequest): Parts => {
  const target = request.target;
  if (target === undefined) return {};
  if (request.method?.toUpperCase() === "CONNECT") return { host: target };
  const whole = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)([^]*)$/i.exec(target);
  const local = whole === null ? target : (whole[2] ?? "");
  const mark = local.indexOf("?");
  const path = mark < 0 ? local : local.slice(0, mark);
  return {
    ...(whole === null ? {} : { url: target, host: whole[1] ?? "" }),
    ...(path.startsWith("/") ? { path } : {}),
    ...(mark < 0 ? {} : { query: local.slice(mark + 1) }),
  };
};

/** Scheme and host of a request that names neither; a port that the host itself does not say comes from the server. */
const origin = (host: string, request: LoggedRequest): string => {
  const port = request.serverPort;
  const says = /^(?:\[[^\]]*\]|[^:]*):(\d+)$/.exec(host)?.[1];
  const scheme = request.scheme ?? (port === 443 || says === "443" ? "https" : "http");
  const bracketed = says === undefined && host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
  const silent = says !== undefined || port === undefined || port === (scheme === "https" ? 443 : 80);
  return `${scheme}://${bracketed}${silent ? "" : `:${port}`}`;
};

/** A name with a request: the server asked for a password and took it, or did not. Redirects and errors say neither. */
const sessionOf = (request: LoggedRequest): Session | undefined => {
  const { user, status } = request;
  if (user === undefined) return undefined;
  const refused = status === 401 || status === 407;
  const outcome = refused ? "failure" : status !== undefined && status < 300 ? "success" : undefined;
  return {
    account: user,
    service: request.event === "proxy" ? "proxy" : "http",
    ...(outcome === undefined ? {} : { outcome }),
  };
};

const withParts = (fields: Record<string, unknown>, parts: Parts, request: LoggedRequest): Fields => {
  const add = (name: string, value: string | undefined): void => {
    if (value !== undefined && value !== "" && !Object.hasOwn(fields, name)) fields[name] = value;
  };
  const query = parts.query === undefined ? "" : `?${parts.query}`;
  add("cs-uri", parts.path === undefined ? request.target : parts.path + query);
  add("cs-uri-stem", parts.path);
  add("cs-uri-extension", /\.([A-Za-z0-9]{1,16})$/.exec(parts.path ?? "")?.[1]?.toLowerCase());
  add("c-uri", request.target);
  add("cs-host", parts.host ?? request.host);
  add("cs-method", request.method);
  return fields;
};

/**
 * How SigmaHQ's rules call these: `cs-uri-query` of `webserver` rules is the target whole ("/owa/auth/x.js" as well as
 * "?cmd="), `c-uri` of `proxy` rules the URL whole.
 */
export const webNames = {
  "cs-uri-query": ["cs-uri", "cs-uri-query"],
  "c-uri-query": ["cs-uri-query", "cs-uri"],
  "c-uri-extension": "cs-uri-extension",
  "c-uri-stem": "cs-uri-stem",
  "cs-user-agent": ["c-useragent", "cs(User-Agent)"],
  "c-useragent": ["c-useragent", "cs(User-Agent)"],
  "cs-referer": ["cs-referer", "cs(Referer)"],
  "cs-referrer": ["cs-referer", "cs(Referer)"],
  "cs-cookie": ["cs-cookie", "cs(Cookie)"],
  "cs-content-type": ["cs-content-type", "cs(Content-Type)"],
  "cs-host": ["cs-host", "cs(Host)"],
  "r-dns": ["r-dns", "cs-host", "cs(Host)"],
  "cs-bytes": "cs-bytes",
  "sc-bytes": "sc-bytes",
  src_ip: "c-ip",
  dst_ip: ["r-ip", "s-ip"],
  dst_port: "s-port",
} as const satisfies RuleView["names"];

const webserver: readonly LogSource[] = [{ category: "webserver" }];

/** Rules about servers read these records. Product and service are the server's. */
export const webserverRules = (...own: readonly LogSource[]): RuleView => {
  const sources = own.length === 0 ? webserver : own;
  return { logSources: () => sources, names: webNames };
};

/** Who asked is hashed, cookies and passwords go, what was asked for stays. */
export const webPolicy: FieldPolicy = {
  "cs-username": "hash",
  ident: "hash",
  "cs-cookie": "drop",
  "cs(Cookie)": "drop",
  "cs(Authorization)": "drop",
  "cs-authorization": "drop",
  request: "secrets",
  "cs-uri": "secrets",
  "cs-uri-query": "secrets",
  "cs-uri-stem": "secrets",
  "c-uri": "secrets",
  "cs-referer": "secrets",
  "cs(Referer)": "secrets",
};
