import { day, type Instant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import {
  type KeepLimit,
  type KeptCount,
  type KeptDays,
  type KeptHistory,
  type KeptKind,
  type KeptSpan,
  keptKinds,
  type LegalHold,
  type OwnLimit,
} from "./kept-port.ts";
import type { State } from "#jobs/ports.ts";

/** What holds where nothing is said of an organisation. */
export type KeepDefaults = Readonly<Record<KeptKind, KeepLimit>>;

/** As it is configured: megabytes are of 1,000,000 bytes. */
export interface Kept {
  readonly recordDays: number;
  readonly recordMegabytes?: number;
  readonly observationDays: number;
  readonly observationMegabytes?: number;
  readonly hitDays: number;
  readonly hitMegabytes?: number;
}

export const keepDefaults = (kept: Kept): KeepDefaults => {
  const limit = (days: number, megabytes: number | undefined): KeepLimit => ({
    days,
    ...(megabytes === undefined ? {} : { bytes: megabytes * 1_000_000 }),
  });
  return {
    record: limit(kept.recordDays, kept.recordMegabytes),
    observation: limit(kept.observationDays, kept.observationMegabytes),
    hit: limit(kept.hitDays, kept.hitMegabytes),
  };
};

export interface Pruning {
  readonly state: State;
  /** Absent: there is no history, and only evidence of hits is kept. */
  readonly history?: KeptHistory;
  readonly defaults: KeepDefaults;
}

export interface PrunedKept {
  readonly what: KeptKind;
  readonly records: number;
  readonly organisations: number;
}

/** Hits of one transaction. */
const hitsAtOnce = 2000;

/**
 * Lets go of what is older than its days, or beyond its bytes, oldest first and by whole UTC days; never of what is under a
 * legal hold, and never of today. The evidence says of whom, what and how much before it goes. Doing it twice changes nothing.
 * Counts what is left, for whoever asks what is kept.
 */
export const pruneKept = (pruning: Pruning, now: Instant): Promise<readonly PrunedKept[] | undefined> =>
  pruning.state.alone("prune-kept", async () => {
    const gone: PrunedKept[] = [];
    for (const what of keptKinds) {
      const pruned = await pruneKind(pruning, what, now);
      if (pruned !== undefined) gone.push(pruned);
    }
    return gone;
  });

const pruneKind = async (
  { state, history, defaults }: Pruning,
  what: KeptKind,
  now: Instant,
): Promise<PrunedKept | undefined> => {
  if (what !== "hit" && history === undefined) return undefined;
  // what goes already would be counted, and told, once more
  if (what !== "hit" && (await history?.forgetting(what)) === true) return undefined;
  const kept = what === "hit" ? await state.act((tx) => tx.prune.keptHits()) : ((await history?.keptDays(what)) ?? []);
  const spans = await state.act(async (tx) => {
    const [limits, holds] = [await tx.prune.limits(), await tx.prune.holds()];
    const all = kept.flatMap((one) => {
      const own = limits.find((limit) => limit.organisation === one.organisation && limit.what === what);
      const cut = cutOf(one, limitOf(own, defaults[what]), now);
      const going = spansBefore(one, cut, holds);
      return going.length === 0 ? [] : [{ one, going, records: countOf(one, going) }];
    });
    for (const { one, going, records } of all)
      await tx.evidence.leaf({
        ...{ kind: "policy", subject: `kept ${what} ${one.organisation}`, at: now },
        data: {
          ...{ act: "forget", what, organisation: one.organisation, records },
          ...{ from: going[0]?.from ?? 0, to: going.at(-1)?.to ?? 0 },
        },
      });
    await tx.prune.putCounts(
      what,
      kept.map((one) => countedOf(one, what, all.find((other) => other.one === one)?.going ?? [], now)),
    );
    return all;
  });
  const going = spans.flatMap((one) => one.going);
  if (what !== "hit") await history?.forget(what, going);
  if (what === "hit")
    for (const span of going)
      while ((await state.act((tx) => tx.prune.forgetHits(span, now, hitsAtOnce))) === hitsAtOnce);
  return { what, records: spans.reduce((sum, one) => sum + one.records, 0), organisations: spans.length };
};

/** What staff said of the organisation goes before what is configured, bound by bound. */
export const limitOf = (own: OwnLimit | undefined, configured: KeepLimit): KeepLimit => ({ ...configured, ...own });

/** The first day of which everything stays, in milliseconds of 00:00 UTC: by age, or where newer days fill the bytes. */
export const cutOf = ({ days, bytesEach }: KeptDays, limit: KeepLimit, now: Instant): number => {
  const today = Math.floor(now / day) * day;
  const byAge = limit.days === undefined ? 0 : today - limit.days * day;
  let bySize = 0;
  let bytes = 0;
  if (limit.bytes !== undefined)
    for (const one of days.toReversed()) {
      bytes += one.records * bytesEach;
      if (bytes <= limit.bytes) continue;
      bySize = one.day + day;
      break;
    }
  return Math.min(Math.max(byAge, bySize), today);
};

/** What goes: the days before `cut` but for those that a hold touches, neighbours as one. */
export const spansBefore = (
  { organisation, days }: KeptDays,
  cut: number,
  holds: readonly Pick<LegalHold, "organisation" | "since" | "until">[],
): readonly KeptSpan[] => {
  const held = holds.filter((one) => one.organisation === organisation);
  const touched = (at: number): boolean =>
    held.some(({ since, until }) => since < at + day && (until === undefined || until > at));
  const spans: KeptSpan[] = [];
  let open: { from: number; to: number } | undefined;
  const close = (): void => {
    if (open !== undefined) spans.push({ organisation, ...open });
    open = undefined;
  };
  for (const { day: at } of days) {
    if (at >= cut) break;
    if (touched(at)) close();
    else if (open === undefined) open = { from: at, to: at + day };
    else open.to = at + day;
  }
  close();
  return spans;
};

const isIn = (at: number, spans: readonly KeptSpan[]): boolean => spans.some(({ from, to }) => at >= from && at < to);

const countOf = ({ days }: KeptDays, spans: readonly KeptSpan[]): number =>
  days.reduce((sum, one) => sum + (isIn(one.day, spans) ? one.records : 0), 0);

const countedOf = (one: KeptDays, what: KeptKind, going: readonly KeptSpan[], now: Instant): KeptCount => {
  const left = one.days.filter(({ day: at }) => !isIn(at, going));
  const records = left.reduce((sum, { records: some }) => sum + some, 0);
  const [first, last] = [left[0], left.at(-1)];
  return {
    ...{ organisation: one.organisation, what, records, bytes: Math.round(records * one.bytesEach), at: now },
    ...(first === undefined || last === undefined
      ? {}
      : { since: first.day as Instant, until: (last.day + day) as Instant }),
  };
};

/** Limits of an organisation as they hold: its own, or what is configured. */
export const limitsOf = (
  organisation: OrganisationId,
  what: KeptKind,
  own: readonly OwnLimit[],
  defaults: KeepDefaults,
): { readonly limit: KeepLimit; readonly own: boolean } => {
  const said = own.find((one) => one.organisation === organisation && one.what === what);
  return { limit: limitOf(said, defaults[what]), own: said !== undefined };
};
