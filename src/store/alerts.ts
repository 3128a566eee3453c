import type { TransactionSql } from "postgres";
import type { AlertState, StoredAlert } from "#alerts/alert-state.ts";
import type { Instant } from "#core/instant.ts";
import type { Severity } from "#core/severity.ts";
import { isUuid, timeOf } from "#store/columns.ts";
import { storable } from "#store/storable.ts";

const alertRow = (row: Record<string, unknown>): StoredAlert => ({
  n: row["n"] as number,
  id: row["id"] as string,
  ref: row["ref"] as string,
  finding: row["finding"] as number,
  version: row["version"] as number,
  at: row["at"] as Instant,
  due: row["due"] as Instant,
  severity: row["severity"] as Severity,
  input: row["input"] as Record<string, unknown>,
});

export const alertState = (sql: TransactionSql): AlertState => ({
  latest: async (finding) => {
    const [row] = await sql`select * from alert where finding = ${finding} order by version desc limit 1`;
    return row && alertRow(row);
  },
  byId: async (id) => {
    if (!isUuid(id)) return undefined;
    const [row] = await sql`select * from alert where id = ${id}`;
    return row && alertRow(row);
  },
  isRef: async (ref) => (await sql`select from alert where ref = ${ref}`).length > 0,
  save: async (alert) => {
    const [row] = await sql`insert into alert (id, ref, finding, version, at, due, severity, input)
      values (${alert.id}, ${alert.ref}, ${alert.finding}, ${alert.version}, ${timeOf(alert.at)}, ${timeOf(alert.due)}, ${alert.severity}, ${sql.json(storable(alert.input) as never)}) returning n`;
    return row?.["n"] as number;
  },
  recipient: async (alert, person, channel, messageId) => {
    await sql`insert into alert_recipient (alert, person, channel, message_id) values (${alert}, ${person}, ${channel}, ${messageId})`;
  },
  answers: async (finding) =>
    (await sql`select who, answer, note, at from answer where finding = ${finding} order by n`).map((row) => ({
      who: row["who"] as string,
      answer: row["answer"] as string,
      ...(row["note"] === null ? {} : { note: row["note"] as string }),
      at: row["at"] as Instant,
    })),
});
