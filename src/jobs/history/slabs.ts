import type { PrintedBatch, PrintedRows } from "./rows.ts";

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
    if (this.#slab === undefined || this.#at >= worthASlab) return batch;
    const { seen, record, value_cover, observation_day } = batch;
    return {
      ...{ seen: ownOf(seen), record: ownOf(record) },
      ...{ value_cover: ownOf(value_cover), observation_day: ownOf(observation_day) },
    };
  }
}

const ownOf = ({ rows, pieces }: PrintedRows): PrintedRows => ({ rows, pieces: pieces.map((piece) => piece.slice()) });

/** Whether rows of it lie in memory that was lent. */
export const isLent = (batch: PrintedBatch): boolean =>
  Object.values(batch).some(({ pieces }) => pieces.some(({ buffer }) => buffer instanceof SharedArrayBuffer));
