/** One forward step of the history schema. Each statement may run again after a crash (`if not exists`). */
export interface HistoryStep {
  readonly number: number;
  readonly name: string;
  readonly statements: readonly string[];
  /** A setting of tables that it changes: an engine that does not know it keeps its own ways, and nothing else is lost. */
  readonly setting?: string;
}

/**
 * Durable on return, and idempotent: the last 10,000 insert tokens are remembered per table, without a Keeper.
 * A telemetry batch lives in the queue for minutes, so that 10,000 is generous.
 */
const settings =
  "settings non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1";

const dayFeed = `create materialized view if not exists observation_day_feed to observation_day as
        select fingerprint, toDate(time, 'UTC') as day, organisation, count() as count
        from observation group by fingerprint, day, organisation`;

/**
 * The same table with granules of `rows`: parts come over as they are (links, no copy) and are as coarse as they were until they
 * are merged, new ones are fine. A crash anywhere repeats all of it, to the same end.
 */
const finer = (table: string, rows: number, before: readonly string[] = [], after: readonly string[] = []) => [
  `create table if not exists ${table}_fine as ${table}
     engine = MergeTree partition by toYYYYMM(time) order by ${orderOf[table]} ${settings}, index_granularity = ${rows}`,
  `truncate table ${table}_fine`,
  `alter table ${table}_fine attach partition all from ${table}`,
  ...before,
  `exchange tables ${table} and ${table}_fine`,
  `drop table if exists ${table}_fine`,
  ...after,
];
const orderOf: Readonly<Record<string, string>> = {
  record: "(organisation, time)",
  observation: "(organisation, time, fingerprint)",
};

/**
 * Read by "one organisation, recent" (order) and "this value, anywhere" (fingerprint filter and `observation_day`).
 * `observation_day` answers "have we ever seen this" without touching observations: 10.7 bytes an observation.
 * `value_cover` leads from what may be listed (a network of IPv6, a parent name, a page in any scheme) to the values seen under
 * it (jobs/hunt/keys.ts); IPv4 addresses lie in their order (ADR 0033). What was kept before step 2 is found by its own value only.
 */
