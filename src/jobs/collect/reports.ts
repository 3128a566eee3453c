import { after, day, type Instant } from "#core/instant.ts";
import type { RawReport } from "#feeds/feed.ts";
import { both, type Report, type ReportingFeed, sighting } from "#intel/report.ts";
import type { State, Tx } from "#jobs/ports.ts";

export interface CollectingReports {
  readonly state: State;
  /** Of the deployment: makes ids opaque. */
  readonly secret: string;
  readonly now: Instant;
}

/**
 * Rows counted in one transaction, and written as one change: what `joinReports` takes in one of its own. A thousand new
 * findings are about a second of work there, so that an answer given meanwhile never waits longer.
 */
const batchRows = 1000;
/**
 * Days for which a row is known to have been counted. A row that is older than that, and lies within what its report has
 * seen already, was counted before.
 */
const rememberedDays = 30;

export interface CollectedReports {
  /** Rows that were not counted before. */
  readonly fresh: number;
  /** Reports they are about. */
  readonly reports: number;
  /** Of these, problems that were not reported before. */
  readonly added: number;
}

/**
 * What a list says about assets becomes reports: every row counts once, whichever body brings it and however often. A
 * turn cut short is simply done again, since rows are noted as counted in the transaction that counts them.
 */
export const collectReports = async (
  { state, secret, now }: CollectingReports,
  feed: ReportingFeed,
  rows: readonly RawReport[],
): Promise<CollectedReports> => {
  let [fresh, reports, added] = [0, 0, 0];
  // one batch is with the database while the next is made ready: two cores, and still one writer
  let underWay: Promise<CollectedReports> = Promise.resolve({ fresh, reports, added });
  const counted = async (): Promise<void> => {
    const some = await underWay;
    fresh += some.fresh;
    reports += some.reports;
    added += some.added;
  };
  for (let at = 0; at < rows.length; at += batchRows) {
    const sightings = rows.slice(at, at + batchRows).map((raw) => sighting(secret, feed, raw, now));
    await counted();
    underWay = state.act((tx) => count(tx, feed, sightings, now));
    underWay.catch(() => {}); // awaited in the next round, or at the end
  }
  await counted();
  return { fresh, reports, added };
};

const digestOf = (one: Report): string => one.instances[0]?.digest ?? "";

const count = async (
  tx: Tx,
  feed: ReportingFeed,
  sightings: readonly Report[],
  now: Instant,
): Promise<CollectedReports> => {
  const unseen = await tx.reports.fresh(feed.id, sightings.map(digestOf), after(now, rememberedDays * day));
  // twice in one body is once
  const single = new Map(sightings.filter((one) => unseen.has(digestOf(one))).map((one) => [digestOf(one), one]));
  if (single.size === 0) return { fresh: 0, reports: 0, added: 0 };
  const ids = [...new Set([...single.values()].map(({ id }) => id))].sort();
  const before = new Map((await tx.reports.known(ids)).map((one) => [one.id, one]));
  const grown = new Map<string, { report: Report; fresh: number }>();
  let fresh = 0;
  for (const one of single.values()) {
    if (isForgotten(one, before.get(one.id), now)) continue;
    const so = grown.get(one.id);
    const past = so?.report ?? before.get(one.id);
    grown.set(one.id, { report: past === undefined ? one : both(past, one), fresh: (so?.fresh ?? 0) + 1 });
    fresh++;
  }
  const changed = [...grown.values()].map((one) => ({ ...one.report, fresh: one.fresh }));
  await tx.reports.save(feed.id, changed, now);
  return { fresh, reports: changed.length, added: changed.filter(({ id }) => !before.has(id)).length };
};

const isForgotten = (one: Report, before: Report | undefined, now: Instant): boolean =>
  before !== undefined &&
  now - one.lastSeen > rememberedDays * day &&
  one.lastSeen >= before.firstSeen &&
  one.lastSeen <= before.lastSeen;
