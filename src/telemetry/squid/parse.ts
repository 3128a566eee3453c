import { type Instant, instant } from "#core/instant.ts";
import { no, ok, type Result } from "#core/result.ts";
import type { Stream, TelemetryRecord } from "#telemetry/format.ts";
import { epochSeconds, namedTime } from "#telemetry/local-time.ts";
import { addressIn } from "#telemetry/observed.ts";
import { syslogHead } from "#telemetry/syslog-head.ts";
import { requestLine, said, statusOf, webRecord } from "#telemetry/web-record.ts";

const title = "a Squid log";

// logformat squid      %ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru %[un %Sh/%<a %mt
const native =
  /^(\d{1,12}\.\d{1,6}) +(-?\d{1,12}) (\S+) ([A-Z][A-Z0-9_]*)\/(\d{1,3}) (\d{1,18}) (\S+) (\S+) (\S+) ([A-Z_0-9]+)\/(\S+) (\S+)(?: (.*))?$/;
// logformat combined   %>a %[ui %[un [%tl] "%rm %ru HTTP/%rv" %>Hs %<st "%{Referer}>h" "%{User-Agent}>h" %Ss:%Sh
const combined =
  /^(\S+) (\S+) (\S+) \[([^\]]{8,64})\] "([^"]*)" (\d{1,3}) (\d{1,18}) "([^"]*)" "([^"]*)" ([A-Z][A-Z0-9_]*):([A-Z][A-Z0-9_]*)$/;

export const looksLikeSquid = (line: string): boolean => {
  const { rest } = syslogHead(line);
  return native.test(rest) || combined.test(rest);
};

/**
 * One line, the slow and obvious way. Squid writes when the request was over and how long it took.
 *
 * @returns WGL_LOG_LINE, WGL_LOG_FIELD, WGL_TIME
 * @see https://www.squid-cache.org/Doc/config/logformat/
 */
export const parseSquid = (line: string, stream: Stream): Result<TelemetryRecord> | undefined => {
  if (line.trim() === "") return undefined;
  const text = syslogHead(line).rest.trimEnd();
  const found = native.exec(text);
  if (found !== null) return ofNative(found);
  const other = combined.exec(text);
  return other === null ? no("WGL_LOG_LINE", { format: title, value: line }) : ofCombined(other, stream);
};

const ofNative = (found: readonly string[]): Result<TelemetryRecord> => {
  const [, ts = "", took = "", client, result, code, bytes, method, url, user, hierarchy, peer, mime, rest] = found;
  const over = epochSeconds(ts);
  if (over === undefined) return no("WGL_TIME", { value: ts });
  const took0 = Math.max(0, Number(took));
  return record({
    over,
    took: took0,
    when: ts,
    client,
    user,
    result,
    code,
    bytes,
    method,
    url,
    hierarchy,
    peer,
    mime,
    rest,
    version: undefined,
    referrer: undefined,
    agent: undefined,
  });
};

const ofCombined = (found: readonly string[], stream: Stream): Result<TelemetryRecord> => {
  const [, client, , user, when = "", request = "", code, bytes, referrer, agent, result, hierarchy] = found;
  const over = namedTime(when, stream);
  if (!over.ok) return over;
  const asked = requestLine(request);
  return record({
    over: over.value,
    took: undefined,
    when,
    client,
    user,
    result,
    code,
    bytes,
    method: asked?.method,
    url: asked?.target,
    version: asked?.version,
    hierarchy,
    peer: undefined,
    mime: undefined,
    rest: undefined,
    referrer,
    agent,
  });
};

type Text = string | undefined;

interface Row {
  readonly over: Instant;
  readonly took: number | undefined;
  readonly when: Text;
  readonly client: Text;
  readonly user: Text;
  readonly result: Text;
  readonly code: Text;
  readonly bytes: Text;
  readonly method: Text;
  readonly url: Text;
  readonly version: Text;
  readonly hierarchy: Text;
  readonly peer: Text;
  readonly mime: Text;
  readonly rest: Text;
  readonly referrer: Text;
  readonly agent: Text;
}

const record = (row: Row): Result<TelemetryRecord> => {
  const fields: Record<string, unknown> = Object.create(null);
  const put = (name: string, value: string | number | undefined): void => {
    if (value !== undefined && value !== "" && value !== "-") fields[name] = value;
  };
  const url = said(row.url);
  const mark = url?.indexOf("?") ?? -1;
  put("time", row.when);
  put("time-taken", row.took);
  put("c-ip", row.client);
  put("cs-username", row.user);
  put("s-action", row.result);
  put("sc-status", Number(row.code));
  put("sc-bytes", Number(row.bytes));
  put("cs-method", row.method);
  put("c-uri", url);
  put("cs-uri-query", mark < 0 ? undefined : url?.slice(mark + 1));
  put("cs-version", row.version);
  put("s-hierarchy", row.hierarchy);
  put("r-ip", row.peer);
  put("rs-content-type", row.mime);
  put("cs-referer", row.referrer);
  put("c-useragent", row.agent);
  put("rest", row.rest);
  const tunnel = row.method?.toUpperCase() === "CONNECT";
  const host = /^(?:[a-z][a-z0-9+.-]*:\/\/)?(\[[^\]/?#]*\]|[^/?#:]*)(?::(\d{1,5}))?(?:[/?#]|$)/i.exec(url ?? "");
  const port = Number(host?.[2] ?? (url?.startsWith("https:") ? 443 : tunnel ? 443 : 80));
  put("cs-host", host?.[1]);
  const began = row.took === undefined || row.took > row.over ? row.over : instant(row.over - row.took);
  return ok(
    webRecord(
      {
        event: "proxy",
        time: began,
        until: row.over,
        client: said(row.client),
        // The peer is the origin itself, unless it was asked through another proxy.
        server: /DIRECT|PINNED/.test(row.hierarchy ?? "") && addressIn(row.peer ?? "") ? row.peer : undefined,
        serverPort: port > 0 && port <= 65_535 ? port : undefined,
        user: said(row.user),
        method: said(row.method),
        target: url,
        status: statusOf(row.code),
        referrer: said(row.referrer),
        agent: said(row.agent),
        bytesIn: Number(row.bytes),
        durationMs: row.took,
      },
      fields,
    ),
  );
};
