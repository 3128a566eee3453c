import type { TransactionSql } from "postgres";
import type { LedgerEntry } from "#community/ledger-entry.ts";
import type { Ledger } from "#community/ports.ts";
import type { Instant } from "#core/instant.ts";
import { timeOf } from "#store/columns.ts";

export const ledgerState = (sql: TransactionSql): Ledger => ({
  write: async (entry) => {
    await sql`insert into release_ledger (party, query, after, up_to, objects, content_hash, at, members)
      values (${entry.party}, ${entry.query}, ${entry.after}, ${entry.upTo}, ${entry.count}, ${entry.contentHash}, ${timeOf(entry.at)}, ${entry.members ?? null})`;
  },
  sent: async (position, until) =>
    (
      await sql`select * from release_ledger where after::numeric < ${position}::numeric and up_to::numeric >= ${position}::numeric and at < ${timeOf(until)} order by n`
    ).map((row) => ({
      party: row["party"] as LedgerEntry["party"],
      query: row["query"] as string,
      after: row["after"] as string,
      upTo: row["up_to"] as string,
      contentHash: row["content_hash"] as string,
      count: row["objects"] as number,
      at: row["at"] as Instant,
    })),
});
