import { type HistoryTable, historyTables, type PrintedBatch, type PrintedRows } from "./rows.ts";

/** Bytes of a slab: what 8 MiB of lines leave in history, and some. */
const slabBytes = 16 << 20;

/** Rows of fewer bytes get memory of their own, and their slab is free again at once. */
const worthASlab = slabBytes >> 3;

/**
 * Memory in which one thread lays batches out and another puts them into history, again and again: buffers that are made
 * and dropped for every batch make the collectors of both go through all that they hold, ten times a second.
 */
export class Slabs {
  #free: SharedArrayBuffer[] = [];

  lend(): SharedArrayBuffer {
    return this.#free.pop() ?? new SharedArrayBuffer(slabBytes);
  }

  /** Of a slab whose rows nobody reads any more; one that never comes back is nobody's loss, another takes its place. */
  back(slab: SharedArrayBuffer): void {
    this.#free.push(slab);
  }

  /** Gives what nobody has back to the machine. */
  clear(): void {
    this.#free = [];
  }
}

/** Where blocks are written to: the slab that was lent while it has room, then buffers of their own. */
export class Room {
  #slab: SharedArrayBuffer | undefined;
  #at = 0;

  /** From now on, and from its beginning. */
  use(slab: SharedArrayBuffer | undefined): void {
    this.#slab = slab;
    this.#at = 0;
  }

  /** @returns so many bytes, which may hold anything */
  piece(bytes: number): Uint8Array {
    const slab = this.#slab;
    if (slab === undefined || this.#at + bytes > slab.byteLength) return new Uint8Array(bytes);
    this.#at += bytes;
    return new Uint8Array(slab, this.#at - bytes, bytes);
  }

  /** A batch that was written here, in the memory in which it may wait. */
  settled(batch: PrintedBatch): PrintedBatch {
    return this.#slab === undefined || this.#at >= worthASlab ? batch : eachTable((table) => ownOf(batch[table]));
  }
}

const ownOf = ({ rows, pieces }: PrintedRows): PrintedRows => ({ rows, pieces: pieces.map((piece) => piece.slice()) });

const eachTable = <Rows>(of: (table: HistoryTable) => Rows): Readonly<Record<HistoryTable, Rows>> =>
  Object.fromEntries(historyTables.map((table) => [table, of(table)])) as Record<HistoryTable, Rows>;

/** Where a piece lies in its slab. */
interface Place {
  readonly at: number;
  readonly bytes: number;
}

/**
 * A batch as it goes back to the thread that lent the memory: pieces of a slab by their places. Sent as they are, each batch
 * would come with an object of its own over the whole slab, and to the collector there each would be 16 MiB more.
 */
export type SentBatch = Readonly<
  Record<HistoryTable, { readonly rows: number; readonly pieces: readonly (Uint8Array | Place)[] }>
>;

export const sent = (batch: PrintedBatch): SentBatch =>
  eachTable((table) => {
    const { rows, pieces } = batch[table];
    return { rows, pieces: pieces.map((piece) => (isShared(piece) ? placeOf(piece) : piece)) };
  });

/** @param slab that was lent for it */
export const received = (batch: SentBatch, slab: SharedArrayBuffer | undefined): PrintedBatch =>
  eachTable((table) => {
    const { rows, pieces } = batch[table];
    return { rows, pieces: pieces.map((piece) => (piece instanceof Uint8Array ? piece : pieceOf(piece, slab))) };
  });

const pieceOf = ({ at, bytes }: Place, slab: SharedArrayBuffer | undefined): Uint8Array => {
  if (slab === undefined) throw new Error("waglan is wrong: rows lie in memory that nobody lent");
  return new Uint8Array(slab, at, bytes);
};

const placeOf = ({ byteOffset, byteLength }: Uint8Array): Place => ({ at: byteOffset, bytes: byteLength });

const isShared = ({ buffer }: Uint8Array): boolean => buffer instanceof SharedArrayBuffer;

/** Whether rows of it lie in memory that was lent. */
export const isLent = (batch: PrintedBatch): boolean =>
  Object.values(batch).some(({ pieces }) => pieces.some(isShared));
