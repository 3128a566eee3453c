/**
 * Networks of one address family, sorted: `width` 32-bit words an address (1 for IPv4, 4 for IPv6), one row for each
 * holding. Two networks are disjoint or one lies in the other, so rows sorted by (first address, length) form a forest,
 * and each row knows the row around it:
 *
 *   row   network            parent        look up 203.0.113.20: the last row that begins at or before it is 2;
 *   0     203.0.113.0/24     -1            go up by parents while they do not contain it, then all that remains
 *   1     203.0.113.0/28      0            of the way up contains it: here 2, 0.
 *   2     203.0.113.16/28     0
 */
export interface PrefixTable {
  readonly width: 1 | 4;
  readonly size: number;
  /**
   * A row is `width` words of its first address, most significant first, then its length, the caller's number of its
   * holding, and its parent + 1. Side by side, so that a look-up touches one cache line a row.
   */
  readonly rows: Uint32Array;
  /**
   * The span of first words, from `low` on, in 65 536 equal steps of 2^`shift`: entry s counts the rows before step s, so
   * that a search looks through one step only. From `low` and not from 0, since all IPv6 in use begins alike.
   */
  readonly starts: Int32Array;
  readonly low: number;
  readonly shift: number;
}

/** Rows to add, in any order; `words` as in the table. */
export interface PrefixRows {
  readonly words: readonly number[];
  readonly lengths: readonly number[];
  readonly slots: readonly number[];
}

export const emptyPrefixTable = (width: 1 | 4): PrefixTable => {
  const rows = new Uint32Array(0);
  return { width, size: 0, rows, ...startsOf(rows, 0, width + behind) };
};

/**
 * The table with rows added and removed: one merge of two sorted runs, no sorting of what was there.
 *
 * @param moved new slot of each old slot, -1 where its holding is gone; absent: nothing is gone
 */
export const changed = (table: PrefixTable, moved: Int32Array | undefined, added: PrefixRows): PrefixTable => {
  const { width } = table;
  const stride = width + behind;
  const fresh = sorted(added, width);
  const merged = new Uint32Array(table.rows.length + fresh.length);
  let size = 0;
  const take = (from: Uint32Array, at: number, slot: number): void => {
    const to = size * stride;
    for (let word = 0; word <= width; word++) merged[to + word] = from[at + word] ?? 0;
    merged[to + width + 1] = slot;
    size++;
  };
  let old = 0;
  let next = 0;
  while (old < table.rows.length || next < fresh.length) {
    const takeOld =
      next >= fresh.length || (old < table.rows.length && compare(table.rows, old, fresh, next, width) <= 0);
    if (takeOld) {
      const slot = table.rows[old + width + 1] ?? 0;
      const now = moved === undefined ? slot : (moved[slot] ?? -1);
      if (now >= 0) take(table.rows, old, now);
      old += stride;
    } else {
      take(fresh, next, fresh[next + width + 1] ?? 0);
      next += stride;
    }
  }
  const rows = merged.subarray(0, size * stride);
  setParents(rows, size, width);
  return { width, size, rows, ...startsOf(rows, size, stride) };
};

/**
 * The last row that begins before, or at, the network and is not longer: the place to go up from. -1: none.
 *
 * @param sought address words, then the prefix length
 */
export const lastBefore = (table: PrefixTable, sought: Uint32Array): number => {
  const { width, rows, starts } = table;
  const stride = width + behind;
  const beyond = (sought[0] ?? 0) - table.low;
  if (beyond < 0) return -1;
  const step = Math.min(beyond >>> table.shift, steps - 1);
  let low = starts[step] ?? 0;
  let high = starts[step + 1] ?? 0;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(rows, middle * stride, sought, 0, width) <= 0) low = middle + 1;
    else high = middle;
  }
  return low - 1;
};

/** Does the row's network contain the whole network sought? */
export const holds = (table: PrefixTable, row: number, sought: Uint32Array): boolean => {
  const own = lengthOf(table, row);
  return own <= (sought[table.width] ?? 0) && same(table.rows, row * (table.width + behind), sought, 0, own);
};

/** Does the network sought contain the whole network of the row? */
export const isHeldBy = (table: PrefixTable, row: number, sought: Uint32Array): boolean => {
  const length = sought[table.width] ?? 0;
  return length <= lengthOf(table, row) && same(table.rows, row * (table.width + behind), sought, 0, length);
};

export const lengthOf = (table: PrefixTable, row: number): number =>
  table.rows[row * (table.width + behind) + table.width] ?? 0;

