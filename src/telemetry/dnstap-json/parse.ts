import { type Instant, instant } from "#core/instant.ts";
import { no, ok, type Result } from "#core/result.ts";
import { dnsRecord, type LoggedQuestion } from "#telemetry/dns-record.ts";
import type { Stream, TelemetryRecord } from "#telemetry/format.ts";
import { readJsonRecord } from "#telemetry/json-record.ts";
import { epochSeconds, isoTime } from "#telemetry/local-time.ts";
import { type Fields, numberAt, objectAt, objectsAt, portIn, textAt, valueAt } from "#telemetry/record-fields.ts";

const title = "dnstap in JSON";

/**
 * One dnstap message. Three writers are read: `dnstap -j` (`message.query_message` is text as dig prints it),
 * DNS-collector (`dns.qname`, `network.query-ip`) and Vector (`requestData.question`).
 *
 * @returns WGL_LOG_JSON, WGL_LOG_KEY, WGL_LOG_FIELD, WGL_TIME
 * @see https://github.com/dnstap/dnstap.pb/blob/master/dnstap.proto
 */
export const parseDnstap = (line: string, stream: Stream): Result<TelemetryRecord> | undefined => {
  if (line.trim() === "") return undefined;
  const read = readJsonRecord(line, title);
  if (!read.ok) return read;
  const fields = read.value;
  const kind = textAt(fields, "message.type", "dnstap.operation", "messageType", "operation");
  if (kind === undefined || !/(?:query|response)$/i.test(kind))
    return no("WGL_LOG_FIELD", { format: title, field: "type", value: kind ?? "", wanted: "a dnstap message type" });
  const response = /response$/i.test(kind);
  const time = timeOf(fields, response, stream);
  if (!time.ok) return time;
  const host = textAt(fields, "identity", "dnstap.identity", "serverId");
  const question: LoggedQuestion = {
    event: response ? "response" : "query",
    time: time.value,
    client: textAt(fields, "message.query_address", "network.query-ip", "sourceAddress", "queryip"),
    clientPort: portIn(textAt(fields, "message.query_port", "network.query-port", "sourcePort", "queryport")),
    server: textAt(fields, "message.response_address", "network.response-ip", "responseAddress", "responseip"),
    serverPort: portIn(
      textAt(fields, "message.response_port", "network.response-port", "responsePort", "responseport"),
    ),
    host: host === "-" ? undefined : host,
    ...messageOf(fields, response),
  };
  return ok(dnsRecord(question, { ...fields }));
};

type Message = Pick<LoggedQuestion, "query" | "type" | "rcode" | "answers">;

const messageOf = (fields: Fields, response: boolean): Message | undefined => {
  const text = textAt(fields, response ? "message.response_message" : "message.query_message");
  if (text !== undefined) return ofDig(text, response);
  const dns = objectAt(fields, "dns");
  if (dns !== undefined)
    return {
      query: textAt(dns, "qname"),
      type: textAt(dns, "qtype"),
      rcode: response ? textAt(dns, "rcode") : undefined,
      answers: objectsAt(dns, "resource-records.an").flatMap((one) => textAt(one, "rdata") ?? []),
    };
  const data = objectAt(fields, response ? "responseData" : "requestData") ?? objectAt(fields, "requestData");
  if (data === undefined) return undefined;
  const [asked] = objectsAt(data, "question");
  return {
    query: asked && textAt(asked, "domainName"),
    type: asked && textAt(asked, "questionType"),
    rcode: response ? (textAt(data, "rcodeName") ?? textAt(fields, "responseData.rcodeName")) : undefined,
    answers: objectsAt(data, "answers").flatMap((one) => textAt(one, "rData") ?? []),
  };
};

/**
 * ";; opcode: QUERY, status: NXDOMAIN, id: 4711 … ;; QUESTION SECTION: ;name. IN A ;; ANSWER SECTION: name. 60 IN A
 * 192.0.2.1", a line each, columns between blanks or tabs.
 */
const ofDig = (text: string, response: boolean): Message => {
  const question = /^;; QUESTION SECTION:\s*\n;?\s*(\S+)\s+(?:IN|CH|HS|ANY|CLASS\d+)\s+(\S+)/m.exec(text);
  const at = text.indexOf(";; ANSWER SECTION:");
  // Sections end with a blank line.
  const [, ...rows] = at < 0 ? [] : (text.slice(at).split("\n\n", 1)[0] ?? "").split("\n");
  return {
    query: question?.[1],
    type: question?.[2],
    rcode: response ? /status: ([A-Z]+)/.exec(text)?.[1] : undefined,
    answers: rows.flatMap((row) => /^\S+\s+\d+\s+(?:IN|CH|HS)\s+[A-Z0-9]+\s+(.+)$/.exec(row.trim())?.[1] ?? []),
  };
};

const timeOf = (fields: Fields, response: boolean, stream: Stream): Result<Instant> => {
  const given = textAt(
    fields,
    response ? "message.response_time" : "message.query_time",
    "message.query_time",
    "message.response_time",
    "dnstap.timestamp-rfc3339ns",
    "timestamp",
  );
  if (given !== undefined) {
    const seconds = epochSeconds(given);
    return seconds === undefined ? isoTime(given, stream) : ok(seconds);
  }
  // Vector: a number, whose unit it says
  const number = numberAt(fields, "time");
  const perMs = { s: 0.001, ms: 1, us: 1e3, ns: 1e6 }[String(valueAt(fields, "timePrecision"))] ?? 1e6;
  const ms = (number ?? Number.NaN) / perMs;
  return ms >= 0 && ms < 253_402_300_800_000 ? ok(instant(ms)) : no("WGL_TIME", { value: String(number ?? "") });
};
