import type { ChangeCursor } from "#intel/ports.ts";
import { searchKeys } from "#intel/search-keys.ts";
import { wordsOf } from "#intel/search-words.ts";
import type { State, Tx } from "#jobs/ports.ts";

/** Rows of a turn: one transaction of half a second, in which nobody who serves waits for long. */
const rowsAtOnce = 2_500;
/** A change is a batch of at most 40,000 rows. */
const changesAtOnce = 1;

/** Where the reader stands: what was there before it came is read by id, then the change feed is followed from `from`. */
interface Place {
  readonly from: ChangeCursor;
  /** The last id that was filled in; absent: all are. */
  readonly filled?: string;
}

/**
 * Takes one piece of what changed into the search tables. Behind the merges and never inside them; the place moves in the
 * same transaction, so that a change is taken in whichever process does it.
 *
 * @returns how many indicators were taken in and whether there is more; undefined: nothing to do, or another process is at it
 */
export const indexSearch = (state: State): Promise<{ indexed: number; more: boolean } | undefined> =>
  state.act(async (tx) => {
    const place = await tx.queue.cursor("search");
    if (place === "held") return undefined;
    if (place === undefined) {
      await tx.queue.moveCursor("search", { from: await tx.search.here(), filled: lowestId } satisfies Place);
      return { indexed: 0, more: true };
    }
    const { from, filled } = place as Place;
    if (filled !== undefined) {
      const ids = await tx.search.idsAfter(filled, rowsAtOnce);
      await putIn(tx, ids);
      const last = ids.at(-1);
      await tx.queue.moveCursor("search", { from, ...(last === undefined ? {} : { filled: last }) } satisfies Place);
      return { indexed: ids.length, more: true };
    }
    const news = await tx.intel.changes(from, changesAtOnce);
    if (news.lost) {
      await tx.queue.moveCursor("search", { from: await tx.search.here(), filled: lowestId } satisfies Place);
      return { indexed: 0, more: true };
    }
    if (news.ids.length === 0) return undefined;
    for (let at = 0; at < news.ids.length; at += rowsAtOnce) await putIn(tx, news.ids.slice(at, at + rowsAtOnce));
    await tx.queue.moveCursor("search", { from: news.cursor } satisfies Place);
    return { indexed: news.ids.length, more: news.more };
  });

const lowestId = "00000000-0000-0000-0000-000000000000";

const putIn = async (tx: Tx, ids: readonly string[]): Promise<void> => {
  if (ids.length === 0) return;
  const values = await tx.search.values(ids);
  await tx.search.put(
    values.map((one) => ({ id: one.id, ...searchKeys(one) })),
    wordsOf,
  );
};
