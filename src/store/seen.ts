import type { Sql, TransactionSql } from "postgres";
import type { SeenFinding } from "#jobs/findings/seen-finding.ts";
import { findingRow } from "#store/finding-row.ts";

/** A finding with what only pages ask for. */
export const seenFinding = (row: Record<string, unknown>): SeenFinding => ({
  ...findingRow(row),
  undeliverable: row["undeliverable"] as boolean,
  ...(row["incident_id"] ? { incidentId: row["incident_id"] as string } : {}),
});

/** One moment for all queries of a read, so that counts, groups and rows agree. */
export const snapshot = <T>(sql: Sql, read: (tx: TransactionSql) => Promise<T>): Promise<T> =>
  sql.begin("isolation level repeatable read read only", read) as Promise<T>;
