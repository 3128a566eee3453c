import type { BenignRecord } from "#detect/record.ts";

/** What it called in the benign month: a request that looks odd and is none. */
export const record: BenignRecord = {
  measured: "2026-11-22",
  month: { seed: 7, people: 40, days: 30 },
  hostDays: 1530,
  falseFindings: 1,
};
