import { type Instant, instant } from "#core/instant.ts";
import type { Result } from "#core/result.ts";
import type { Stream } from "./format.ts";
import { isoTime, yearlessTime } from "./local-time.ts";

/** 9999-12-31T23:59:59.999Z, and the year 2000: seconds of now are below it as milliseconds, milliseconds above. */
const last = 253_402_300_799_999;
const millisecondsFrom = 100_000_000_000;

/**
 * A stamp as CEF and LEEF devices write it: milliseconds (or seconds) since 1970, `Nov 19 2026 08:00:00.123 UTC`, the same
 * without year or zone, ISO 8601. Zones by name other than UTC and GMT are not known here: the stream's is taken.
 */
export const deviceTime = (text: string, stream: Stream): Instant | undefined => {
  const given = text.trim();
  if (/^\d{9,16}(?:\.\d{1,9})?$/.test(given)) {
    const number = Number(given);
    const milliseconds = number >= millisecondsFrom ? number : number * 1000;
    return milliseconds <= last ? instant(milliseconds) : undefined;
  }
  const found = /^(.*?\d)(?: ?([A-Za-z]{1,5}|[+-]\d\d:?\d\d))?$/.exec(given);
  if (found === null) return undefined;
  const [, stamp = "", zone] = found;
  const local = localOf(zone, stream);
  if (/^\d{4}-/.test(stamp)) return valueOf(isoTime(zone === undefined ? stamp : `${stamp}${offsetText(zone)}`, local));
  return valueOf(yearlessTime(stamp, local));
};

const valueOf = (read: Result<Instant>): Instant | undefined => (read.ok ? read.value : undefined);

const offsetText = (zone: string): string => (/^[+-]/.test(zone) ? zone : /^(?:Z|UTC|GMT)$/i.test(zone) ? "Z" : "");

const localOf = (zone: string | undefined, stream: Stream): Stream => {
  if (zone === undefined) return stream;
  const offset = /^([+-])(\d\d):?(\d\d)$/.exec(zone);
  if (offset)
    return { ...stream, offsetMinutes: (offset[1] === "-" ? -1 : 1) * (Number(offset[2]) * 60 + Number(offset[3])) };
  return /^(?:Z|UTC|GMT)$/i.test(zone) ? { ...stream, offsetMinutes: 0 } : stream;
};

/**
 * A stamp by a pattern of Java's SimpleDateFormat (LEEF's `devTimeFormat`): y M d H h m s S a z Z X, quoted text, and
 * everything else as it stands.
 *
 * @returns undefined when the text or the pattern does not fit
 */
export const patternTime = (text: string, pattern: string, stream: Stream): Instant | undefined => {
  if (pattern.length > 64) return undefined;
  const names: string[] = [];
  let source = "";
  for (const [run, quoted] of pattern.matchAll(/'([^']*)'|([A-Za-z])\2*|[^A-Za-z']+/g)) {
    const letter = run[0] ?? "";
    if (quoted !== undefined || !/[A-Za-z]/.test(letter)) source += (quoted ?? run).replaceAll(/[^\w\s]/g, "\\$&");
    else {
      const part = letter === "M" && run.length >= 3 ? "[A-Za-z]{3,9}" : parts[letter];
      if (part === undefined) return undefined;
      names.push(letter === "M" && run.length >= 3 ? "L" : letter);
      source += `(${part})`;
    }
  }
  const found = new RegExp(`^${source}$`).exec(text.trim());
  if (found === null) return undefined;
  const at = (letter: string): string | undefined => found[names.indexOf(letter) + 1];
  const has = (letter: string): boolean => names.includes(letter);
  const month = has("L") ? monthOf(at("L") ?? "") : Number(at("M"));
  let hour = Number((has("H") ? at("H") : has("h") ? at("h") : "0") ?? 0);
  if (has("h") && has("a")) hour = (hour % 12) + (/^p/i.test(at("a") ?? "") ? 12 : 0);
  const year = has("y") ? Number(at("y")) : Number.NaN;
  const two = (number: number): string => String(number).padStart(2, "0");
  const fraction = has("S") ? (at("S") ?? "0").padEnd(3, "0").slice(0, 9) : "0";
  const zone = has("Z") ? at("Z") : has("X") ? at("X") : has("z") ? at("z") : undefined;
  const iso = `${year < 100 ? 2000 + year : year}-${two(month)}-${two(Number(at("d")))}T${two(hour)}:${two(Number(has("m") ? at("m") : 0))}:${two(Number(has("s") ? at("s") : 0))}.${fraction}`;
  return deviceTime(zone === undefined ? iso : `${iso}${zone}`, stream);
};

const parts: Readonly<Record<string, string>> = {
  y: "\\d{2,4}",
  M: "\\d{1,2}",
  d: "\\d{1,2}",
  H: "\\d{1,2}",
  h: "\\d{1,2}",
  m: "\\d{1,2}",
  s: "\\d{1,2}",
  S: "\\d{1,9}",
  a: "[APap][Mm]",
  z: "[A-Za-z]{1,5}|[+-]\\d{2}:?\\d{2}",
  Z: "[+-]\\d{2}:?\\d{2}|Z",
  X: "[+-]\\d{2}:?\\d{2}|Z",
  E: "[A-Za-z]{2,9}",
};

const monthOf = (name: string): number =>
  "jan feb mar apr may jun jul aug sep oct nov dec".split(" ").indexOf(name.slice(0, 3).toLowerCase()) + 1;
