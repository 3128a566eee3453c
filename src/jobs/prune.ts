import { after, day, type Instant } from "#core/instant.ts";
import type { State } from "#jobs/ports.ts";
import { type ChangeLog, changeLogs } from "#jobs/prune-port.ts";

/** How long logs are kept that would grow for ever. */
export interface PruneKeeping {
  /** Days of change feeds, keys of acts done once and messages that arrived. */
  readonly logDays: number;
  /** Days for which it is known what each response held, so that it can be recalled. */
  readonly receiptDays: number;
}

/** Who reads each log by a place that state keeps; processes' own places are in their memory, and start anew when they slept. */
const readersOf: Readonly<Record<ChangeLog, readonly string[]>> = {
  // and "hunt", while there is a history to hunt in (store/prune.ts)
  intel_change: ["join-indicators", "search"],
  report_change: ["join-reports"],
  directory_change: [],
};

/** Parcels of sensors stay so long: who looks once a quarter what left their organisation finds all of it. */
const parcelDays = 100;

/** Rows of one transaction. */
const atOnce = 5000;

/**
 * Lets go of what logs hold beyond their days, and never of what a reader has yet to read. Doing it twice changes nothing.
 *
 * @returns how many rows went, by log
 */
export const pruneLogs = async (
  state: State,
  { logDays, receiptDays }: PruneKeeping,
  now: Instant,
): Promise<Readonly<Record<string, number>>> => {
  const [logs, receipts] = [after(now, -logDays * day), after(now, -receiptDays * day)];
  const gone: Record<string, number> = {};
  const all = async (name: string, some: (tx: Parameters<Parameters<State["act"]>[0]>[0]) => Promise<number>) => {
    for (;;) {
      const went = await state.act(some);
      gone[name] = (gone[name] ?? 0) + went;
      if (went < atOnce) return;
    }
  };
  for (const log of changeLogs) await all(log, (tx) => tx.prune.changes(log, readersOf[log], logs, atOnce));
  await all("list_members", (tx) => tx.prune.members(receipts, atOnce));
  await all("idempotency", (tx) => tx.prune.keys(logs, atOnce));
  await all("webhook_message", (tx) => tx.prune.messages(logs, atOnce));
  gone["knowledge_row"] = await state.act((tx) => tx.knowledge.forget(logs));
  gone["sensor_parcel"] = await state.act((tx) => tx.sensors.forgetParcels(after(now, -parcelDays * day)));
  return gone;
};
