import { instant } from "#core/instant.ts";
import { no, ok, type Result } from "#core/result.ts";
import type { Stream, TelemetryRecord } from "#telemetry/format.ts";
import { epochSeconds, isoTime } from "#telemetry/local-time.ts";
import { numberIn, portIn } from "#telemetry/record-fields.ts";
import { said, statusOf, webRecord } from "#telemetry/web-record.ts";

const title = "a W3C extended log";

/**
 * One W3C extended log: `#Fields:` names the columns of the rows below it, and may come again with others. Rows are cut
 * at blanks or tabs; texts in quotes stay whole (`""` is a quote), "-" is nothing, and IIS writes "+" for a blank in
 * agents. Times are UTC and are those of the end of the request; `time-taken` is milliseconds (IIS, Blue Coat).
 *
 * @see https://www.w3.org/TR/WD-logfile.html
 * @see https://learn.microsoft.com/windows/win32/http/w3c-logging
 */
export class W3cParser {
  readonly #stream: Stream;
  #names: readonly string[] | undefined;
  #date = "";

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  /** @returns WGL_LOG_HEADER, WGL_LOG_COLUMNS, WGL_LOG_FIELD, WGL_TIME */
  parse(line: string): Result<TelemetryRecord> | undefined {
    const text = headText(line);
    if (text === "") return undefined;
    if (text.startsWith("#")) {
      if (/^#Fields:/i.test(text))
        this.#names = text
          .slice("#Fields:".length)
          .trim()
          .split(/[ \t]+/);
      if (/^#Date:/i.test(text)) this.#date = text.slice("#Date:".length).trim().slice(0, 10);
      return undefined;
    }
    if (this.#names === undefined) return no("WGL_LOG_HEADER", { format: title });
    const cells = cellsOf(text);
    if (cells.length !== this.#names.length)
      return no("WGL_LOG_COLUMNS", { format: title, found: cells.length, wanted: this.#names.length });
    const fields: Record<string, unknown> = Object.create(null);
    for (const [i, name] of this.#names.entries()) {
      const cell = cells[i] ?? "-";
      if (name !== "" && cell !== "-" && cell !== "")
        fields[name] = numeric.has(name) ? (numberIn(cell) ?? cell) : cell;
    }
    return this.#record(fields);
  }

  #record(fields: Readonly<Record<string, unknown>>): Result<TelemetryRecord> {
    const text = (...names: readonly string[]): string | undefined => {
      for (const name of names) if (Object.hasOwn(fields, name)) return said(String(fields[name]));
      return undefined;
    };
    const number = (...names: readonly string[]): number | undefined => numberIn(text(...names));
    const epoch = text("x-timestamp", "timestamp");
    const seconds = epoch === undefined ? undefined : epochSeconds(epoch);
    // The zone of the stream is not asked: W3C times are GMT.
    const time =
      seconds === undefined
        ? isoTime(`${text("date") ?? this.#date} ${text("time") ?? ""}`, { ...this.#stream, offsetMinutes: 0 })
        : ok(seconds);
    if (!time.ok) return time;
    const status = text("sc-status");
    if (status !== undefined && !/^\d{1,3}$/.test(status))
      return no("WGL_LOG_FIELD", { format: title, field: "sc-status", value: status, wanted: "a number" });
    const took = number("time-taken");
    const began = took === undefined || took < 0 || took > time.value ? time.value : instant(time.value - took);
    const proxy = ["s-action", "r-ip", "r-host", "r-dns", "cs-uri-scheme", "s-hierarchy"].some((name) =>
      Object.hasOwn(fields, name),
    );
    const stem = text("cs-uri-stem", "cs-uri-path");
    const query = text("cs-uri-query")?.replace(/^\?/, "");
    const scheme = text("cs-uri-scheme");
    const local = stem === undefined ? undefined : stem + (query === undefined ? "" : `?${query}`);
    const host = text("cs-host", "cs(Host)", "cs-hostname", "r-dns");
    const whole = text("cs-uri", "c-uri", "cs-url") ?? local;
    // Proxies write the URL in parts.
    const method = text("cs-method");
    const port = text("cs-uri-port");
    const target =
      proxy && host !== undefined && (method === "CONNECT" || whole?.startsWith("/") === true)
        ? ofProxy(method, scheme, host, port, whole ?? "/")
        : whole;
    const record = webRecord(
      {
        event: proxy ? "proxy" : "w3c",
        time: began,
        until: time.value,
        client: text("c-ip"),
        clientPort: portIn(text("c-port")),
        server: proxy ? text("r-ip", "r-supplier-ip") : text("s-ip"),
        serverPort: portIn(text(proxy ? "cs-uri-port" : "s-port")),
        forwarded: text("cs(X-Forwarded-For)", "X-Forwarded-For", "x-forwarded-for", "OriginalIP"),
        user: text("cs-username"),
        method,
        target,
        host: proxy ? undefined : host,
        status: statusOf(status),
        agent: text("cs(User-Agent)", "c-useragent")?.replaceAll("+", " "),
        referrer: text("cs(Referer)", "cs-referer"),
        bytesOut: number("cs-bytes"),
        bytesIn: number("sc-bytes"),
        durationMs: took,
      },
      fields,
    );
    return ok(record);
  }
}

/** A line without the mark of UTF-8 and what stands behind its text. */
export const headText = (line: string): string => line.replace(/^\u{feff}/u, "").trimEnd();

const numeric: ReadonlySet<string> = new Set([
  "sc-status",
  "sc-substatus",
  "sc-bytes",
  "cs-bytes",
  "time-taken",
  "s-port",
]);

/** Proxies write the URL in parts. */
const ofProxy = (
  method: string | undefined,
  scheme: string | undefined,
  host: string,
  port: string | undefined,
  path: string,
): string => {
  const secure = scheme === "https" || scheme === "ssl";
  if (method === "CONNECT") return `${host}:${port ?? "443"}`;
  const usual = port === undefined || port === "0" || port === (secure ? "443" : "80") || /:\d+$/.test(host);
  return `${secure ? "https" : "http"}://${host}${usual ? "" : `:${port}`}${path}`;
};

const cellsOf = (text: string): readonly string[] =>
  text.includes('"')
    ? [...text.matchAll(/"((?:[^"]|"")*)"(?=[ \t]|$)|[^ \t]+/g)].map(
        ([whole, quoted]) => quoted?.replaceAll('""', '"') ?? whole,
      )
    : text.split(text.includes("\t") ? "\t" : /[ ]+/);
