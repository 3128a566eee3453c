import { no, ok, type Result } from "#core/result.ts";
import { type Instant, instant } from "#core/instant.ts";
import { questionOf } from "#telemetry/dns-record.ts";
import type { DnsQuestion, HttpRequest, Session, Stream, TelemetryRecord } from "#telemetry/format.ts";
import { readJsonRecord } from "#telemetry/json-record.ts";
import { known } from "#telemetry/known.ts";
import { isoTime } from "#telemetry/local-time.ts";
import { measuresOf } from "#telemetry/measures.ts";
import { type Fields, numberAt, objectAt, objectsAt, portIn, textAt } from "#telemetry/record-fields.ts";
import { SeenList } from "#telemetry/seen-list.ts";
import { fileOf, processOf } from "./doing.ts";

export const title = "OCSF";

// OCSF 1.5, class_uid, as events are named here; a class nobody listed is "class-UID"
export const classes: Readonly<Record<number, string>> = {
  1001: "file-activity",
  1002: "kernel-extension",
  1003: "kernel-activity",
  1004: "memory-activity",
  1005: "module-activity",
  1006: "scheduled-job",
  1007: "process-activity",
  1008: "event-log",
  1009: "script-activity",
  2001: "security-finding",
  2002: "vulnerability-finding",
  2003: "compliance-finding",
  2004: "detection-finding",
  2005: "incident-finding",
  3001: "account-change",
  3002: "authentication",
  3003: "authorize-session",
  3004: "entity-management",
  3005: "user-access",
  3006: "group-management",
  4001: "network-activity",
  4002: "http-activity",
  4003: "dns-activity",
  4004: "dhcp-activity",
  4005: "rdp-activity",
  4006: "smb-activity",
  4007: "ssh-activity",
  4008: "ftp-activity",
  4009: "email-activity",
  4010: "network-file",
  4011: "email-file",
  4012: "email-url",
  4013: "ntp-activity",
  4014: "tunnel-activity",
  6001: "web-resources",
  6003: "api-activity",
  201001: "registry-key",
  201002: "registry-value",
};

/**
 * One event of the Open Cybersecurity Schema Framework; blank lines are nothing.
 *
 * @returns WGL_LOG_JSON, WGL_LOG_KEY, WGL_LOG_FIELD (no `class_uid`, no `time`)
 * @see https://schema.ocsf.io
 */
export const parseOcsf = (line: string, stream: Stream): Result<TelemetryRecord> | undefined => {
  if (line.trim() === "") return undefined;
  const read = readJsonRecord(line, title);
  if (!read.ok) return read;
  const fields = read.value;
  const uid = numberAt(fields, "class_uid");
  if (uid === undefined || !Number.isInteger(uid) || uid < 0)
    return no("WGL_LOG_FIELD", {
      ...{ value: textAt(fields, "class_uid") ?? "", field: "class_uid", format: title },
      wanted: "a whole number",
    });
  const time =
    timeIn(fields["time"], stream) ?? timeIn(fields["time_dt"], stream) ?? timeIn(fields["start_time"], stream);
  if (time === undefined)
    return no("WGL_LOG_FIELD", {
      ...{ value: textAt(fields, "time") ?? "", field: "time", format: title },
      wanted: "milliseconds since 1970",
    });
  return ok(recordOf(fields, uid, time, stream));
};

/** `timestamp_t` is milliseconds; seconds are told by their size, microseconds and nanoseconds of AWS too. */
const timeIn = (given: unknown, stream: Stream): Instant | undefined => {
  if (typeof given === "number" && given >= 0) {
    const milliseconds =
      given < 1e11 ? given * 1000 : given >= 1e17 ? given / 1e6 : given >= 1e14 ? given / 1e3 : given;
    return milliseconds <= 253_402_300_799_999 ? instant(milliseconds) : undefined;
  }
  if (typeof given !== "string") return undefined;
  if (/^\d{9,19}$/.test(given)) return timeIn(Number(given), stream);
  const read = isoTime(given, stream);
  return read.ok ? read.value : undefined;
};

