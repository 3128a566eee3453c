import type { Sql } from "postgres";
import { migrationLock } from "./migrate.ts";

/** A step of the history schema that ran; the same shape as `history/history.ts` asks for. */
interface NotedStep {
  readonly number: number;
  readonly name: string;
  readonly checksum: string;
}

/** Notes steps of the history schema in state, under the one lock of all migrations. */
export interface HistoryLedger {
  readonly underLock: (
    work: (done: ReadonlyMap<number, string>, note: (step: NotedStep) => Promise<void>) => Promise<void>,
  ) => Promise<void>;
}

/**
 * The ledger of one history.
 *
 * @param place names the history, since a state may meet another one (embedded, then a server): each has its own notes
 */
export const historyLedger = (sql: Sql, place: string): HistoryLedger => ({
  underLock: async (work) => {
    await sql.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(${migrationLock[0]}, ${migrationLock[1]})`;
      await tx`create table if not exists waglan_history_migration (
        place text not null, number integer not null, name text not null, checksum text not null,
        at timestamptz not null default now(), primary key (place, number))`;
      const rows = await tx<{ number: number; checksum: string }[]>`
        select number, checksum from waglan_history_migration where place = ${place}`;
      await work(new Map(rows.map((row) => [row.number, row.checksum])), async ({ number, name, checksum }) => {
        await tx`insert into waglan_history_migration (place, number, name, checksum)
          values (${place}, ${number}, ${name}, ${checksum})
          on conflict (place, number) do update set name = excluded.name, checksum = excluded.checksum, at = now()`;
      });
    });
  },
});
