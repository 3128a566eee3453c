import { day, type Instant, instant, minute, parseInstant } from "#core/instant.ts";
import { no, ok, type Result } from "#core/result.ts";
import type { Stream } from "./format.ts";

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/** How far ahead of ours a sensor's clock may be before its yearless date is taken for last year's. */
const ahead = day;

/** 253 402 300 800 seconds: the year 10000, which no log means. */
const lastSecond = 253_402_300_800;

/** Seconds since 1970 with a fraction, as text or number. */
export const epochSeconds = (given: string | number): Instant | undefined => {
  const seconds = typeof given === "number" ? given : /^\d{1,12}(?:\.\d*)?$/.test(given) ? Number(given) : Number.NaN;
  // 1517336042.001 * 1000 is …041.99999: round to the microsecond that the log means before cutting to milliseconds.
  return seconds >= 0 && seconds < lastSecond ? instant(Math.round(seconds * 1e6) / 1e3) : undefined;
};

/** ISO 8601 where a zone may be missing: then it is local time of the stream. */
export const isoTime = (text: string, stream: Stream): Result<Instant> => {
  const read = parseInstant(text.replace(/ ?([+-]\d\d:?\d\d|Z)$/, "$1"));
  return read.ok && !/(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? shifted(read.value, stream, text) : read;
};

/** `10/Oct/2026:13:55:36 +0800` (access logs), `20-Nov-2026 08:00:00.123` (BIND): day, month's name, year, time, zone. */
export const namedTime = (text: string, stream: Stream): Result<Instant> => {
  const found =
    /^(\d{1,2})[/-]([A-Za-z]{3})[/-](\d{4})[: ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?: ?(Z|[+-]\d\d:?\d\d))?$/.exec(
      text,
    );
  const month = months.indexOf(found?.[2]?.toLowerCase() ?? "");
  if (found === null || month < 0) return no("WGL_TIME", { value: text });
  const [, dayOf = "", , year = "", hour = "", min = "", second = "", fraction = "0", zone = ""] = found;
  // By numbers: access logs are many, and building an ISO text to read it again costs more than the rest of the time.
  const [d, h, m, sec] = [Number(dayOf), Number(hour), Number(min), Number(second)];
  const utc = Date.UTC(Number(year), month, d, h, m, sec, Math.trunc(Number(`0.${fraction}`) * 1000));
  const offset = zone === "" ? (stream.offsetMinutes ?? 0) : offsetIn(zone);
  const time = utc - offset * minute;
  const fits =
    h < 24 && m < 60 && sec < 60 && d > 0 && new Date(Date.UTC(Number(year), month, d)).getUTCMonth() === month;
  return fits && time >= 0 ? ok(instant(time)) : no("WGL_TIME", { value: text });
};

/**
 * `Nov  9 08:00:00` of RFC 3164: no year, no zone. It is the last such moment before the bytes were received, a day of
 * clock error allowed.
 *
 * @returns WGL_LOG_YEAR when nobody knows when they were received, WGL_TIME
 */
export const yearlessTime = (text: string, stream: Stream): Result<Instant> => {
  const found = /^([A-Za-z]{3}) {1,2}(\d{1,2}) (?:(\d{4}) )?(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?$/.exec(text);
  const month = months.indexOf(found?.[1]?.toLowerCase() ?? "");
  if (found === null || month < 0) return no("WGL_TIME", { value: text });
  const [, , dayOf = "", said, hour = "", min = "", second = "", fraction = "0"] = found;
  const inYear = (year: number): Result<Instant> =>
    isoTime(`${year}-${two(month + 1)}-${dayOf.padStart(2, "0")}T${hour}:${min}:${second}.${fraction}`, stream);
  if (said !== undefined) return inYear(Number(said));
  if (stream.received === undefined) return no("WGL_LOG_YEAR", { value: text });
  // 29 February is in every fourth year, and once in eight.
  const thisYear = new Date(stream.received + ahead).getUTCFullYear();
  for (let year = thisYear + 1; year >= Math.max(1970, thisYear - 8); year--) {
    const time = inYear(year);
    if (time.ok && time.value <= stream.received + ahead && isDay(year, month, dayOf)) return time;
  }
  return no("WGL_TIME", { value: text });
};

/** 31 November is none, and `Date` would make 1 December of it. */
const isDay = (year: number, month: number, dayOf: string): boolean =>
  new Date(Date.UTC(year, month, Number(dayOf))).getUTCMonth() === month;

/** "+0800", "-05:30", "Z" in minutes. */
const offsetIn = (zone: string): number => {
  if (zone === "Z") return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return zone.startsWith("-") ? -minutes : minutes;
};

const two = (number: number): string => String(number).padStart(2, "0");

const shifted = (utc: Instant, stream: Stream, text: string): Result<Instant> => {
  const time = utc - (stream.offsetMinutes ?? 0) * minute;
  return time >= 0 ? ok(instant(time)) : no("WGL_TIME", { value: text });
};
