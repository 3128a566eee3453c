import type { RecordRow } from "#jobs/history/rows.ts";
import type { Pace } from "#jobs/hunt/past.ts";
import { type Head, headAt } from "#telemetry/heads.ts";
import { formats } from "#telemetry/index.ts";
import type { HistoryScope } from "./history.ts";
import { paceSettings, type Read } from "./read.ts";

/** Formats whose records are read by lines above them. */
const underHeads: ReadonlySet<string> = new Set(
  formats.filter(({ heading }) => heading !== undefined).map(({ id }) => id),
);

/** Batches named in one query. */
const batchesAtOnce = 1_000;
const dayMs = 86_400_000;

/** Records with what stood above them, where their format has such lines. */
export const withHeads = async (
  read: Read,
  scope: HistoryScope,
  records: readonly RecordRow[],
  pace: Pace | undefined,
): Promise<readonly RecordRow[]> => {
  const headed = records.filter(({ format }) => underHeads.has(format));
  if (headed.length === 0) return records;
  const byBatch = new Map<string, readonly Head[]>();
  for (const [organisation, some] of Map.groupBy(headed, (one) => one.organisation))
    for (const [batch, heads] of await headsOf(read, scope, organisation, some, pace))
      byBatch.set(`${organisation} ${batch}`, heads);
  return records.map((row) => {
    const head = headAt(byBatch.get(`${row.organisation} ${row.batch}`) ?? [], row.line);
    return head === undefined ? row : { ...row, heading: head.lines };
  });
};

/**
 * Heads of the batches of some records of one organisation, by batch. Those of the records' days alone: the one that a record
 * was read under is among them, and it is the last of them above it.
 */
const headsOf = async (
  read: Read,
  scope: HistoryScope,
  organisation: string,
  records: readonly RecordRow[],
  pace: Pace | undefined,
): Promise<ReadonlyMap<string, readonly Head[]>> => {
  const heads = new Map<string, Head[]>();
  const batches = [...new Set(records.map(({ batch }) => batch))];
  const times = records.map(({ time }) => time);
  const [first, last] = [times.reduce((a, b) => Math.min(a, b)), times.reduce((a, b) => Math.max(a, b))];
  for (let at = 0; at < batches.length; at += batchesAtOnce) {
    const rows = await read<{ batch: string; line: number; text: string }>(
      `select batch, line, any(text) as text from head
       where organisation = {organisation:String} and batch in {batches:Array(String)}
         and time >= fromUnixTimestamp64Milli({first:Int64}, 'UTC') and time <= fromUnixTimestamp64Milli({last:Int64}, 'UTC')
         and $scope
       group by batch, line order by batch, line`,
      scope,
      { organisation, batches: batches.slice(at, at + batchesAtOnce), first: first - dayMs, last },
      paceSettings(pace),
    );
    for (const { batch, line, text } of rows) {
      const lines = JSON.parse(text) as readonly string[];
      const own = heads.get(batch);
      if (own === undefined) heads.set(batch, [{ line, lines }]);
      else own.push({ line, lines });
    }
  }
  return heads;
};
