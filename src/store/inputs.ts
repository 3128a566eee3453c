import type { TransactionSql } from "postgres";
import type { SensorId } from "#community/sensor.ts";
import type { Instant } from "#core/instant.ts";
import type { DropReason, InputState } from "#jobs/inputs-port.ts";
import { timeOf } from "#store/columns.ts";
import { storableText } from "#store/storable.ts";

export const inputState = (sql: TransactionSql): InputState => ({
  files: async (sensor) =>
    (await sql`select * from input_file where sensor = ${sensor} order by n`).map((row) => ({
      n: row["n"] as number,
      sensor: row["sensor"] as SensorId,
      path: row["path"] as string,
      inode: row["inode"] as string,
      position: row["position"] as number,
      generation: row["generation"] as number,
      mark: row["mark"] as string,
      header: row["header"] as Uint8Array,
      seen: row["seen"] as Instant,
    })),

  addFile: async ({ sensor, path, inode, position, generation, mark, header, seen }) => {
    const [row] = await sql`insert into input_file (sensor, path, inode, position, generation, mark, header, seen)
      values (${sensor}, ${storableText(path)}, ${inode}, ${position}, ${generation}, ${mark}, ${Buffer.from(header)}, ${timeOf(seen)}) returning n`;
    return row?.["n"] as number;
  },

  moveFile: async ({ n, path, inode, position, generation, mark, header, seen }) => {
    await sql`update input_file set path = ${storableText(path)}, inode = ${inode}, position = ${position}, generation = ${generation},
      mark = ${mark}, header = ${Buffer.from(header)}, seen = ${timeOf(seen)} where n = ${n}`;
  },

  placeOf: async (n) => {
    const [row] = await sql`select position, generation from input_file where n = ${n} for update`;
    return row && { position: row["position"] as number, generation: row["generation"] as number };
  },

  seeFile: async (n, at) => {
    await sql`update input_file set seen = ${timeOf(at)} where n = ${n}`;
  },

  forgetFile: async (n) => {
    await sql`delete from input_file where n = ${n}`;
  },

  forgetFiles: async (before) => (await sql`delete from input_file where seen < ${timeOf(before)}`).count,

  dropped: async (drops, now) => {
    for (const { input, sensor, reason, n, detail } of drops)
      await sql`insert into input_drop (input, sensor, reason, n, last, detail)
        values (${storableText(input)}, ${sensor ?? ""}, ${reason}, ${n}, ${timeOf(now)}, ${storableText(detail)})
        on conflict (input, sensor, reason) do update set n = input_drop.n + excluded.n, last = excluded.last, detail = excluded.detail`;
  },

  drops: async (since) =>
    (await sql`select * from input_drop where last >= ${timeOf(since)} order by last, input, sensor, reason`).map(
      (row) => ({
        input: row["input"] as string,
        ...(row["sensor"] === "" ? {} : { sensor: row["sensor"] as string }),
        reason: row["reason"] as DropReason,
        n: row["n"] as number,
        detail: row["detail"] as string,
        last: row["last"] as Instant,
      }),
    ),
});
