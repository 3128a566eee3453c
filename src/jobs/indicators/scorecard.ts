import type { Instant } from "#core/instant.ts";
import { trustOf } from "#intel/scorecard.ts";
import type { State } from "#jobs/ports.ts";

/** Days over which it is counted how a detector did: a month has its holidays and its end. */
export const recordDays = 30;

/**
 * Counts how every source did, and what its claims weigh from now on; of rules and behaviours also whether their record
 * allows them to speak. One process at a time. @returns how many sources */
export const countScorecards = (state: State, now: Instant): Promise<number | undefined> =>
  state.alone("scorecards", async () => {
    const { tallies, overlaps } = await state.act((tx) => tx.care.tally(now));
    const cards = tallies.map((tally) => {
      const trust = trustOf(tally);
      return { ...tally, ...(trust === undefined ? {} : { trust }) };
    });
    await state.act((tx) => tx.care.keepScorecards(cards, overlaps, now));
    await state.act((tx) => tx.rules.countRecords(now, recordDays));
    return cards.length;
  });
