import type { Instant } from "#core/instant.ts";
import { no, ok, type Result } from "#core/result.ts";
import { dnsRecord } from "#telemetry/dns-record.ts";
import type { Stream, TelemetryRecord } from "#telemetry/format.ts";
import { isoTime, namedTime, yearlessTime } from "#telemetry/local-time.ts";
import { portIn } from "#telemetry/record-fields.ts";
import { syslogHead } from "#telemetry/syslog-head.ts";

const title = "a BIND query log";

// BIND writes its own time ("20-Nov-2026 08:00:00.123", or ISO 8601), then category and severity when asked to.
const ownTime =
  /^(\d{1,2}-[A-Z][a-z]{2}-\d{4} \d\d:\d\d:\d\d(?:\.\d{1,9})?|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?) /;
const client =
  /(?:^|[ :])client (?:@0x[0-9a-fA-F]+ )?([0-9A-Fa-f.:]{2,45})(?:%[^\s#]+)?#(\d{1,5})(?: \([^()]*\))?: (?:view (\S+): )?(.*)$/;
// query: NAME CLASS TYPE FLAGS (SERVER)
const asked = /^query: (\S+) (\S+) (\S+)(?: (\S+))?(?: \(([0-9A-Fa-f.:]{2,45})(?:%\S+)?\))?(?: \[ECS [^\]]*\])?$/;
const answered = /^response: (\S+) (\S+) (\S+) ([A-Z]+)(?: (.*))?$/;
const failed = /^query failed \(([A-Za-z ]+)\) for (\S+)\/([A-Z]+)\/(\S+)(?: at (.*))?$/;
const denied = /^query(?: \(cache\))? '(\S+)\/(\S+)\/([A-Z]+)' denied(?: \((.*)\))?$/;

export const looksLikeBind = (line: string): boolean =>
  /\bclient (?:@0x[0-9a-fA-F]+ )?[0-9A-Fa-f.:]+(?:%\S+)?#\d+(?: \([^()]*\))?: .*\bquery(?::| failed| \(cache\)| ')/.test(
    line,
  );

/**
 * One line: a question, a question that failed or was refused. What else `named` writes into the same stream is a
 * problem of that line.
 *
 * @returns WGL_LOG_LINE, WGL_TIME, WGL_LOG_YEAR
 * @see https://bind9.readthedocs.io/en/stable/reference.html#namedconf-statement-querylog
 */
export const parseBind = (line: string, stream: Stream): Result<TelemetryRecord> | undefined => {
  if (line.trim() === "") return undefined;
  const head = syslogHead(line);
  const text = head.rest.trimEnd();
  const found = client.exec(text);
  const said = found === null ? undefined : read(found[4] ?? "");
  if (found === null || said === undefined) return no("WGL_LOG_LINE", { format: title, value: line });
  const time = timeOf(text, head.time, stream);
  if (!time.ok) return time;
  const fields: Record<string, unknown> = Object.create(null);
  const put = (name: string, value: string | number | undefined): void => {
    if (value !== undefined && value !== "") fields[name] = value;
  };
  put("client", found[1]);
  put("client_port", Number(found[2]));
  put("view", found[3]);
  put("query", said.name.replace(/(?<=.)\.$/, ""));
  put("class", said.class);
  put("record_type", said.type);
  put("flags", said.flags);
  put("rcode", said.rcode);
  put("server", said.server);
  put("detail", said.detail);
  return ok(
    dnsRecord(
      {
        event: said.rcode === undefined ? "query" : "response",
        time: time.value,
        client: found[1],
        clientPort: portIn(found[2]),
        server: said.server,
        serverPort: said.server === undefined ? undefined : 53,
        query: unescaped(said.name),
        type: said.type,
        rcode: said.rcode,
        host: head.host,
      },
      fields,
    ),
  );
};

interface Said {
  readonly name: string;
  readonly class?: string | undefined;
  readonly type: string;
  readonly flags?: string | undefined;
  readonly rcode?: string;
  readonly server?: string | undefined;
  readonly detail?: string | undefined;
}

const codes: Readonly<Record<string, string>> = { "timed out": "SERVFAIL", failure: "SERVFAIL" };

const read = (text: string): Said | undefined => {
  const query = asked.exec(text);
  if (query) return { name: query[1] ?? "", class: query[2], type: query[3] ?? "", flags: query[4], server: query[5] };
  const response = answered.exec(text);
  if (response)
    return {
      name: response[1] ?? "",
      class: response[2],
      type: response[3] ?? "",
      rcode: response[4] ?? "",
      flags: response[5],
    };
  const failure = failed.exec(text);
  if (failure) {
    const why = failure[1] ?? "";
    return {
      name: failure[2] ?? "",
      class: failure[3],
      type: failure[4] ?? "",
      rcode: codes[why] ?? why,
      detail: failure[5],
    };
  }
  const refusal = denied.exec(text);
  if (refusal)
    return { name: refusal[1] ?? "", type: refusal[2] ?? "", class: refusal[3], rcode: "REFUSED", detail: refusal[4] };
  return undefined;
};

const timeOf = (text: string, relayed: string | undefined, stream: Stream): Result<Instant> => {
  const own = ownTime.exec(text)?.[1];
  const given = own ?? relayed;
  if (given === undefined) return no("WGL_TIME", { value: text.slice(0, 32) });
  if (/^\d{4}-/.test(given)) return isoTime(given, stream);
  return own === undefined ? yearlessTime(given, stream) : namedTime(given, stream);
};

/** RFC 1035 §5.1: `\032` is a byte, `\.` a dot within a label. */
const unescaped = (name: string): string =>
  name.includes("\\")
    ? name.replaceAll(/\\(?:(\d{3})|([^]))/g, (whole, code: string | undefined, one: string | undefined) =>
        code === undefined ? (one ?? whole) : Number(code) < 128 ? String.fromCharCode(Number(code)) : whole,
      )
    : name;
