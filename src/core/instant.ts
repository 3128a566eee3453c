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

/** "2026-11-19T08:42:00.000Z" */
export const printInstant = (time: Instant): string => new Date(time).toISOString();

export const minute = 60_000;
export const hour = 3_600_000;
export const day = 86_400_000;
