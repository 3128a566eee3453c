import { no, ok, type Result } from "#core/result.ts";
import type { Instant } from "#core/instant.ts";
import { deviceTime } from "#telemetry/device-time.ts";
import type { Session, Stream, TelemetryRecord } from "#telemetry/format.ts";
import { measuresOf } from "#telemetry/measures.ts";
import { type Fields, numberAt, portIn, textAt } from "#telemetry/record-fields.ts";
import { SeenList } from "#telemetry/seen-list.ts";
import { type SyslogHead, syslogHead } from "#telemetry/syslog-head.ts";

export const title = "CEF";

// ArcSight Common Event Format, version 26, "Header information": the parts between the bars, in their order
const header = ["deviceVendor", "deviceProduct", "deviceVersion", "deviceEventClassId", "name", "severity"] as const;

/**
 * One CEF event, with or without a syslog head; blank lines are nothing. The fields are the header's and the extension's
 * by their short names (`src`, `dpt`, `cs1`); what a label names (`cs1Label=Rule`) stands under that name as well.
 *
 * @returns WGL_LOG_LINE (no CEF, or a header that is cut off), WGL_LOG_FIELD (no time)
 * @see https://www.microfocus.com/documentation/arcsight/arcsight-smartconnectors/pdfdoc/common-event-format-v26/
 */
export const parseCef = (line: string, stream: Stream): Result<TelemetryRecord> | undefined => {
  if (line.trim() === "") return undefined;
  const from = /(?:^|[\s"])CEF:\s?\d{1,2}(?:\.\d+)?\|/.exec(line);
  if (from === null || from.index > 512) return no("WGL_LOG_LINE", { value: line, format: title });
  const begin = line.indexOf("CEF:", from.index);
  const parts = barred(line.slice(begin + 4));
  if (parts === undefined) return no("WGL_LOG_LINE", { value: line, format: title });
  const fields: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  fields["version"] = parts.values[0]?.trim();
  for (const [i, name] of header.entries()) fields[name] = parts.values[i + 1];
  for (const [key, value] of extension(parts.rest)) fields[key] = value;
  for (const key of Object.keys(fields)) {
    const label = key.endsWith("Label") ? textAt(fields, key) : undefined;
    const value = label === undefined ? undefined : fields[key.slice(0, -"Label".length)];
    if (label !== undefined && value !== undefined && !Object.hasOwn(fields, label)) fields[label] = value;
  }
  const head = syslogHead(line.slice(0, begin));
  const time = timeOf(fields, head, stream);
  if (time === undefined)
    return no("WGL_LOG_FIELD", {
      value: textAt(fields, ...stamps) ?? head.time ?? "",
      field: "rt",
      format: title,
      wanted: "a time",
    });
  return ok(recordOf(fields, head, time, stream));
};

/** The seven parts before the extension; `\|` and `\\` are escaped there. Undefined when one is missing. */
const barred = (text: string): { readonly values: readonly string[]; readonly rest: string } | undefined => {
  const values: string[] = [];
  const part = /((?:[^|\\]|\\[\s\S])*)\|/y;
  let at = 0;
  while (values.length < header.length + 1) {
    part.lastIndex = at;
    const found = part.exec(text);
    if (found === null) return undefined;
    values.push((found[1] ?? "").replace(/\\([|\\])/g, "$1"));
    at = part.lastIndex;
  }
  return { values, rest: text.slice(at) };
};

/** Pairs of an extension at most. */
const mostPairs = 1024;

/**
 * `key=value key=value`: a value goes on, blanks and all, to the next key; `\=`, `\\`, `\n` and `\r` are escaped in it. An
 * equals sign nobody escaped (URLs of careless devices) is the value's when no key stands before it.
 */
const extension = (text: string): readonly (readonly [string, string])[] => {
  const keys = [...text.matchAll(/(?<=^|\s)([A-Za-z_][\w.[\]-]*)=/g)].slice(0, mostPairs);
  return keys.map((found, i) => {
    const from = found.index + found[0].length;
    const value = text.slice(from, keys[i + 1]?.index ?? text.length).replace(/\s+$/, "");
    return [found[1] as string, value.replace(/\\([=\\|nr])/g, (_, c: string) => escapes[c] ?? c)];
  });
};

const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r" };

/** The device's own stamps; before the receipt's, and both before syslog's. One that cannot be read is nobody's guess. */
const stamps: readonly string[] = ["start", "startTime", "rt", "deviceReceiptTime", "end", "endTime", "art"];

const timeOf = (fields: Fields, head: SyslogHead, stream: Stream): Instant | undefined => {
  for (const name of stamps) {
    const given = textAt(fields, name);
    if (given !== undefined) return deviceTime(given, stream);
  }
  return head.time === undefined ? stream.received : deviceTime(head.time, stream);
};

const recordOf = (fields: Fields, head: SyslogHead, time: Instant, stream: Stream): TelemetryRecord => {
  const list = new SeenList();
  const text = (...names: readonly string[]): string | undefined => textAt(fields, ...names);
  const source = list.address("source", text("src", "sourceAddress", "c6a2"), portIn(text("spt", "sourcePort")));
  const destination = list.address(
    "destination",
    text("dst", "destinationAddress", "c6a3"),
    portIn(text("dpt", "destinationPort")),
  );
  list.host("source", text("shost", "sourceHostName"));
  list.host("destination", text("dhost", "destinationHostName", "destinationDnsDomain"));
  list.url("http-url", text("request", "requestUrl"));
  list.host("dns-query", text("DNS Query", "dnsQuery", "queryName"));
  for (const name of ["fileHash", "oldFileHash", "File Hash", "SHA256", "sha256", "MD5", "md5", "SHA1", "sha1"])
    list.hash("file-hash", text(name));
  const session = sessionOf(fields);
  const host = text("dvchost", "deviceHostName") ?? head.host ?? text("dvc", "deviceAddress");
  const end = text("end", "endTime");
  const until = end === undefined ? undefined : deviceTime(end, stream);
  return {
    time,
    ...(until !== undefined && until > time ? { until } : {}),
    event: text("deviceEventClassId", "name") ?? "event",
    fields,
    seen: list.seen,
    measures: measuresOf({
      bytesOut: numberAt(fields, "out", "bytesOut"),
      bytesIn: numberAt(fields, "in", "bytesIn"),
      packetsOut: undefined,
      packetsIn: undefined,
      durationMs: undefined,
    }),
    ...(source === undefined ? {} : { source }),
    ...(destination === undefined ? {} : { destination }),
    ...(host === undefined ? {} : { host }),
    ...(session === undefined ? {} : { session }),
  };
};

/** Where the device says by ArcSight's categories that it was a log-on. */
const sessionOf = (fields: Fields): Session | undefined => {
  const behaviour = textAt(fields, "categoryBehavior", "cat") ?? "";
  if (!/^\/Authentication\/Verify|^(?:authentication|logon|login)$/i.test(behaviour)) return undefined;
  const said = textAt(fields, "categoryOutcome", "outcome", "act") ?? "";
  const outcome = /success|allow|accept|granted/i.test(said)
    ? "success"
    : /fail|den|reject|block/i.test(said)
      ? "failure"
      : undefined;
  const account = textAt(fields, "duser", "destinationUserName", "suser", "sourceUserName");
  const service = textAt(fields, "app", "applicationProtocol")?.toLowerCase();
  return {
    ...(account === undefined ? {} : { account }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(service === undefined ? {} : { service }),
  };
};
