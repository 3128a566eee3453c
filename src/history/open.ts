import { join } from "node:path";
import { ClickHouseLogLevel, createClient } from "@clickhouse/client";
import { clientHistory } from "./client-history.ts";
import { type EngineOptions, startHistoryEngine } from "./embedded.ts";
import type { History } from "./history.ts";
import { historyOff } from "./off.ts";

/** Where history is: chDB on a folder below `dataDir`, a ClickHouse server (http://user:password@host:8123/database), or nowhere. */
export type HistoryPlace = { readonly dataDir: string } | { readonly url: string } | { readonly off: true };

/**
 * Opens history. It never stops waglan from starting: without chDB, or when it will not open, history is off with the
 * reason. A server that does not answer is `server` and away, since it may come back.
 */
export const openHistory = async (place: HistoryPlace, options: EngineOptions = {}): Promise<History> => {
  if ("off" in place) return historyOff("it was turned off");
  if ("url" in place) return server(place.url);
  if (!installed()) return historyOff("the optional package chdb is not installed");
  try {
    return clientHistory(await startHistoryEngine(join(place.dataDir, "history"), options));
  } catch (error) {
    return historyOff(error instanceof Error ? error.message : String(error));
  }
};

/** Names the place in the ledger of history steps: notes of one history say nothing about another. */
export const placeName = (place: HistoryPlace): string =>
  "url" in place ? new URL(place.url).host + new URL(place.url).pathname : "embedded";

const installed = (): boolean => {
  try {
    import.meta.resolve("chdb");
    return true;
  } catch {
    return false;
  }
};

const server = (url: string): History => {
  const client = createClient({
    url,
    application: "waglan",
    use_multipart_params_auto: true,
    request_timeout: 600_000,
    log: { level: ClickHouseLogLevel.OFF },
  });
  return clientHistory({ kind: "server", client: () => client, reason: () => "", close: () => client.close() });
};
