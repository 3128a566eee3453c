/** How often each column of a list says something: of `rows` records, by the publisher's name of the column. */
export interface ColumnFill {
  readonly rows: number;
  readonly filled: ReadonlyMap<string, number>;
}

/** Columns counted of one list; a table of more is of no shape one could know again. */
const columnsAtMost = 256;
/** Characters of a column's name that are kept. */
const nameAtMost = 80;

/** Counts while the rows of a list are read; full when they were. Texts that say nothing are "", "-", "null" and the like. */
export class FillCounter {
  rows = 0;
  readonly filled = new Map<string, number>();

  /** A record of a table, by the place of its columns. */
  record(names: readonly string[], cells: readonly string[]): void {
    this.rows++;
    for (let at = 0; at < names.length; at++) this.#count(names[at] ?? "", cells[at] ?? "");
  }

  /** An object of a JSON list; what is inside of it counts as said. */
  object(object: object): void {
    this.rows++;
    for (const name of Object.keys(object)) {
      const value = (object as Readonly<Record<string, unknown>>)[name];
      if (Array.isArray(value) ? value.length > 0 : typeof value === "object" ? value !== null : value !== undefined)
        this.#count(name, typeof value === "string" ? value : "said");
    }
  }

  #count(name: string, text: string): void {
    if (name === "") return;
    const known = this.filled.get(name);
    if (known === undefined && this.filled.size >= columnsAtMost) return;
    this.filled.set(known === undefined ? name.slice(0, nameAtMost) : name, (known ?? 0) + (says(text) ? 1 : 0));
  }
}

const says = (text: string): boolean => text !== "" && !(text.length <= 6 && silent.test(text));
const silent = /^\s*(?:|-|\?|n\/?a|none|null|nil)\s*$/i;
