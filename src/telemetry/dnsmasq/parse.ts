import type { Instant } from "#core/instant.ts";
import { no, ok, type Result } from "#core/result.ts";
import { dnsRecord } from "#telemetry/dns-record.ts";
import type { Stream, TelemetryRecord } from "#telemetry/format.ts";
import { isoTime, yearlessTime } from "#telemetry/local-time.ts";
import { addressIn } from "#telemetry/observed.ts";
import { portIn } from "#telemetry/record-fields.ts";
import { SeenList } from "#telemetry/seen-list.ts";
import { syslogHead } from "#telemetry/syslog-head.ts";

const title = "a dnsmasq log";

// log-queries=extra puts a serial number and the client before each line.
const extra = /^(\d{1,10}) ([0-9A-Fa-f.:]{2,45})\/(\d{1,5}) /;
const query = /^query\[([A-Za-z0-9=-]{1,32})\] (\S+) from ([0-9A-Fa-f.:]{2,45})$/;
const passed = /^(forwarded|dnssec-query\[[^\]]*\]|auth\[[^\]]*\]) (\S+) to ([0-9A-Fa-f.:]{2,45})(?:#(\d{1,5}))?$/;
const reply =
  /^(reply|cached(?:-stale)?|config|DHCP|hosts|blocked|gravity blocked|exactly denied|regex denied|special domain|validation|auth|\/\S+|Apple iCloud Private Relay|Rate-limiting) (\S+) is (.+)$/;
const dhcp = /^(DHCP[A-Z]+|RTR-[A-Z]+|SLAAC-CONFIRM)\(([^)]*)\) (.*)$/;

export const looksLikeDnsmasq = (line: string): boolean => {
  const { app, rest } = syslogHead(line);
  return (
    /^(?:dnsmasq|pihole)/.test(app ?? "") ||
    /^(?:\d+ \S+\/\d+ )?(?:query\[[A-Za-z0-9=-]+\] \S+ from [0-9A-Fa-f.:]+$|reply \S+ is \S)/.test(rest)
  );
};

/**
 * One line: a question, where it was passed on, what was answered, or an address given out. What else dnsmasq says
 * (start, its servers) is a record of the event "message".
 *
 * @returns WGL_LOG_LINE, WGL_TIME, WGL_LOG_YEAR
 * @see https://thekelleys.org.uk/dnsmasq/docs/dnsmasq-man.html (log-queries)
 */
export const parseDnsmasq = (line: string, stream: Stream): Result<TelemetryRecord> | undefined => {
  if (line.trim() === "") return undefined;
  const head = syslogHead(line.trimEnd());
  if (head.time === undefined || !/^(?:dnsmasq|pihole)/.test(head.app ?? ""))
    return no("WGL_LOG_LINE", { format: title, value: line });
  const time = /^\d{4}-/.test(head.time) ? isoTime(head.time, stream) : yearlessTime(head.time, stream);
  if (!time.ok) return time;
  const asker = extra.exec(head.rest);
  const said = asker === null ? head.rest : head.rest.slice(asker[0].length);
  const fields: Record<string, unknown> = Object.create(null);
  const put = (name: string, value: unknown): void => {
    if (value !== undefined && value !== "") fields[name] = value;
  };
  put("serial", asker?.[1] === undefined ? undefined : Number(asker[1]));
  put("client", asker?.[2]);
  put("client_port", asker?.[3] === undefined ? undefined : Number(asker[3]));
  put("host", head.host);
  const dns = ofDns(said, time.value, asker, put);
  if (dns !== undefined) return ok(dnsRecord({ ...dns, host: head.host }, fields));
  return ok(other(said, time.value, head.host, put, fields));
};

type Put = (name: string, value: unknown) => void;

const ofDns = (
  said: string,
  time: Instant,
  asker: RegExpExecArray | null,
  put: Put,
): Parameters<typeof dnsRecord>[0] | undefined => {
  const client = asker?.[2];
  const clientPort = portIn(asker?.[3]);
  const question = query.exec(said);
  if (question !== null) {
    put("client", question[3]);
    return { event: "query", time, client: question[3], clientPort, query: question[2], type: question[1] };
  }
  const on = passed.exec(said);
  if (on !== null) {
    put("action", on[1]);
    put("server", on[3]);
    // The question of the client, on its way; it is no second question of dnsmasq's own.
    return {
      event: "forwarded",
      time,
      client,
      clientPort,
      query: on[2],
      server: on[3],
      serverPort: portIn(on[4]) ?? 53,
    };
  }
  const answer = reply.exec(said);
  if (answer === null) return undefined;
  const [, by = "", name, data = ""] = answer;
  put("action", by);
  // "NODATA-IPv6", "NXDOMAIN-IPv4", "<CNAME>", "<HTTPS>"
  const rcode = /^(NXDOMAIN|SERVFAIL|REFUSED|NOTIMP|FORMERR|NODATA)\b/.exec(data)?.[1];
  const given = rcode !== undefined || data.startsWith("<") ? [] : [data];
  put("result", data);
  return {
    event: "response",
    time,
    client,
    clientPort,
    query: name,
    rcode: rcode === undefined || rcode === "NODATA" ? "NOERROR" : rcode,
    answers: given,
  };
};

const other = (
  said: string,
  time: Instant,
  host: string | undefined,
  put: Put,
  fields: Readonly<Record<string, unknown>>,
): TelemetryRecord => {
  put("message", said);
  const lease = dhcp.exec(said);
  const seen = new SeenList();
  let source: string | undefined;
  if (lease !== null) {
    put("action", lease[1]);
    put("interface", lease[2]);
    const words = (lease[3] ?? "").split(" ");
    const address = words.find((word) => addressIn(word) !== undefined);
    source = seen.address("source", address);
    put("client", address);
    put(
      "mac",
      words.find((word) => /^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(word)),
    );
  }
  return {
    time,
    event: lease === null ? "message" : "dhcp",
    fields,
    seen: seen.seen,
    measures: {},
    ...(source === undefined ? {} : { source }),
    ...(host === undefined ? {} : { host }),
  };
};
