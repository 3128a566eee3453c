import { no, ok, type Result } from "#core/result.ts";
import type { Instant } from "#core/instant.ts";
import { deviceTime, patternTime } from "#telemetry/device-time.ts";
import type { Session, Stream, TelemetryRecord } from "#telemetry/format.ts";
import { measuresOf } from "#telemetry/measures.ts";
import { type Fields, numberAt, portIn, textAt } from "#telemetry/record-fields.ts";
import { SeenList } from "#telemetry/seen-list.ts";
import { type SyslogHead, syslogHead } from "#telemetry/syslog-head.ts";

export const title = "LEEF";

// IBM QRadar, Log Event Extended Format 2.0, "header": the parts between the bars; 2.0 adds the delimiter
const header = ["vendor", "product", "productVersion", "eventId"] as const;

/**
 * One LEEF event, version 1.0 or 2.0, with or without a syslog head; blank lines are nothing.
 *
 * @returns WGL_LOG_LINE (no LEEF, or a header that is cut off), WGL_LOG_FIELD (no time, a delimiter that is none)
 * @see https://www.ibm.com/docs/en/dsm?topic=leef-overview
 */
export const parseLeef = (line: string, stream: Stream): Result<TelemetryRecord> | undefined => {
  if (line.trim() === "") return undefined;
  const begin = line.search(/(?<=^|[\s"])LEEF:[12](?:\.0)?\|/);
  if (begin < 0 || begin > 512) return no("WGL_LOG_LINE", { value: line, format: title });
  const second = line.startsWith("LEEF:2", begin);
  const wanted = second ? header.length + 2 : header.length + 1;
  const parts: string[] = [];
  let at = begin;
  while (parts.length < wanted) {
    const bar = line.indexOf("|", at);
    if (bar < 0) {
      // 2.0 whose only attributes follow the fifth bar: the delimiter was left out.
      if (second && parts.length === wanted - 1) break;
      return no("WGL_LOG_LINE", { value: line, format: title });
    }
    const part = line.slice(at, bar);
    if (second && parts.length === wanted - 1 && delimiterOf(part) === undefined) {
      if (/^[A-Za-z][\w.]*=/.test(part)) break;
      return no("WGL_LOG_FIELD", { value: part, field: "delimiter", format: title, wanted: "one character or 0x09" });
    }
    parts.push(part);
    at = bar + 1;
  }
  const fields: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  fields["leefVersion"] = parts[0]?.slice("LEEF:".length);
  for (const [i, name] of header.entries()) fields[name] = parts[i + 1];
  const delimiter = delimiterOf(parts[wanted - 1] ?? "") ?? "\t";
  for (const [key, value] of attributes(line.slice(at), second ? delimiter : "\t")) fields[key] = value;
  const head = syslogHead(line.slice(0, begin));
  const time = timeOf(fields, head, stream);
  if (time === undefined)
    return no("WGL_LOG_FIELD", {
      ...{ value: textAt(fields, "devTime") ?? head.time ?? "", field: "devTime", format: title },
      wanted: "a time",
    });
  return ok(recordOf(fields, head, time));
};

/** "^", "x5E", "0x5E"; "" is a tab. */
const delimiterOf = (part: string): string | undefined => {
  if (part === "" || part === "\\t") return "\t";
  const hex = /^(?:0?x|\\x|\\u)([0-9A-Fa-f]{1,4})$/.exec(part)?.[1];
  if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
  return part.length === 1 ? part : undefined;
};

const mostPairs = 1024;

/**
 * Key and value by the first equals sign between delimiters. Devices that meant tabs and whose relay made blanks of them
 * are read as `key=value key=value`. `\=`, `\\` and an escaped delimiter are the value's.
 */
const attributes = (text: string, delimiter: string): readonly (readonly [string, string])[] => {
  if (delimiter === "\t" && !text.includes("\t")) {
    const keys = [...text.matchAll(/(?<=^|\s)([A-Za-z_][\w.-]*)=/g)].slice(0, mostPairs);
    if (keys.length > 1)
      return keys.map((found, i) => [
        found[1] as string,
        unescaped(text.slice(found.index + found[0].length, keys[i + 1]?.index ?? text.length).trim()),
      ]);
  }
  const pairs: (readonly [string, string])[] = [];
  for (const part of unescapedSplit(text, delimiter)) {
    const equals = part.indexOf("=");
    if (equals > 0 && pairs.length < mostPairs)
      pairs.push([part.slice(0, equals).trim(), unescaped(part.slice(equals + 1).trim())]);
  }
  return pairs;
};

const unescapedSplit = (text: string, delimiter: string): readonly string[] => {
  const parts: string[] = [];
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "\\" && text[at + 1] === delimiter) at++;
    else if (text[at] === delimiter) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  parts.push(text.slice(from));
  return parts.map((part) => part.replaceAll(`\\${delimiter}`, delimiter));
};

const unescaped = (value: string): string => value.replace(/\\([=\\])/g, "$1");

/** The device's stamp before syslog's. One that cannot be read is nobody's guess. */
const timeOf = (fields: Fields, head: SyslogHead, stream: Stream): Instant | undefined => {
  const given = textAt(fields, "devTime");
  const pattern = textAt(fields, "devTimeFormat");
  if (given === undefined) return head.time === undefined ? stream.received : deviceTime(head.time, stream);
  return (pattern === undefined ? undefined : patternTime(given, pattern, stream)) ?? deviceTime(given, stream);
};

const recordOf = (fields: Fields, head: SyslogHead, time: Instant): TelemetryRecord => {
  const list = new SeenList();
  const text = (...names: readonly string[]): string | undefined => textAt(fields, ...names);
  const source = list.address("source", text("src"), portIn(text("srcPort")));
  const destination = list.address("destination", text("dst"), portIn(text("dstPort")));
  list.url("http-url", text("url", "URL", "request"));
  list.host("destination", text("dstHostName", "dhost", "domain"));
  for (const name of ["fileHash", "hash", "md5", "sha1", "sha256"]) list.hash("file-hash", text(name));
  const host = text("devName", "identHostName") ?? head.host;
  const session = sessionOf(fields);
  return {
    time,
    event: text("eventId") ?? "event",
    fields,
    seen: list.seen,
    measures: measuresOf({
      bytesOut: numberAt(fields, "srcBytes", "bytesOut"),
      bytesIn: numberAt(fields, "dstBytes", "bytesIn"),
      packetsOut: numberAt(fields, "srcPackets"),
      packetsIn: numberAt(fields, "dstPackets"),
      durationMs: undefined,
    }),
    ...(source === undefined ? {} : { source }),
    ...(destination === undefined ? {} : { destination }),
    ...(host === undefined ? {} : { host }),
    ...(session === undefined ? {} : { session }),
  };
};

/** `isLoginEvent=true` is LEEF's own word for it. */
const sessionOf = (fields: Fields): Session | undefined => {
  const category = textAt(fields, "cat") ?? "";
  if (textAt(fields, "isLoginEvent")?.toLowerCase() !== "true" && !/^(?:authentication|login|logon)$/i.test(category))
    return undefined;
  const said = `${textAt(fields, "outcome", "result", "action") ?? ""} ${textAt(fields, "eventId") ?? ""}`;
  const outcome = /fail|den|reject|invalid/i.test(said)
    ? "failure"
    : /success|accept|allow/i.test(said)
      ? "success"
      : undefined;
  const account = textAt(fields, "usrName", "accountName");
  return { ...(account === undefined ? {} : { account }), ...(outcome === undefined ? {} : { outcome }) };
};
