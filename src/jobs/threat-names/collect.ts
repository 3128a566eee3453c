import type { Feed } from "#feeds/feed.ts";
import type { PartReading } from "#feeds/read.ts";
import type { AdvisoriesTaken } from "#jobs/advisories/collect.ts";
import type { State } from "#jobs/ports.ts";

/** The names of one part of a body, list by list: a few thousand at most, so that each list is one transaction. */
export const collectNames = async (
  { state, add }: { readonly state: State; readonly add?: boolean },
  feed: Feed,
  part: Pick<PartReading, "names">,
): Promise<AdvisoriesTaken> => {
  const taken = { added: 0, changed: 0, delisted: 0 };
  for (const [list, names] of Map.groupBy(part.names ?? [], (one) => one.list)) {
    const delta = await state.act((tx) => tx.names.put(feed, list, names, add === true));
    taken.added += delta.added;
    taken.changed += delta.changed;
    taken.delisted += delta.delisted;
  }
  return taken;
};
