import type { RecordRow } from "#jobs/history/rows.ts";
import type { Format, Reader } from "#telemetry/format.ts";

/** Readers of kept records, one for each format and head: each was told what stood above them. */
export class KeptReaders {
  readonly #bare = new Map<string, Reader>();
  readonly #under = new Map<string, Map<string, Reader>>();
  /** Rows of one head come with one list, as long as they are of one page. */
  readonly #known = new WeakMap<readonly string[], Reader>();

  of(format: Format, { heading }: Pick<RecordRow, "heading">): Reader {
    if (heading === undefined) return madeOnce(this.#bare, format.id, () => format.open());
    return madeOnce(this.#known, heading, () => {
      const of = madeOnce(this.#under, format.id, () => new Map<string, Reader>());
      return madeOnce(of, heading.join("\n"), () => {
        const reader = format.open();
        for (const line of heading) reader.parse(line);
        return reader;
      });
    });
  }
}

interface Made<K, V> {
  readonly get: (key: K) => V | undefined;
  readonly set: (key: K, value: V) => unknown;
}

const madeOnce = <K, V>(made: Made<K, V>, key: K, make: () => V): V => {
  let value = made.get(key);
  if (value === undefined) made.set(key, (value = make()));
  return value;
};
