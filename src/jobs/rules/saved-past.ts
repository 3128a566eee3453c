import { packCheckpoint, unpackCheckpoint } from "#jobs/partitions/checkpoint.ts";
import type { SavedPast } from "./kept-together.ts";

/** JSON has no infinite numbers: a time before all others is one that no clock shows. */
export const finite = (saved: SavedPast): SavedPast =>
  JSON.parse(
    JSON.stringify(saved, (_key, value: unknown) =>
      value === Number.NEGATIVE_INFINITY ? -beyond : value === Number.POSITIVE_INFINITY ? beyond : value,
    ),
  ) as SavedPast;
const beyond = 1e300;

/** As it is kept between two processes: it may be larger than one text can be. */
export const toBytes = (saved: SavedPast): Uint8Array => packCheckpoint(bounded(saved));

/** @throws when the bytes are none of ours */
export const fromBytes = (bytes: Uint8Array): SavedPast => unpackCheckpoint(bytes) as SavedPast;

/** `finite` without a text of all of it. */
const bounded = (value: unknown): unknown => {
  if (typeof value === "number") return Number.isFinite(value) ? value : Math.sign(value) * beyond;
  if (Array.isArray(value)) return value.map(bounded);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, bounded(one)]));
};
