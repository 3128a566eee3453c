/**
 * The same value with its texts as PostgreSQL can hold them: NUL and lone surrogates, which neither text nor jsonb take,
 * become U+FFFD. Hostile rows and lines are full of them, and one refused row would stop the act that keeps it.
 */
export const storable = <T>(value: T): T => clean(value) as T;

export const storableText = (text: string): string =>
  unstorable.test(text) ? text.toWellFormed().replaceAll("\0", "\uFFFD") : text;

const unstorable = /[\0\p{Cs}]/u;

const clean = (value: unknown): unknown => {
  if (typeof value === "string") return storableText(value);
  if (Array.isArray(value)) return value.map(clean);
  if (value === null || typeof value !== "object" || value instanceof Uint8Array || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [storableText(key), clean(item)]));
};
