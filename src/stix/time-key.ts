/** RFC 3339 in UTC, as STIX writes it; the fraction as long as its author likes. */
const shape = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?Z$/;

/** Digits of a fraction that count; more say nothing about any clock, and a key must fit an index. */
const digits = 64;

/**
 * A timestamp as text whose order is the order of instants, at full precision: without its Z and without the zeros that end
 * its fraction ("…:00.120Z" → "…:00.12", "…:00.000Z" → "…:00"). Two timestamps have equal keys exactly when they are the
 * same instant. `undefined` for what is no STIX timestamp, such as 31 February.
 * @see STIX 2.1 §2, data type timestamp; RFC 3339 §5.6
 */
export const timeKey = (text: unknown): string | undefined => {
  if (typeof text !== "string" || text.length < 20 || text.charCodeAt(text.length - 1) !== 0x5a) return undefined;
  const found = shape.exec(text);
  if (found === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction] = found;
  const [m, d] = [Number(month), Number(day)];
  if (m < 1 || m > 12 || d < 1 || d > daysOf(Number(year), m)) return undefined;
  // 60 is a leap second; it sorts where it belongs
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined;
  if (fraction === undefined) return text.slice(0, 19);
  let end = Math.min(fraction.length, digits);
  while (end > 0 && fraction.charCodeAt(end - 1) === 0x30) end--;
  return end === 0 ? text.slice(0, 19) : text.slice(0, 20 + end);
};

const days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const daysOf = (year: number, month: number): number => {
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return (days[month - 1] ?? 0) + (leap ? 1 : 0);
};

/** The same moment printed as STIX wants it for created and modified: at least three digits of fraction. */
export const printTimeKey = (key: string): string => {
  const [whole = key, fraction = ""] = key.split(".");
  return `${whole}.${fraction.padEnd(3, "0")}Z`;
};
