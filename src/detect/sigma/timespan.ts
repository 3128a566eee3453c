import { day, hour, minute } from "#core/instant.ts";

/** Milliseconds of a unit; a month has 30 days, a year 365. */
const units: Readonly<Record<string, number>> = {
  s: 1000,
  m: minute,
  h: hour,
  d: day,
  w: 7 * day,
  M: 30 * day,
  y: 365 * day,
};

/** Ten years: more is a mistake, and no window is kept so long. */
const longest = 3650 * day;

/** "5m", "24h" (Sigma correlation rules specification 2.1, "Time Selection") in milliseconds; undefined for anything else. */
export const readTimespan = (text: string): number | undefined => {
  const found = /^(\d{1,9})([smhdwMy])$/.exec(text);
  const span = Number(found?.[1] ?? 0) * (units[found?.[2] ?? ""] ?? 0);
  return span > 0 && span <= longest ? span : undefined;
};
