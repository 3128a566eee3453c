import type { Fragment, TransactionSql } from "postgres";

/**
 * Ids are digests, so that whatever is asked for is spread evenly over them. The first rows are looked at one by one: they
 * fill the page of what is common, and are a fair sample of the rest. From it follows what is cheaper: to walk on until the
 * page is full, or to have indexes fetch what may answer, and which of them.
 */
const sampled = 2_000;
/**
 * Microseconds, of which only the ratios matter: a row that is walked over, a row that an index fetches from anywhere, an
 * entry that an index hands on and a page that is the first of it, an entry that is met with others inside one index, an
 * entry of any of many lists (times the lists: each is looked at for each entry).
 */
const costs = { walked: 2.5, fetched: 8, handed: 0.08, page: 0.25, met: 0.01, listed: 0.008 } as const;
/** Rows of a page, about. */
const ofAPage = 40;
/** Walks go this much further than the sample says, before the index is asked after all. */
const walkedFurther = 3;
/** A look goes this much further than what was found so far says. */
const shareFurther = 1.5;
/** First bytes of ids. */
const bytes = 256;

/** Before every id. */
export const lowestId = "00000000-0000-0000-0000-000000000000";

/** Of table search_value. What is said of a value and what stands in it are in one index, and are met inside it. */
export type SearchIndex = "part" | "near" | "newest";

/** What a row must have, as a condition on `s`, and the index that finds it. */
export interface Condition {
  readonly is: Fragment;
  readonly index: SearchIndex;
}

/** What a sample of all rows says. */
export interface Sample {
  readonly looked: number;
  /** All rows there are, as far as is known. */
  readonly rows: number;
  /** How many of those looked at meet which conditions: bit n of the key is the n-th condition's. */
  readonly met: ReadonlyMap<number, number>;
  /** Of the ids, that hold a page; 0 to 1. */
  readonly share: number;
}

export interface Found {
  /** Bit n: by the n-th condition. */
  readonly by: number;
  /** As `by`, when everything is fetched at once after all. */
  readonly atOnce: number;
  /** Share by share of the ids, at most so many first bytes at once; 0: all at once. */
  readonly shares: number;
  /** As `costs`. */
  readonly cost: number;
}

/**
 * By which of its conditions a search is found soonest; the others are told from the rows that were found. To read from
 * an index which half of all has a TLP costs more than to fetch the few rows that another one finds. This is not left
 * to the planner, who does not know how rare a key of look-alikes is and would have it met with half of all.
 */
export const cheapest = (indexes: readonly SearchIndex[], { looked, rows, met, share }: Sample): Found => {
  // what the sample did not meet may be there all the same, about once in as many rows
  const meeting = (by: number): number => {
    let many = 1;
    for (const [has, count] of met) if ((has & by) === by) many += count;
    return (many / looked) * rows;
  };
  const partsOf = (by: number): number =>
    indexes.reduce((all, one, at) => (one === "part" ? all | (by & (1 << at)) : all), 0);
  /** Reading the indexes of these conditions and fetching what they find in a share of the ids. */
  const costOf = (by: number, share: number): number => {
    const lists = share < 1 ? Math.ceil(share * bytes) : 0;
    let cost = meeting(by) * share * costs.fetched;
    for (const index of new Set<SearchIndex>(lists > 0 ? [...indexes, "part"] : indexes)) {
      const own = indexes.flatMap((one, at) => (one === index && (by & (1 << at)) !== 0 ? [1 << at] : []));
      // the index of parts tells in which share of the ids a row lies, too
      const among = index === "part" ? lists : 0;
      if (own.length === 0 && among === 0) continue;
      const entries = own.length === 0 ? rows : meeting(own.reduce((all, bit) => all | bit));
      const handed = among > 0 ? entries * share : entries;
      if (own.length + Math.min(among, 1) > 1) cost += own.reduce((sum, bit) => sum + meeting(bit), 0) * costs.met;
      cost += Math.min(entries, rows * share) * among * costs.listed;
      cost += handed * costs.handed + Math.min(handed, rows / ofAPage) * costs.page;
    }
    return cost;
  };
  let best: Found = { by: 0, atOnce: 0, shares: 0, cost: Number.POSITIVE_INFINITY };
  for (let by = 1; by < 1 << indexes.length; by++) {
    const cost = costOf(by, 1);
    if (cost < best.cost) best = { by, atOnce: by, shares: 0, cost };
  }
  const { atOnce, cost: whole } = best;
  for (let by = 1; share < 1 && by < 1 << indexes.length; by++) {
    const cost = costOf(by, share);
    if (cost < best.cost) {
      const parts = partsOf(by) === 0 ? rows : meeting(partsOf(by));
      best = { by, atOnce, shares: Math.max(Math.ceil(share * bytes), sharesFor(whole, parts, rows)), cost };
    }
  }
  return best;
};

/** The most lists at once that cost no more than to fetch everything at once. */
const sharesFor = (whole: number, parts: number, rows: number): number => {
  for (let lists = bytes / 2; lists > 1; lists >>= 1)
    if (Math.min(parts, (rows * lists) / bytes) * lists * costs.listed <= whole) return lists;
  return 1;
};

