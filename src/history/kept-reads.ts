import type { KeptDays, KeptHistory, KeptSpan } from "#jobs/history/kept-port.ts";
import type { HistoryScope } from "./history.ts";
import type { Read } from "./read.ts";
import { literal } from "./lane.ts";

/** Runs a statement that gives nothing back. */
export type Run = (query: string, settings?: Readonly<Record<string, string | number>>) => Promise<void>;

const all: HistoryScope = "all";
const behind = { max_threads: 1, os_thread_priority: "10" } as const;

/** Tables in which a kind is kept. */
const tablesOf = {
  record: ["record", "head"],
  observation: ["seen", "observation", "observation_day", "value_cover"],
} as const;

/** A month whose rows are gone by more than this is written anew, so that its disk is given back. */
const goneAtMost = 0.25;

/**
 * What is kept and how it is let go of. Rows are masked by a lightweight delete, which writes one small column and holds up
 * nobody; their bytes come back with the next merge, or when a quarter of a month is gone. A month that is gone whole is
 * dropped. @see ClickHouse documentation, "DELETE Statement", "Apply mask of deleted rows"
 */
export const keptReads = (read: Read, run: Run): KeptHistory => {
  const bytesOf = async (tables: readonly string[]): Promise<number> => {
    const [row] = await read<{ bytes: string }>(
      `select sum(bytes_on_disk) as bytes from system.parts
       where active and database = currentDatabase() and table in (${tables.map(literal).join(",")}) and $scope`,
      all,
      {},
    );
    return Number(row?.bytes ?? 0);
  };

  /** Mean length of an organisation's newest records: lines of two kilobytes weigh more than lines of two hundred. */
  const lengthOf = async (organisation: string): Promise<number> => {
    const [row] = await read<{ long: number | null }>(
      "select avg(length(text)) as long from (select text from record where organisation = {of:String} and $scope order by time desc limit 1000)",
      all,
      { of: organisation },
      behind,
    );
    return Math.max(1, row?.long ?? 1);
  };

  const keptDays: KeptHistory["keptDays"] = async (what) => {
    const counted =
      what === "record"
        ? "select organisation, toUnixTimestamp(toStartOfDay(time)) as at, count() as n from record where $scope group by organisation, at"
        : "select organisation, toUnixTimestamp(toDateTime(day, 'UTC')) as at, sum(count) as n from observation_day where $scope group by organisation, at";
    const rows = await read<{ organisation: string; at: number; n: string }>(
      `${counted} having n > 0 order by organisation, at`,
      all,
      {},
      behind,
    );
    const bytes = await bytesOf(tablesOf[what]);
    const organisations = [...Map.groupBy(rows, (row) => row.organisation)].map(([organisation, days]) => ({
      organisation,
      days: days.map(({ at, n }) => ({ day: at * 1000, records: Number(n) })),
      records: days.reduce((sum, { n }) => sum + Number(n), 0),
    }));
    const weights = new Map<string, number>();
    for (const { organisation } of organisations)
      weights.set(organisation, what === "record" ? await lengthOf(organisation) : 1);
    const weight = (organisation: string): number => weights.get(organisation) ?? 1;
    const whole = organisations.reduce((sum, one) => sum + one.records * weight(one.organisation), 0);
    return organisations.map(
      ({ organisation, days }): KeptDays => ({
        ...{ organisation, days },
        bytesEach: whole === 0 ? 0 : (bytes * weight(organisation)) / whole,
      }),
    );
  };

  const forgetting: KeptHistory["forgetting"] = async (what) => {
    const [row] = await read<{ n: string }>(
      `select count() as n from system.mutations where not is_done and database = currentDatabase()
         and table in (${tablesOf[what].map(literal).join(",")}) and $scope`,
      all,
      {},
    );
    return Number(row?.n ?? 0) > 0;
  };

  /** Covers lead to values of a month as long as any day of it is kept. */
  const forgetCovers = async (): Promise<void> => {
    const gone = await read<{ organisation: string; month: string }>(
      `select distinct organisation, toString(month) as month from value_cover
       where (organisation, month) not in (select distinct organisation, toStartOfMonth(day) from observation_day) and $scope`,
      all,
      {},
      behind,
    );
    if (gone.length === 0) return;
    const pairs = gone
      .map(({ organisation, month }) => `(${literal(organisation)}, toDate(${literal(month)}))`)
      .join(",");
    await run(`delete from value_cover where (organisation, month) in (${pairs})`, async_);
  };

  /** Months of which nothing is left are dropped, those of which much is gone are written anew. */
  const tidy = async (table: string): Promise<void> => {
    const time = { record: "time", observation: "time", observation_day: "day", value_cover: "month" }[table] ?? "time";
    const held = await read<{ partition: string; n: string }>(
      `select partition_id as partition, sum(rows) as n from system.parts where active and database = currentDatabase() and table = {table:String} and $scope
       group by partition having max(has_lightweight_delete) = 1`,
      all,
      { table },
    );
    if (held.length === 0) return;
    const left = new Map(
      (
        await read<{ month: string; n: string }>(
          `select toString(toYYYYMM(${time})) as month, count() as n from ${table} where $scope group by month`,
          all,
          {},
          behind,
        )
      ).map((row) => [row.month, Number(row.n)]),
    );
    for (const { partition, n } of held) {
      // a partition of a Date column is named by its day
      const visible = left.get(partition.slice(0, 6)) ?? 0;
      if (visible === 0) await run(`alter table ${table} drop partition id ${literal(partition)}`);
      else if (visible < Number(n) * (1 - goneAtMost))
        await run(`alter table ${table} apply deleted mask in partition id ${literal(partition)}`, async_);
    }
  };

  return {
    keptDays,
    forgetting,
    forget: async (what, spans) => {
      if (what === "observation") await forgetCovers();
      for (const table of tablesOf[what]) await tidy(table);
      if (spans.length === 0) return;
      const within = (from: (span: KeptSpan) => string): string =>
        spans.map((span) => `(organisation = ${literal(span.organisation)} and ${from(span)})`).join(" or ");
      const between =
        (column: string, of: (time: number) => string) =>
        ({ from, to }: KeptSpan): string =>
          `${column} >= ${of(from)} and ${column} < ${of(to)}`;
      const moment = (time: number): string => `fromUnixTimestamp64Milli(toInt64(${Math.trunc(time)}), 'UTC')`;
      const date = (time: number): string => `toDate(${Math.floor(time / 86_400_000)})`;
      if (what === "record") {
        await run(`delete from record where ${within(between("time", moment))}`, async_);
        return run(`delete from head where ${within(between("time", moment))}`, async_);
      }
      for (const table of ["seen", "observation"])
        await run(`delete from ${table} where ${within(between("time", moment))}`, async_);
      await run(`delete from observation_day where ${within(between("day", date))}`, async_);
    },
  };
};

/** The statement returns at once; the mask is written in the background. */
const async_: Readonly<Record<string, number>> = { lightweight_deletes_sync: 0, mutations_sync: 0 } as const;