const recordOf = (fields: Fields, uid: number, time: Instant, stream: Stream): TelemetryRecord => {
  const list = new SeenList();
  const text = (...names: readonly string[]): string | undefined => textAt(fields, ...names);
  const source = list.address("source", text("src_endpoint.ip"), portIn(text("src_endpoint.port")));
  const destination = list.address("destination", text("dst_endpoint.ip"), portIn(text("dst_endpoint.port")));
  list.host("source", text("src_endpoint.domain", "src_endpoint.hostname"));
  list.host("destination", text("dst_endpoint.domain", "dst_endpoint.hostname"));
  for (const hop of objectsAt(fields, "http_request").flatMap((one) => hops(one))) list.hops(hop);
  list.host("dns-query", text("query.hostname"));
  for (const answer of objectsAt(fields, "answers")) list.host("dns-answer", textAt(answer, "rdata"));
  const url = urlOf(fields);
  list.url("http-url", url);
  list.host("http-host", text("http_request.url.hostname", "url.hostname"), portIn(text("http_request.url.port")));
  list.url("http-referrer", text("http_request.referrer"));
  list.host("tls-sni", text("tls.sni"));
  list.hash("ja3", text("tls.ja3_hash.value"));
  for (const print of objectsAt(fields, "tls.certificate.fingerprints"))
    list.hash("certificate", textAt(print, "value"));
  list.host("tls-subject", /(?:^|, ?)CN=([^,]+)/.exec(text("tls.certificate.subject") ?? "")?.[1]);
  for (const path of ["file", "process.file", "actor.process.file", "module.file", "process.parent_process.file"])
    for (const name of ["hashes", "fingerprints"])
      for (const hash of objectsAt(fields, `${path}.${name}`)) list.hash("file-hash", textAt(hash, "value"));
  list.mail("mail-from", text("email.from", "email.smtp_from"));
  for (const to of ["email.to", "email.smtp_to", "email.cc"]) {
    const value = fields["email"] === undefined ? undefined : objectAt(fields, "email")?.[to.slice("email.".length)];
    for (const one of Array.isArray(value) ? value : [value]) if (typeof one === "string") list.mail("mail-to", one);
  }
  const end = timeIn(fields["end_time"], stream);
  const host = text("device.hostname", "device.name", "device.uid");
  const session = uid === 3002 ? sessionOf(fields) : undefined;
  const http = httpOf(fields, url);
  const dns = dnsOf(fields);
  const process = processOf(fields, uid);
  const file = fileOf(fields, uid);
  return {
    time,
    ...(end !== undefined && end > time ? { until: end } : {}),
    event: classes[uid] ?? `class-${uid}`,
    fields,
    seen: list.seen,
    measures: measuresOf({
      bytesOut: numberAt(fields, "traffic.bytes_out"),
      bytesIn: numberAt(fields, "traffic.bytes_in"),
      packetsOut: numberAt(fields, "traffic.packets_out"),
      packetsIn: numberAt(fields, "traffic.packets_in"),
      durationMs: numberAt(fields, "duration"),
    }),
    ...(source === undefined ? {} : { source }),
    ...(destination === undefined ? {} : { destination }),
    ...(host === undefined ? {} : { host }),
    ...(session === undefined ? {} : { session }),
    ...(http === undefined ? {} : { http }),
    ...(dns === undefined ? {} : { dns }),
    ...(process === undefined ? {} : { process }),
    ...(file === undefined ? {} : { file }),
  };
};

const hops = (request: Fields): readonly string[] => {
  const value = request["x_forwarded_for"];
  return (Array.isArray(value) ? value : [value]).filter((one): one is string => typeof one === "string");
};

/** `url_string`, or put together from its parts. */
const urlOf = (fields: Fields): string | undefined => {
  for (const path of ["http_request.url", "url", "email.url"]) {
    const url = objectAt(fields, path);
    if (url === undefined) continue;
    const whole = textAt(url, "url_string", "text");
    if (whole !== undefined) return whole;
    const [host, target] = [textAt(url, "hostname"), textAt(url, "path")];
    if (host === undefined) continue;
    const query = textAt(url, "query_string");
    return `${textAt(url, "scheme") ?? "http"}://${host}${target ?? "/"}${query === undefined ? "" : `?${query}`}`;
  }
  return undefined;
};

/** Authentication, activity 1: log-on, 3: ticket asked; a log-off is no entry. */
const sessionOf = (fields: Fields): Session | undefined => {
  const activity = numberAt(fields, "activity_id");
  if (activity !== undefined && activity !== 1 && activity !== 3 && activity !== 6) return undefined;
  const status = numberAt(fields, "status_id");
  const country = textAt(fields, "src_endpoint.location.country");
  return known({
    account: textAt(fields, "user.email_addr", "user.name", "user.uid", "actor.user.name"),
    outcome: status === 1 ? ("success" as const) : status === 2 ? ("failure" as const) : undefined,
    country: country !== undefined && /^[A-Za-z]{2}$/.test(country) ? country.toUpperCase() : undefined,
    latitude: numberAt(fields, "src_endpoint.location.lat"),
    longitude: numberAt(fields, "src_endpoint.location.long"),
    service: textAt(fields, "service.name", "auth_protocol", "logon_type")?.toLowerCase(),
  });
};

const httpOf = (fields: Fields, url: string | undefined): HttpRequest | undefined => {
  const method = textAt(fields, "http_request.http_method");
  const status = numberAt(fields, "http_response.code", "http_status");
  if (method === undefined && status === undefined) return undefined;
  const target = url === undefined ? undefined : /^(?:[a-z][a-z0-9+.-]*:\/\/[^/?#]*)?([^?#]*)(?:\?([^#]*))?/i.exec(url);
  return known({
    method: method?.toUpperCase(),
    host: textAt(fields, "http_request.url.hostname"),
    path: target?.[1]?.startsWith("/") ? target[1] : undefined,
    query: target?.[2],
    status: status !== undefined && status >= 100 && status <= 599 ? status : undefined,
    agent: textAt(fields, "http_request.user_agent"),
    referrer: textAt(fields, "http_request.referrer"),
    bytes: numberAt(fields, "http_response.length", "http_response.body_length"),
  });
};

const dnsOf = (fields: Fields): DnsQuestion | undefined => {
  const query = textAt(fields, "query.hostname");
  if (query === undefined) return undefined;
  return questionOf({
    query,
    type: textAt(fields, "query.type"),
    rcode: textAt(fields, "rcode"),
    answers: objectsAt(fields, "answers").flatMap((answer) => textAt(answer, "rdata") ?? []),
  });
};
