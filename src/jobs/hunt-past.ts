import type { Instant } from "#core/instant.ts";
import type { Observable } from "#core/observable.ts";
import { matchRecord } from "#detect/indicator-match/match.ts";
import { directionOf, networks, networksThat, type Networks } from "#detect/networks.ts";
import { fingerprintKey } from "#intel/fingerprint.ts";
import { buildMatchIndex, type MatchIndex } from "#intel/match-index.ts";
import { fieldHash } from "#jobs/batches/field-hash.ts";
import { breathe } from "#jobs/breathe.ts";
import type { ObservationRow, RecordRow } from "#jobs/history/rows.ts";
import { huntKeys } from "#jobs/hunt/keys.ts";
import { type Above, keyOf, type Past, type PastScope, type RecordPlace, type SeenValues } from "#jobs/hunt/past.ts";
import { type BatchMatch, plain } from "#jobs/batches/read.ts";
import { Fingerprint64, type Stretch } from "#jobs/history/value-fingerprint.ts";
import { type Direction, directions, type Seen, type TelemetryRecord, type Where, wheres } from "#telemetry/format.ts";

/** A set of values, ready to be looked for in what is kept. */
export interface Quarry {
  readonly index: MatchIndex;
  /** Fingerprints of values, and of what is above values (hunt/keys.ts). */
  readonly values: readonly bigint[];
  readonly above: Above;
  /** Values that are kept as a keyed hash only, by that hash. */
  readonly hidden: ReadonlyMap<string, string>;
}

/** Values after which others are let go first: a few milliseconds. */
const valuesAtOnce = 250;

/** @param secret of the deployment, in hexadecimal digits, as telemetry is kept under */
export const quarryOf = (wanted: readonly Observable[], secret: string): Quarry => {
  const steps = quarrySteps(wanted, secret);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
};

/** The same of a hundred thousand values beside live work: whoever waits for an answer is served in between. */
export const quarryBeside = async (wanted: readonly Observable[], secret: string): Promise<Quarry> => {
  const steps = quarrySteps(wanted, secret);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    await breathe();
  }
};

function* quarrySteps(wanted: readonly Observable[], secret: string): Generator<undefined, Quarry> {
  const fingerprint = new Fingerprint64(fingerprintKey(Buffer.from(secret)));
  const hash = fieldHash(secret);
  // some stand twice where two values lead to one: a set of hundreds of thousands costs more than asking for it
  const values: bigint[] = [];
  const covers: bigint[] = [];
  const stretches: Stretch[] = [];
  const add = (to: bigint[], one: Observable): void => {
    to.push(fingerprint.of(one));
    const before = fingerprint.ofBefore(one);
    if (before !== undefined) to.push(before);
  };
  const hidden = new Map<string, string>();
  const index = buildMatchIndex([], Buffer.from(secret, "hex"), wanted.length);
  for (const [id, one] of wanted.entries()) {
    const keys = huntKeys(one);
    for (const value of keys.values) add(values, value);
    for (const cover of keys.covers) add(covers, cover);
    if (keys.network) stretches.push(fingerprint.ofNetwork(keys.network));
    if (one.kind === "email") hidden.set(hash(one.value), one.value);
    index.add({ id, observable: one });
    if (id % valuesAtOnce === valuesAtOnce - 1) yield;
  }
  return { index, values, above: { covers, stretches }, hidden };
}

/** How fast, over whose, and when. */
export interface Ground {
  readonly scope: PastScope;
  readonly from: Instant;
  /** Excluded. */
  readonly to: Instant;
  readonly pace?: "behind";
}

/** Which of the values hunted for, or under them, were seen on this ground. Milliseconds for one value. */
export const seenOf = async (past: Past, quarry: Quarry, { scope, pace, ...period }: Ground): Promise<SeenValues> => {
  const { covers, stretches } = quarry.above;
  const under = covers.length + stretches.length === 0 ? [] : await past.valuesUnder(scope, quarry.above, pace);
  return past.seenValues(scope, [...quarry.values, ...under], period, pace);
};

/** A record that shows something hunted, read again, as its batch's thread had read it. */
export interface HuntedRecord extends RecordPlace {
  readonly sensor: string;
  readonly matches: readonly BatchMatch[];
  /** Its line is kept beside its values. */
  readonly whole: boolean;
}

