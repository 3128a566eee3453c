import { no, ok, type Result } from "#core/result.ts";
import { type Instant, instant } from "#core/instant.ts";
import { questionOf } from "#telemetry/dns-record.ts";
import type { DnsQuestion, HttpRequest, Session, Stream, TelemetryRecord } from "#telemetry/format.ts";
import { readJsonRecord } from "#telemetry/json-record.ts";
import { known } from "#telemetry/known.ts";
import { isoTime } from "#telemetry/local-time.ts";
import { measuresOf } from "#telemetry/measures.ts";
import { type Fields, numberAt, objectsAt, portIn, textAt, textsAt } from "#telemetry/record-fields.ts";
import { SeenList } from "#telemetry/seen-list.ts";
import { fileOf, processOf } from "./doing.ts";

export const title = "ECS";

/**
 * One document of the Elastic Common Schema, its keys nested or written with dots; blank lines are nothing. An export of a
 * search (`{"_source":{…}}`) is its document.
 *
 * @returns WGL_LOG_JSON, WGL_LOG_KEY, WGL_LOG_FIELD (no `@timestamp`)
 * @see https://www.elastic.co/docs/reference/ecs/ecs-field-reference
 */
export const parseEcs = (line: string, stream: Stream): Result<TelemetryRecord> | undefined => {
  if (line.trim() === "") return undefined;
  const read = readJsonRecord(line, title);
  if (!read.ok) return read;
  const [source] = objectsAt(read.value, "_source");
  const fields = source ?? read.value;
  const time = timeOf(fields, stream);
  if (time === undefined)
    return no("WGL_LOG_FIELD", {
      ...{ value: textAt(fields, "@timestamp") ?? "", field: "@timestamp", format: title },
      wanted: "a time",
    });
  return ok(recordOf(fields, time));
};

const timeOf = (fields: Fields, stream: Stream): Instant | undefined => {
  for (const name of ["@timestamp", "event.start", "event.created"]) {
    const given = textAt(fields, name);
    if (given === undefined) continue;
    if (/^\d{12,14}$/.test(given)) return instant(Number(given));
    const time = isoTime(given, stream);
    if (time.ok) return time.value;
  }
  return undefined;
};

/** `event.dataset` says which log, else `event.category` and `event.action` what kind of record. */
const eventOf = (fields: Fields): string =>
  textAt(fields, "event.dataset", "data_stream.dataset", "event.module") ??
  textsAt(fields, "event.category")[0] ??
  textAt(fields, "event.action") ??
  "event";

