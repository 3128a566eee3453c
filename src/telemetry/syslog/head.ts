import type { Instant } from "#core/instant.ts";
import { no, ok, type Result } from "#core/result.ts";
import type { Stream } from "#telemetry/format.ts";
import { isoTime, yearlessTime } from "#telemetry/local-time.ts";

/** A syslog message taken apart. */
export interface SyslogMessage {
  /** Absent where a file keeps lines without `<PRI>`. */
  readonly facility?: string;
  readonly severity?: string;
  /** Absent where the device has no clock (RFC 5424 §6.2.3, NILVALUE). */
  readonly time?: Instant;
  readonly host?: string;
  readonly app?: string;
  readonly pid?: string;
  readonly id?: string;
  /** Structured data by id and name; a name that stands twice holds a list. */
  readonly data?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
  readonly text: string;
}

// RFC 5424 §6.2.1, tables 1 and 2
const facilities = (
  "kern user mail daemon auth syslog lpr news uucp cron authpriv ftp ntp audit alert clock " +
  "local0 local1 local2 local3 local4 local5 local6 local7"
).split(" ");
const severities = "emerg alert crit err warning notice info debug".split(" ");

/**
 * RFC 5424, told by the `1` behind the priority, or RFC 3164 with what its senders made of it: no priority in files, a
 * year, an ISO 8601 stamp (rsyslog's file format), no host.
 *
 * @returns WGL_LOG_LINE for a line that has no stamp and no priority, WGL_TIME, WGL_LOG_YEAR
 */
export const readSyslog = (line: string, stream: Stream, title: string): Result<SyslogMessage> => {
  const priority = /^<(\d{1,3})>/.exec(line);
  const value = Number(priority?.[1] ?? -1);
  if (value > 191) return no("WGL_LOG_LINE", { value: line, format: title });
  const facility = facilities[value >> 3];
  const severity = severities[value & 7];
  const head = value < 0 || facility === undefined || severity === undefined ? {} : { facility, severity };
  const rest = line.slice(priority?.[0].length ?? 0);
  if (priority && rest.startsWith("1 ")) {
    const read = readStructured(rest.slice(2), title);
    return read.ok ? ok({ ...head, ...read.value }) : read;
  }
  const read = readTraditional(rest, stream);
  if (read === undefined) {
    // A device that writes a priority and then only its message (RFC 3164 §4.3.3) is dated by whoever received it.
    if (priority === null) return no("WGL_LOG_LINE", { value: line, format: title });
    return ok({ ...head, text: rest });
  }
  return read.ok ? ok({ ...head, ...read.value }) : read;
};

const present = (text: string | undefined): text is string => text !== undefined && text !== "" && text !== "-";

/** TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA [MSG] */
const readStructured = (rest: string, title: string): Result<SyslogMessage> => {
  const found = /^(\S+) (\S+) (\S+) (\S+) (\S+) /.exec(rest);
  if (found === null) return no("WGL_LOG_LINE", { value: rest, format: title });
  const [whole, stamp = "", host, app, pid, id] = found;
  const time = stamp === "-" ? undefined : isoTime(stamp, {});
  if (time?.ok === false) return time;
  const data = readData(rest, whole.length);
  if (data === undefined) return no("WGL_LOG_LINE", { value: rest, format: title });
  return ok({
    ...(time ? { time: time.value } : {}),
    ...(present(host) ? { host } : {}),
    ...(present(app) ? { app } : {}),
    ...(present(pid) ? { pid } : {}),
    ...(present(id) ? { id } : {}),
    ...(data.elements === undefined ? {} : { data: data.elements }),
    text: rest
      .slice(data.end)
      .replace(/^ /, "")
      .replace(/^\ufeff/, ""),
  });
};

type Elements = Record<string, Record<string, string | string[]>>;

/** `-`, or `[id name="value" …]…` with `\"`, `\\` and `\]` escaped (§6.3.3); undefined: it does not close. */
const readData = (
  text: string,
  from: number,
): { readonly elements: Elements | undefined; readonly end: number } | undefined => {
  if (text[from] === "-") return { elements: undefined, end: from + 1 };
  const elements: Elements = Object.create(null) as Elements;
  let at = from;
  while (text[at] === "[") {
    const id = /[^\s=\]"]{1,64}/y;
    id.lastIndex = at + 1;
    const name = id.exec(text)?.[0];
    if (name === undefined) return undefined;
    at = id.lastIndex;
    const element = (elements[name] ??= Object.create(null) as Record<string, string | string[]>);
    const param = /\s+([^\s=\]"]{1,64})="((?:[^"\\\]]|\\.)*)"/y;
    for (;;) {
      param.lastIndex = at;
      const found = param.exec(text);
      if (found === null) break;
      at = param.lastIndex;
      const [, key = "", raw = ""] = found;
      const value = raw.replace(/\\(["\\\]])/g, "$1");
      const known = element[key];
      if (known === undefined) element[key] = value;
      else if (Array.isArray(known)) known.push(value);
      else element[key] = [known, value];
    }
    const close = /\s*\]/y;
    close.lastIndex = at;
    if (close.exec(text) === null) return undefined;
    at = close.lastIndex;
  }
  return at === from ? undefined : { elements, end: at };
};

/** `Nov 19 08:00:00 host app[pid]: text`; undefined when it begins with no stamp. */
const readTraditional = (rest: string, stream: Stream): Result<SyslogMessage> | undefined => {
  const found =
    /^[*.]?(?:([A-Z][a-z]{2} {1,2}\d{1,2} (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d{1,9})?)|(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?))(?: ([A-Z]{3,4}))?:? +/.exec(
      rest,
    );
  if (found === null) return undefined;
  const [whole, yearless, iso, zone] = found;
  const local = zone === "UTC" || zone === "GMT" ? { ...stream, offsetMinutes: 0 } : stream;
  const time = yearless === undefined ? isoTime((iso ?? "").replace(",", "."), local) : yearlessTime(yearless, local);
  if (!time.ok) return time;
  let text = rest.slice(whole.length);
  // A tag right behind the stamp means that no host was written: `Nov 19 08:00:00 sshd[1]: …`
  const host = /^([^\s:[\]]+|\[?[0-9a-fA-F:.]*:[0-9a-fA-F:.]+\]?) (?=\S)/.exec(text);
  const tagFirst = /^[^\s:[\]]+(?:\[[^\]\s]*\])?:(?: |$)/.test(text);
  if (host && !tagFirst) text = text.slice(host[0].length);
  const tag = /^([^\s:[\]%][^\s:[\]]{0,63})(?:\[([^\]\s]{0,64})\])?:(?: |$)/.exec(text);
  if (tag) text = text.slice(tag[0].length);
  return ok({
    time: time.value,
    ...(host && !tagFirst && present(host[1]) ? { host: host[1] } : {}),
    ...(present(tag?.[1]) ? { app: tag[1] } : {}),
    ...(present(tag?.[2]) ? { pid: tag[2] } : {}),
    text,
  });
};
