import { type Instant, instant } from "#core/instant.ts";
import { problem } from "#core/result.ts";
import { type RowTime, rowTime } from "./row-time.ts";

/** Reads a row's time as its publisher writes it. */
export type ReadTime = (text: string) => RowTime;

/**
 * A reader of times from the way they are written:
 *   auto         ISO 8601, seconds or milliseconds since 1970 (feeds/row-time.ts)
 *   epoch        seconds since 1970, with or without a fraction          epoch-ms   milliseconds since 1970
 *   windows-nt   tenths of a microsecond since 1601 (FILETIME)
 *   a pattern    of YYYY MM DD HH mm ss, MMM (Jan), ddd (Mon), Z (+0200, +02:00, Z), zz (GMT, UTC, EST … PDT); anything
 *                else stands for itself, a blank for any run of blanks. Without a time of day it is midnight, without a
 *                zone UTC. A pattern without a year reads nothing: a year is never guessed.
 *
 * @returns undefined for a pattern without year, month and day
 * @see RFC 5322 §3.3, §4.3 (zone names), [MS-DTYP] §2.3.3 FILETIME
 */
export const timeReader = (format: string): ReadTime | undefined => {
  switch (format) {
    case "auto":
      return rowTime;
    case "epoch":
      return counted(/^\d{9,10}(?:\.\d+)?$/, (text) => Number(text) * 1000);
    case "epoch-ms":
      return counted(/^\d{12,13}$/, Number);
    case "windows-nt":
      return counted(/^\d{17,18}$/, (text) => Number(BigInt(text) / 10_000n) - millisecondsFrom1601To1970);
    default:
      return patternReader(format);
  }
};

const millisecondsFrom1601To1970 = 11_644_473_600_000;

const unread = (text: string): RowTime => ({ note: problem("WGL_ROW_TIME", { value: text }) });

const counted =
  (shape: RegExp, milliseconds: (text: string) => number): ReadTime =>
  (given) => {
    const text = given.trim();
    if (text === "") return {};
    const value = shape.test(text) ? milliseconds(text) : -1;
    return value >= 0 ? { seenAt: instant(value) } : unread(text);
  };

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;

/** Zone names in use in lists, to their offset; those of RFC 5322 §4.3, and UTC. */
const zones: Readonly<Record<string, string>> = {
  ...{ UTC: "Z", UT: "Z", GMT: "Z", EST: "-05:00", EDT: "-04:00", CST: "-06:00", CDT: "-05:00" },
  ...{ MST: "-07:00", MDT: "-06:00", PST: "-08:00", PDT: "-07:00" },
};

const tokens: Readonly<Record<string, string>> = {
  YYYY: "(?<YYYY>\\d{4})",
  MMM: `(?<MMM>${months.join("|")})`,
  MM: "(?<MM>\\d\\d?)",
  DD: "(?<DD>\\d\\d?)",
  HH: "(?<HH>\\d\\d?)",
  mm: "(?<mm>\\d\\d)",
  ss: "(?<ss>\\d\\d)",
  ddd: "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)",
  zz: `(?<zz>${Object.keys(zones).join("|")})`,
  Z: "(?<Z>Z|[+-]\\d\\d:?\\d\\d)",
};
const token = /YYYY|MMM|MM|DD|HH|mm|ss|ddd|zz|Z| +|[^]/g;

/** Fixed tokens in a row: no part of it repeats a part, so matching is linear. */
const patternReader = (format: string): ReadTime | undefined => {
  const seen = new Set<string>();
  const source = format.replace(token, (part) => {
    if (tokens[part] !== undefined && part !== "ddd" && seen.has(part)) return "(?!)";
    seen.add(part);
    return tokens[part] ?? (part.startsWith(" ") ? " +" : part.replace(/[^\w]/g, "\\$&"));
  });
  if (!seen.has("YYYY") || !seen.has("DD") || !(seen.has("MM") || seen.has("MMM"))) return undefined;
  const shape = new RegExp(`^${source}$`, "i");
  return (given) => {
    const text = given.trim();
    if (text === "") return {};
    const found = shape.exec(text)?.groups;
    const seenAt = found === undefined ? undefined : momentOf(found);
    return seenAt === undefined ? unread(text) : { seenAt };
  };
};

const two = (text: string | undefined): string => (text ?? "0").padStart(2, "0");

const momentOf = (found: Readonly<Record<string, string | undefined>>): Instant | undefined => {
  const name = found["MMM"]?.toLowerCase();
  const month =
    name === undefined ? two(found["MM"]) : two(String(months.findIndex((it) => it.toLowerCase() === name) + 1));
  const day = `${found["YYYY"]}-${month}-${two(found["DD"])}`;
  const zone = found["Z"] ?? zones[found["zz"]?.toUpperCase() ?? "UTC"] ?? "Z";
  const written = `${day}T${two(found["HH"])}:${two(found["mm"])}:${two(found["ss"])}${zone.toUpperCase()}`;
  return rowTime(written).seenAt;
};
