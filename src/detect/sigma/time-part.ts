import { day } from "#core/instant.ts";
import type { TimePart } from "./detection.ts";

const written = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ](\d{1,2}):(\d{2}))?/;

/**
 * A part of a time as it stands in a record, without regard to its zone (modifiers appendix 2.1, "Time": "not designed to
 * handle timezone or format conversions"). Numbers are seconds since 1970, or milliseconds when they are that large, in UTC.
 *
 * @returns undefined when it is no time, or has no such part
 */
export const timePart = (value: string, part: TimePart): number | undefined => {
  const found = written.exec(value);
  if (found !== null) {
    const [, year, month, date, hour, minute] = found.map(Number);
    if (part === "year") return year;
    if (part === "month") return month;
    if (part === "day") return date;
    if (part === "week") return week(Date.UTC(year ?? 0, (month ?? 1) - 1, date ?? 1));
    const asked = part === "hour" ? hour : minute;
    return asked === undefined || Number.isNaN(asked) ? undefined : asked;
  }
  if (!/^\d{9,13}(?:\.\d+)?$/.test(value)) return undefined;
  const number = Number(value);
  const time = new Date(number < 1e11 ? number * 1000 : number);
  switch (part) {
    case "year":
      return time.getUTCFullYear();
    case "month":
      return time.getUTCMonth() + 1;
    case "day":
      return time.getUTCDate();
    case "hour":
      return time.getUTCHours();
    case "minute":
      return time.getUTCMinutes();
    case "week":
      return week(time.getTime());
  }
};

/** ISO 8601 §3.1.1.23: weeks begin on Monday, the first one has the year's first Thursday. */
const week = (milliseconds: number): number => {
  const days = Math.floor(milliseconds / day);
  const weekday = (((days + 3) % 7) + 7) % 7;
  const thursday = days - weekday + 3;
  const year = new Date(thursday * day).getUTCFullYear();
  return Math.floor((thursday - Date.UTC(year, 0, 1) / day) / 7) + 1;
};
