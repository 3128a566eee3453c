/** Bytes a row takes in a remembered list: 16 of the indicator's id, 4 of what the source said about it. */
export const rowBytes = 20;

/**
 * Compares a list with what the same list held before, row by row, without the database: `see` answers for each row,
 * `gone` tells afterwards what was not seen again, `items` is what to remember.
 *
 * The past is a flat run of 20-byte rows; an open-addressing table over the first 4 bytes of the (keyed, hence evenly
 * spread) ids finds a row in about one probe. 1.7 M rows take 33 MB of past and 16 MB of table.
 */
export class ListDiff {
  readonly #past: DataView;
  readonly #rows: number;
  readonly #slots: Int32Array;
  readonly #mask: number;
  readonly #seen: Uint8Array;
  #next: Uint8Array;
  #view: DataView;
  #count = 0;
  #fresh: Int32Array = new Int32Array(1 << 10).fill(-1);

  constructor(past: Uint8Array) {
    if (past.byteLength % rowBytes !== 0) throw new Error("waglan is wrong: a remembered list is cut inside a row");
    this.#past = new DataView(past.buffer, past.byteOffset, past.byteLength);
    this.#rows = past.byteLength / rowBytes;
    const size = 1 << Math.max(4, Math.ceil(Math.log2(this.#rows * 2 + 1)));
    this.#slots = new Int32Array(size).fill(-1);
    this.#mask = size - 1;
    this.#seen = new Uint8Array(this.#rows);
    for (let row = 0; row < this.#rows; row++) {
      let slot = this.#past.getUint32(row * rowBytes) & this.#mask;
      while (this.#slots[slot] !== -1) slot = (slot + 1) & this.#mask;
      this.#slots[slot] = row;
    }
    this.#next = new Uint8Array(Math.max(1024, past.byteLength));
    this.#view = new DataView(this.#next.buffer);
  }

  /** How a row (id: at least 16 bytes) stands to the past; `twice` when this reading had it already. */
  see(id: Uint8Array, content: number): "new" | "changed" | "same" | "twice" {
    const key = new DataView(id.buffer, id.byteOffset, 16);
    const row = this.#find(key);
    if (row >= 0) {
      if (this.#seen[row]) return "twice";
      this.#seen[row] = 1;
      this.#keep(id, content);
      return this.#past.getUint32(row * rowBytes + 16) === content >>> 0 ? "same" : "changed";
    }
    if (!this.#addFresh(key)) return "twice";
    this.#keep(id, content);
    return "new";
  }

  /** Rows of the past that were not seen again, as 16-byte ids. */
  *gone(): Generator<Uint8Array> {
    for (let row = 0; row < this.#rows; row++)
      if (!this.#seen[row]) yield new Uint8Array(this.#past.buffer, this.#past.byteOffset + row * rowBytes, 16);
  }

  /** The list as it now is; what the next reading is compared with. */
  items(): Uint8Array {
    return this.#next.subarray(0, this.#count * rowBytes);
  }

  /** What this reading had, and what the past had beside it: for rows that are added to a list. */
  union(): Uint8Array {
    const kept: Uint8Array[] = [this.items()];
    for (let row = 0; row < this.#rows; row++)
      if (!this.#seen[row])
        kept.push(new Uint8Array(this.#past.buffer, this.#past.byteOffset + row * rowBytes, rowBytes));
    return Buffer.concat(kept);
  }

  get size(): number {
    return this.#count;
  }

  #same(view: DataView, at: number, key: DataView): boolean {
    return (
      view.getUint32(at) === key.getUint32(0) &&
      view.getUint32(at + 4) === key.getUint32(4) &&
      view.getUint32(at + 8) === key.getUint32(8) &&
      view.getUint32(at + 12) === key.getUint32(12)
    );
  }

  #find(key: DataView): number {
    for (let slot = key.getUint32(0) & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const row = this.#slots[slot] as number;
      if (row === -1) return -1;
      if (this.#same(this.#past, row * rowBytes, key)) return row;
    }
  }

  /** Remembers a row that is not of the past; false when this reading had it. Grows by doubling at half load. */
  #addFresh(key: DataView): boolean {
    let table = this.#fresh;
    if (this.#count * 2 >= table.length) {
      const wider = new Int32Array(table.length * 4).fill(-1);
      for (const row of table) if (row !== -1) this.#put(wider, this.#view.getUint32(row * rowBytes), row);
      this.#fresh = table = wider;
    }
    const mask = table.length - 1;
    for (let slot = key.getUint32(0) & mask; ; slot = (slot + 1) & mask) {
      const row = table[slot] as number;
      if (row === -1) {
        table[slot] = this.#count;
        return true;
      }
      if (this.#same(this.#view, row * rowBytes, key)) return false;
    }
  }

  #put(table: Int32Array, hash: number, row: number): void {
    const mask = table.length - 1;
    let slot = hash & mask;
    while (table[slot] !== -1) slot = (slot + 1) & mask;
    table[slot] = row;
  }

  #keep(id: Uint8Array, content: number): void {
    const at = this.#count * rowBytes;
    if (at + rowBytes > this.#next.length) {
      const wider = new Uint8Array(this.#next.length * 2);
      wider.set(this.#next);
      this.#next = wider;
      this.#view = new DataView(wider.buffer);
    }
    this.#next.set(id.byteLength === 16 ? id : id.subarray(0, 16), at);
    this.#view.setUint32(at + 16, content);
    this.#count++;
  }
}

/** 32 bits of what a source says about a value (FNV-1a over UTF-16 units): tells a changed row from an unchanged one. */
export const contentHash = (text: string): number => {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
};
