import { type Column, lengthBytes, putLength } from "./columns.ts";
import type { PrintedRows } from "./rows.ts";
import { Room } from "./slabs.ts";

/** Rows of a block at most; the engine joins small ones. */
const rowsOfBlock = 65_536;

/**
 * Rows of one table in ClickHouse's Native format: blocks of whole columns, which the engine takes as they are. A piece is a
 * block in memory of its own or of a slab (slabs.ts), which another thread may get. Blocks may stand behind each other in any
 * number.
 *
 * @see ClickHouse documentation, Formats, Native: number of columns, number of rows, of each column its name, type and cells
 */
export class BlockWriter {
  readonly #columns: readonly (readonly [name: Uint8Array, column: Column])[];
  readonly #memory: Room;
  readonly #pieces: Uint8Array[] = [];
  #inBlock = 0;
  #rows = 0;
  #room = 0;
  #isFull = false;

  /**
   * @param columns by their names in the table
   * @param memory for its blocks
   */
  constructor(columns: Readonly<Record<string, Column>>, memory = new Room()) {
    this.#memory = memory;
    this.#columns = Object.entries(columns).map(([name, column]) => [headOf(name, column.type), column] as const);
    const whenFull = (): void => void (this.#isFull = true);
    for (const column of Object.values(columns)) column.bound(whenFull);
  }

  /** Opens a row. @returns its number in its block, by which its cells are put */
  next(): number {
    if (this.#isFull || this.#inBlock >= rowsOfBlock) this.#cut();
    if (this.#inBlock >= this.#room) {
      this.#room = Math.max(1024, this.#room * 2);
      for (const [, column] of this.#columns) column.room(this.#room);
    }
    this.#rows++;
    return this.#inBlock++;
  }

  /** What was written, and nothing of it is left here. */
  end(): PrintedRows {
    this.#cut();
    const printed = { rows: this.#rows, pieces: this.#pieces.splice(0) };
    this.#rows = 0;
    return printed;
  }

  /** Forgets what was written. */
  clear(): void {
    for (const [, column] of this.#columns) column.clear();
    this.#pieces.length = 0;
    this.#inBlock = 0;
    this.#isFull = false;
    this.#rows = 0;
  }

  #cut(): void {
    const rows = this.#inBlock;
    if (rows === 0) return;
    let size = lengthBytes(this.#columns.length) + lengthBytes(rows);
    for (const [head, column] of this.#columns) size += head.length + column.size(rows);
    const piece = this.#memory.piece(size);
    let at = putLength(rows, piece, putLength(this.#columns.length, piece, 0));
    for (const [head, column] of this.#columns) {
      piece.set(head, at);
      at = column.write(rows, piece, at + head.length);
      column.clear();
    }
    // what its memory held before is another's
    if (at !== size) throw new Error(`waglan is wrong: a block of ${size} bytes ended at ${at}`);
    this.#pieces.push(piece);
    this.#inBlock = 0;
    this.#isFull = false;
  }
}

/** Name and type of a column, each behind its length; both shorter than 128 bytes. */
const headOf = (name: string, type: string): Uint8Array =>
  Uint8Array.from([name, type].flatMap((text) => [text.length, ...Buffer.from(text)]));
