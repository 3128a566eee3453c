import type { Instant } from "#core/instant.ts";
import type { Language } from "./language.ts";

/**
 * A moment in the reader's zone and language, always 24 hours and with the offset, since readers sit in many places.
 *   minute  "19 Nov 2026, 16:44 (UTC+8)"    second  "19 Nov 2026, 16:44:02 (UTC+8)"    day  "19 Nov 2026"
 *
 * @param zone IANA name, checked by `isZone` where it entered
 * @throws RangeError for a zone nobody checked
 */
export const printTime = (
  language: Language,
  time: Instant,
  zone: string,
  to: "minute" | "second" | "day" = "minute",
): string => {
  const date = formatter("date", locale[language], zone).format(time);
  if (to === "day") return date;
  const joint = language === "en" ? ", " : " ";
  return `${date}${joint}${clock(time, zone, to)}${brackets(language, offset(time, zone))}`;
};

/** "16:44" or "16:44:02" in the zone, for lines that stand under a full date. */
export const clock = (time: Instant, zone: string, to: "minute" | "second" = "minute"): string =>
  formatter(to, "en-GB", zone).format(time);

/** "2026-11-19 08:44:02 UTC": the form logs are searched by, the same in every language. */
export const printUtc = (time: Instant): string =>
  `${new Date(time).toISOString().slice(0, 19).replace("T", " ")}\u00a0UTC`;

/** "2026-11-19 16:44:02 UTC+8": the same form in a zone, to stand beside `printUtc`. */
export const printStamp = (time: Instant, zone: string): string => {
  const parts = formatter("stamp", "en-GB", zone).formatToParts(time);
  const part = (type: "year" | "month" | "day"): string => parts.find((one) => one.type === type)?.value ?? "";
  const date = `${part("year")}-${part("month")}-${part("day")}`;
  return `${date} ${clock(time, zone, "second")}\u00a0${offset(time, zone)}`;
};

/** "UTC+8", "UTC+5:30", "UTC"; an offset says the same to everybody, an abbreviation ("CST") does not. */
export const offset = (time: Instant, zone: string): string => {
  const parts = formatter("offset", "en-GB", zone).formatToParts(time);
  return (parts.find((part) => part.type === "timeZoneName")?.value ?? "UTC").replace(/^GMT(?:[+-]0$)?/, "UTC");
};

export const isZone = (zone: string): boolean => {
  try {
    new Intl.DateTimeFormat("en-GB", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
};

/** "en" alone would give American order. */
const locale = { en: "en-GB", "zh-Hant-HK": "zh-Hant-HK", "zh-Hans": "zh-Hans" } as const satisfies Record<
  Language,
  string
>;

const brackets = (language: Language, inside: string): string => (language === "en" ? ` (${inside})` : `（${inside}）`);

const shapes = {
  date: { day: "numeric", month: "short", year: "numeric" },
  stamp: { day: "2-digit", month: "2-digit", year: "numeric" },
  minute: { hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  second: { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" },
  offset: { timeZoneName: "shortOffset" },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;

/** Making a formatter costs some hundred times what using it does; there are as many as zones in use, times seven. */
const formatters = new Map<string, Intl.DateTimeFormat>();

const formatter = (shape: keyof typeof shapes, tag: string, zone: string): Intl.DateTimeFormat => {
  const key = `${shape} ${tag} ${zone}`;
  const made = formatters.get(key) ?? new Intl.DateTimeFormat(tag, { ...shapes[shape], timeZone: zone });
  formatters.set(key, made);
  return made;
};
