import { parseInstant } from "#core/instant.ts";

/** MISP's seconds since 1970 as a STIX timestamp; nothing for 0 and for what is no such number. */
export const stixTime = (seconds: string | undefined): string | undefined => {
  const number = Number(seconds);
  if (seconds === undefined || !Number.isSafeInteger(number) || number <= 0 || number > 253_402_300_799)
    return undefined;
  return new Date(number * 1000).toISOString();
};

/** A STIX timestamp as MISP's seconds. */
export const mispTime = (text: unknown): string | undefined => {
  const milliseconds = typeof text === "string" ? Date.parse(text) : Number.NaN;
  return Number.isFinite(milliseconds) && milliseconds >= 0 ? String(Math.floor(milliseconds / 1000)) : undefined;
};

/**
 * A date MISP holds ("2017-10-13T07:29:00+00:00", "2024-06-12 12:49:45") as STIX writes it, no more precise than it is:
 * "2017-10-13T07:29:00Z". Nothing for what is no date.
 */
export const stixDate = (text: string | undefined): string | undefined => {
  if (text === undefined) return undefined;
  const read = parseInstant(text.trim());
  return read.ok
    ? new Date(read.value)
        .toISOString()
        .replace(/\.(\d*?)0*Z$/, (_, digits: string) => (digits === "" ? "Z" : `.${digits}Z`))
    : undefined;
};

/** The other way: MISP writes the offset out. */
export const mispDate = (text: string): string =>
  text.replace(/^(\d{4}-\d\d-\d\d) (?=\d)/, "$1T").replace(/(?:\.0+)?Z$/, "+00:00");
