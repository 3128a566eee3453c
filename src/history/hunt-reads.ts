import { breathe } from "#jobs/breathe.ts";
import type { RecordRow } from "#jobs/history/rows.ts";
import { sortedOnce } from "#jobs/history/sorted-once.ts";
import { firstOfAddresses } from "#jobs/history/value-fingerprint.ts";
import { keyOf, type Pace, type RecordPlace, type SeenValues } from "#jobs/hunt/past.ts";
import { withHeads } from "./heads.ts";
import {
  observationOf,
  observationsIn,
  storedValue,
  type StoredValue,
  storedValues,
  type StoredValues,
} from "./stored-values.ts";
import type { History, HistoryScope, Period } from "./history.ts";
import { literal } from "./lane.ts";
import { paceSettings, type Read } from "./read.ts";

/**
 * Numbers put into one query: 11 bytes each (`setOf`). In order, so that each slice reads its own stretch of a table that is
 * ordered by them: a million are one walk through it, in ten steps.
 */
const numbersAtOnce = 100_000;
/** Records named in one query, some 90 bytes each. */
const placesAtOnce = 5_000;
const dayMs = 86_400_000;

type HuntReads = Pick<History, "seenValues" | "valuesUnder" | "recordsWith" | "observationsOf" | "recordsAt">;

