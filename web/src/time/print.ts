import type { Language } from "@words/language.ts";
import type { Say } from "@web/words/reader.tsx";

const locale = { en: "en-GB", "zh-Hant-HK": "zh-Hant-HK", "zh-Hans": "zh-Hans" } as const satisfies Record<
  Language,
  string
>;

const formats = new Map<string, Intl.DateTimeFormat>();
const format = (name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat => {
  const key = `${name}|${JSON.stringify(options)}`;
  const known = formats.get(key);
  if (known) return known;
  const made = new Intl.DateTimeFormat(name, { hourCycle: "h23", ...options });
  formats.set(key, made);
  return made;
};

const hm = { hour: "2-digit", minute: "2-digit" } as const;

/** "16:44" */
export const printClock = (time: number, zone: string): string =>
  format("en-GB", { ...hm, timeZone: zone }).format(time);

/** "Thu 19 Nov", "11月19日 週四"; the year only when it is another one. */
export const printDay = (language: Language, time: number, zone: string, now: number): string => {
  const year = (at: number): string => format("en-GB", { year: "numeric", timeZone: zone }).format(at);
  const other = year(time) === year(now) ? {} : ({ year: "numeric" } as const);
  const weekday = format(locale[language], { weekday: "short", timeZone: zone }).format(time);
  const date = format(locale[language], { day: "numeric", month: "short", ...other, timeZone: zone }).format(time);
  return language === "en" ? `${weekday} ${date}` : `${date} ${weekday}`;
};

/** "16:44" today, "Thu 19 Nov 16:44" otherwise. */
export const printMoment = (language: Language, time: number, zone: string, now: number): string => {
  const day = printDay(language, time, zone, now);
  return day === printDay(language, now, zone, now) ? printClock(time, zone) : `${day} ${printClock(time, zone)}`;
};

/** "2026-11-19 08:44:02 UTC": what logs are searched by. */
export const printUtc = (time: number): string => `${new Date(time).toISOString().slice(0, 19).replace("T", " ")} UTC`;

/** "42 min", "3 h 10", "2 d": one glance's worth, rounded down. Negative spans are their own distance. */
export const printSpan = (say: Say, milliseconds: number): string => {
  const minutes = Math.floor(Math.abs(milliseconds) / 60_000);
  if (minutes < 60) return say("time.minutes", { count: minutes });
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return say("time.days", { count: Math.floor(hours / 24) });
  const rest = minutes % 60;
  return rest === 0 || hours >= 10
    ? say("time.hours", { count: hours })
    : say("time.hours-minutes", { hours, minutes: String(rest).padStart(2, "0") });
};

/** As `printSpan`, with seconds below two minutes: for what happens all the time. */
export const printAge = (say: Say, milliseconds: number): string =>
  milliseconds < 120_000
    ? say("time.seconds", { count: Math.max(0, Math.floor(milliseconds / 1000)) })
    : printSpan(say, milliseconds);
