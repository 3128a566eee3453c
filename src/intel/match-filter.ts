/**
 * A small Bloom filter in front of the match table: almost every value of a log line is listed nowhere, and then one
 * word of some megabyte, which a core's own cache holds, answers instead of the table, which only memory holds. One word
 * of 32 bits stands before each eight home slots, and a record sets three bits of it (a blocked filter: Putze, Sanders,
 * Singler, "Cache-, Hash- and Space-Efficient Bloom Filters", 2007, §3). A value that passes without being listed costs
 * a walk, never a wrong answer. Removals leave their bits, until the table moves.
 *
 * Costs half a byte a slot, 0.9 byte an indicator.
 */
const slotsPerWordLog2 = 3;

/** Words of a filter before a table of `capacity` slots. */
export const filterWords = (capacity: number): number => (capacity >>> slotsPerWordLog2) + 1;

/** Which word stands before a home slot. */
export const filterWord = (home: number): number => home >>> slotsPerWordLog2;

/** The bits of a fingerprint: of its upper half's lower end, since the home slot is of the lower half, the tag of the top. */
export const filterBits = (hi: number): number =>
  (1 << (hi & 31)) | (1 << ((hi >>> 5) & 31)) | (1 << ((hi >>> 10) & 31));