/** Reads of a hunt, whatever the engine. Only digits and `literal`s are put into the text of a query. */
export const huntReads = (read: Read): HuntReads => {
  const sliced = async <Row>(
    numbers: readonly bigint[],
    each: (condition: (column: string) => string) => Promise<readonly Row[]>,
    size = 1n,
  ): Promise<Row[]> => {
    const inTheirOrder = await inOrderBeside(numbers);
    const ordered = size === 1n ? inTheirOrder : inTheirOrder.map((number) => number / size);
    const rows: Row[] = [];
    for (let at = 0; at < ordered.length; at += numbersAtOnce) {
      const slice = ordered.subarray(at, at + numbersAtOnce);
      const [first, last] = [slice[0], slice.at(-1)];
      const condition = (column: string): string =>
        `${column} between ${first} and ${last} and ${column} in ${setOf(slice)}`;
      for (const row of await each(condition)) rows.push(row);
    }
    return rows;
  };

  const seenValues = async (
    scope: HistoryScope,
    fingerprints: readonly bigint[],
    period: Period,
    pace?: Pace,
  ): Promise<SeenValues> => {
    const found: bigint[] = [];
    const days = new Map<number, number>();
    const organisations = new Set<string>();
    // one walk through the table gives both: which of them, and where and when any of them
    const rows = await sliced(fingerprints, (condition) =>
      read<{ ofDay: number; fingerprint: string; at: number; n: string; organisations: string[] }>(
        `select grouping(day) = 0 as ofDay, fingerprint, toUnixTimestamp(toDateTime(day, 'UTC')) as at,
           if(ofDay, sum(count), 0) as n, if(ofDay, groupUniqArray(organisation), []) as organisations
         from observation_day where ${condition("fingerprint")} and ${inPeriod} and $scope
         group by grouping sets ((fingerprint), (day))`,
        scope,
        daysOf(period),
        paceSettings(pace),
      ),
    );
    for (const row of rows) {
      if (row.ofDay === 0) {
        found.push(BigInt(row.fingerprint));
        continue;
      }
      days.set(row.at * 1000, (days.get(row.at * 1000) ?? 0) + Number(row.n));
      for (const organisation of row.organisations) organisations.add(organisation);
    }
    return {
      fingerprints: found,
      days: [...days].map(([day, count]) => ({ day, count })).sort((a, b) => a.day - b.day),
      organisations: [...organisations],
    };
  };

  const atPlaces = async <Row>(
    places: readonly RecordPlace[],
    each: (condition: string) => Promise<readonly Row[]>,
  ): Promise<Row[]> => {
    const rows: Row[] = [];
    for (let at = 0; at < places.length; at += placesAtOnce) {
      const some = places.slice(at, at + placesAtOnce);
      const list = (tuples: Iterable<string>): string => [...new Set(tuples)].join(",");
      // as pairs: asked one by one, each organisation's granules would be read at all times of all others
      const condition = `(organisation, time) in (${list(some.map((one) => `(${literal(one.organisation)},${literal(printed(one.time))})`))})
        and (batch, line) in (${list(some.map((one) => `(${literal(one.batch)},${Math.trunc(one.line)})`))})`;
      for (const row of await each(condition)) rows.push(row);
    }
    return rows;
  };

  return {
    seenValues,

    valuesUnder: async (scope, { covers, stretches }, pace) => {
      const found = new Set<bigint>();
      const under = async (condition: string, table: "value_cover" | "observation_day"): Promise<readonly never[]> => {
        const rows = await read<{ fingerprint: string }>(
          `select distinct fingerprint from ${table} where ${condition} and $scope`,
          scope,
          {},
          paceSettings(pace),
        );
        for (const row of rows) found.add(BigInt(row.fingerprint));
        return [];
      };
      await sliced(covers, (condition) => under(condition("cover"), "value_cover"));
      // stretches of one length are told by their number: a hundred thousand of them are one walk as well
      for (const [size, some] of Map.groupBy(stretches, ({ from, to }) => to - from + 1n)) {
        const numbers = some.map(({ from }) => from);
        const part = (column: string): string => `intDiv(${column}, toUInt64(${size}))`;
        await sliced(numbers, (condition) => under(condition(part("fingerprint")), "observation_day"), size);
        await sliced(numbers, (condition) => under(condition(part("cover")), "value_cover"), size);
      }
      return [...found];
    },

    recordsWith: async (scope, seen, period, after, limit, pace) => {
      if (seen.fingerprints.length === 0) return [];
      const wanted = inOrder(seen.fingerprints);
      const isFew = wanted.length <= filteredAtMost;
      const within = seen.organisations.map(literal).join(",");
      const found: RecordPlace[] = [];
      let last = after;
      // some days at a time, as many as should hold what is missing: a page never reads the whole of the past
      for (const window of windowsOf(seen.days, Math.max(after?.time ?? 0, period.from), limit)) {
        for (;;) {
          const behind =
            last === undefined
              ? "true"
              : `(toUnixTimestamp64Milli(time), organisation, batch, line) > (${Math.trunc(last.time)}, ${literal(last.organisation)}, ${literal(last.batch)}, ${Math.trunc(last.line)})`;
          const inWindow = `organisation in (${within})
               and time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') and time < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
               and ${behind} and $scope`;
          const rows = await read<{ at: string; organisation: string; batch: string; line: number }>(
            `${isFew ? "" : `with wanted as ${setOf(wanted)}`}
             select toUnixTimestamp64Milli(time) as at, organisation, batch, line from (
               select time, organisation, batch, line from seen
                 where ${isFew ? showsAny(wanted) : "arrayExists(one -> one in wanted, value.fingerprint)"} and ${inWindow}
               union all select time, organisation, batch, line from observation
                 where fingerprint in ${isFew ? setOf(wanted) : "wanted"} and ${inWindow})
             order by time, organisation, batch, line limit {limit:UInt32}`,
            scope,
            {
              from: Math.max(window.from, period.from, last?.time ?? 0),
              to: Math.min(window.to, period.to),
              limit: limit - found.length,
            },
            {
              ...paceSettings(pace),
              // asking a filter of each granule for each of many values costs more than reading it
              ...(isFew ? {} : { use_skip_indexes: 0 }),
            },
          );
          for (const { at, ...row } of rows) {
            const place = { time: Number(at), ...row };
            // a record may show several of them
            if (last === undefined || !isSame(last, place)) found.push(place);
            last = place;
          }
          if (found.length >= limit) return found;
          if (rows.length < limit) break;
        }
      }
      return found;
    },

    observationsOf: async (scope, places, pace) => {
      const [rows, before] = await Promise.all([
        atPlaces(places, (condition) =>
          read<StoredValues>(`${storedValues} from seen where ${condition} and $scope`, scope, {}, paceSettings(pace)),
        ),
        atPlaces(places, (condition) =>
          read<StoredValue>(
            `${storedValue} from observation where ${condition} and $scope order by batch, line, nth`,
            scope,
            {},
            paceSettings(pace),
          ),
        ),
      ]);
      // a group whose first half an older waglan kept before it ended stands in both
      const whole = new Set(rows.map(keyOf));
      return [...rows.flatMap(observationsIn), ...before.filter((row) => !whole.has(keyOf(row))).map(observationOf)];
    },

    recordsAt: async (scope, places, pace) => {
      const rows = await atPlaces(places, (condition) =>
        read<Omit<RecordRow, "time"> & { at: string }>(
          `select toUnixTimestamp64Milli(time) as at, organisation, sensor, format, event, batch, line, text, source, destination
           from record where ${condition} and $scope`,
          scope,
          {},
          paceSettings(pace),
        ),
      );
      return withHeads(
        read,
        scope,
        rows.map(({ at, ...row }) => ({ time: Number(at), ...row })),
        pace,
      );
    },
  };
};

