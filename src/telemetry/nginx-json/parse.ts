import { type Instant, instant } from "#core/instant.ts";
import { no, ok, type Result } from "#core/result.ts";
import type { Stream, TelemetryRecord } from "#telemetry/format.ts";
import { readJsonRecord } from "#telemetry/json-record.ts";
import { epochSeconds, isoTime, namedTime } from "#telemetry/local-time.ts";
import { type Fields, numberAt, portIn, textAt, textsAt, valueAt } from "#telemetry/record-fields.ts";
import { requestLine, said, statusOf, webRecord } from "#telemetry/web-record.ts";

const title = "a web access log in JSON";

/**
 * One request. Operators choose the keys: looked for are nginx's own variables, and the keys of Caddy (`request.uri`),
 * Traefik (`RequestPath`) and the usual short ones.
 *
 * @returns WGL_LOG_JSON, WGL_LOG_KEY, WGL_LOG_FIELD, WGL_TIME
 * @see https://nginx.org/en/docs/varindex.html
 * @see https://caddyserver.com/docs/logging
 */
export const parseNginxJson = (line: string, stream: Stream): Result<TelemetryRecord> | undefined => {
  if (line.trim() === "") return undefined;
  const read = readJsonRecord(line, title);
  if (!read.ok) return read;
  const own = read.value;
  const text = (...names: readonly string[]): string | undefined => said(textAt(own, ...names));
  const ended = timeOf(own, stream);
  if (!ended.ok) return ended;
  const status = text("status", "status_code", "DownstreamStatus", "OriginStatus", "response");
  if (status !== undefined && !/^\d{1,3}$/.test(status))
    return no("WGL_LOG_FIELD", { format: title, field: "status", value: status, wanted: "a number" });
  const took = tookMs(own);
  const began = took === undefined || took > ended.value ? ended.value : instant(ended.value - took);
  const client = text(
    "remote_addr",
    "request.remote_ip",
    "remote_ip",
    "client_ip",
    "clientip",
    "ClientHost",
    "remoteAddr",
    "request.client_ip",
  );
  if (client === undefined)
    return no("WGL_LOG_FIELD", { format: title, field: "remote_addr", value: "", wanted: "an address" });
  const asked = requestLine(text("request") ?? "");
  const path = text("request_uri", "request.uri", "RequestPath", "uri", "url", "path", "request_url");
  const query = text("args", "query_string", "query");
  const target =
    asked?.target ?? (path === undefined || query === undefined || path.includes("?") ? path : `${path}?${query}`);
  const referrer =
    text("http_referer", "http_referrer", "referer", "referrer", "request_Referer") ??
    first(own, "request.headers.Referer");
  const agent =
    text("http_user_agent", "user_agent", "agent", "request_User-Agent") ?? first(own, "request.headers.User-Agent");
  const forwarded =
    text("http_x_forwarded_for", "x_forwarded_for", "forwarded_for", "xff") ??
    first(own, "request.headers.X-Forwarded-For");
  const user = text("remote_user", "user_id", "ClientUsername", "user");
  const fields: Record<string, unknown> = Object.assign(Object.create(null), own);
  const add = (name: string, value: string | number | undefined): void => {
    if (value !== undefined && !Object.hasOwn(fields, name)) fields[name] = value;
  };
  add("c-ip", client);
  add("c-useragent", agent);
  add("cs-referer", referrer);
  add("cs-username", user);
  add("sc-status", statusOf(status));
  return ok(
    webRecord(
      {
        event: "access",
        time: began,
        until: ended.value,
        client,
        clientPort: portIn(text("remote_port", "request.remote_port", "ClientPort")),
        server: text("server_addr"),
        serverPort: portIn(text("server_port", "RequestPort")),
        forwarded,
        user,
        method: asked?.method ?? text("request_method", "request.method", "RequestMethod", "method", "verb"),
        target,
        host: text("host", "http_host", "request.host", "RequestHost", "server_name", "vhost"),
        scheme: schemeOf(text("scheme", "RequestScheme")),
        status: statusOf(status),
        referrer,
        agent,
        bytesOut: numberAt(own, "request_length", "bytes_read", "RequestContentSize"),
        bytesIn: numberAt(own, "body_bytes_sent", "bytes_sent", "DownstreamContentSize", "size", "bytes"),
        durationMs: took,
      },
      fields,
    ),
  );
};

const schemeOf = (text: string | undefined): "http" | "https" | undefined =>
  text === "http" || text === "https" ? text : undefined;

const first = (fields: Fields, path: string): string | undefined => said(textsAt(fields, path)[0]);

const timeOf = (fields: Fields, stream: Stream): Result<Instant> => {
  const given =
    textAt(fields, "time_iso8601", "@timestamp", "timestamp", "time_local", "msec", "ts", "time", "StartUTC", "date") ??
    "";
  const seconds = epochSeconds(given);
  if (seconds !== undefined) return ok(seconds);
  return /^\d{1,2}\/[A-Za-z]{3}\//.test(given) ? namedTime(given, stream) : isoTime(given, stream);
};

/** nginx and Caddy count seconds, Traefik nanoseconds. */
const tookMs = (fields: Fields): number | undefined => {
  const nanoseconds = valueAt(fields, "Duration");
  const ms =
    typeof nanoseconds === "number"
      ? nanoseconds / 1e6
      : (numberAt(fields, "request_time", "duration") ?? Number.NaN) * 1000;
  return Number.isFinite(ms) && ms >= 0 ? Math.round(ms) : undefined;
};
