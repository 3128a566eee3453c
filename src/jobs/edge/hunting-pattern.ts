import { type Instant, minute } from "#core/instant.ts";
import type { Result } from "#core/result.ts";
import { ok } from "#core/result.ts";
import type { HuntTask, PatternedTask } from "./edge-state.ts";
import { type PastRows, recordRowOf } from "./past-rows.ts";
import { quarryOf, seenOf } from "#jobs/hunt-past.ts";
import { type AskedRecord, KeptPattern, type PatternRecord } from "#jobs/hunt/kept-pattern.ts";
import type { Past, RecordPlace, SeenValues } from "#jobs/hunt/past.ts";
import { anchoredRecords, askedRecordsAt, type PatternReading } from "#jobs/hunt/pattern-past.ts";
import { added } from "#jobs/hunt/pattern-port.ts";
import { huntedPattern } from "#jobs/hunt/pattern-wanted.ts";
import type { ParcelPatterned } from "#jobs/sensors/parcel.ts";
import { formats } from "#telemetry/index.ts";

/** Records asked of a pattern in one turn: a few milliseconds, and then live work goes first; few enough to be gone before they are old. */
const recordsAtOnce = 100;
/** Records come in the order in which they arrived, and some arrive late: what several show together waits for them. */
const lateMs = 10 * minute;

/** What a pattern is asked of. */
export interface PatternGround {
  readonly past: Past & PastRows;
  readonly from: Instant;
  /** Excluded. */
  readonly to: Instant;
  /** Of this sensor, in hexadecimal digits. */
  readonly secret: string;
  readonly networks: readonly string[];
}

/** What a page of records gave. */
export interface PatternFound {
  readonly found: readonly ParcelPatterned[];
  readonly patterned: PatternedTask;
  /** Where the next page begins; absent: it is done. */
  readonly after?: NonNullable<HuntTask["after"]>;
}

const nothingYet: PatternedTask = { read: 0, matches: 0, unread: {}, undecided: {}, letGo: 0 };
const known: ReadonlySet<string> = new Set(formats.map(({ id }) => id));

/**
 * A STIX pattern over the records that a sensor keeps, by the evaluator and the field policy of the centre (`KeptPattern`): where
 * the pattern names values of which each of its records shows one, those records; else all of the period. One page of records
 * is in memory, and those with a part in the pattern that others may still make true.
 */
export class PatternSearch {
  readonly #ground: PatternGround;
  readonly #reading: PatternReading;
  readonly #kept: KeptPattern;
  /** Of the values that it names; absent: it names none, and all records are read. */
  readonly #seen: SeenValues | undefined;
  /** Several records may make it true together. */
  readonly together: boolean;
  #newest = Number.NEGATIVE_INFINITY;

  private constructor(
    ground: PatternGround,
    reading: PatternReading,
    kept: KeptPattern,
    seen: SeenValues | undefined,
    together: boolean,
  ) {
    this.#ground = ground;
    this.#reading = reading;
    this.#kept = kept;
    this.#seen = seen;
    this.together = together;
  }

  /** @param open records that were held when a run before left off @returns what is wrong with the pattern */
  static async open(text: string, ground: PatternGround, open: readonly RecordPlace[]): Promise<Result<PatternSearch>> {
    const hunted = huntedPattern(text);
    if (!hunted.ok) return hunted;
    const { compiled, anchors } = hunted.value;
    const { past, from, to } = ground;
    const period = { scope: "all", from, to } as const;
    const reading = { past, ground: period, quarry: quarryOf(anchors ?? [], ground.secret) };
    const kept = new KeptPattern(compiled, false, () => ground.networks);
    const isAnchored = anchors !== undefined;
    if (open.length > 0) kept.restore(await askedRecordsAt(reading, open, isAnchored));
    const seen = isAnchored ? await seenOf(past, reading.quarry, period) : undefined;
    return ok(new PatternSearch(ground, reading, kept, seen, !compiled.single));
  }

  /** Records there are to be read, at most. */
  get toRead(): number {
    return this.#seen === undefined
      ? this.#ground.past.rowsIn(this.#ground)
      : this.#seen.days.reduce((sum, { count }) => sum + count, 0);
  }

  /** @param before what was known when the page before ended */
  async page({ after, patterned: before = nothingYet }: Pick<HuntTask, "after" | "patterned">): Promise<PatternFound> {
    const from = after === undefined ? undefined : { ...after, organisation: here };
    const { rows, read, place } = this.#seen ? await this.#anchored(this.#seen, from) : await this.#every(from);
    for (const { time } of rows) this.#newest = Math.max(this.#newest, time);
    const page = this.#kept.read(rows, place === undefined ? Number.POSITIVE_INFINITY : this.#newest - lateMs);
    const found = page.matches.flatMap((records, nth) =>
      records.map((one) => patternedOf(one, before.matches + nth + 1, records.length)),
    );
    const { told } = before;
    return {
      found,
      patterned: {
        read: before.read + read,
        matches: before.matches + page.matches.length,
        unread: added(before.unread, page.unread),
        undecided: added(before.undecided, page.undecided),
        letGo: before.letGo + page.letGo,
        ...(place === undefined || page.open.length === 0 ? {} : { open: page.open }),
        ...(told === undefined ? {} : { told }),
      },
      ...(place === undefined ? {} : { after: { time: place.time, batch: place.batch, line: place.line } }),
    };
  }

  #anchored(seen: SeenValues, after: RecordPlace | undefined): Promise<Rows> {
    if (seen.fingerprints.length === 0) return Promise.resolve({ rows: [], read: 0 });
    return anchoredRecords(this.#reading, seen, after, recordsAtOnce);
  }

  async #every(after: RecordPlace | undefined): Promise<Rows> {
    const { past } = this.#ground;
    const found = await past.everyRow(this.#ground, (format) => known.has(format), after, recordsAtOnce);
    const last = found.at(-1);
    return {
      // what is held is found again by its place
      ...{ rows: found.map((one) => ({ ...recordRowOf(one), line: one.place.line })), read: found.length },
      ...(found.length < recordsAtOnce || last === undefined ? {} : { place: last.place }),
    };
  }
}

interface Rows {
  readonly rows: readonly AskedRecord[];
  readonly read: number;
  /** Absent: there are no more. */
  readonly place?: RecordPlace;
}

const here = "here";

const patternedOf = (
  { time, text, host, source, destination }: PatternRecord,
  match: number,
  records: number,
): ParcelPatterned => ({
  ...{ match, records, time },
  ...(host === undefined ? {} : { asset: host }),
  ...(source === undefined ? {} : { source }),
  ...(destination === undefined ? {} : { destination }),
  text,
});
