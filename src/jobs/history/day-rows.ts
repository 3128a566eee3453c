import type { BlockWriter } from "./block-writer.ts";
import type { Days, Wides, Words } from "./columns.ts";

/** Values known at once; a power of two. What a log says over and over stays among them, and they stay near the processor. */
const places = 8192;
/** Places at which a value may stand, one behind the other. */
const tries = 4;
/** Of a place: the two halves of a fingerprint, the day, and the number of its row and one; 0: it is empty. */
const width = 4;

interface DayTable {
  readonly fingerprint: Wides;
  readonly day: Days;
  readonly organisation: Words;
  readonly count: Wides;
  readonly rows: BlockWriter;
}

/**
 * How often each value came on a day, as rows of `observation_day`: a value that came lately is counted in its row, another
 * gets a row, though it may have one already. Who reads the table sums (ADR 0031), and the engine does when it joins parts. To
 * know all values of a batch would cost a look into some megabytes for each.
 */
export class DayRows {
  readonly #table: DayTable;
  // and some behind the last place, so that nobody has to turn round
  readonly #slots = new Int32Array(width * (places + tries));

  constructor(table: DayTable) {
    this.#table = table;
  }

  /** The rows that were written are another batch's. */
  forget(): void {
    this.#slots.fill(0);
  }

  /** Counts one more. @returns whether it got a row, which is so the first time at least */
  add(hi: number, lo: number, day: number, organisation: string): boolean {
    const { fingerprint, count, rows } = this.#table;
    const slots = this.#slots;
    // the fingerprint is a hash already: its low half says where to look
    const home = width * (lo & (places - 1));
    let free = home;
    for (let at = home; at < home + width * tries; at += width) {
      const row = slots[at + 3] ?? 0;
      if (row === 0) {
        free = at;
        break;
      }
      if (slots[at] !== lo || slots[at + 1] !== hi || slots[at + 2] !== day) continue;
      count.more(row - 1);
      return false;
    }
    const row = rows.next();
    // a new block: the rows of the one before are written
    if (row === 0) this.forget();
    fingerprint.put(row, hi, lo);
    this.#table.day.put(row, day);
    this.#table.organisation.put(row, organisation);
    count.put(row, 0, 1);
    slots[free] = lo;
    slots[free + 1] = hi;
    slots[free + 2] = day;
    slots[free + 3] = row + 1;
    return true;
  }
}
