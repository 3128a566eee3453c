import { type Instant, instant } from "#core/instant.ts";
import { no, ok, type Result } from "#core/result.ts";
import type { DnsQuestion, HttpRequest, Session, Stream, TelemetryRecord } from "#telemetry/format.ts";
import { keyValues } from "#telemetry/key-values.ts";
import { known } from "#telemetry/known.ts";
import { isoTime } from "#telemetry/local-time.ts";
import { measuresOf } from "#telemetry/measures.ts";
import { type Fields, numberIn, portIn } from "#telemetry/record-fields.ts";
import { SeenList } from "#telemetry/seen-list.ts";

const title = "a FortiGate log";

export const looksLikeFortigate = (line: string): boolean =>
  /(?:^|[>\s])(?:date=\d{4}-|logver=|timestamp=\d)/.test(line) &&
  /\b(?:devid|devname|logid|vd)="?/.test(line) &&
  /\btype="?(?:traffic|utm|event|dns|anomaly|voip|gtp|app-ctrl)\b/.test(line);

/**
 * One log, of the types `traffic`, `utm` and `event`. Its time is `eventtime` (since 6.0; nanoseconds, before 6.2.1
 * seconds), else `date` and `time` in the zone `tz`. Traffic is logged when the session is over: `until`.
 *
 * @returns WGL_LOG_LINE, WGL_LOG_FIELD, WGL_TIME
 * @see https://docs.fortinet.com/document/fortigate/7.6.0/fortios-log-message-reference
 */
export const parseFortigate = (line: string, stream: Stream): Result<TelemetryRecord> | undefined => {
  if (line.trim() === "") return undefined;
  const begin = /(?:^|[>\s])((?:date=\d{4}-|logver=|timestamp=\d)[^]*)$/.exec(line)?.[1];
  const fields = begin === undefined ? undefined : keyValues(begin);
  if (fields === undefined) return no("WGL_LOG_LINE", { format: title, value: line });
  const at = (name: string): string | undefined => {
    const text = fields[name];
    return text === undefined || text === "" || text === "N/A" ? undefined : text;
  };
  const kind = at("type");
  if (kind === undefined)
    return no("WGL_LOG_FIELD", { format: title, field: "type", value: "", wanted: "a type of log" });
  const logged = timeOf(at, stream);
  if (!logged.ok) return logged;
  const seconds = numberIn(at("duration"));
  const session = kind === "traffic" && seconds !== undefined && seconds > 0 && seconds * 1000 <= logged.value;
  const time = session ? instant(logged.value - seconds * 1000) : logged.value;
  const seen = new SeenList();
  const login = kind === "event" ? sessionOf(at) : undefined;
  const source = seen.address(
    "source",
    at("srcip") ?? at("remip") ?? (login === undefined ? undefined : at("ip")),
    portIn(at("srcport")),
  );
  const destination = seen.address("destination", at("dstip"), portIn(at("dstport")));
  seen.host("http-host", at("hostname"), portIn(at("dstport")));
  const url = at("url");
  const host = at("hostname");
  const whole =
    url === undefined || /^[a-z]+:\/\//i.test(url) || host === undefined
      ? url
      : `${schemeOf(at)}://${host}${url.startsWith("/") ? "" : "/"}${url}`;
  seen.url("http-url", whole);
  seen.url("http-referrer", at("referralurl"));
  seen.hops(at("forwardedfor"));
  seen.host("dns-query", at("qname"));
  for (const answer of at("ipaddr")?.split(/[ ,]+/) ?? []) seen.host("dns-answer", answer);
  seen.host("tls-sni", at("sni") ?? at("scertcname"));
  for (const name of ["filehash", "analyticscksum", "checksum"]) seen.hash("file-hash", at(name));
  for (const name of ["from", "sender"]) seen.mail("mail-from", at(name));
  for (const name of ["to", "recipient"]) seen.mail("mail-to", at(name));
  const http = httpOf(at, url);
  const dns = dnsOf(at);
  const record: Fields = whole === undefined ? fields : withUrl(fields, whole);
  const name = at("devname");
  return ok({
    time,
    ...(session ? { until: logged.value } : {}),
    event: kind === "dns" || kind === "app-ctrl" ? "utm" : kind,
    fields: record,
    seen: seen.seen,
    measures: measuresOf({
      bytesOut: numberIn(at("sentbyte")),
      bytesIn: numberIn(at("rcvdbyte")),
      packetsOut: numberIn(at("sentpkt")),
      packetsIn: numberIn(at("rcvdpkt")),
      durationMs: seconds === undefined ? undefined : seconds * 1000,
    }),
    ...(source === undefined ? {} : { source }),
    ...(destination === undefined ? {} : { destination }),
    ...(name === undefined ? {} : { host: name }),
    ...(login === undefined ? {} : { session: login }),
    ...(http === undefined ? {} : { http }),
    ...(dns === undefined ? {} : { dns }),
  });
};

