import type { BenignRecord } from "#detect/record.ts";

/** What it called in the benign month: the office's own weekly vulnerability scan. */
export const record: BenignRecord = {
  measured: "2026-11-22",
  month: { seed: 7, people: 40, days: 30 },
  hostDays: 1530,
  falseFindings: 1,
};