export const slotOf = (table: PrefixTable, row: number): number =>
  table.rows[row * (table.width + behind) + table.width + 1] ?? 0;

/** The nearest row around this one, -1 if there is none. Equal networks chain. */
export const parentOf = (table: PrefixTable, row: number): number =>
  (table.rows[row * (table.width + behind) + table.width + 2] ?? 0) - 1;

/** Length, slot and parent stand behind the address words of a row. */
const behind = 3;

/** Are the first `bits` bits equal? */
const same = (a: Uint32Array, aAt: number, b: Uint32Array, bAt: number, bits: number): boolean => {
  let left = bits;
  for (let word = 0; left > 0; word++, left -= 32) {
    const difference = ((a[aAt + word] ?? 0) ^ (b[bAt + word] ?? 0)) >>> 0;
    if (left >= 32 ? difference !== 0 : difference >>> (32 - left) !== 0) return false;
  }
  return true;
};

/** By first address, then by length: the length stands behind the words, so it is the last word compared. */
const compare = (a: Uint32Array, aAt: number, b: Uint32Array, bAt: number, width: number): number => {
  for (let word = 0; word <= width; word++) {
    const difference = (a[aAt + word] ?? 0) - (b[bAt + word] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
};

/**
 * Rows in the order of the table, without parents: a radix sort by 16-bit digits, last digit first, since comparing half
 * a million rows with one another takes most of a second.
 */
const sorted = (added: PrefixRows, width: number): Uint32Array => {
  const stride = width + behind;
  const count = added.lengths.length;
  const rows = new Uint32Array(count * stride);
  for (let row = 0; row < count; row++) {
    for (let word = 0; word < width; word++) rows[row * stride + word] = added.words[row * width + word] ?? 0;
    rows[row * stride + width] = added.lengths[row] ?? 0;
    rows[row * stride + width + 1] = added.slots[row] ?? 0;
  }
  if (count < 2) return rows;
  let order = Uint32Array.from(added.lengths, (_, row) => row);
  let next = new Uint32Array(count);
  const places = new Uint32Array(65_537);
  // Digit 0 is the length (8 bits, in one); digits 1, 2, … the low and high halves of the words, last word first.
  for (let digit = 0; digit <= width * 2; digit++) {
    const word = digit === 0 ? width : width - 1 - ((digit - 1) >> 1);
    const shift = digit > 0 && digit % 2 === 0 ? 16 : 0;
    const digitOf = (row: number): number => ((rows[row * stride + word] ?? 0) >>> shift) & 0xffff;
    places.fill(0);
    for (let row = 0; row < count; row++) {
      const value = digitOf(row) + 1;
      places[value] = (places[value] ?? 0) + 1;
    }
    for (let value = 1; value <= 65_536; value++) places[value] = (places[value] ?? 0) + (places[value - 1] ?? 0);
    for (let at = 0; at < count; at++) {
      const row = order[at] ?? 0;
      const value = digitOf(row);
      const to = places[value] ?? 0;
      next[to] = row;
      places[value] = to + 1;
    }
    [order, next] = [next, order];
  }
  const inOrder = new Uint32Array(rows.length);
  for (let at = 0; at < count; at++)
    for (let word = 0, row = order[at] ?? 0; word < stride; word++)
      inOrder[at * stride + word] = rows[row * stride + word] ?? 0;
  return inOrder;
};

/** Gives each row the nearest earlier row that contains it; equal networks contain each other, so they chain. */
const setParents = (rows: Uint32Array, size: number, width: number): void => {
  const stride = width + behind;
  for (let row = 0; row < size; row++) {
    let around = row - 1;
    while (around >= 0 && !same(rows, around * stride, rows, row * stride, rows[around * stride + width] ?? 0))
      around = (rows[around * stride + width + 2] ?? 0) - 1;
    rows[row * stride + width + 2] = around + 1;
  }
};

const steps = 65_536;

const startsOf = (rows: Uint32Array, size: number, stride: number): Pick<PrefixTable, "starts" | "low" | "shift"> => {
  const starts = new Int32Array(steps + 1);
  const low = rows[0] ?? 0;
  const span = size === 0 ? 0 : (rows[(size - 1) * stride] ?? 0) - low;
  const shift = span < steps ? 0 : 16 - Math.clz32(span);
  let row = 0;
  for (let step = 1; step < steps; step++) {
    while (row < size && ((rows[row * stride] ?? 0) - low) >>> shift < step) row++;
    starts[step] = row;
  }
  starts[steps] = size;
  return { starts, low, shift };
};