const recordOf = (fields: Fields, time: Instant): TelemetryRecord => {
  const list = new SeenList();
  const text = (...names: readonly string[]): string | undefined => textAt(fields, ...names);
  // ECS, "Client fields": where `client` and `server` are given they say who began it, `source` may be a packet's.
  const client = text("client.ip") !== undefined && text("server.ip") !== undefined;
  const [from, to] = client ? ["client", "server"] : ["source", "destination"];
  const source = list.address("source", text(`${from}.ip`, `${from}.address`), portIn(text(`${from}.port`)));
  const destination = list.address("destination", text(`${to}.ip`, `${to}.address`), portIn(text(`${to}.port`)));
  list.host("destination", text(`${to}.domain`));
  list.host("source", text(`${from}.domain`));
  list.hops(text("network.forwarded_ip"));
  list.host("dns-query", text("dns.question.name"));
  for (const answer of objectsAt(fields, "dns.answers")) {
    list.host("dns-answer", textAt(answer, "data"));
    list.host("dns-answer", textAt(answer, "name"));
  }
  for (const resolved of textsAt(fields, "dns.resolved_ip")) list.address("dns-answer", resolved);
  const url = text("url.full", "url.original");
  list.url("http-url", url);
  list.host("http-host", text("url.domain"), portIn(text("url.port")));
  list.url("http-referrer", text("http.request.referrer"));
  list.host("tls-sni", text("tls.client.server_name"));
  list.hash("ja3", text("tls.client.ja3"));
  for (const name of ["tls.server.hash.sha256", "tls.server.hash.sha1", "tls.server.hash.md5"])
    list.hash("certificate", text(name));
  for (const name of ["tls.server.x509.subject.common_name", "x509.subject.common_name"])
    for (const host of textsAt(fields, name)) list.host("tls-subject", host);
  for (const part of ["file", "process", "dll", "process.parent", "email.attachments.file"])
    for (const kind of ["md5", "sha1", "sha256", "sha512"]) list.hash("file-hash", text(`${part}.hash.${kind}`));
  for (const name of ["email.from.address", "email.sender.address", "email.reply_to.address"])
    for (const one of textsAt(fields, name)) list.mail("mail-from", one);
  for (const name of ["email.to.address", "email.cc.address"])
    for (const one of textsAt(fields, name)) list.mail("mail-to", one);
  const command = text("process.command_line");
  if (command?.includes("://"))
    for (const [found] of [...command.matchAll(/\b(?:https?|ftp):\/\/[^\s"'<>|`(){}\\^]+/gi)].slice(0, 32))
      list.url("http-url", found);
  const nanoseconds = numberAt(fields, "event.duration");
  const end = text("event.end");
  const ended = end === undefined ? undefined : isoTime(end, {});
  const host = text("host.name", "host.hostname", "observer.name", "observer.hostname");
  const session = sessionOf(fields);
  const http = httpOf(fields, url);
  const dns = dnsOf(fields);
  const process = processOf(fields);
  const file = fileOf(fields);
  return {
    time,
    ...(ended?.ok && ended.value > time ? { until: ended.value } : {}),
    event: eventOf(fields),
    fields,
    seen: list.seen,
    measures: measuresOf({
      bytesOut: numberAt(fields, `${from}.bytes`),
      bytesIn: numberAt(fields, `${to}.bytes`),
      packetsOut: numberAt(fields, `${from}.packets`),
      packetsIn: numberAt(fields, `${to}.packets`),
      durationMs: nanoseconds === undefined ? undefined : nanoseconds / 1e6,
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

/** ECS, "event.category": authentication, of type start; ends of sessions are no entries. */
const sessionOf = (fields: Fields): Session | undefined => {
  if (!textsAt(fields, "event.category").includes("authentication")) return undefined;
  const types = textsAt(fields, "event.type");
  if (types.length > 0 && !types.includes("start") && !types.includes("info")) return undefined;
  const outcome = textAt(fields, "event.outcome");
  const domain = textAt(fields, "user.domain");
  const name = textAt(fields, "user.name", "user.email", "user.id");
  return known({
    account: name !== undefined && domain !== undefined ? `${domain}\\${name}` : name,
    outcome: outcome === "success" || outcome === "failure" ? outcome : undefined,
    country: countryOf(textAt(fields, "source.geo.country_iso_code", "client.geo.country_iso_code")),
    latitude: numberAt(fields, "source.geo.location.lat"),
    longitude: numberAt(fields, "source.geo.location.lon"),
    service: (
      textAt(fields, "network.protocol", "service.type", "process.name", "event.module") ?? undefined
    )?.toLowerCase(),
  });
};

const countryOf = (text: string | undefined): string | undefined =>
  text !== undefined && /^[A-Za-z]{2}$/.test(text) ? text.toUpperCase() : undefined;

const httpOf = (fields: Fields, url: string | undefined): HttpRequest | undefined => {
  const method = textAt(fields, "http.request.method");
  const status = numberAt(fields, "http.response.status_code");
  if (method === undefined && status === undefined) return undefined;
  const target = url === undefined ? undefined : /^(?:[a-z][a-z0-9+.-]*:\/\/[^/?#]*)?([^?#]*)(?:\?([^#]*))?/i.exec(url);
  return known({
    method: method?.toUpperCase(),
    host: textAt(fields, "url.domain", "destination.domain"),
    path: textAt(fields, "url.path") ?? (target?.[1]?.startsWith("/") ? target[1] : undefined),
    query: textAt(fields, "url.query") ?? target?.[2],
    status: status !== undefined && status >= 100 && status <= 599 ? status : undefined,
    agent: textAt(fields, "user_agent.original"),
    referrer: textAt(fields, "http.request.referrer"),
    bytes: numberAt(fields, "http.response.body.bytes", "http.response.bytes"),
  });
};

const dnsOf = (fields: Fields): DnsQuestion | undefined => {
  const query = textAt(fields, "dns.question.name");
  if (query === undefined) return undefined;
  return questionOf({
    query,
    type: textAt(fields, "dns.question.type"),
    rcode: textAt(fields, "dns.response_code"),
    answers: objectsAt(fields, "dns.answers").flatMap((answer) => textAt(answer, "data") ?? []),
  });
};
