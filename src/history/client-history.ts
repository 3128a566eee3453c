import { rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import { type ClickHouseClient, ClickHouseError, type ClickHouseSettings } from "@clickhouse/client";
import { WaglanError } from "#core/result.ts";
import { historyColumns, type PrintedRows } from "#jobs/history/rows.ts";
import type { Merging } from "#jobs/history/merges.ts";
import { headTable } from "#jobs/history/tables.ts";
import type { History, HistoryScope } from "./history.ts";
import { huntReads } from "./hunt-reads.ts";
import type { Read } from "./read.ts";
import { keptReads } from "./kept-reads.ts";
import { migrateHistory } from "./migrate.ts";
import { recordReads } from "./record-reads.ts";
import { scopeSql } from "./scope.ts";
import { historySteps } from "./steps.ts";

/** What differs between an engine of our own and a server: the rest is the same client over the same protocol. */
export interface Place {
  readonly kind: "embedded" | "server";
  /** The client of the moment: an engine that was started again has a new one. */
  readonly client: () => ClickHouseClient;
  readonly reason: () => string;
  /**
   * Lays blocks into a file that the engine can read; whoever asked takes it away. Absent: it reads no files of ours, and blocks
   * go with the statement.
   */
  readonly lay?: (pieces: readonly Uint8Array[]) => Promise<string>;
  readonly close: () => Promise<void>;
}

const queryBytesAtMost = "1000000";

/** History over the unmodified `@clickhouse/client`: chDB's front and a ClickHouse server are told apart nowhere below. */
export const clientHistory = (place: Place): History => {
  /** Inserts under a name that the engine remembers: the same rows under the same name are kept once. */
  const settingsFor = (name: string): ClickHouseSettings => ({
    insert_deduplication_token: name,
    insert_deduplicate: 1,
    // blocks must cut at the same rows when the same rows come again
    input_format_parallel_parsing: 0,
    async_insert: 0,
    // a sensor whose clock jumps may name more months than the engine would take at once
    max_partitions_per_insert_block: "0",
    // tables that sum or replace do so when they are merged: doing it at each insert as well costs more than the insert itself
    optimize_on_insert: 0,
  });

  const insertRows = (
    table: string,
    columns: readonly string[],
    name: string,
    { pieces }: PrintedRows,
  ): Promise<void> =>
    naming(async () => {
      const into = `INSERT INTO ${table} (${columns.join(", ")})`;
      const clickhouse_settings = settingsFor(name);
      if (place.lay) {
        const file = await place.lay(pieces);
        try {
          const query = `${into} SELECT * FROM file({file:String}, 'Native')`;
          await place.client().command({ query, query_params: { file }, clickhouse_settings });
        } finally {
          await rm(file, { force: true });
        }
        return;
      }
      const { stream } = await place.client().exec({
        query: `${into} FORMAT Native`,
        values: Readable.from(pieces, { objectMode: false }),
        clickhouse_settings,
      });
      stream.resume();
      await finished(stream);
    });

  const read: Read = <Row>(
    query: string,
    scope: HistoryScope,
    parameters: Record<string, unknown>,
    settings: ClickHouseSettings = {},
  ): Promise<Row[]> =>
    naming(async () => {
      const seen = scopeSql(scope);
      const result = await place.client().query({
        query: query.replaceAll("$scope", seen.sql),
        query_params: { ...parameters, ...seen.parameters },
        format: "JSONEachRow",
        clickhouse_settings: {
          output_format_json_quote_64bit_integers: 1,
          max_query_size: queryBytesAtMost,
          ...settings,
        },
      });
      // piece by piece as it comes: thousands of rows read at once would keep everybody else waiting
      const rows: Row[] = [];
      for await (const some of result.stream<Row>()) for (const row of some) rows.push(row.json());
      return rows;
    });

  return {
    kind: place.kind,
    reason: place.reason,
    ready: async () => {
      try {
        return (await place.client().ping()).success;
      } catch {
        return false;
      }
    },
    migrate: (ledger) =>
      migrateHistory(ledger, historySteps, {
        run: async (query) => {
          await naming(() => place.client().command({ query }));
        },
        knows: async (setting) => {
          const [row] = await read<{ n: string }>(
            "select count() as n from system.merge_tree_settings where name = {setting:String} and $scope",
            "all",
            { setting },
          );
          return Number(row?.n ?? 0) > 0;
        },
        isEmpty: async () => {
          const [row] = await read<{ n: string }>(
            "select count() as n from system.tables where database = currentDatabase() and name = 'observation' and $scope",
            "all",
            {},
          );
          return Number(row?.n ?? 0) === 0;
        },
      }),
    insertPrinted: (table, name, rows) => insertRows(table, historyColumns[table], name, rows),
    insertHeads: async (name, heads) => {
      const table = headTable();
      for (const { day, organisation, batch, line, lines } of heads) {
        const row = table.rows.next();
        table.time.at(row, day);
        table.organisation.put(row, organisation);
        table.batch.put(row, batch);
        table.line.put(row, line);
        table.text.add(JSON.stringify(lines));
      }
      await insertRows("head", ["time", "organisation", "batch", "line", "text"], name, table.rows.end());
    },
    ...huntReads(read),
    ...recordReads(read),
    ...keptReads(read, async (query, settings = {}) => {
      await naming(() => place.client().command({ query, clickhouse_settings: settings }));
    }),
    ...(place.kind === "embedded" ? { merging: mergingOf(read, place) } : {}),
    close: place.close,
  };
};

const mergingOf = (read: Read, { client }: Place): Merging => ({
  parts: async () => {
    const [row] = await read<{ n: string }>(
      "select max(n) as n from (select count() as n from system.parts where active and database = currentDatabase() and $scope group by table)",
      "all",
      {},
    );
    return Number(row?.n ?? 0);
  },
  merge: (joins) =>
    naming(async () => void (await client().command({ query: `SYSTEM ${joins ? "START" : "STOP"} MERGES` }))),
});

/** An answer of the engine keeps its code; no answer is WGL_HISTORY_GONE. */
const naming = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof WaglanError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    if (cause instanceof ClickHouseError)
      throw new WaglanError("WGL_HISTORY_QUERY", { code: cause.code, reason }, { cause });
    throw new WaglanError("WGL_HISTORY_GONE", { reason }, { cause });
  }
};
