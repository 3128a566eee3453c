import type { ClickHouseSettings } from "@clickhouse/client";
import type { Pace } from "#jobs/hunt/past.ts";
import type { HistoryScope } from "./history.ts";

/** One read under a scope, which stands in the query as `$scope`; rows as JSONEachRow gives them, 64-bit numbers as text. */
export type Read = <Row>(
  query: string,
  scope: HistoryScope,
  parameters: Record<string, unknown>,
  settings?: ClickHouseSettings,
) => Promise<Row[]>;

/** Room for a hundred thousand numbers, or five thousand places. */
const queryBytesAtMost = "8000000";

/** How fast a read goes. */
export const paceSettings = (pace: Pace | undefined): ClickHouseSettings => ({
  max_query_size: queryBytesAtMost,
  // a nice value: whoever hunts in the background never takes a core from who accepts and matches
  ...(pace === undefined ? {} : { max_threads: 1, os_thread_priority: "10" }),
});
