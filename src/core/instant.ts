import type { Brand } from "#core/brand.ts";
import { no, ok, type Result } from "#core/result.ts";

/** A moment: milliseconds since 1970-01-01T00:00:00Z, whole. Finer source times stay in the source's own bytes. */
export type Instant = Brand<number, "Instant">;

/** 9999-12-31T23:59:59.999Z: past it ISO 8601 needs a sign and PostgreSQL and people disagree. */
const last = 253_402_300_799_999;

export const instant = (milliseconds: number): Instant => {
  if (!Number.isFinite(milliseconds) || milliseconds < 0 || milliseconds > last)
    throw new RangeError(`Cannot make an instant of ${milliseconds} ms`);
  return Math.trunc(milliseconds) as Instant;
};

export const after = (time: Instant, milliseconds: number): Instant => instant(time + milliseconds);

const iso = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?$/;

/** ISO 8601 date or date-time; without an offset it is UTC. Refuses years before 1970 and after 9999. */
export const parseInstant = (text: string): Result<Instant> => {
  const quick = plainInstant(text);
  if (quick !== undefined) return ok(quick);
  if (!iso.test(text)) return no("WGL_TIME", { value: text });
  const spaced = text.replace(" ", "T").replace(/(\.\d{3})\d+/, "$1");
  const zoned = /T.*(?:Z|[+-]\d\d:?\d\d)$/.test(spaced)
    ? spaced.replace(/([+-]\d\d)(\d\d)$/, "$1:$2")
    : spaced.includes("T")
      ? `${spaced}Z`
      : `${spaced}T00:00:00Z`;
  const milliseconds = Date.parse(zoned);
  return Number.isFinite(milliseconds) && milliseconds >= 0 && milliseconds <= last
    ? ok(milliseconds as Instant)
    : no("WGL_TIME", { value: text });
};

/**
 * `2026-11-19T08:00:00.123456+0800`, `2026-11-19 08:00:00Z`, `…:00.1234567`: what programs write, read without a look at
 * anything else. Logs bring several a line.
 *
 * @returns undefined for all other spellings, which are no less right, and for what is no time
 */
const plainInstant = (text: string): Instant | undefined => {
  const { length } = text;
  if (length < 19 || text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45 || text.charCodeAt(13) !== 58)
    return undefined;
  const parting = text.charCodeAt(10);
  if ((parting !== 84 && parting !== 32) || text.charCodeAt(16) !== 58) return undefined;
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 7);
  const date = digits(text, 8, 10);
  const hours = digits(text, 11, 13);
  const minutes = digits(text, 14, 16);
  const seconds = digits(text, 17, 19);
  // Days that a month may not have, 24:00, and the borders of what is a time are the slow way's to judge.
  if (!(year > 1970 && year < 9999 && month >= 1 && month <= 12 && date >= 1 && date <= 28)) return undefined;
  if (!(hours <= 23 && minutes <= 59 && seconds <= 59)) return undefined;
  let at = 19;
  let milliseconds = 0;
  if (text.charCodeAt(19) === 46) {
    at++;
    while (at < length && isDigit(text.charCodeAt(at))) at++;
    if (at < 23 || at > 29) return undefined;
    milliseconds = digits(text, 20, 23);
  }
  const utc = Date.UTC(year, month - 1, date, hours, minutes, seconds, milliseconds);
  if (at === length || (at === length - 1 && text.charCodeAt(at) === 90)) return utc as Instant;
  const sign = text.charCodeAt(at);
  const colon = text.charCodeAt(at + 3) === 58 ? 1 : 0;
  if ((sign !== 43 && sign !== 45) || length !== at + 5 + colon) return undefined;
  const [ahead, part] = [digits(text, at + 1, at + 3), digits(text, at + 3 + colon, length)];
  // what is no offset is the slow way's to judge
  if (!(ahead <= 23 && part <= 59)) return undefined;
  return (utc - (sign === 45 ? -1 : 1) * (ahead * 60 + part) * minute) as Instant;
};

const isDigit = (code: number): boolean => code >= 48 && code <= 57;

/** NaN when one is no digit. */
const digits = (text: string, from: number, to: number): number => {
  let number = 0;
  for (let i = from; i < to; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    number = number * 10 + digit;
  }
  return number;
};

/** "2026-11-19T08:42:00.000Z" */
export const printInstant = (time: Instant): string => new Date(time).toISOString();

export const second = 1000;
export const minute = 60_000;
export const hour = 3_600_000;
export const day = 86_400_000;
