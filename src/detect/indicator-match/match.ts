import type { Instant } from "#core/instant.ts";
import type { Observable } from "#core/observable.ts";
import type { MatchReader } from "#intel/match-reader.ts";
import type { Direction, Seen, TelemetryRecord, Where } from "#telemetry/format.ts";
import { directionOf, type Networks, ownEnd } from "#detect/networks.ts";

/** A listed value met a seen one; nobody has yet said what it means (`weight`) or whom it concerns. */
export interface RawMatch {
  /** The caller's id of what is listed, and what it is. */
  readonly indicatorId: number;
  readonly visibility: number;
  readonly indicator: Observable;
  readonly seen: Seen;
  readonly where: Where;
  readonly direction: Direction;
  /** Canonical address of our end; absent where the record names no end. */
  readonly own?: string;
  readonly time: Instant;
  readonly record: TelemetryRecord;
}

/**
 * Everything listed that a record shows, each indicator once per place: the obvious way, one look-up per seen value.
 * In the order of `seen`, then by id.
 */
export const matchRecord = (record: TelemetryRecord, index: MatchReader, own: Networks): readonly RawMatch[] => {
  let matches: RawMatch[] | undefined;
  for (const seen of record.seen)
    for (const { id, visibility, observable } of index.lookup(seen, seen.port ?? 0)) {
      matches ??= [];
      if (matches.some((match) => match.indicatorId === id && match.where === seen.where)) continue;
      const end = concerned(record, seen, own);
      matches.push({
        indicatorId: id,
        visibility,
        indicator: observable,
        seen,
        where: seen.where,
        direction: directionOf(record, own),
        ...(end === undefined ? {} : { own: end }),
        time: record.time,
        record,
      });
    }
  return matches ?? none;
};

const none: readonly never[] = [];

/** Between two of ours, who speaks to the listed one is concerned, also when the listed one began. */
export const concerned = (
  record: Pick<TelemetryRecord, "source" | "destination">,
  seen: Pick<Seen, "where">,
  own: Networks,
): string | undefined =>
  seen.where === "source" && directionOf(record, own) === "internal" ? record.destination : ownEnd(record, own);
