import type { BehaviourHit } from "#detect/behaviour.ts";
import { behaviours } from "#detect/behaviours.ts";
import { findingsOf } from "#detect/record.ts";
import { Watchers } from "#detect/watchers.ts";
import { hostDays, type Month } from "./benign-month.ts";
import { monthOf, nowhere } from "./behaviour-world.ts";

/** What each behaviour finds in a month in which nothing bad happens, all of them together, as on a server. */
export const benignRecords = (
  month: Month,
): ReadonlyMap<string, { readonly hostDays: number; readonly falseFindings: number; readonly hits: number }> => {
  const watchers = new Watchers(behaviours, nowhere);
  const hits = new Map<string, BehaviourHit[]>(behaviours.map(({ id }) => [id, []]));
  for (const fact of monthOf(month)) for (const hit of watchers.take(fact)) hits.get(hit.behaviour)?.push(hit);
  return new Map(
    [...hits].map(([id, said]) => [
      id,
      { hostDays: hostDays(month), falseFindings: findingsOf(said), hits: said.length },
    ]),
  );
};
