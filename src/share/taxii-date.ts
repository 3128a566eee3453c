import { timeKey } from "#stix/time-key.ts";

/**
 * A moment of arrival: whole microseconds since 1970. A JavaScript Date ends at milliseconds, and thousand objects in one
 * millisecond then look alike to a client that polls by date.
 */
export type Micros = number;

/** "2026-11-19T08:42:00.000001Z": always six digits. @see TAXII 2.1 §3.2 Timestamps in headers and manifests */
export const printMicros = (at: Micros): string => {
  const whole = Math.floor(at / 1000);
  const rest = at - whole * 1000;
  return `${new Date(whole).toISOString().slice(0, -1)}${String(rest).padStart(3, "0")}Z`;
};

/** Digits past the microsecond are cut, which keeps "later than" true for every whole microsecond; undefined: no timestamp. */
export const parseMicros = (text: string): Micros | undefined => {
  const key = timeKey(text);
  if (key === undefined) return undefined;
  const [seconds = "", fraction = ""] = key.split(".");
  const whole = Date.parse(`${seconds.replace(/:60$/, ":59")}Z`);
  if (!Number.isFinite(whole) || whole < 0) return undefined;
  return whole * 1000 + Number(fraction.slice(0, 6).padEnd(6, "0"));
};
