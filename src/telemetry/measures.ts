import type { Measures } from "./format.ts";

/** The measures that are known: no negative number, no nonsense, absent where the record does not say. */
export const measuresOf = (given: { readonly [name in keyof Measures]: number | undefined }): Measures => {
  const measures: { -readonly [name in keyof Measures]: number } = {};
  for (const name of ["bytesOut", "bytesIn", "packetsOut", "packetsIn", "durationMs"] as const) {
    const value = given[name];
    if (value !== undefined && Number.isFinite(value) && value >= 0) measures[name] = value;
  }
  return measures;
};
