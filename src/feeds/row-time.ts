import { type Instant, instant, parseInstant, printInstant } from "#core/instant.ts";
import { type Problem, problem } from "#core/result.ts";

/** When a row says it saw its value: a moment, nothing said, or a note why what it says is of no use. */
export interface RowTime {
  readonly seenAt?: Instant;
  readonly note?: Problem;
}

/** Below it (2001-09-09) a number of ten digits or fewer would be an odd time for an indicator, or no time at all. */
const firstSecond = 1_000_000_000;

/**
 * ISO 8601 (a blank for the T, no offset means UTC), seconds or milliseconds since 1970. A leap second is the second after.
 * Zero, negative, impossible ("2026-02-30") and day/month-ambiguous times are noted, never guessed.
 */
export const rowTime = (text: string): RowTime => {
  const written = text.trim();
  if (written === "") return {};
  const seenAt = /^\d{10}$|^\d{13}$/.test(written) ? epoch(written) : calendar(written);
  return seenAt === undefined ? { note: problem("WGL_ROW_TIME", { value: written }) } : { seenAt };
};

const epoch = (digits: string): Instant | undefined => {
  const number = Number(digits);
  const milliseconds = digits.length === 10 ? number * 1000 : number;
  return milliseconds >= firstSecond * 1000 ? instant(milliseconds) : undefined;
};

const calendar = (written: string): Instant | undefined => {
  const text = written.replace(/ ?UTC$/i, "Z");
  const leap = /:59:60(?=\D|$)/.test(text);
  const parsed = parseInstant(leap ? text.replace(":59:60", ":59:59") : text);
  if (!parsed.ok) return undefined;
  // JavaScript turns 30 February into 2 March: a day that does not exist comes back as another one.
  const day = text.slice(0, 10);
  const exists = printInstant(instant(Date.parse(`${day}T00:00:00Z`) || 0)).startsWith(day);
  return exists ? instant(parsed.value + (leap ? 1000 : 0)) : undefined;
};
