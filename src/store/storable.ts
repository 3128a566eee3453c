/**
 * The same value with its texts as PostgreSQL can hold them: NUL and lone surrogates, which neither text nor jsonb take,
 * become U+FFFD. Hostile rows and lines are full of them, and one refused row would stop the act that keeps it.
 */
export const storable = <T>(value: T): T => clean(value) as T;

export const storableText = (text: string): string =>
  holds(text) ? text : text.toWellFormed().replaceAll("\0", "\uFFFD");

/** PostgreSQL can hold it as it is. */
const holds = (text: string): boolean => text.isWellFormed() && !text.includes("\0");

const clean = (value: unknown): unknown => {
  if (typeof value === "string") return storableText(value);
  if (Array.isArray(value)) return value.map(clean);
  if (value === null || typeof value !== "object" || value instanceof Uint8Array || value instanceof Date) return value;
  return isClean(value)
    ? value
    : Object.fromEntries(Object.entries(value).map(([key, item]) => [storableText(key), clean(item)]));
};

/** Nearly every row is: a walk over its texts costs less than a copy of it. Only what holds texts alone is told so cheaply. */
const isClean = (value: object): boolean =>
  Object.entries(value).every(
    ([key, item]) => holds(key) && (typeof item === "string" ? holds(item) : typeof item !== "object"),
  );
