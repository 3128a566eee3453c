import { type Quarry, seenIn } from "#jobs/hunt-past.ts";
import type { AskedRecord } from "./kept-pattern.ts";
import { keyOf, type Pace, type Past, type PastScope, type RecordPlace, type SeenValues } from "./past.ts";

/** Where a pattern is asked: whose records, when, how fast, and the values by which they are found. */
export interface PatternReading {
  readonly past: Past;
  readonly ground: { readonly scope: PastScope; readonly from: number; readonly to: number; readonly pace?: Pace };
  readonly quarry: Quarry;
}

/** Some of the records that show a value of the pattern. */
export interface AnchoredRecords {
  readonly rows: readonly AskedRecord[];
  /** Records looked at. */
  readonly read: number;
  /** Where the next ones begin; absent: there are none. */
  readonly place?: RecordPlace;
}

/** The next records that show a value of the pattern, oldest first. @param seen of its values (`seenOf`) */
export const anchoredRecords = async (
  reading: PatternReading,
  seen: SeenValues,
  after: RecordPlace | undefined,
  limit: number,
): Promise<AnchoredRecords> => {
  const { past, ground } = reading;
  const places = await past.recordsWith(ground.scope, seen, ground, after, limit, ground.pace);
  const last = places.at(-1);
  return {
    rows: await askedRecordsAt(reading, places, true),
    read: places.length,
    ...(places.length < limit || last === undefined ? {} : { place: last }),
  };
};

/** @param values with their values as history keeps them, and those whose lines are gone by their values alone */
export const askedRecordsAt = async (
  { past, ground: { scope, pace }, quarry }: PatternReading,
  places: readonly RecordPlace[],
  values: boolean,
): Promise<readonly AskedRecord[]> => {
  const [records, observations] = await Promise.all([
    past.recordsAt(scope, places, pace),
    values ? past.observationsOf(scope, places, pace) : [],
  ]);
  const whole = new Map(records.map((one) => [keyOf(one), one]));
  const byPlace = Map.groupBy(observations, keyOf);
  return places.flatMap((place): AskedRecord[] => {
    const seen = byPlace.get(keyOf(place));
    const row = whole.get(keyOf(place));
    const [first] = seen ?? [];
    if (row === undefined && first === undefined) return [];
    const { sensor = "" } = first ?? {};
    return [
      {
        ...(row ?? { ...place, sensor, format: "", event: "", text: "" }),
        ...(seen === undefined ? {} : { seen: seenIn(seen, quarry.hidden) }),
      },
    ];
  });
};