/** Fingerprints for which the bloom filters of values are asked. */
const filteredAtMost = 200;

const inPeriod = "day >= toDate({first_day:Int32}) and day <= toDate({last_day:Int32})";

const isSame = (a: RecordPlace, b: RecordPlace): boolean =>
  a.time === b.time && a.line === b.line && a.batch === b.batch && a.organisation === b.organisation;

/** Neighbouring days that hold `limit` observations or more, from `from` on. */
function* windowsOf(days: SeenValues["days"], from: number, limit: number): Generator<Period> {
  let count = 0;
  let first: number | undefined;
  for (const [at, { day, count: seen }] of days.entries()) {
    if (day + dayMs <= from) continue;
    first ??= day;
    count += seen;
    if (count < limit && at + 1 < days.length) continue;
    yield { from: first, to: day + dayMs };
    [count, first] = [0, undefined];
  }
}

/** A record of `seen` shows any of a few. */
const showsAny = (wanted: BigUint64Array): string =>
  `hasAny(value.fingerprint, cast([${wanted.join(",")}], 'Array(UInt64)'))`;

/** Numbers as a set: as digits a few, as bytes many, which the engine reads five times faster than a list. */
const setOf = (numbers: BigUint64Array): string => {
  if (numbers.length <= filteredAtMost) return `(${numbers.join(",")})`;
  const bytes = Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength).toString("base64");
  return `(select reinterpretAsUInt64(arrayJoin(arrayMap(i -> substring(bytes, i * 8 + 1, 8), range(intDiv(length(bytes), 8)))))
    from (select base64Decode('${bytes}') as bytes))`;
};

const inOrder = (numbers: readonly bigint[]): BigUint64Array => sortedOnce(BigUint64Array.from(numbers));

/** As a literal of DateTime64(3, 'UTC'). */
const printed = (time: number): string => new Date(time).toISOString().slice(0, 23).replace("T", " ");

/** Numbers sorted before others have their turn: some milliseconds. */
const sortedAtOnce = 65_536;

/** The same of hundreds of thousands, in lots: hashes by their highest bits, addresses behind them by theirs. */
const inOrderBeside = async (numbers: readonly bigint[]): Promise<BigUint64Array> => {
  if (numbers.length <= sortedAtOnce) return inOrder(numbers);
  const bits = Math.min(16, Math.ceil(Math.log2(numbers.length / sortedAtOnce)) + 1);
  const lots = Array.from({ length: 2 * 2 ** bits }, (): bigint[] => []);
  const [hashes, addresses] = [BigInt(64 - bits), BigInt(52 - bits)];
  for (const [at, number] of numbers.entries()) {
    const lot =
      number < firstOfAddresses
        ? Number(number >> hashes)
        : 2 ** bits + Number((number - firstOfAddresses) >> addresses);
    lots[lot]?.push(number);
    if (at % sortedAtOnce === sortedAtOnce - 1) await breathe();
  }
  const all = new BigUint64Array(numbers.length);
  let count = 0;
  for (const lot of lots) {
    if (lot.length === 0) continue;
    const ordered = inOrder(lot);
    all.set(ordered, count);
    count += ordered.length;
    await breathe();
  }
  return all.subarray(0, count);
};

/** ClickHouse's Date ends in 2149. */
const lastDay = 65_535;
const daysOf = ({ from, to }: Period): { readonly first_day: number; readonly last_day: number } => ({
  first_day: Math.min(Math.max(Math.floor(from / dayMs), 0), lastDay),
  last_day: Math.min(Math.max(Math.ceil(to / dayMs) - 1, 0), lastDay),
});