type At = (name: string) => string | undefined;

const schemeOf = (at: At): string =>
  /https|ssl/i.test(at("service") ?? "") || at("dstport") === "443" ? "https" : "http";

/** With the extension of what was asked for, which rules look at. */
const withUrl = (fields: Readonly<Record<string, string>>, url: string): Fields => {
  const record: Record<string, unknown> = { ...fields };
  const extension = /^[a-z]+:\/\/[^/]*\/[^?#]*\.([A-Za-z0-9]{1,16})(?:[?#]|$)/i.exec(url)?.[1];
  if (extension !== undefined) record["cs-uri-extension"] = extension.toLowerCase();
  return record;
};

const timeOf = (at: At, stream: Stream): Result<Instant> => {
  const event = at("eventtime");
  if (event !== undefined && /^\d{10,19}$/.test(event)) return ok(instant(Number(event.slice(0, 13).padEnd(13, "0"))));
  const zone = /^[+-]\d{4}$/.exec(at("tz") ?? "")?.[0] ?? "";
  return isoTime(`${at("date") ?? ""}T${at("time") ?? ""}${zone}`, stream);
};

/** Administrators' and VPN users' log-ons: log ids 0100032001/2, 0101039424/6 and their kin, told by their action. */
const sessionOf = (at: At): Session | undefined => {
  const action = at("action")?.toLowerCase() ?? "";
  const says = `${at("logdesc") ?? ""} ${at("msg") ?? ""}`.toLowerCase();
  const vpn =
    /^(?:ssl-login-fail|tunnel-up|ssl-new-con|ssl-web-pass|auth-logon)$/.test(action) ||
    /ssl vpn (?:login|tunnel up)/.test(says);
  if (!(action === "login" || action === "authentication" || vpn)) return undefined;
  if (action === "ssl-new-con") return undefined;
  const result = (at("status") ?? at("result") ?? "").toLowerCase();
  const failed = /fail|denied|invalid|error/.test(`${action} ${result}`) || /login failed/.test(says);
  const account = at("user") ?? at("xauthuser");
  const country = countryOf(at("srccountry"));
  return {
    ...(account === undefined ? {} : { account }),
    outcome: failed ? "failure" : "success",
    ...(country === undefined ? {} : { country }),
    service: vpn ? "vpn" : action === "authentication" ? "firewall-user" : "fortigate",
  };
};

/** FortiOS writes names ("Hong Kong"); only codes are kept. */
const countryOf = (text: string | undefined): string | undefined =>
  text !== undefined && /^[A-Z]{2}$/.test(text) ? text : undefined;

const httpOf = (at: At, url: string | undefined): HttpRequest | undefined => {
  if (at("subtype") !== "webfilter" && at("subtype") !== "waf") return undefined;
  const path = url === undefined ? undefined : url.replace(/^[a-z]+:\/\/[^/?#]*/i, "") || "/";
  const mark = path?.indexOf("?") ?? -1;
  return known({
    method: at("httpmethod")?.toUpperCase(),
    host: at("hostname"),
    path: mark < 0 ? path : path?.slice(0, mark),
    query: mark < 0 ? undefined : path?.slice(mark + 1),
    status: numberIn(at("httpcode")),
    agent: at("agent"),
    referrer: at("referralurl"),
    bytes: numberIn(at("rcvdbyte")),
  });
};

const dnsOf = (at: At): DnsQuestion | undefined => {
  const query = at("qname");
  if (query === undefined) return undefined;
  const type = at("qtype")?.toUpperCase();
  const answers = at("ipaddr")?.split(/[ ,]+/);
  return {
    query: query.replace(/\.$/, ""),
    ...(type === undefined ? {} : { type }),
    ...(at("eventtype") === "dns-response" ? { rcode: at("rcode")?.toUpperCase() ?? "NOERROR" } : {}),
    ...(answers === undefined ? {} : { answers }),
  };
};
