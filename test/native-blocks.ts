import assert from "node:assert/strict";
import {
  historyColumns,
  type HistoryTable,
  type ObservationRow,
  type PrintedRows,
  type RecordRow,
} from "#jobs/history/rows.ts";
import { dayTable, recordTable, seenTable } from "#jobs/history/tables.ts";

export type Cell = string | number | bigint | readonly Cell[];

interface Block {
  readonly names: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** Blocks of ClickHouse's Native format taken apart, slowly and by the book. @see ClickHouse documentation, Formats, Native */
export const blocksOf = (bytes: Uint8Array): readonly Block[] => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const length = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = view.getUint8(at++);
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  const text = (): string => {
    const bytesOfIt = length();
    at += bytesOfIt;
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes.subarray(at - bytesOfIt, at));
  };
  const number = (size: 1 | 2 | 4): number => {
    at += size;
    return size === 1
      ? view.getUint8(at - 1)
      : size === 2
        ? view.getUint16(at - 2, true)
        : view.getUint32(at - 4, true);
  };
  const wide = (): bigint => {
    at += 8;
    return view.getBigUint64(at - 8, true);
  };
  const column = (type: string, rows: number): readonly Cell[] => {
    const each = (read: () => Cell): readonly Cell[] => Array.from({ length: rows }, read);
    const inner = /^Array\((.*)\)$/.exec(type)?.[1];
    if (inner !== undefined) {
      const ends = Array.from({ length: rows }, () => Number(wide()));
      const cells = column(inner, ends.at(-1) ?? 0);
      return ends.map((end, row) => cells.slice(row === 0 ? 0 : ends[row - 1], end));
    }
    switch (type) {
      case "String":
        return each(text);
      case "UInt64":
        return each(wide);
      case "UInt32":
        return each(() => number(4));
      case "UInt16":
      case "Date":
        return each(() => number(2));
      case "DateTime64(3, 'UTC')":
        return each(() => Number(BigInt.asIntN(64, wide())));
      case "LowCardinality(String)": {
        assert.equal(wide(), 1n, "SharedDictionariesWithAdditionalKeys");
        const kind = wide();
        assert.ok(kind === 0x600n || kind === 0x601n, `kind of numbers ${kind}`);
        const keys = Array.from({ length: Number(wide()) }, text);
        assert.equal(wide(), BigInt(rows));
        return each(() => {
          const key = keys[number(kind === 0x600n ? 1 : 2)];
          assert.ok(key !== undefined, "a number of the dictionary");
          return key;
        });
      }
      default:
        throw new Error(`a column of ${type}`);
    }
  };
  const blocks: Block[] = [];
  while (at < bytes.length) {
    const [columns, rows] = [length(), length()];
    const read = Array.from({ length: columns }, () => {
      const [name, type] = [text(), text()];
      return { name, cells: column(type, rows) };
    });
    blocks.push({
      names: read.map(({ name }) => name),
      rows: Array.from({ length: rows }, (_, row) => read.map(({ cells }) => cells[row] ?? "")),
    });
  }
  return blocks;
};

/** What was printed for a table, row by row, its columns in their order. */
export const readRows = (table: HistoryTable, { pieces }: Pick<PrintedRows, "pieces">): readonly (readonly Cell[])[] =>
  blocksOf(Buffer.concat(pieces)).flatMap(({ names, rows }) => {
    assert.deepEqual(names, historyColumns[table]);
    return rows;
  });

const halves = (value: bigint): readonly [hi: number, lo: number] => [
  Number(BigInt.asIntN(32, value >> 32n)),
  Number(BigInt.asIntN(32, value)),
];

/** Values of one record go into one row, in their order. */
export const printedObservations = (rows: Iterable<ObservationRow>): PrintedRows => {
  const table = seenTable();
  const records = Map.groupBy(rows, ({ time, organisation, sensor, direction, batch, line }) =>
    JSON.stringify([time, organisation, sensor, direction, batch, line]),
  );
  for (const values of records.values()) {
    const [one] = values;
    assert.ok(one !== undefined);
    const row = table.rows.next();
    table.time.at(row, one.time);
    for (const name of ["organisation", "sensor", "direction", "batch"] as const) table[name].put(row, one[name]);
    table.line.put(row, one.line);
    table.shape.put(row, values.map(({ kind, where }) => `${kind}@${where}`).join(" "));
    for (const { value, fingerprint, port } of values) {
      table.text.next();
      table.text.cells.add(value);
      table.fingerprint.cells.put(table.fingerprint.next(), ...halves(fingerprint));
      table.port.cells.put(table.port.next(), port);
    }
    for (const list of [table.text, table.fingerprint, table.port]) list.end(row);
  }
  return table.rows.end();
};

/** How often each value of these was seen on a day, as a batch brings it. */
export const printedDays = (rows: Iterable<ObservationRow>): PrintedRows => {
  const table = dayTable();
  const days = Map.groupBy(rows, ({ time, organisation, fingerprint }) =>
    JSON.stringify([Math.floor(time / 86_400_000), organisation, String(fingerprint)]),
  );
  for (const [key, { length }] of days) {
    const [day, organisation, fingerprint] = JSON.parse(key) as [number, string, string];
    const row = table.rows.next();
    table.fingerprint.put(row, ...halves(BigInt(fingerprint)));
    table.day.put(row, day);
    table.organisation.put(row, organisation);
    table.count.put(row, 0, length);
  }
  return table.rows.end();
};

export const printedRecords = (rows: Iterable<RecordRow>): PrintedRows => {
  const table = recordTable();
  for (const one of rows) {
    const row = table.rows.next();
    table.time.at(row, one.time);
    for (const name of ["organisation", "sensor", "format", "event", "batch"] as const) table[name].put(row, one[name]);
    table.line.put(row, one.line);
    table.text.add(one.text);
    table.source.add(one.source ?? "");
    table.destination.add(one.destination ?? "");
  }
  return table.rows.end();
};
