import type { RecordRow } from "#jobs/history/rows.ts";
import type { Pace, PastScope, RecordPlace } from "#jobs/hunt/past.ts";
import type { PastRecords, RecordDay, RecordsWanted } from "#jobs/hunt/past-records.ts";

/** Over whose records, when, and how fast. */
export interface WalkGround {
  readonly scope: PastScope;
  readonly from: number;
  /** Excluded. */
  readonly to: number;
  readonly pace?: Pace;
}

/** Who is handed the records, a page at a time. */
export interface WalkReader<Page> {
  /** What is to be read. */
  readonly ready: Promise<{
    readonly formats: readonly string[];
    readonly holding?: NonNullable<RecordsWanted["holding"]>;
  }>;
  /** @param ask last: there are no more */
  readonly read: (ask: { readonly rows: readonly RecordRow[]; readonly last: boolean }) => Promise<Page>;
  readonly close: () => Promise<void>;
}

/** One step of it. */
export type WalkPage<Page> = Page & {
  /** Records that were there to be looked at, those that the engine passed over among them. */
  readonly read: number;
  /** Where the next page begins; absent: there is none. */
  readonly place?: RecordPlace;
};

/** Records read in one turn: some hundred milliseconds in a thread beside, and a few of who hands them on. */
const recordsAtOnce = 2_000;
/** Records that the engine may look through for one turn, where it is asked for some texts alone. */
const lookedAtOnce = 400_000;

/** All kept records of a ground, organisation by organisation and day by day. Close it when it is done or left. */
export class PastWalk<Page extends object> {
  readonly #past: PastRecords;
  readonly #ground: WalkGround;
  readonly #reader: WalkReader<Page>;
  #days: readonly RecordDay[] | undefined;

  constructor(past: PastRecords, reader: WalkReader<Page>, ground: WalkGround) {
    this.#past = past;
    this.#ground = ground;
    this.#reader = reader;
  }

  /** Records of the period in formats that are read. */
  async toRead(): Promise<number> {
    return (await this.#allDays()).reduce((sum, { count }) => sum + count, 0);
  }

  /** @param after where the page before ended; absent: at the beginning */
  async page(after: RecordPlace | undefined): Promise<WalkPage<Page>> {
    const days = await this.#allDays();
    const { formats, holding } = await this.#reader.ready;
    const { scope, from, to, pace } = this.#ground;
    const rest = after === undefined ? days : days.filter((one) => isBehind(one, after));
    const [first] = rest;
    if (first === undefined) return { ...(await this.#reader.read({ rows: [], last: true })), read: 0 };
    // neighbouring days of one organisation, as many as should fill a page
    const enough = holding === undefined ? recordsAtOnce : lookedAtOnce;
    let [count, some] = [0, 0];
    for (const one of rest) {
      if (one.organisation !== first.organisation || count >= enough) break;
      count += one.count;
      some++;
    }
    const newest = rest[some - 1] ?? first;
    const rows = await this.#past.recordsFrom(
      scope,
      {
        ...{ organisation: first.organisation, formats },
        ...{ from: Math.max(from, first.day), to: Math.min(to, newest.day + dayMs) },
        ...(holding === undefined ? {} : { holding }),
      },
      after,
      recordsAtOnce,
      pace,
    );
    const last = rows.at(-1);
    const isFull = rows.length >= recordsAtOnce && last !== undefined;
    const place: RecordPlace | undefined = isFull
      ? { time: last.time, organisation: last.organisation, batch: last.batch, line: last.line }
      : rest.length > some
        ? { time: newest.day + dayMs, organisation: first.organisation, batch: "", line: 0 }
        : undefined;
    const page = await this.#reader.read({ rows, last: place === undefined });
    return {
      ...page,
      // what the engine passed over counts as looked at; of a day that was begun before, the rest
      read: isFull || holding === undefined ? rows.length : Math.max(rows.length, count),
      ...(place === undefined ? {} : { place }),
    };
  }

  async close(): Promise<void> {
    await this.#reader.close();
  }

  async #allDays(): Promise<readonly RecordDay[]> {
    const { scope, from, to, pace } = this.#ground;
    const { formats } = await this.#reader.ready;
    if (formats.length === 0) return [];
    return (this.#days ??= await this.#past.recordDays(scope, formats, { from, to }, pace));
  }
}

const dayMs = 86_400_000;

const isBehind = ({ organisation, day }: RecordDay, after: RecordPlace): boolean =>
  organisation === after.organisation ? day + dayMs > after.time : organisation > after.organisation;
