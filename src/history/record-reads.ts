import type { RecordRow } from "#jobs/history/rows.ts";
import type { PastRecords } from "#jobs/hunt/past-records.ts";
import { withHeads } from "./heads.ts";
import { paceSettings, type Read } from "./read.ts";

/** Reads of kept records for rules, whatever the engine. */
export const recordReads = (read: Read): PastRecords => ({
  recordDays: async (scope, formats, { from, to }, pace) => {
    const rows = await read<{ organisation: string; at: number; n: string }>(
      `select organisation, toUnixTimestamp(toStartOfDay(time, 'UTC')) as at, count() as n from record
       where format in {formats:Array(String)} and ${inPeriod} and $scope
       group by organisation, at order by organisation, at`,
      scope,
      { formats, from, to },
      paceSettings(pace),
    );
    return rows.map(({ organisation, at, n }) => ({ organisation, day: at * 1000, count: Number(n) }));
  },

  recordsFrom: async (scope, { organisation, formats, from, to, holding }, after, limit, pace) => {
    const behind = after !== undefined && after.organisation === organisation ? after : undefined;
    const narrowed =
      holding === undefined
        ? "true"
        : `(format not in {narrow:Array(String)} or multiSearchAnyCaseInsensitive(text, {texts:Array(String)}) or ${byNumber})`;
    const rows = await read<Omit<RecordRow, "time"> & { at: string }>(
      `select toUnixTimestamp64Milli(time) as at, organisation, sensor, format, event, batch, line, text, source, destination
       from record where organisation = {organisation:String} and format in {formats:Array(String)} and ${inPeriod}
         and (toUnixTimestamp64Milli(time), batch, line) > ({time:Int64}, {batch:String}, {line:UInt32})
         and ${narrowed} and $scope
       order by organisation, time, batch, line limit {limit:UInt32}`,
      scope,
      {
        ...{ organisation, formats, to, limit, narrow: holding?.formats ?? [], texts: holding?.texts ?? [] },
        from: Math.max(from, behind?.time ?? from),
        time: behind?.time ?? -1,
        batch: behind?.batch ?? "",
        line: behind?.line ?? 0,
      },
      paceSettings(pace),
    );
    return withHeads(
      read,
      scope,
      rows.map(({ at, ...row }) => ({ time: Number(at), ...row })),
      pace,
    );
  },
});

const inPeriod =
  "time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') and time < fromUnixTimestamp64Milli({to:Int64}, 'UTC')";

/** A letter written by its number in JSON, or in XML within it; and two whose lower case is ASCII. */
const byNumber = String.raw`match(text, '\\\\u00[2-7]|&#|\\x{212a}|\\x{130}')`;
