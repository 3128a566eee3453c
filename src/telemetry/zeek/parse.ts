import { type Instant, instant, parseInstant } from "#core/instant.ts";
import { no, ok, type Result } from "#core/result.ts";
import type { Measures, TelemetryRecord } from "#telemetry/format.ts";
import { field } from "./field.ts";
import { type Header, noHeader, readHeaderLine } from "./header.ts";
import { readJson } from "./json.ts";
import { pathOf } from "./path.ts";
import { readRow } from "./row.ts";
import { seenIn } from "./seen.ts";
import { viewsOf } from "./views.ts";

/**
 * The slow, obvious reader of one Zeek stream: rows of tab-separated logs (several may follow each other, each after
 * its own header) and JSON lines, in any mixture.
 */
export class ZeekParser {
  #header: Header = noHeader;

  get header(): Header {
    return this.#header;
  }

  /** Says the same when told twice, so that `scan` and `parse` may both read a header line. */
  headerLine(line: string): void {
    this.#header = readHeaderLine(this.#header, line);
  }

  parse(line: string): Result<TelemetryRecord> | undefined {
    const text = line.endsWith("\r") ? line.slice(0, -1) : line;
    if (text.trim() === "") return undefined;
    if (text.startsWith("#")) {
      this.headerLine(text);
      return undefined;
    }
    if (text.startsWith("{")) {
      const read = readJson(text);
      return read.ok ? record(read.value, pathOf(read.value)) : read;
    }
    const read = readRow(text, this.#header);
    return read.ok ? record(read.value, this.#header.path || pathOf(read.value)) : read;
  }
}

const record = (fields: Readonly<Record<string, unknown>>, event: string): Result<TelemetryRecord> => {
  const time = timeOf(fields["ts"]);
  if (!time.ok) return time;
  const seen = seenIn(fields, event);
  if (!seen.ok) return seen;
  const measures = measuresOf(fields);
  // A record with a duration is written at its end.
  const lasted = measures.durationMs ?? 0;
  const end = time.value + lasted;
  return ok({
    time: time.value,
    ...(lasted >= 1 && end < lastTime ? { until: instant(end) } : {}),
    event,
    fields,
    measures,
    ...seen.value,
    ...viewsOf(fields, event),
  });
};

/** The year 10000, which no log means. */
const lastTime = 253_402_300_800_000;

/** Seconds since 1970 with a fraction, or ISO 8601 (`LogAscii::json_timestamps`). */
const timeOf = (given: unknown): Result<Instant> => {
  // A TSV log without `#types` has its seconds as text
  const ts = typeof given === "string" && /^\d{1,12}(?:\.\d*)?$/.test(given) ? Number(given) : given;
  if (typeof ts === "string") return parseInstant(ts);
  if (typeof ts !== "number" || !(ts >= 0 && ts < lastTime / 1000)) return no("WGL_ZEEK_TIME", { value: String(ts) });
  // 1517336042.001 * 1000 is …041.99999: round to the microsecond that the log means before cutting to milliseconds.
  return ok(instant(Math.round(ts * 1e6) / 1e3));
};

/** Out and in as the originator sees them. */
const measuresOf = (fields: Readonly<Record<string, unknown>>): Measures => {
  const measures: { -readonly [name in keyof Measures]: number } = {};
  const put = (name: keyof Measures, value: unknown): void => {
    if (typeof value === "number" && value >= 0) measures[name] = value;
  };
  put("bytesOut", field(fields, "orig_bytes") ?? field(fields, "request_body_len"));
  put("bytesIn", field(fields, "resp_bytes") ?? field(fields, "response_body_len"));
  put("packetsOut", field(fields, "orig_pkts"));
  put("packetsIn", field(fields, "resp_pkts"));
  const seconds = field(fields, "duration");
  if (typeof seconds === "number") put("durationMs", Math.round(seconds * 1e6) / 1e3);
  return measures;
};