export const historySteps: readonly HistoryStep[] = [
  {
    number: 1,
    name: "observations, records, hits",
    statements: [
      `create table if not exists observation (
        time DateTime64(3, 'UTC') codec(Delta, ZSTD(1)),
        organisation LowCardinality(String),
        sensor LowCardinality(String),
        kind LowCardinality(String),
        value String codec(ZSTD(1)),
        fingerprint UInt64,
        seen_where LowCardinality(String),
        direction LowCardinality(String),
        port UInt16 codec(ZSTD(1)),
        batch String codec(ZSTD(1)),
        line UInt32 codec(Delta, ZSTD(1)),
        index by_fingerprint fingerprint type bloom_filter(0.01) granularity 2
      ) engine = MergeTree partition by toYYYYMM(time) order by (organisation, time, fingerprint) ${settings}`,
      `create table if not exists observation_day (
        fingerprint UInt64,
        day Date,
        organisation LowCardinality(String),
        count UInt64
      ) engine = SummingMergeTree(count) partition by toYYYYMM(day) order by (fingerprint, day, organisation) ${settings}`,
      dayFeed,
      `create table if not exists record (
        time DateTime64(3, 'UTC') codec(Delta, ZSTD(1)),
        organisation LowCardinality(String),
        sensor LowCardinality(String),
        format LowCardinality(String),
        event LowCardinality(String),
        batch String codec(ZSTD(1)),
        line UInt32 codec(Delta, ZSTD(1)),
        text String codec(ZSTD(3)),
        index by_batch batch type bloom_filter(0.01) granularity 1
      ) engine = MergeTree partition by toYYYYMM(time) order by (organisation, time) ${settings}`,
      `create table if not exists hit (
        id String,
        time DateTime64(3, 'UTC') codec(Delta, ZSTD(1)),
        organisation LowCardinality(String),
        detector LowCardinality(String),
        asset String codec(ZSTD(1)),
        kind LowCardinality(String),
        value String codec(ZSTD(1)),
        indicator_kind LowCardinality(String),
        indicator_value String codec(ZSTD(1)),
        sources Array(LowCardinality(String)),
        problem LowCardinality(String),
        seen_where LowCardinality(String),
        direction LowCardinality(String),
        severity LowCardinality(String),
        attack Array(LowCardinality(String)),
        file String codec(ZSTD(1)),
        line UInt32,
        text String codec(ZSTD(3))
      ) engine = ReplacingMergeTree partition by toYYYYMM(time) order by (organisation, time, id) ${settings}`,
    ],
  },
  {
    number: 2,
    name: "what a hunt needs",
    statements: [
      // the place of a value in its record: of several that one indicator matches, the first counts
      "alter table observation add column if not exists nth UInt16 default 0 codec(ZSTD(1))",
      // a record's two ends: which of them is ours is decided anew when the record is matched again
      "alter table record add column if not exists source String default '' codec(ZSTD(1))",
      "alter table record add column if not exists destination String default '' codec(ZSTD(1))",
      `create table if not exists value_cover (
        cover UInt64,
        fingerprint UInt64,
        month Date,
        organisation LowCardinality(String)
      ) engine = ReplacingMergeTree partition by month order by (cover, fingerprint, organisation) ${settings}`,
    ],
  },
  {
    number: 3,
    name: "granules for one record among millions",
    statements: [
      // a hunt reads a hundred records of a hundred days: of 8,192 lines each it needs one
      ...finer("record", 512),
      // the view hangs on the table itself and not on its name
      ...finer("observation", 1024, ["drop view if exists observation_day_feed"], [dayFeed]),
    ],
  },
  {
    number: 4,
    name: "what stood above records",
    statements: [
      // one row for each day of its records, at 00:00: it goes when they go; `text` is a list in JSON
      `create table if not exists head (
        time DateTime64(3, 'UTC') codec(Delta, ZSTD(1)),
        organisation LowCardinality(String),
        batch String codec(ZSTD(1)),
        line UInt32 codec(ZSTD(1)),
        text String codec(ZSTD(3))
      ) engine = MergeTree partition by toYYYYMM(time) order by (organisation, batch, line, time) ${settings}, index_granularity = 512`,
    ],
  },
  {
    number: 5,
    name: "days are counted before they come",
    // a batch brings how often it saw each value on each day: the engine would sort all of its values once more for it
    statements: ["drop view if exists observation_day_feed"],
  },
  {
    number: 6,
    name: "lines are packed quickly",
    // on log lines ZSTD(1) is as small as ZSTD(3) and takes half the time, at each insert and each merge; old parts are read as they are
    statements: ["alter table record modify column text String codec(ZSTD(1))"],
  },
  {
    number: 7,
    name: "parts are merged by ten",
    // by five, as it is by itself, a busy day's rows are written seven times over, by ten five times; a read looks into some
    // more parts, each told by its index
    setting: "merge_selector_base",
    statements: ["observation", "record", "value_cover", "observation_day"].map(
      (table) => `alter table ${table} modify setting merge_selector_base = 10`,
    ),
  },
  {
    number: 8,
    name: "batches are words",
    // the name of a batch stands in each of its rows: as a word it is two bytes of each there, at every insert and merge. What is
    // there is written anew behind everything else, and read as it is until then
    statements: ["observation", "record"].map(
      (table) => `alter table ${table} modify column batch LowCardinality(String) settings alter_sync = 0`,
    ),
  },
  {
    number: 9,
    name: "a record's values are one row",
    statements: [
      // in place of `observation`, a row a value, which is filled no more and read until it is let go of; `shape` says what stands
      // where (jobs/history/shapes.ts)
      `create table if not exists seen (
        time DateTime64(3, 'UTC') codec(Delta, ZSTD(1)),
        organisation LowCardinality(String),
        sensor LowCardinality(String),
        direction LowCardinality(String),
        shape LowCardinality(String),
        batch LowCardinality(String),
        line UInt32 codec(Delta, ZSTD(1)),
        \`value.text\` Array(String) codec(ZSTD(1)),
        \`value.fingerprint\` Array(UInt64),
        \`value.port\` Array(UInt16) codec(ZSTD(1)),
        index by_fingerprint \`value.fingerprint\` type bloom_filter(0.01) granularity 2
      ) engine = MergeTree partition by toYYYYMM(time) order by (organisation, time) ${settings}, index_granularity = 256`,
    ],
  },
  {
    number: 10,
    name: "and are merged by ten",
    setting: "merge_selector_base",
    statements: ["alter table seen modify setting merge_selector_base = 10"],
  },
];
