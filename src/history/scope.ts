import type { HistoryScope } from "./history.ts";

/** Visibility in ClickHouse SQL: a condition on `organisation`, and the parameters it names. */
export interface ScopeSql {
  readonly sql: string;
  readonly parameters: Readonly<Record<string, readonly string[]>>;
}

/** The one translation of a scope; every read of history puts it into its `where`. An empty list sees nothing. */
export const scopeSql = (scope: HistoryScope): ScopeSql => {
  if (scope === "all") return { sql: "true", parameters: {} };
  if (scope.length === 0) return { sql: "false", parameters: {} };
  return { sql: "organisation in {organisations:Array(String)}", parameters: { organisations: scope } };
};
