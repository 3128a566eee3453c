import type { SavedPast } from "./kept-rules.ts";

/** JSON has no infinite numbers: a time before all others is one that no clock shows. */
export const finite = (saved: SavedPast): SavedPast =>
  JSON.parse(
    JSON.stringify(saved, (_key, value: unknown) =>
      value === Number.NEGATIVE_INFINITY ? -beyond : value === Number.POSITIVE_INFINITY ? beyond : value,
    ),
  ) as SavedPast;
const beyond = 1e300;
