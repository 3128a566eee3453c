import type { ObservableKind } from "#core/observable.ts";
import { observableKey } from "#core/observable.ts";
import type { Problem } from "#core/result.ts";
import type { Feed } from "./feed.ts";
import { guard, guardLimits, newsLimits } from "./guard.ts";
import { type PartReading, type ReadPolicy, readParts, type Verdict } from "./read.ts";

/** What `waglan collect --from PATH --dry-run --json` prints for a file. */
export interface FeedSummary {
  readonly file: string;
  readonly feed: string;
  /** Data rows: neither blank lines nor comments nor headers. */
  readonly rows: number;
  /** Distinct values, distinct advisories and names, and every report. */
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: Readonly<Record<string, number>>;
  readonly skipped: Readonly<Record<string, number>>;
  readonly notes: Readonly<Record<string, number>>;
  readonly kinds: Readonly<Partial<Record<ObservableKind, number>>>;
  readonly verdict: Verdict;
  readonly reason?: { readonly code: Problem["code"]; readonly message: string };
}

/**
 * Reads a body list by list and keeps only counts and the distinct values. `each` sees every list as it is read (for
 * `--rows`), a quarantined one's included: what it says must then not be used.
 */
export const summarise = (
  feed: Feed,
  body: Uint8Array,
  file: string,
  policy: ReadPolicy,
  each?: (part: PartReading) => void,
): FeedSummary => {
  const summary = openSummary(feed, file);
  for (const part of readParts(feed, body, file, policy)) {
    each?.(part);
    summary.take(part);
  }
  return summary.end();
};

/** As `summarise`, of parts that are read elsewhere. */
export const openSummary = (
  feed: Feed,
  file: string,
): { readonly take: (part: PartReading) => void; readonly end: () => FeedSummary } => {
  const sums = { rows: 0, duplicates: 0, accepted: 0 };
  const tables = {
    rejected: new Map<string, number>(),
    skipped: new Map<string, number>(),
    notes: new Map<string, number>(),
  };
  const kinds: Partial<Record<ObservableKind, number>> = {};
  let known: Set<string> | undefined;
  const advisories = new Set<string>();
  const names = new Set<string>();
  let bad: Problem | undefined;
  const count = (part: PartReading): void => {
    known ??= new Set();
    for (const { observable } of part.indicators) {
      const { size } = known;
      if (known.add(observableKey(observable)).size === size) sums.duplicates++;
      else {
        sums.accepted++;
        kinds[observable.kind] = (kinds[observable.kind] ?? 0) + 1;
      }
    }
    sums.accepted += part.reports.length;
    for (const { id } of part.advisories) {
      if (advisories.has(id)) sums.duplicates++;
      else sums.accepted++;
      advisories.add(id);
    }
    for (const { id } of part.names ?? []) {
      if (names.has(id)) sums.duplicates++;
      else sums.accepted++;
      names.add(id);
    }
  };
  const take = (part: PartReading): void => {
    bad ??= part.bad;
    sums.rows += part.rows;
    sums.duplicates += part.duplicates;
    for (const [name, table] of Object.entries(tables))
      for (const [code, count] of Object.entries(part[name as keyof typeof tables]))
        table.set(code, (table.get(code) ?? 0) + count);
    count(part);
  };
  const end = (): FeedSummary => {
    const counts = {
      ...sums,
      rejected: Object.fromEntries(tables.rejected),
      skipped: Object.fromEntries(tables.skipped),
      notes: Object.fromEntries(tables.notes),
      kinds,
    };
    const limits = feed.gives === "news" ? newsLimits(counts.rows) : guardLimits;
    const judged = guard({ ...counts, ...(bad === undefined ? {} : { bad }) }, undefined, limits);
    const verdict =
      judged.verdict !== "accept" ? "quarantine" : tables.rejected.size > 0 ? "accept-with-rejects" : "accept";
    const { rows, accepted, duplicates, rejected, skipped, notes } = counts;
    return {
      ...{ file, feed: feed.id, rows, accepted, duplicates, rejected, skipped, notes, kinds, verdict },
      ...(judged.verdict === "accept" ? {} : { reason: { code: judged.reason.code, message: judged.reason.message } }),
    };
  };
  return { take, end };
};
