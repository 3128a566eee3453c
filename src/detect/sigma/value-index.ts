import { grams } from "./grams.ts";
import type { Witness } from "./clauses.ts";

/** Finds out which witnesses of one field a value shows; the value comes in lower case. */
export interface ValueIndex {
  /** Adds to `found` what each witness that is seen stands for. */
  readonly look: (lower: string, found: number[]) => void;
}

/** A text to be seen, and what it stands for: the caller's numbers. */
interface Entry {
  readonly needle: string;
  readonly marks: number[];
}

/** Prefixes are looked up by their first 16, 8 or fewer letters, suffixes without a path by their last 6 or fewer. */
const headLength = (needle: string): number => (needle.length >= 16 ? 16 : Math.min(needle.length, 8));
const tailLength = (needle: string): number => Math.min(needle.length, 6);

type Table = Map<string, Entry[]>;

/**
 * An index over witnesses of one field:
 *   exact     a table of whole values
 *   suffix    of paths a table of their last part (`\cmd.exe`), of others one of their last letters
 *   prefix    tables of the first letters
 *   contains  grams of three or four letters, the rarest of each text (`grams.ts`)
 *   present   every value
 */
export const indexValues = (witnesses: readonly (readonly [witness: Witness, mark: number])[]): ValueIndex => {
  const present: number[] = [];
  const exact = new Map<string, number[]>();
  const lastPart: Readonly<Record<"\\" | "/", Table>> = { "\\": new Map(), "/": new Map() };
  const tails = new Map<number, Table>();
  const heads = new Map<number, Table>();
  const inside = new Map<string, Entry>();
  for (const [{ how, needle }, mark] of witnesses) {
    if (how === "present") present.push(mark);
    else if (how === "exact") put(exact, needle, mark);
    else if (how === "prefix")
      enter(tableFor(heads, headLength(needle)), needle.slice(0, headLength(needle)), needle, mark);
    else if (how === "contains") {
      const known = inside.get(needle);
      if (known === undefined) inside.set(needle, { needle, marks: [mark] });
      else known.marks.push(mark);
    } else {
      const back = needle.lastIndexOf("\\");
      const slash = needle.lastIndexOf("/");
      if (back < 0 && slash < 0)
        enter(tableFor(tails, tailLength(needle)), needle.slice(-tailLength(needle)), needle, mark);
      else if (back > slash) enter(lastPart["\\"], needle.slice(back + 1), needle, mark);
      else enter(lastPart["/"], needle.slice(slash + 1), needle, mark);
    }
  }
  const entries = [...inside.values()];
  const headTables = [...heads];
  const tailTables = [...tails];
  const contained = grams(entries.map(({ needle }) => needle));

  const suffixed = (table: Table, key: string, lower: string, found: number[]): void => {
    for (const entry of table.get(key) ?? none)
      if (lower.endsWith(entry.needle)) for (const mark of entry.marks) found.push(mark);
  };
  return {
    look: (lower, found) => {
      for (const mark of present) found.push(mark);
      if (exact.size > 0) for (const mark of exact.get(lower) ?? none) found.push(mark);
      if (lastPart["\\"].size > 0) {
        const at = lower.lastIndexOf("\\");
        if (at >= 0) suffixed(lastPart["\\"], lower.slice(at + 1), lower, found);
      }
      if (lastPart["/"].size > 0) {
        const at = lower.lastIndexOf("/");
        if (at >= 0) suffixed(lastPart["/"], lower.slice(at + 1), lower, found);
      }
      for (const [length, table] of tailTables)
        if (lower.length >= length) suffixed(table, lower.slice(lower.length - length), lower, found);
      for (const [length, table] of headTables)
        if (lower.length >= length)
          for (const entry of table.get(lower.slice(0, length)) ?? none)
            if (lower.startsWith(entry.needle)) for (const mark of entry.marks) found.push(mark);
      if (entries.length === 0) return;
      for (const place of contained(lower)) for (const mark of entries[place]?.marks ?? none) found.push(mark);
    },
  };
};

const none: readonly never[] = [];

const tableFor = (tables: Map<number, Table>, length: number): Table => {
  const known = tables.get(length);
  if (known !== undefined) return known;
  const made: Table = new Map();
  tables.set(length, made);
  return made;
};

const put = (table: Map<string, number[]>, key: string, mark: number): void => {
  const known = table.get(key);
  if (known === undefined) table.set(key, [mark]);
  else known.push(mark);
};

const enter = (table: Table, key: string, needle: string, mark: number): void => {
  let entries = table.get(key);
  if (entries === undefined) table.set(key, (entries = []));
  const known = entries.find((entry) => entry.needle === needle);
  if (known === undefined) entries.push({ needle, marks: [mark] });
  else known.marks.push(mark);
};
