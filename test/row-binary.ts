import { RowWriter } from "#jobs/history/row-writer.ts";
import type { HistoryTable, ObservationRow, PrintedRows, RecordRow } from "#jobs/history/rows.ts";

/** Types of the cells of each table, in the order of `historyColumns`. */
const types: Readonly<Record<HistoryTable, readonly CellType[]>> = {
  observation: ["time", "text", "text", "text", "text", "u64", "text", "text", "u16", "text", "u32", "u16"],
  record: ["time", "text", "text", "text", "text", "text", "u32", "text", "text", "text"],
  value_cover: ["u64", "u64", "u16", "text"],
  observation_day: ["u64", "u16", "text", "u64"],
};
export type CellType = "time" | "text" | "u16" | "u32" | "u64";
export type Cell = string | number | bigint;

/** RowBinary taken apart, slowly and by the book. @see ClickHouse documentation, Formats, RowBinary */
export const cellsOf = (bytes: Uint8Array, row: readonly CellType[]): readonly (readonly Cell[])[] => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const one = (type: CellType): Cell => {
    switch (type) {
      case "time": {
        const value = Number(view.getBigInt64(at, true));
        at += 8;
        return value;
      }
      case "u64": {
        const value = view.getBigUint64(at, true);
        at += 8;
        return value;
      }
      case "u32": {
        const value = view.getUint32(at, true);
        at += 4;
        return value;
      }
      case "u16": {
        const value = view.getUint16(at, true);
        at += 2;
        return value;
      }
      case "text": {
        let length = 0;
        for (let shift = 0; ; shift += 7) {
          const byte = view.getUint8(at++);
          length += (byte & 127) * 2 ** shift;
          if (byte < 128) break;
        }
        const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes.subarray(at, at + length));
        at += length;
        return text;
      }
    }
  };
  const rows: Cell[][] = [];
  while (at < bytes.length) rows.push(row.map(one));
  return rows;
};

/** What was printed for a table, row by row. */
export const readRows = (table: HistoryTable, { pieces }: Pick<PrintedRows, "pieces">): readonly (readonly Cell[])[] =>
  cellsOf(Buffer.concat(pieces), types[table]);

const printed = <Row>(rows: Iterable<Row>, print: (writer: RowWriter, row: Row) => void): PrintedRows => {
  const writer = new RowWriter();
  for (const row of rows) {
    print(writer, row);
    writer.endRow();
  }
  return writer.end();
};

export const printedObservations = (rows: Iterable<ObservationRow>): PrintedRows =>
  printed(rows, (writer, row) => {
    writer.time(row.time);
    for (const text of [row.organisation, row.sensor, row.kind, row.value]) writer.text(text);
    writer.number64(Number(BigInt.asIntN(32, row.fingerprint >> 32n)), Number(BigInt.asIntN(32, row.fingerprint)));
    for (const text of [row.where, row.direction]) writer.text(text);
    writer.number16(row.port);
    writer.text(row.batch);
    writer.number32(row.line);
    writer.number16(row.nth ?? 0);
  });

/** How often each value of these was seen on a day, as a batch brings it. */
export const printedDays = (rows: Iterable<ObservationRow>): PrintedRows => {
  const days = Map.groupBy(rows, ({ time, organisation, fingerprint }) =>
    JSON.stringify([Math.floor(time / 86_400_000), organisation, String(fingerprint)]),
  );
  return printed(days, (writer, [key, { length }]) => {
    const [day, organisation, fingerprint] = JSON.parse(key) as [number, string, string];
    const print = BigInt(fingerprint);
    writer.number64(Number(BigInt.asIntN(32, print >> 32n)), Number(BigInt.asIntN(32, print)));
    writer.day(day);
    writer.text(organisation);
    writer.number64(0, length);
  });
};

export const printedRecords = (rows: Iterable<RecordRow>): PrintedRows =>
  printed(rows, (writer, row) => {
    writer.time(row.time);
    for (const text of [row.organisation, row.sensor, row.format, row.event, row.batch]) writer.text(text);
    writer.number32(row.line);
    for (const text of [row.text, row.source ?? "", row.destination ?? ""]) writer.text(text);
  });
