import { day } from "#core/instant.ts";
import { type BlockRows, openBlock } from "#jobs/edge/rows.ts";
import type { Row, RowsAbout } from "#jobs/edge/log-port.ts";
import type { PastRow, PastRows } from "#jobs/edge/past-rows.ts";
import type { ObservationRow, RecordRow } from "#jobs/history/rows.ts";
import type { Above, Past, RecordPlace, SeenValues } from "#jobs/hunt/past.ts";
import type { Fingerprint64 } from "#jobs/history/value-fingerprint.ts";
import { headAt } from "#telemetry/heads.ts";
import type { SegmentLog } from "./log.ts";
import { eachWithin, inMemory, postingOf, recordOf, recordsOf, type WordList } from "./postings.ts";
import { type BlockPlace, type Directory, readBytes } from "./segment-footer.ts";

/** A segment as hunting reads it, finished or not. */
interface Searched {
  readonly segment: number;
  /** Each made when it is asked for: of the segment under way they are sorted then, and whoever reads all records needs none. */
  readonly postings: () => WordList;
  readonly covers: () => WordList;
  readonly times: () => Float64Array;
  readonly value: (number: number) => bigint;
  readonly blocks: readonly BlockPlace[];
  readonly abouts: readonly RowsAbout[];
  readonly block: (place: BlockPlace) => Uint8Array;
}

/** All that is here is of one organisation, and who may ask was decided before. */
const here = "here";

/** So that live work goes first: between two segments whatever waits is done. */
const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * The local history of a sensor as hunting asks it (`jobs/hunt-past.ts`), a segment at a time, oldest first. A record's place
 * is its segment (`batch`) and its number there (`line`).
 */
export class SegmentPast implements Past, PastRows {
  readonly #log: SegmentLog;
  readonly #fingerprint: Fingerprint64;
  #last: { readonly key: string; readonly rows: BlockRows } | undefined;
  /** Of the finished segment that was read last: who goes through it page by page opens it a thousand times. */
  #opened: { readonly segment: number; readonly directory: Directory } | undefined;

  constructor(log: SegmentLog, fingerprint: Fingerprint64) {
    this.#log = log;
    this.#fingerprint = fingerprint;
  }