type Row = Record<string, unknown>;
export type ReadPage = (
  after: readonly string[] | undefined,
  before: Fragment,
  limit: number,
) => Promise<readonly Row[]>;

/**
 * Rows in the order of their ids, which says nothing and spreads everything, found the cheaper way.
 *
 * @param conditions what indexes may find; all must be met. None: nothing but a walk finds it
 * @param rest       what else must be, told from the row
 * @param visibly    joined: shows a row of `s`, or does not
 */
export const spread =
  (sql: TransactionSql, conditions: readonly Condition[], rest: Fragment, visibly: Fragment): ReadPage =>
  async (after, before, limit) => {
    const from = after?.at(-1) ?? lowestId;
    const looksAt = (rows: number): Fragment =>
      sql`(select * from search_value where id > ${from}::uuid order by id limit ${rows}) s`;
    const walk = async (rows: number): Promise<readonly Row[]> =>
      sql`select s.id, s.value from ${looksAt(rows)} ${visibly}
        where ${allOf(sql, conditions)} and ${rest} and ${before} order by s.id limit ${limit}`;
    const page = await walk(sampled);
    if (page.length === limit) return page;
    if (conditions.length === 0) return walk(Number.MAX_SAFE_INTEGER);

    const has = conditions.reduce(
      (sum, { is }, at) => sql`${sum} + case when ${is} then ${1 << at}::int else 0 end`,
      sql`0`,
    );
    const groups = await sql`select has, count(*)::int as many,
        (select reltuples::bigint from pg_class where oid = 'search_value'::regclass) as rows
      from (select ${has} as has from ${looksAt(sampled)}) s group by has`;
    const met = new Map(groups.map((row) => [row["has"] as number, row["many"] as number]));
    const looked = groups.reduce((sum, row) => sum + (row["many"] as number), 0);
    if (looked < sampled) return page;
    const rows = Math.max(groups[0]?.["rows"] as number, sampled);
    const enough = page.length === 0 ? rows : Math.min(rows, (limit / page.length) * sampled);
    const may = (Math.max(1, met.get((1 << conditions.length) - 1) ?? 0) / looked) * rows;
    // what may answer is spread like everything: the page lies in this share of the ids, as far as the sample tells
    const share = Math.min(1, (page.length > 0 ? enough / rows : limit / may) * shareFurther);
    const found = cheapest(
      conditions.map((one) => one.index),
      { looked, rows, met, share },
    );
    if (enough * costs.walked < found.cost) {
      const walked = await walk(Math.ceil(enough * walkedFurther));
      if (walked.length === limit) return walked;
    }
    await sql`set local enable_seqscan = off`;
    const asking = (by: number): Asking => {
      const [found, told] = [true, false].map((is) => conditions.filter((_, at) => ((by & (1 << at)) !== 0) === is));
      return { found: allOf(sql, found ?? []), rest: sql`${allOf(sql, told ?? [])} and ${rest} and ${before}` };
    };
    return inShares(
      sql,
      asking(found.by),
      asking(found.atOnce),
      visibly,
      from,
      found.shares === 0 ? 1 : share,
      found.shares,
      limit,
    );
  };

interface Asking {
  /** For an index. */
  readonly found: Fragment;
  /** Told from the rows. */
  readonly rest: Fragment;
}

const allOf = (sql: TransactionSql, conditions: readonly Condition[]): Fragment =>
  conditions.reduce((all, { is }) => sql`${all} and ${is}`, sql`true`);

/**
 * What an index finds, share by share of the ids, until the page is full: fetching and sorting all that may answer would
 * read thousands of rows for the fifty that are shown.
 */
const inShares = async (
  sql: TransactionSql,
  shared: Asking,
  atOnce: Asking,
  visibly: Fragment,
  from: string,
  share: number,
  listsAtMost: number,
  limit: number,
): Promise<readonly Row[]> => {
  const rows: Row[] = [];
  const began = Number.parseInt(from.slice(0, 2), 16);
  let first = began;
  let wide = share;
  while (first < bytes && rows.length < limit) {
    const many = Math.min(bytes - first, Math.max(1, Math.ceil(wide * bytes)));
    // many of all are found sooner without asking which
    const whole = many > listsAtMost;
    const { found, rest } = whole ? atOnce : shared;
    const last = whole ? bytes - 1 : first + many - 1;
    const among = whole
      ? sql`true`
      : sql`s.terms && ${Array.from({ length: last - first + 1 }, (_, at) => -1 - first - at)}::int[]`;
    const begin = `${first.toString(16).padStart(2, "0")}${lowestId.slice(2)}`;
    const left = limit - rows.length;
    rows.push(
      ...(await sql`with may as materialized (select s.* from search_value s where ${found} and ${among})
        select s.id, s.value from (select * from may s where s.id > ${from}::uuid and s.id >= ${begin}::uuid and ${rest} order by s.id) s ${visibly}
        order by s.id limit ${left}`),
    );
    // where nothing was found, there is little to be found
    wide = rows.length === 0 ? 1 : (((last + 1 - began) / bytes) * (limit - rows.length) * shareFurther) / rows.length;
    first = last + 1;
  }
  return rows;
};
