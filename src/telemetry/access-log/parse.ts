import { no, ok, type Result } from "#core/result.ts";
import type { Stream, TelemetryRecord } from "#telemetry/format.ts";
import { isoTime, namedTime } from "#telemetry/local-time.ts";
import { addressIn, hostIn } from "#telemetry/observed.ts";
import { syslogHead } from "#telemetry/syslog-head.ts";
import { requestLine, said, statusOf, webRecord } from "#telemetry/web-record.ts";

const title = "an access log";

/** Before the request: addresses and names; the time in brackets; then the request in quotes. */
const shape = /^([^"[]{1,1024}(?:\[[0-9A-Fa-f:.]+\][^"[]{0,512})?) \[([^\]]{8,64})\] "((?:[^"\\]|\\.)*)"(?: (.*))?$/s;

export const looksLikeAccess = (line: string): boolean =>
  /\S \S+ \S.* \[\d[^\]]{9,40}\] "[^"]*" (?:\d{3}|-) (?:\d+|-)(?: |$)/.test(line);

/**
 * One line, the slow and obvious way:
 *   [vhost[:port]] client ident user [time] "request" status bytes ["referrer" "agent" ["forwarded"] …]
 * What a server adds behind is kept in `rest` as it stands; quoted addresses there are the forwarded ones.
 *
 * @returns WGL_LOG_LINE, WGL_LOG_FIELD, WGL_TIME
 * @see https://httpd.apache.org/docs/2.4/mod/mod_log_config.html#formats
 * @see https://nginx.org/en/docs/http/ngx_http_log_module.html#log_format
 */
export const parseAccess = (line: string, stream: Stream): Result<TelemetryRecord> | undefined => {
  if (line.trim() === "" || line.startsWith("#")) return undefined;
  const text = syslogHead(line).rest;
  const found = shape.exec(text);
  if (found === null) return no("WGL_LOG_LINE", { format: title, value: line });
  const [, before = "", when = "", quoted = "", behind = ""] = found;
  const time = /^\d{4}-/.test(when) ? isoTime(when, stream) : namedTime(when, stream);
  if (!time.ok) return time;
  const who = whoIn(before);
  if (who === undefined) return no("WGL_LOG_LINE", { format: title, value: line });
  const words = wordsOf(behind);
  if (words === undefined) return no("WGL_LOG_LINE", { format: title, value: line });
  const [status, bytes] = [words[0]?.text ?? "", words[1]?.text ?? ""];
  if (!/^(?:\d{3}|-)$/.test(status))
    return no("WGL_LOG_FIELD", { format: title, field: "status", value: status, wanted: "three digits" });
  if (!/^(?:\d{1,18}|-)$/.test(bytes))
    return no("WGL_LOG_FIELD", { format: title, field: "bytes", value: bytes, wanted: "a number" });
  const rest = words.slice(2);
  const combined = rest[0]?.quoted === true && rest[1]?.quoted === true;
  const more = combined ? rest.slice(2) : rest;
  const forwarded = [...who.hops, ...more.filter((word) => word.quoted && areHops(word.text)).map((word) => word.text)];
  const request = unescaped(quoted);
  const asked = requestLine(request);
  const fields: Record<string, unknown> = Object.create(null);
  const put = (name: string, value: string | number | undefined): void => {
    if (value !== undefined && value !== "" && value !== "-") fields[name] = value;
  };
  put("time", when);
  put("cs-host", who.host);
  put("c-ip", who.client);
  put("ident", who.ident);
  put("cs-username", who.user);
  put("request", request);
  put("cs-method", asked?.method);
  put("cs-uri-query", asked === undefined ? undefined : queryOf(asked.target));
  put("cs-version", asked?.version);
  put("sc-status", status === "-" ? undefined : Number(status));
  put("sc-bytes", bytes === "-" ? undefined : Number(bytes));
  put("cs-referer", combined ? rest[0]?.text : undefined);
  put("c-useragent", combined ? rest[1]?.text : undefined);
  put("x-forwarded-for", forwarded.join(", "));
  if (more.length > 0) fields["rest"] = more.map((word) => word.text);
  const port = /:(\d{1,5})$/.exec(who.host ?? "")?.[1];
  return ok(
    webRecord(
      {
        event: "access",
        time: time.value,
        client: said(who.client),
        user: said(who.user),
        forwarded: forwarded.join(","),
        method: asked?.method,
        target: asked?.target,
        host: said(who.host),
        serverPort: port === undefined ? undefined : Number(port),
        status: statusOf(status),
        referrer: combined ? said(rest[0]?.text) : undefined,
        agent: combined ? said(rest[1]?.text) : undefined,
        bytesIn: bytes === "-" ? undefined : Number(bytes),
      },
      fields,
    ),
  );
};

interface Who {
  readonly host?: string;
  readonly client: string;
  readonly ident: string;
  readonly user: string;
  readonly hops: readonly string[];
}

/** `client ident user`, or the virtual host (or server name) before it; a user's name may hold blanks. */
const whoIn = (text: string): Who | undefined => {
  const words = text.split(" ");
  const hops: string[] = [];
  // A list of forwarded addresses stands where the client should: "198.51.100.7, 10.0.0.1 - - […]"
  while (words[0]?.endsWith(",")) hops.push((words.shift() ?? "").slice(0, -1));
  const second = words[1];
  const named = words.length >= 4 && second !== undefined && !isAddress(words[0] ?? "") && isAddress(second);
  const host = named ? words.shift() : undefined;
  const [client, ident, ...user] = words;
  if (client === undefined || client === "" || ident === undefined || user.length === 0) return undefined;
  if (hops.length > 0) hops.push(client);
  return {
    client: hops[0] ?? client,
    ident,
    user: unescaped(user.join(" ")),
    hops: hops.slice(1),
    ...(host === undefined ? {} : { host }),
  };
};

const isAddress = (text: string): boolean => addressIn(text) !== undefined;

const areHops = (text: string): boolean =>
  text.split(",").every((hop) => {
    const host = hostIn(hop.trim());
    return host !== undefined && host.kind !== "domain";
  });

const queryOf = (target: string): string | undefined => {
  const mark = target.indexOf("?");
  return mark < 0 ? undefined : target.slice(mark + 1);
};

interface Word {
  readonly text: string;
  readonly quoted: boolean;
}

/** Words and quoted texts, unescaped; nothing when a quote does not close (a line cut off in the middle). */
const wordsOf = (text: string): readonly Word[] | undefined => {
  const words: Word[] = [];
  const word = / *(?:"((?:[^"\\]|\\.)*)"|([^\s"]\S*))/sy;
  let at = 0;
  while (at < text.length) {
    word.lastIndex = at;
    const found = word.exec(text);
    if (found === null) return text.slice(at).trim() === "" ? words : undefined;
    const quoted = found[1];
    words.push(
      quoted === undefined ? { text: found[2] ?? "", quoted: false } : { text: unescaped(quoted), quoted: true },
    );
    at = word.lastIndex;
  }
  return words;
};

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const short: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", v: "\v", f: "\f" };

/** Apache's and nginx's escapes: `\"`, `\\`, `\n`, and bytes as `\x22`, which together are UTF-8 or stay as they stand. */
const unescaped = (text: string): string =>
  text.includes("\\")
    ? text.replaceAll(/(?:\\x[0-9A-Fa-f]{2})+|\\([^])/g, (escape, one: string | undefined) => {
        if (one !== undefined) return short[one] ?? (one === "x" ? escape : one);
        try {
          return utf8.decode(Buffer.from(escape.replaceAll("\\x", ""), "hex"));
        } catch {
          return escape;
        }
      })
    : text;