  async seenValues(
    _scope: unknown,
    fingerprints: readonly bigint[],
    { from, to }: { readonly from: number; readonly to: number },
  ): Promise<SeenValues> {
    const found = new Set<bigint>();
    const days = new Map<number, number>();
    // a list has the upper bits of a fingerprint, and `valuesUnder` tells no others of some
    const wanted = new Set(fingerprints.map((print) => postingOf(print, 0)));
    await this.#each(from, to, 0, (one) => {
      const times = once(one.times);
      const postings = one.postings();
      for (const print of wanted)
        for (const record of recordsOf(postings, print)) {
          const time = times()[record] ?? 0;
          if (time < from || time >= to) continue;
          found.add(print);
          const of = Math.floor(time / day) * day;
          days.set(of, (days.get(of) ?? 0) + 1);
        }
      return true;
    });
    return {
      fingerprints: [...found],
      organisations: found.size === 0 ? [] : [here],
      days: [...days].sort(([a], [b]) => a - b).map(([at, count]) => ({ day: at, count })),
    };
  }

  async valuesUnder(_scope: unknown, { covers, stretches }: Above): Promise<readonly bigint[]> {
    const found = new Set<bigint>();
    await this.#each(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, 0, (one) => {
      const list = one.covers();
      for (const cover of covers) for (const number of recordsOf(list, cover)) found.add(one.value(number));
      if (stretches.length === 0) return true;
      const postings = one.postings();
      for (const stretch of stretches) {
        eachWithin(postings, stretch, (word) => void found.add(postingOf(word, 0)));
        eachWithin(list, stretch, (word) => void found.add(one.value(recordOf(word))));
      }
      return true;
    });
    return [...found];
  }

  async recordsWith(
    _scope: unknown,
    seen: SeenValues,
    { from, to }: { readonly from: number; readonly to: number },
    after: RecordPlace | undefined,
    limit: number,
  ): Promise<readonly RecordPlace[]> {
    const places: RecordPlace[] = [];
    const begin = after === undefined ? 0 : Number(after.batch);
    await this.#each(from, to, begin, (one) => {
      const postings = one.postings();
      const records = new Set(seen.fingerprints.flatMap((print) => recordsOf(postings, print)));
      if (records.size === 0) return true;
      const times = one.times();
      for (const record of [...records].sort((a, b) => a - b)) {
        if (one.segment === begin && after !== undefined && record <= after.line) continue;
        const time = times[record] ?? 0;
        if (time < from || time >= to) continue;
        places.push({ time, organisation: here, batch: String(one.segment), line: record });
        if (places.length >= limit) return false;
      }
      return true;
    });
    return places;
  }

  async observationsOf(_scope: unknown, places: readonly RecordPlace[]): Promise<readonly ObservationRow[]> {
    return this.#rowsAt(places, (place, row, { sensor }) =>
      row.seen.map(
        ([kind, value, where, direction, port, print], nth): ObservationRow => ({
          ...{ time: row.time, organisation: here, sensor, kind, value, where, direction, port, nth },
          fingerprint: print === undefined ? this.#fingerprint.of({ kind, value }) : BigInt(print),
          ...{ batch: place.batch, line: place.line },
        }),
      ),
    );
  }

  async recordsAt(_scope: unknown, places: readonly RecordPlace[]): Promise<readonly RecordRow[]> {
    return this.#rowsAt(places, (place, row, { sensor, format, heads = [] }) => {
      const { time, event, text, source, destination } = row;
      const head = headAt(heads, row.line);
      return [
        {
          ...{ time, organisation: here, sensor, format, event, text, batch: place.batch, line: place.line },
          ...(head === undefined ? {} : { heading: head.lines }),
          ...(source === undefined ? {} : { source }),
          ...(destination === undefined ? {} : { destination }),
        },
      ];
    });
  }

  async everyRow(
    { from, to }: { readonly from: number; readonly to: number },
    wanted: (format: string) => boolean,
    after: Pick<RecordPlace, "batch" | "line"> | undefined,
    limit: number,
  ): Promise<readonly PastRow[]> {
    const found: PastRow[] = [];
    const begin = after === undefined ? 0 : Number(after.batch);
    await this.#each(from, to, begin, (one) => {
      for (const place of one.blocks) {
        if (one.segment === begin && after !== undefined && place.first + place.count <= after.line + 1) continue;
        // packed as they are, records that nobody asks cost nothing
        if (!wanted(one.abouts[place.about]?.format ?? "")) continue;
        const about = one.abouts[place.about];
        const rows = this.#rows(one, place);
        const begun = one.segment === begin && after !== undefined ? Math.max(0, after.line + 1 - place.first) : 0;
        for (let n = begun; n < rows.count; n++) {
          const row = rows.row(n);
          if (row === undefined || about === undefined || row.time < from || row.time >= to) continue;
          const line = place.first + n;
          found.push({ place: { time: row.time, organisation: here, batch: String(one.segment), line }, row, about });
          if (found.length >= limit) return false;
        }
      }
      return true;
    });
    return found;
  }

  rowsIn({ from, to }: { readonly from: number; readonly to: number }): number {
    const { finished, open } = this.#log.searched;
    return [...finished, open.lists].reduce(
      (sum, one) => (one.records === 0 || one.to < from || one.from >= to ? sum : sum + one.records),
      0,
    );
  }

  /**
   * One by one those that may hold something of the period; a segment that cannot be read was said. The one that grows comes last,
   * and one that is finished meanwhile comes before the next that grows.
   */
  async #each(from: number, to: number, begin: number, visit: (one: Searched) => boolean): Promise<void> {
    for (let next = begin; ; ) {
      const finished = this.#log.searched.finished.find(({ segment }) => segment >= next);
      if (finished === undefined) break;
      next = finished.segment + 1;
      if (finished.records === 0 || finished.to < from || finished.from >= to) continue;
      const known = this.#opened?.segment === finished.segment ? this.#opened.directory : undefined;
      const file = this.#log.read(finished, known);
      if (!file) continue;
      this.#opened = { segment: finished.segment, directory: file.directory };
      try {
        const { blocks, abouts } = file.directory;
        const goesOn = visit({
          ...{ segment: finished.segment, blocks, abouts },
          ...{ postings: () => file.postings, covers: () => file.covers, times: () => file.times },
          value: (number) => file.value(number),
          block: (place) => file.block(place),
        });
        if (!goesOn) return;
      } finally {
        file.close();
      }
      await pause();
    }
    const { segment, file, lists } = this.#log.searched.open;
    if (segment < begin || lists.records === 0 || lists.to < from || lists.from >= to) return;
    visit({
      ...{ segment, blocks: lists.blocks, abouts: lists.abouts, value: (number) => lists.value(number) },
      postings: () => inMemory(lists.lists().postings),
      covers: () => inMemory(lists.lists().covers),
      times: () => lists.times,
      block: ({ at, length }) => readBytes(file, at, length) ?? new Uint8Array(0),
    });
  }

  async #rowsAt<T>(
    places: readonly RecordPlace[],
    make: (place: RecordPlace, row: Row, about: RowsAbout) => readonly T[],
  ): Promise<readonly T[]> {
    const found: T[] = [];
    for (const [batch, some] of Map.groupBy(places, (one) => one.batch)) {
      const segment = Number(batch);
      await this.#each(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, segment, (one) => {
        if (one.segment !== segment) return false;
        for (const place of some) {
          const block = one.blocks.find(({ first, count }) => place.line >= first && place.line < first + count);
          const row = block && this.#rows(one, block).row(place.line - block.first);
          const about = block && one.abouts[block.about];
          if (row && about) found.push(...make(place, row, about));
        }
        return false;
      });
    }
    return found;
  }

  #rows(one: Searched, place: BlockPlace): BlockRows {
    const key = `${one.segment} ${place.at}`;
    if (this.#last?.key !== key) this.#last = { key, rows: openBlock(one.block(place)) };
    return this.#last.rows;
  }
}

const once = <T>(make: () => T): (() => T) => {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
};