export interface HuntedPage {
  readonly records: readonly HuntedRecord[];
  /** Records looked at: those whose port, path or network did not fit are among them. */
  readonly read: number;
  /** Absent: there are no more. */
  readonly place?: RecordPlace;
}

/**
 * The next records in which something hunted was seen, oldest first. `matchRecord` decides, over the record as it was kept:
 * its values in their places, its ends, and the direction that the sensor's networks gave it then.
 *
 * @param ownOf networks a sensor guards, where a kept record does not say its direction
 */
export const huntPage = async (
  past: Past,
  quarry: Quarry,
  seen: SeenValues,
  { scope, pace, ...period }: Ground,
  after: RecordPlace | undefined,
  atOnce: number,
  ownOf: (sensor: string) => readonly string[],
): Promise<HuntedPage> => {
  const places = await past.recordsWith(scope, seen, period, after, atOnce, pace);
  const [observations, records] = await Promise.all([
    past.observationsOf(scope, places, pace),
    past.recordsAt(scope, places, pace),
  ]);
  const byPlace = Map.groupBy(observations, keyOf);
  const whole = new Map(records.map((one) => [keyOf(one), one]));
  const own = new Map<string, Networks>();
  const found: HuntedRecord[] = [];
  for (const place of places) {
    const values = byPlace.get(keyOf(place)) ?? [];
    const [first] = values;
    if (first === undefined) continue;
    const { sensor } = first;
    let guarded = own.get(sensor);
    if (guarded === undefined) own.set(sensor, (guarded = networks(ownOf(sensor))));
    const record = recordOf(values, whole.get(keyOf(place)), quarry);
    const direction = directions.find((one) => one === first.direction) ?? "unknown";
    const raw = matchRecord(record, quarry.index, asThen(record, direction, guarded));
    if (raw.length === 0) continue;
    const kept = whole.get(keyOf(place));
    const text = kept?.text ?? "";
    found.push({
      ...place,
      sensor,
      whole: kept !== undefined,
      matches: raw.map((match) => plain({ ...match, direction }, place.line, text)),
    });
  }
  const last = places.at(-1);
  return {
    records: found,
    read: places.length,
    ...(places.length < atOnce || last === undefined ? {} : { place: last }),
  };
};

const recordOf = (
  values: readonly ObservationRow[],
  kept: RecordRow | undefined,
  { hidden }: Quarry,
): TelemetryRecord => {
  const seen = seenIn(values, hidden);
  const end = (where: Where, said: string | undefined): string | undefined =>
    said === undefined || said === "" ? seen.find((one) => one.where === where && isAddress(one))?.value : said;
  const source = end("source", kept?.source);
  const destination = end("destination", kept?.destination);
  return {
    ...{ time: (values[0]?.time ?? 0) as Instant, event: kept?.event ?? "", fields: {}, seen, measures: {} },
    ...(source === undefined ? {} : { source }),
    ...(destination === undefined ? {} : { destination }),
  };
};

/** Values of one record as it was seen. @param hidden values that are kept as a keyed hash, by that hash */
export const seenIn = (values: readonly ObservationRow[], hidden: Quarry["hidden"]): readonly Seen[] =>
  values.flatMap((row): Seen[] => {
    const where = wheres.find((one) => one === row.where);
    if (where === undefined) return [];
    const value = where === "mail-to" ? hidden.get(row.value) : row.value;
    if (value === undefined) return [];
    return [{ kind: row.kind as Seen["kind"], value, where, ...(row.port === 0 ? {} : { port: row.port }) }];
  });

const isAddress = ({ kind }: Seen): boolean => kind === "ipv4" || kind === "ipv6";

/** The sensor's networks may be others by now: of a record's two ends those are ours that were when it was kept. */
const asThen = (record: TelemetryRecord, direction: Direction, now: Networks): Networks => {
  if (direction === "unknown" || directionOf(record, now) === direction) return now;
  const { source, destination } = record;
  return networksThat(
    (address) =>
      (address === source && direction !== "inbound") ||
      (address === destination && direction !== "outbound") ||
      (address !== source && address !== destination && now.has(address)),
  );
};
