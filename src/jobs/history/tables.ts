import { BlockWriter } from "./block-writer.ts";
import { Days, Lists, Numbers, Shorts, Texts, Times, Wides, Words } from "./columns.ts";
import { DayRows } from "./day-rows.ts";
import { Shapes } from "./shapes.ts";
import { Room } from "./slabs.ts";

/** Bytes of texts of a block, about. */
const textBytes = 4 << 20;

// The tables of history as whoever lays rows out writes them: columns in the order of `historyColumns`, and their rows. One
// of each a thread, used for batch after batch; `memory` is where their blocks go.

export const seenTable = (memory = new Room()) => {
  const [text, fingerprint] = [new Lists(new Texts(textBytes)), new Lists(new Wides())];
  const port = new Lists(new Shorts());
  const columns = {
    ...{
      time: new Times(),
      organisation: new Words(),
      sensor: new Words(),
      direction: new Words(),
      shape: new Words(),
    },
    ...{ batch: new Words(), line: new Numbers() },
    ...{ "value.text": text, "value.fingerprint": fingerprint, "value.port": port },
  };
  return { ...columns, ...{ text, fingerprint, port, shapes: new Shapes() }, rows: new BlockWriter(columns, memory) };
};

export const recordTable = (memory = new Room()) => {
  const columns = {
    ...{ time: new Times(), organisation: new Words(), sensor: new Words(), format: new Words(), event: new Words() },
    ...{ batch: new Words(), line: new Numbers(), text: new Texts(textBytes) },
    ...{ source: new Texts(textBytes), destination: new Texts(textBytes) },
  };
  return { ...columns, rows: new BlockWriter(columns, memory) };
};

export const coverTable = (memory = new Room()) => {
  const columns = { cover: new Wides(), fingerprint: new Wides(), month: new Days(), organisation: new Words() };
  return { ...columns, rows: new BlockWriter(columns, memory) };
};

export const dayTable = (memory = new Room()) => {
  const columns = { fingerprint: new Wides(), day: new Days(), organisation: new Words(), count: new Wides() };
  const table = { ...columns, rows: new BlockWriter(columns, memory) };
  return { ...table, days: new DayRows(table) };
};

export const headTable = () => {
  const columns = {
    ...{ time: new Times(), organisation: new Words(), batch: new Words(), line: new Numbers() },
    text: new Texts(textBytes),
  };
  return { ...columns, rows: new BlockWriter(columns) };
};

/** All that a batch leaves in history. */
export interface HistoryTables {
  readonly seen: ReturnType<typeof seenTable>;
  readonly record: ReturnType<typeof recordTable>;
  readonly value_cover: ReturnType<typeof coverTable>;
  readonly observation_day: ReturnType<typeof dayTable>;
}

export const openTables = (memory = new Room()): HistoryTables => ({
  ...{ seen: seenTable(memory), record: recordTable(memory) },
  ...{ value_cover: coverTable(memory), observation_day: dayTable(memory) },
});
