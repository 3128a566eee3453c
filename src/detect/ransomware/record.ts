import type { BenignRecord } from "#detect/record.ts";

/** It called nothing in the benign month. */
export const record: BenignRecord = {
  measured: "2026-11-22",
  month: { seed: 7, people: 40, days: 30 },
  hostDays: 1530,
  falseFindings: 0,
};
