import { filterWords } from "./match-filter.ts";

/**
 * The shared memory of a match index: one writer, any number of readers in other threads.
 *
 *   tags    1 byte a slot: 0 empty, 1 removed, 128–255 seven bits of the fingerprint (a miss that passes the filter reads only these)
 *   slots   12 bytes a slot: fingerprint low, fingerprint high, where in the arena the record begins (in words)
 *   filter  4 bytes per 8 slots: what cannot be there, see match-filter.ts (most misses read only this)
 *   arena   records, each `id · form | visibility << 8 | text length << 16 · words of the value · text, padded to 4`
 *   blocks  one bit per IPv4 /20: some listed network reaches into it (a miss costs one bit, not 20 prefix lengths)
 *   header  counters, see `at`
 *
 * Open addressing with linear probing over a capacity that need not be a power of two. At the load the writer keeps
 * (0.55 after a build, at most 0.75) that is 18 to 25 bytes an indicator.
 */
export interface MatchTable {
  readonly header: Int32Array;
  readonly tags: Uint8Array;
  readonly slots: Int32Array;
  readonly filter: Int32Array;
  readonly arena: Uint32Array;
  readonly text: Uint8Array;
  readonly blocks: Uint32Array;
}

/** Plain description of a table and its key, to be posted to a worker thread (the memory is shared, not copied). */
export interface MatchHandles {
  readonly key: Uint8Array;
  readonly header: SharedArrayBuffer;
  readonly tags: SharedArrayBuffer;
  readonly slots: SharedArrayBuffer;
  readonly filter: SharedArrayBuffer;
  readonly arena: SharedArrayBuffer;
  readonly blocks: SharedArrayBuffer;
}

/** Words of `header`. Masks are never narrowed by a removal: a bit too many costs a probe, one too few a miss. */
export const at = {
  /** 1 when the writer has moved to a larger table: ask for new handles. */
  superseded: 0,
  indicators: 1,
  /** Slots that are not empty, removed ones included. */
  used: 2,
  /** First free word of the arena. */
  arena: 3,
  markers: 4,
  /** Bit n: a listed domain has n labels (bit 31: 31 or more). */
  labels: 5,
  /** Bit n: a listed IPv4 network has prefix length n. */
  prefixes4: 6,
  /** Bit n: a name with a marker has n labels (bit 31: 31 or more). */
  markedLabels: 7,
  /** Four words, bit n: a listed IPv6 network has prefix length n. */
  prefixes6: 8,
  /** Records by form. */
  forms: 16,
} as const;

const headerWords = 64;
const blockWords = 1 << 15;
/** Records begin at word 4, so that no record is at 0, which says "none". */
const arenaStart = 4;

export const newTable = (capacity: number, arenaWords: number): MatchTable => {
  const table = tableOver({
    header: new SharedArrayBuffer(headerWords * 4),
    tags: new SharedArrayBuffer(capacity),
    slots: new SharedArrayBuffer(capacity * 12),
    filter: new SharedArrayBuffer(filterWords(capacity) * 4),
    arena: new SharedArrayBuffer(arenaWords * 4),
    blocks: new SharedArrayBuffer(blockWords * 4),
  });
  table.header[at.arena] = arenaStart;
  return table;
};

export const tableOver = (handles: Omit<MatchHandles, "key">): MatchTable => ({
  header: new Int32Array(handles.header),
  tags: new Uint8Array(handles.tags),
  slots: new Int32Array(handles.slots),
  filter: new Int32Array(handles.filter),
  arena: new Uint32Array(handles.arena),
  text: new Uint8Array(handles.arena),
  blocks: new Uint32Array(handles.blocks),
});
